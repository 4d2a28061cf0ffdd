"""What bench/compare measures: each workload loads one side, and a pair of sides becomes ratios."""
import dataclasses
import shutil

from java_pair import wait_for_route

NAME = {"brokerName": "broker-a"}  # The one that requests of `ogive bench` carry.


@dataclasses.dataclass
class Side:
    """Where a load goes to."""
    broker: object
    broker_port: int
    namesrv: object
    namesrv_port: int


@dataclasses.dataclass
class Load:
    """A load of `ogive bench`, with an echo of the same frame sizes as the machine's own limit. Goals: (figure, bound, direction)."""
    name: str
    task: str
    options: dict
    goals: list = dataclasses.field(default_factory=list)
    settings: dict = dataclasses.field(default_factory=dict)
    own_settings: dict = None  # Ogive is measured once more with these, for the ratio to itself.
    paired = True

    def run(self, setup, side, seconds, warmup=1):
        port, server = (side.namesrv_port, side.namesrv) if self.task == "route" else (side.broker_port, side.broker)
        if self.task == "route":
            setup.bench("produce", side.broker_port, side.broker, seconds=1, warmup=0, may_be_busy=True)
            wait_for_route(side.namesrv_port)
        return load_figures(setup.bench(self.task, port, server, may_be_busy=True, seconds=seconds, warmup=warmup, **self.options))

    def ogive(self, setup, namesrv, settings=None):
        with_store = on_fresh_broker(setup, namesrv, {**self.settings, **(settings or {})})
        return with_store(lambda side: self.run(setup, side, setup.args.seconds))

    def pair(self, setup, namesrv, echo, java):
        pair = {"ogive": self.ogive(setup, namesrv)}
        if self.own_settings is not None:
            pair["own"] = self.ogive(setup, namesrv, self.own_settings)
        pair["echo"] = self.echo(setup, echo, pair["ogive"])
        java.resume()
        java.settle()
        setup.page_cache.recycle()
        pair["java"] = self.run(setup, Side(java.broker, java.broker_port, java.namesrv, java.namesrv_port), setup.args.seconds)
        java.pause()
        return pair

    def echo(self, setup, echo, beside):
        options = {key: self.options[key] for key in ("connections", "in_flight", "rate") if key in self.options}
        run = setup.bench("echo", setup.echo_port, echo, size=round(beside["request_bytes"]), reply_size=round(beside["reply_bytes"]),
                          **options)
        return load_figures(run)


def load_figures(run):
    server = run["server"]
    figures = {"messages_per_s": run["messages_per_s"], "requests_per_s": run["requests_per_s"],
               "cpu_us": server["cpu_us_per_message"], "cpu_us_per_request": server["cpu_us_per_request"],
               "p50_us": run["latency_us"]["p50"], "p99_us": run["latency_us"]["p99"], "p99_9_us": run["latency_us"]["p99_9"],
               "core_share": server["core_share"], "others": run["others"], "busy": run["busy"] / max(run["requests"], 1),
               "empty": run["empty"] / max(run["requests"], 1), "request_bytes": run["request_bytes"],
               "reply_bytes": run["reply_bytes"], "backlog": run["backlog"]}
    if delivered := run.get("deliveries"):
        sent = run["messages_per_s"]
        figures.update(messages_per_s=delivered["messages_per_s"], p50_us=delivered["latency_us"]["p50"],
                       p99_us=delivered["latency_us"]["p99"], p99_9_us=delivered["latency_us"]["p99_9"],
                       cpu_us=server["cpu_us_per_message"] * sent / max(delivered["messages_per_s"], 1))
    return figures


def on_fresh_broker(setup, namesrv, settings):
    def measure(what):
        store = setup.new_store()
        setup.page_cache.recycle()
        broker = setup.broker(store, **NAME, **settings)
        try:
            return what(Side(broker, setup.broker_port, namesrv, setup.namesrv_port))
        finally:
            broker.stop()
            shutil.rmtree(store, ignore_errors=True)
    return measure


SYNC = {"flushDiskType": "SYNC_FLUSH"}
WORKLOADS = [
    Load("one by one 128 B, 64 x 1", "produce", dict(connections=64, size=128), [("echo_cpu", 1.6, "<="), ("cpu", 0.20, "<=")]),
    Load("one by one 1 KB, 64 x 1", "produce", dict(connections=64, size=1024), [("echo_cpu", 1.6, "<="), ("cpu", 0.20, "<=")]),
    Load("one by one 64 KB, 64 x 1", "produce", dict(connections=64, size=65536), [("echo_rate", 0.5, ">=")]),
    Load("pipelined 128 B, 64 x 32", "produce", dict(connections=64, in_flight=32, size=128),
         [("ogive_cpu_us", 1.5, "<="), ("ogive_rate", 500_000, ">="), ("cpu", 0.06, "<=")]),
    Load("pipelined 1 KB, 64 x 32", "produce", dict(connections=64, in_flight=32, size=1024),
         [("ogive_cpu_us", 2.0, "<="), ("cpu", 0.06, "<=")]),
    Load("batch of 32 x 128 B, 64 x 1", "produce", dict(connections=64, size=128, batch=32),
         [("ogive_cpu_us", 0.5, "<="), ("cpu", 0.10, "<=")]),
    Load("100 topics 128 B, 64 x 32", "produce", dict(connections=64, in_flight=32, size=128, topics=100)),
    Load("tail pull of 32 x 128 B, 16 x 1", "consume", dict(connections=16, size=128, batch=32),
         [("ogive_cpu_us", 0.8, "<="), ("cpu", 0.2, "<=")]),
    Load("tail pull of 32 x 1 KB, 16 x 1", "consume", dict(connections=16, size=1024, batch=32),
         [("ogive_cpu_us", 0.8, "<="), ("cpu", 0.2, "<=")]),
    Load("end to end 128 B, 10,000 a second", "deliver", dict(connections=16, in_flight=64, size=128, rate=10_000),
         [("echo_p50", 3, "<=")]),
    Load("fan-out to 8 groups 128 B, 10,000 a second", "deliver", dict(connections=16, in_flight=64, size=128, rate=10_000, groups=8)),
    Load("route, 64 x 1", "route", dict(connections=64), [("echo_cpu", 1.6, "<="), ("cpu", 0.10, "<=")]),
    Load("synchronous flush 128 B, 64 x 1", "produce", dict(connections=64, size=128), [("own_rate", 0.70, ">="), ("cpu", 0.2, "<=")],
         settings=SYNC, own_settings={"flushDiskType": "ASYNC_FLUSH"}),
    Load("synchronous flush 128 B, 1 x 1", "produce", dict(connections=1, size=128), [("cpu", 0.2, "<=")], settings=SYNC),
    Load("backlog pull of 32 x 128 B, 16 x 1", "consume", dict(connections=16, size=128, batch=32, preload=2_000_000)),
    Load("1,000 topics 128 B, 64 x 32", "produce", dict(connections=64, in_flight=32, size=128, topics=1000)),
]


def ratios(pair):
    """What of a pair is compared: Ogive's figure divided by the other's. `echo_…` by the echo's, `own_…` by Ogive's in another mode."""
    ogive, java = pair["ogive"], pair["java"]
    found = {}

    def put(name, above, below):
        if below:
            found[name] = above / below

    if "served_ms" in ogive:
        put("stop_start", ogive["stopped_ms"], java["stopped_ms"])
        put("recovery", ogive["served_ms"], java["served_ms"])
        return found
    if "broker_mb" in ogive:
        put("rss", ogive["broker_mb"], java["broker_mb"])
        put("start", ogive.get("broker_ms", 0), java.get("broker_ms", 0))
        put("idle_cpu", ogive.get("broker_percent", 0), java.get("broker_percent", 0))
        if thrifty := pair.get("java_thrifty"):
            put("thrifty_rss", ogive["broker_mb"], thrifty["broker_mb"])
            put("thrifty_start", ogive["broker_ms"], thrifty["broker_ms"])
        return found
    found.update(ogive_cpu_us=ogive["cpu_us"], ogive_rate=ogive["messages_per_s"])
    put("rate", ogive["messages_per_s"], java["messages_per_s"])
    put("cpu", ogive["cpu_us"], java["cpu_us"])
    if "p50_us" not in ogive:
        return found  # Of the official client, and of replication.
    put("p50", ogive["p50_us"], java["p50_us"])
    put("p99", ogive["p99_us"], java["p99_us"])
    if echo := pair.get("echo"):
        put("echo_cpu", ogive["cpu_us_per_request"], echo["cpu_us_per_request"])
        put("echo_rate", ogive["requests_per_s"], echo["requests_per_s"])
        put("echo_p50", ogive["p50_us"], echo["p50_us"])
        put("echo_p99", ogive["p99_us"], echo["p99_us"])
        put("echo_p99_9", ogive["p99_9_us"], echo["p99_9_us"])
        put("floor", echo["cpu_us_per_request"], java["cpu_us_per_request"])
    if own := pair.get("own"):
        put("own_rate", ogive["messages_per_s"], own["messages_per_s"])
    return found
