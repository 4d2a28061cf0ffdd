"""What bench/compare measures besides single loads: idle cost, start-up, recovery, replicated pairs, tails of latency over minutes."""
import dataclasses
import shutil
import time

from compare_workloads import NAME, Side, load_figures, on_fresh_broker
from harness import request
from java_pair import JavaPair, broker_flags, thrifty_flags, wait_for_route

IDLE_SECONDS = 10
SMALL_HEAP = "1g"


class Idle:
    """What a pair costs that has worked and has nothing to do."""
    name, goals, settings, paired = "idle", [("rss", 0.05, "<=")], {}, True

    def run(self, setup, side, seconds, warmup=1):
        setup.bench("produce", side.broker_port, side.broker, may_be_busy=True, connections=64, seconds=seconds, warmup=warmup)
        time.sleep(3)
        before, began = [program.cpu_ns() for program in (side.broker, side.namesrv)], time.monotonic()
        time.sleep(IDLE_SECONDS)
        passed = time.monotonic() - began
        shares = [(program.cpu_ns() - past) / 1e7 / passed for program, past in zip((side.broker, side.namesrv), before)]
        return {"broker_percent": shares[0], "namesrv_percent": shares[1], "broker_mb": side.broker.resident_mb(),
                "namesrv_mb": side.namesrv.resident_mb()}

    def pair(self, setup, namesrv, echo, java):
        pair = {"ogive": on_fresh_broker(setup, namesrv, {})(lambda side: self.run(setup, side, setup.args.seconds))}
        java.resume()
        java.settle()
        pair["java"] = self.run(setup, Side(java.broker, java.broker_port, java.namesrv, java.namesrv_port), setup.args.seconds)
        java.pause()
        return pair


class Start:
    """From exec until a port takes connections, on an empty store; and the memory held then."""
    name, goals, settings, paired = "start-up", [], {}, False

    def pair(self, setup, namesrv, echo, java):
        def ogive(side):
            time.sleep(1)
            return {"broker_ms": side.broker.ready_ms, "namesrv_ms": namesrv.ready_ms, "broker_mb": side.broker.resident_mb(),
                    "namesrv_mb": namesrv.resident_mb()}
        pair = {"ogive": on_fresh_broker(setup, namesrv, {})(ogive)}
        for key, flags in (("java", broker_flags(setup.args.heap)), ("java_thrifty", thrifty_flags())):
            started = JavaPair(setup, flags, **NAME)
            time.sleep(1)
            pair[key] = {"broker_ms": started.broker.ready_ms, "namesrv_ms": started.namesrv.ready_ms,
                         "broker_mb": started.broker.resident_mb(), "namesrv_mb": started.namesrv.resident_mb()}
            started.stop()
        return pair


class Recovery:
    """From exec until a port takes connections, on a store of some gigabytes: after an orderly stop, and after a kill right behind the load."""
    name, goals, settings, paired = "recovery", [("recovery", 0.05, "<=")], {}, False
    LOAD = dict(connections=16, size=1024, batch=32, rate=4_000, in_flight=4)  # 130 MB a second of bodies.
    SECONDS = 15

    def pair(self, setup, namesrv, echo, java):
        pair = {}
        for name in ("ogive", "java"):
            setup.page_cache.recycle()
            broker = Restarting(setup, namesrv, name == "java")
            try:
                setup.bench("produce", broker.port, broker.program, may_be_busy=True, seconds=self.SECONDS, warmup=0, **self.LOAD)
                stopped = broker.restart(lambda program: program.stop(60))
                setup.bench("produce", broker.port, broker.program, may_be_busy=True, seconds=self.SECONDS, warmup=0, **self.LOAD)
                pair[name] = {"stopped_ms": stopped, "served_ms": broker.restart(lambda program: program.kill())}
            finally:
                broker.end()
        return pair


class Restarting:
    """A broker on one store, started again and again."""

    def __init__(self, setup, namesrv, is_java):
        self.setup = setup
        self.java = JavaPair(setup, broker_flags(setup.args.heap), **NAME) if is_java else None
        self.store = None if is_java else setup.new_store()
        self.port = self.java.broker_port if is_java else setup.broker_port
        self.program = self.java.broker if is_java else setup.broker(self.store, **NAME)

    def restart(self, end):
        """Milliseconds until it serves again."""
        end(self.program)
        if self.java:
            self.java.start_broker(broker_flags(self.setup.args.heap), **NAME)
            self.program = self.java.broker
        else:
            self.program = self.setup.broker(self.store, patience=60, **NAME)
        return self.program.ready_ms

    def end(self):
        if self.java:
            self.java.stop()
        else:
            self.program.stop(60)
            shutil.rmtree(self.store, ignore_errors=True)


@dataclasses.dataclass
class Replicated:
    """A master and its slave, both on the servers' core; CPU is of both together, until the slave has everything."""
    name: str
    options: dict
    settings: dict
    goals: list = dataclasses.field(default_factory=list)
    paired = False

    def pair(self, setup, namesrv, echo, java):
        setup.page_cache.recycle()
        store, copy = setup.new_store(), setup.new_store()
        parts = [setup.broker(store, **NAME, **self.settings)]
        try:
            parts.append(setup.broker_at(setup.broker_port + 5, copy, **NAME, **self.slave_of(setup.broker_port)))
            pair = {"ogive": self.run(setup, parts, setup.broker_port, warmup=1)}
        finally:
            for part in reversed(parts):
                part.stop(60)
            for directory in (store, copy):
                shutil.rmtree(directory, ignore_errors=True)
        java = JavaPair(setup, broker_flags(SMALL_HEAP), **NAME, **self.settings)
        try:
            slave = java.start_slave(broker_flags(SMALL_HEAP), **NAME, **self.slave_of(java.broker_port))
            pair["java"] = self.run(setup, [java.broker, slave], java.broker_port, warmup=setup.args.warm)
        finally:
            java.stop()
        return pair

    @staticmethod
    def slave_of(port):
        return {"brokerRole": "SLAVE", "brokerId": 1, "haMasterAddress": f"127.0.0.1:{port + 1}"}

    def run(self, setup, parts, port, warmup):
        follow(parts, port)
        # A load of its own warms up, so that what is counted begins and ends with equal logs.
        setup.bench("produce", port, parts[0], may_be_busy=True, seconds=warmup, warmup=0, **self.options)
        follow(parts, port)
        setup.page_cache.recycle()
        before = sum(part.cpu_ns() for part in parts)
        run = setup.bench("produce", port, parts[0], may_be_busy=True, seconds=setup.args.seconds, warmup=0, **self.options)
        follow(parts, port)
        cpu_ns = sum(part.cpu_ns() for part in parts) - before
        messages = run["messages_per_s"] * setup.args.seconds
        return {"messages_per_s": run["messages_per_s"], "cpu_us": cpu_ns / 1e3 / max(messages, 1),
                "core_share": cpu_ns / 1e9 / setup.args.seconds, "busy": run["busy"] / max(run["requests"], 1)}


def log_end(port):
    return int(request(port, 28)[1].decode().split('"commitLogMaxOffset":"')[1].split('"')[0])


def follow(parts, port, patience=120):
    """Until the slave's log ends where the master's does, twice in a row."""
    began, equal = time.monotonic(), 0
    while equal < 2:
        equal = equal + 1 if log_end(port) == log_end(port + 5) else 0
        if time.monotonic() - began > patience:
            raise SystemExit(f"the slave at port {port + 5} does not come up with its master after {patience} s")
        time.sleep(0.1)


class HalfLoad:
    """One by one at half of what each side can, for minutes, while old files are removed: what the slowest of a thousand waits for."""
    name, paired, minutes = "one by one 128 B at half load", False, 10
    goals = [("echo_p99_9", 3, "<=")]
    # Files of 64 MB are removed as soon as the next begins.
    settings = {"mappedFileSizeCommitLog": 64 << 20, "fileReservedTime": 0, "deleteWhen": ";".join(f"{hour:02}" for hour in range(24))}
    LOAD = dict(connections=64, size=128)

    def pair(self, setup, namesrv, echo, java):
        seconds, pair = self.minutes * 60, {}

        def ogive(side):
            return self.half(setup, side, seconds, warmup=1)
        pair["ogive"] = on_fresh_broker(setup, namesrv, self.settings)(ogive)
        run = setup.bench("echo", setup.echo_port, echo, size=round(pair["ogive"]["request_bytes"]),
                          reply_size=round(pair["ogive"]["reply_bytes"]), connections=64, rate=pair["ogive"]["asked"], seconds=seconds)
        pair["echo"] = load_figures(run)
        setup.page_cache.recycle()
        pair_of_java = JavaPair(setup, broker_flags(setup.args.heap), **NAME, **self.settings)
        try:
            side = Side(pair_of_java.broker, pair_of_java.broker_port, pair_of_java.namesrv, pair_of_java.namesrv_port)
            pair["java"] = self.half(setup, side, seconds, warmup=setup.args.warm)
        finally:
            pair_of_java.stop()
        return pair

    def half(self, setup, side, seconds, warmup):
        setup.bench("produce", side.broker_port, side.broker, may_be_busy=True, seconds=max(warmup, 1), warmup=0, **self.LOAD)
        most = setup.bench("produce", side.broker_port, side.broker, may_be_busy=True, seconds=5, **self.LOAD)
        rate = round(most["requests_per_s"] / 2)
        return {**load_figures(setup.bench("produce", side.broker_port, side.broker, may_be_busy=True, seconds=seconds, rate=rate, **self.LOAD)),
                "asked": rate}


WAITING = {"brokerRole": "SYNC_MASTER", "inSyncReplicas": 2}  # Without the second, 5.5.0 waits for no slave.
LIFECYCLE = [
    Idle(),
    Start(),
    Recovery(),
    Replicated("replicated 128 B, 64 x 32, not waiting", dict(connections=64, in_flight=32, size=128), {"brokerRole": "ASYNC_MASTER"}),
    Replicated("replicated 128 B, 64 x 32, waiting for the slave", dict(connections=64, in_flight=32, size=128), WAITING),
    Replicated("replicated 128 B, 64 x 1, waiting for the slave", dict(connections=64, size=128), WAITING),
    HalfLoad(),
]
