"""The figures of bench/compare for people: on the screen and as docs/benchmarks.md."""
import statistics

from compare_lifecycle import HalfLoad, Replicated
from compare_workloads import Load, ratios
from harness import DISTURBED
from official_load import Official

MEANING = {"cpu": "CPU a message / Java's", "rate": "messages a second / Java's", "p50": "p50 / Java's", "p99": "p99 / Java's",
           "echo_cpu": "CPU a request / echo's", "echo_rate": "requests a second / echo's", "echo_p50": "p50 / echo's",
           "echo_p99": "p99 / echo's", "echo_p99_9": "p99.9 / echo's", "recovery": "start after a kill / Java's", "stop_start": "start after a stop / Java's", "own_rate": "messages a second / own asynchronous flush", "ogive_cpu_us": "us of CPU a message",
           "ogive_rate": "messages a second", "rss": "resident memory / Java's", "thrifty_rss": "resident memory / Java's of a small heap",
           "floor": "echo's CPU a request / Java's",
           "start": "start-up / Java's", "thrifty_start": "start-up / Java's of a small heap", "idle_cpu": "CPU / Java's"}


class Figures:
    """Medians over the pairs of one workload."""

    def __init__(self, measured):
        self.pairs = measured["pairs"]
        self.ratios = [ratios(pair) for pair in self.pairs]

    def side(self, side, name):
        return statistics.median(pair[side][name] for pair in self.pairs)

    def median(self, name):
        return statistics.median(found[name] for found in self.ratios if name in found)

    def span(self, name):
        """Median and range of a ratio; a dash when no pair has it."""
        values = [found[name] for found in self.ratios if name in found]
        if not values:
            return "–"
        return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"

    def names(self):
        return list(self.ratios[0])


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def print_workload(workload, measured):
    figures = Figures(measured)
    print(f"\n{workload.name}, {len(figures.pairs)} pairs")
    for name in figures.names():
        print(f"  {MEANING[name]:<46} {figures.span(name)}")
    for name, bound, direction in workload.goals:
        print(f"  {verdict(figures, name, bound, direction):<7} {MEANING[name]} {direction} {bound:g}")
    for side in ("ogive", "java"):
        if isinstance(workload, Load):
            print(f"  {side}: {notes(figures, side) or 'nothing to note'}")


def verdict(figures, name, bound, direction):
    if not any(name in found for found in figures.ratios):
        return "no figure"
    value = figures.median(name)
    return "met" if (value <= bound if direction == "<=" else value >= bound) else "MISSED"


def notes(figures, side):
    said = []
    for key, text, from_share in (("busy", "SYSTEM_BUSY", 0.001), ("empty", "pulls without messages", 0.001),
                                  ("others", "of the core used by others", DISTURBED)):
        worst = max(pair[side][key] for pair in figures.pairs)
        if worst > from_share:
            said.append(f"up to {worst:.1%} {text}")
    if max(pair[side]["backlog"] for pair in figures.pairs):
        said.append("behind the rate asked for")
    return ", ".join(said)


def load_tables(kept, workloads):
    """Two tables of the loads: what each side did, and the ratios."""
    done = [(workload, Figures(kept["workloads"][workload.name])) for workload in workloads
            if isinstance(workload, Load) and workload.name in kept["workloads"]]
    lines = ["## Ratios", "", "Median of the pairs' ratios, Ogive's figure divided by Java's or the echo's; in brackets the smallest and the largest. The last column is what a server would reach that does nothing but answer.",
             "", "| workload | messages a second / Java | CPU a message / Java | p50 / Java | p99 / Java | CPU a request / echo | p50 / echo | echo's CPU / Java's |",
             "|---|---|---|---|---|---|---|---|"]
    for workload, figures in done:
        lines.append(f"| {workload.name} | " + " | ".join(figures.span(name) for name in ("rate", "cpu", "p50", "p99", "echo_cpu", "echo_p50")) + f" | {figures.span('floor') if 'rate' not in workload.options else '–'} |")
    lines += ["", "## Figures", "", "Medians of the runs. Latency is of sends and pulls; of the two workloads with a rate it is from when a message was due "
              "to be sent to when a consumer had read it, and messages are deliveries. \"Core\" is how much of its core the server used.", "",
              "| workload | | messages a second | CPU a message | p50 | p99 | p99.9 | core | |", "|---|---|---|---|---|---|---|---|---|"]
    for workload, figures in done:
        for side, title in (("ogive", "Ogive"), ("own", "Ogive, asynchronous"), ("java", "Java"), ("echo", "echo")):
            if side not in figures.pairs[0]:
                continue
            cells = [f"{figures.side(side, 'messages_per_s'):,.0f}", f"{figures.side(side, 'cpu_us'):.2f} us",
                     *(f"{figures.side(side, name):,.0f} us" for name in ("p50_us", "p99_us", "p99_9_us")), f"{figures.side(side, 'core_share'):.0%}"]
            lines.append(f"| {workload.name if side == 'ogive' else ''} | {title} | " + " | ".join(cells) + f" | {notes(figures, side)} |")
    return lines


def official_table(kept, workloads):
    done = [(workload, Figures(kept["workloads"][workload.name])) for workload in workloads
            if isinstance(workload, Official) and workload.name in kept["workloads"]]
    if not done:
        return []
    lines = ["## The official Java client as generator", "",
             "`bench/OfficialLoad.java` with rocketmq-client 5.5.0 on the generator's core, which it fills: messages a second are the client's limit more than "
             "the server's. CPU is the broker's. \"Push consumer\" reads what was sent before.", "",
             "| workload | CPU a message / Java | messages a second / Java | Ogive | Java |", "|---|---|---|---|---|"]
    for workload, figures in done:
        sides = (f"{figures.side(side, 'cpu_us'):.2f} us, {figures.side(side, 'messages_per_s'):,.0f} a second, {figures.side(side, 'core_share'):.0%} of the core"
                 for side in ("ogive", "java"))
        lines.append(f"| {workload.name.removeprefix('official client: ')} | {figures.span('cpu')} | {figures.span('rate')} | " + " | ".join(sides) + " |")
    return [*lines, ""]


def replicated_table(kept, workloads):
    done = [(workload, Figures(kept["workloads"][workload.name])) for workload in workloads
            if isinstance(workload, Replicated) and workload.name in kept["workloads"]]
    if not done:
        return []
    lines = ["## Replication", "", "Master and slave on the servers' core, CPU of both until the slave has everything. Of the Java pair each broker has a heap of 1g. \"Waiting\": "
             "brokerRole=SYNC_MASTER and inSyncReplicas=2, as with 1, its default, RocketMQ 5.5.0 waits for no slave.", "",
             "| workload | CPU a message / Java | messages a second / Java | Ogive | Java | SYSTEM_BUSY of Java |", "|---|---|---|---|---|---|"]
    for workload, figures in done:
        sides = (f"{figures.side(side, 'cpu_us'):.2f} us, {figures.side(side, 'messages_per_s'):,.0f} a second" for side in ("ogive", "java"))
        lines.append(f"| {workload.name.removeprefix('replicated ')} | {figures.span('cpu')} | {figures.span('rate')} | " + " | ".join(sides)
                     + f" | {figures.side('java', 'busy'):.1%} |")
    return [*lines, ""]


def goal_table(kept, workloads):
    lines = ["## Goals", "", "| workload | figure | goal | measured | |", "|---|---|---|---|---|"]
    for workload in workloads:
        if workload.name not in kept["workloads"]:
            continue
        figures = Figures(kept["workloads"][workload.name])
        for name, bound, direction in workload.goals:
            lines.append(f"| {workload.name} | {MEANING[name]} | {'at most' if direction == '<=' else 'at least'} {bound:,g} | "
                         f"{figures.span(name)} | {verdict(figures, name, bound, direction)} |")
    names = [workload.name for workload in workloads if getattr(workload, "task", "") == "deliver"]
    if all(name in kept["workloads"] for name in names):
        one, many = (Figures(kept["workloads"][name]).side("ogive", "cpu_us") for name in names)
        lines.append(f"| {names[1]} | CPU a delivery / that of {names[0]} | at most 1 | {number(many / one)} | {'met' if many <= one else 'MISSED'} |")
    return lines


def rest_tables(kept):
    lines = []
    if measured := kept["workloads"].get("idle"):
        figures = Figures(measured)
        lines += ["## Idle", "", "Ten seconds without a request, after a load of some seconds. Java's heap is touched at start (AlwaysPreTouch), as its launch script has it.",
                  "", "| | broker memory | broker CPU | name server memory | name server CPU |", "|---|---|---|---|---|"]
        for side, title in (("ogive", "Ogive"), ("java", "Java")):
            lines.append(f"| {title} | {figures.side(side, 'broker_mb'):,.0f} MB | {figures.side(side, 'broker_percent'):.2f} % of a core | "
                         f"{figures.side(side, 'namesrv_mb'):,.0f} MB | {figures.side(side, 'namesrv_percent'):.2f} % |")
        lines += ["", f"Broker's memory / Java's: {figures.span('rss')}. Broker's CPU / Java's: {figures.span('idle_cpu')}.", ""]
    if measured := kept["workloads"].get("start-up"):
        figures = Figures(measured)
        lines += ["## Start-up", "", "From exec until the port takes connections, empty store; memory a second later. The small heap is -Xms64m -Xmx512m, not touched at start.",
                  "", "| | broker | broker memory | name server | name server memory |", "|---|---|---|---|---|"]
        for side, title in (("ogive", "Ogive"), ("java", "Java"), ("java_thrifty", "Java, small heap")):
            lines.append(f"| {title} | {figures.side(side, 'broker_ms'):,.0f} ms | {figures.side(side, 'broker_mb'):,.0f} MB | "
                         f"{figures.side(side, 'namesrv_ms'):,.0f} ms | {figures.side(side, 'namesrv_mb'):,.0f} MB |")
        lines += ["", f"Start-up / Java's: {figures.span('start')}; of the small heap {figures.span('thrifty_start')}. "
                  f"Memory / Java's of the small heap: {figures.span('thrifty_rss')}.", ""]
    if measured := kept["workloads"].get("recovery"):
        figures = Figures(measured)
        lines += ["## Recovery", "", "From exec until the port takes connections again. After an orderly stop with 2 GB in the store, and after SIGKILL at the end of a load, "
                  "with 4 GB in it. 130 MB a second of 1 KB messages, in batches.", "", "| | after a stop | after a kill |", "|---|---|---|"]
        for side, title in (("ogive", "Ogive"), ("java", "Java")):
            lines.append(f"| {title} | {figures.side(side, 'stopped_ms'):,.0f} ms | {figures.side(side, 'served_ms'):,.0f} ms |")
        lines += ["", f"Ogive / Java: {figures.span('stop_start')} and {figures.span('recovery')}.", ""]
    if measured := kept["workloads"].get(HalfLoad.name):
        figures = Figures(measured)
        lines += ["## Tails over ten minutes", "", "64 producers one by one, 128 B, each side at half the rate it reaches, for ten minutes, while files of 64 MB are removed as soon as "
                  "the next begins. The echo has Ogive's rate. Latency from when a request was due.", "",
                  "| | requests a second | p50 | p99 | p99.9 | core |", "|---|---|---|---|---|---|"]
        for side, title in (("ogive", "Ogive"), ("java", "Java"), ("echo", "echo")):
            cells = [f"{figures.side(side, name):,.0f} us" for name in ("p50_us", "p99_us", "p99_9_us")]
            lines.append(f"| {title} | {figures.side(side, 'requests_per_s'):,.0f} | " + " | ".join(cells) + f" | {figures.side(side, 'core_share'):.0%} |")
        lines += ["", f"p99.9 / echo's: {figures.span('echo_p99_9')}.", ""]
    return lines


CAVEATS = """## How it was measured, and what it does not say

- One machine, two cores of a virtual machine: every server with all its threads on one core, the generator (`ogive bench`, Ogive's own) on
  the other, over the loopback. A broker that is given many cores is not measured here; Java's thread pools are made for that, and on one core
  they pay for hand-overs that buy nothing. Neither is a network card or a real disk measured: the log goes into the page cache, but for the synchronous flush.
- Both brokers get the same settings (brokerName, storePathRootDir, flushDiskType; everything else as 5.5.0 has it by default), Ogive besides
  `reactorThreads=1`. Ogive starts on an empty store for every run; Java goes on with one process and one store, as
  restarting it would throw its compiled code away.
- A pair is Ogive, the echo, Java, one after the other within half a minute. Pairs differ by what the host does
  meanwhile; that is what the range shows. "Of the core used by others" is what neither the server nor kernel threads used of its core,
  told above 5 %.
- The Java pair is stopped (SIGSTOP) while others are measured: its timers see the time jump, as after a long pause of a virtual machine.
- The JIT is warmed with the measured workloads themselves, each for an equal share of the time; every run begins with another
  second that does not count.
- Java makes its queues' entries on a thread of its own, which falls behind when this core is full: what it still owes at the end of a run
  (seconds, after batches) is not counted as CPU of that run. The next run waits until it is done. Ogive has made them when it answers.
- Large messages mean much new page cache; the echo uses the same few pages again and again: 64 KB sends beside it compare copies into new memory with copies within the processor's caches.
- The heap is half of what the launch script gives (8g), for this machine's sake; flags besides are those of runbroker.sh and runserver.sh for
  this JDK, without the garbage collector's log. Memory at idle is mostly that heap: the start-up table has a pair with a small one.
- The page cache is kept full, so that what a run writes goes into pages that were in use (internals/performance.md has why). Runs before
  2026-12-01 were without it: there the log went into memory that the host had to find first.
- SYSTEM_BUSY answers are not counted as messages, but their CPU is the server's: CPU a message is CPU of the run by messages
  stored. Pulls that find nothing are asked again from the offset that the reply states, as clients do, and are counted beside.
- In closed loops (all but the two with a rate) latency follows from throughput: with so many requests always under way, the slower server shows the longer wait.
- A backlog pull reads what has left Ogive's tail cache, but not the page cache: neither side waits for a disk.
- 10,000 topics of 8 queues are not measured with Java: each queue's file is a memory mapping there, and the system allows 65,530 by default (`vm.max_map_count`).
"""


def write_report(kept, workloads, path):
    parts = {measured["part"]["command"]: measured["part"] for name, measured in kept["workloads"].items()}
    lines = ["# Ogive beside Apache RocketMQ", "",
             "Written by `bench/compare --write-report` from bench/comparison.json, which holds every run. Ogive, Apache RocketMQ and an echo of the same "
             "frame sizes (the same event loop with nothing behind it: this machine's own limit) in interleaved runs.", "",
             *goal_table(kept, workloads), "", *load_tables(kept, workloads), "", *official_table(kept, workloads), *replicated_table(kept, workloads), *rest_tables(kept), CAVEATS,
             "## Versions and commands", ""]
    for part in sorted(parts.values(), key=lambda one: (one["date"], one["command"])):
        lines.append(f"- {part['date']}, `{part['command']}`: {part['rounds']} rounds, {part['seconds']} s each behind 1 s, JIT warmed for {part['warm']} s; "
                     f"Ogive {part['commit']}, RocketMQ {part['rocketmq']}, {part['java']}, {part['header']} headers.")
    last = list(parts.values())[-1]
    lines += ["", f"Machine: {last['processor']}, {last['cores']} cores, {last['memory_gb']} GB, Linux {last['kernel']}.", "",
              f"Java broker: `{last['broker_flags']}`", "", f"Java name server: `{last['namesrv_flags']}`"]
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name} holds {len(kept['workloads'])} workloads")
