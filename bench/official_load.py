"""Loads of Apache RocketMQ's own Java client (bench/OfficialLoad.java) as workloads of bench/compare."""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

from compare_workloads import Side, on_fresh_broker
from java_pair import resolve, wait_for_route

PROGRAM = pathlib.Path(__file__).with_name("OfficialLoad.java")
WARM_UP = 10  # The client's own JIT; every run is a process of its own.


@dataclasses.dataclass
class Official:
    """CPU of the broker while the official client, on the generator's core, sends or consumes as fast as it can."""
    name: str
    task: str
    options: dict
    goals: list = dataclasses.field(default_factory=list)
    settings: dict = dataclasses.field(default_factory=dict)
    paired = True

    def pair(self, setup, namesrv, echo, java):
        pair = {"ogive": on_fresh_broker(setup, namesrv, self.settings)(lambda side: self.run(setup, side))}
        java.resume()
        java.settle()
        setup.page_cache.recycle()
        pair["java"] = self.run(setup, Side(java.broker, java.broker_port, java.namesrv, java.namesrv_port))
        java.pause()
        return pair

    def run(self, setup, side):
        setup.runs += 1
        topic = f"OfficialLoad{setup.runs}"
        # Made beforehand, so that no send waits for a route.
        setup.bench("produce", side.broker_port, side.broker, seconds=1, warmup=0, may_be_busy=True, topic=topic)
        wait_for_route(side.namesrv_port, topic)
        words = [*setup.on_core(setup.args.generator_core), "java", "-Xmx1g", "-cp", f"{resolve()}/*", str(PROGRAM), self.task,
                 f"namesrv=127.0.0.1:{side.namesrv_port}", f"topic={topic}", f"seconds={setup.args.seconds}", f"warmup={WARM_UP}",
                 *(f"{key}={value}" for key, value in self.options.items())]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, "HOME": str(setup.directory)}) as client:
            for line in client.stdout:
                if line.startswith("measuring"):
                    before = side.broker.cpu_ns()
                elif line.startswith("{"):
                    cpu_ns, found = side.broker.cpu_ns() - before, json.loads(line)
        if client.returncode != 0:
            sys.exit(f"{' '.join(words)} ended with {client.returncode}")
        if found["failed"]:
            sys.exit(f"{' '.join(words)}: {found['failed']} sends failed")
        return {"messages_per_s": found["messages"] / found["seconds"], "cpu_us": cpu_ns / 1e3 / max(found["messages"], 1),
                "core_share": cpu_ns / 1e9 / found["seconds"]}


OFFICIAL = [
    Official("official client: send 128 B, 64 threads", "send", dict(threads=64, size=128), [("cpu", 0.20, "<=")]),
    Official("official client: send 1 KB, 64 threads", "send", dict(threads=64, size=1024), [("cpu", 0.20, "<=")]),
    Official("official client: asynchronous 128 B, 256 under way", "async", dict(window=256, size=128)),
    Official("official client: push consumer, 32 x 128 B", "push", dict(messages=640_000, size=128), [("cpu", 0.20, "<=")]),
]
