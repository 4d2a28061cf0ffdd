"""What the measuring programs share: servers on a core of their own, loads from another, and who else used the core."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from device import Device

ROOT = pathlib.Path(__file__).resolve().parent.parent
DISTURBED = 0.05  # Share of the server's core that other processes had.


class CoreUse:
    """How much of a core others than the server (and the kernel's own threads, which write back what it wrote) used."""

    def __init__(self, core, server):
        self.core, self.server = core, server
        self.began = self.now()

    def now(self):
        kernel = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[1] == "2" and fields[36] == str(self.core):  # A child of kthreadd, last seen on this core.
                kernel[stat.parent.name] = int(fields[11]) + int(fields[12])
        line = next(line.split() for line in open("/proc/stat") if line.startswith(f"cpu{self.core} "))
        ticks = [int(field) for field in line[1:9]]
        idle, stolen = ticks[3] + ticks[4], ticks[7]
        return {"busy": sum(ticks) - idle, "stolen": stolen, "kernel": kernel, "server": self.server.cpu_ns(),
                "time": time.monotonic()}

    def shares(self):
        """(others' share, kernel threads' share) since construction. A kernel thread that changed its core counts as others."""
        end, tick = self.now(), 1 / os.sysconf("SC_CLK_TCK")
        seconds = end["time"] - self.began["time"]
        threads = self.began["kernel"].keys() & end["kernel"].keys()
        kernel = sum(end["kernel"][thread] - self.began["kernel"][thread] for thread in threads) * tick
        server = (end["server"] - self.began["server"]) / 1e9
        busy = (end["busy"] - self.began["busy"]) * tick
        return max(0, busy - server - kernel) / seconds, kernel / seconds


def request(port, code, **fields):
    """Header and body of the reply to a request without a body."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        header = json.dumps(dict(code=code, language="CPP", version=475, opaque=1, flag=0,
                                 extFields={key: str(value) for key, value in fields.items()})).encode()
        connection.sendall(struct.pack(">II", 4 + len(header), len(header)) + header)
        stream = connection.makefile("rb")
        frame = stream.read(struct.unpack(">I", stream.read(4))[0])
        size = struct.unpack(">I", frame[:4])[0] & 0xFFFFFF
        return json.loads(frame[4:4 + size]), frame[4 + size:]


class Program:
    """A server on the server's core, with its output in a file; stopped by its own process id."""

    def __init__(self, setup, name, command, port, patience=10, environment=None):
        self.log = open(setup.directory / f"{name}-{port}.log", "w")
        started = time.monotonic()
        self.process = subprocess.Popen([*setup.device.member(), *setup.on_core(setup.args.server_core), *command], stdout=self.log, stderr=subprocess.STDOUT,
                                        env={**os.environ, "HOME": str(setup.directory), **(environment or {})})
        self.wait_until_serving(port, started, patience, name)

    def wait_until_serving(self, port, started, patience, name):
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - started > patience:
                    self.process.kill()
                    said = pathlib.Path(self.log.name).read_text()[-2000:]
                    sys.exit(f"{name} does not serve port {port} after {patience} s; it said:\n{said}")
                time.sleep(0.0005)
        self.ready_ms = (time.monotonic() - started) * 1e3
        self.pid = self.process.pid

    def stop(self, patience=10):
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def cpu_ns(self):
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir())

    def thread_us(self, name):
        """CPU of the threads of that name."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) / 1e3 for task in tasks
                   if (task / "comm").read_text().strip() == name)

    def resident_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text())[1]) * 1024 / 1e6


class Server(Program):
    """One of Ogive's programs."""

    def __init__(self, setup, words, port, patience=10):
        super().__init__(setup, words[0], [setup.args.ogive, *words], port, patience)


def settle(broker):
    """Waits until the broker has nothing left to do: files of queues are made once in their life, not under every load."""
    for _ in range(60):
        before = broker.cpu_ns()
        time.sleep(1)
        if broker.cpu_ns() - before < 10e6:
            return


class PageCache:
    """Lets what a run writes go into memory that the page cache has used before, as on a machine that has been up for a while.

    A virtual machine's free memory may be the host's again (free page reporting gives it back within seconds), and its next touch is a
    fault in the host: 1.5 us a kilobyte instead of 0.2. So the page cache is kept full, with the holes of a sparse file that has no name.
    The system may take all of that away at any time; it ends with the process."""

    PIECE, STEP, NEAR = 4 << 20, 1 << 30, 128 << 20

    def __init__(self, directory):
        self.directory, self.file, self.end = directory, None, 0

    def recycle(self):
        """To be called before each run; the first call takes as long as touching all memory does."""
        if self.file is None:
            self.file = tempfile.TemporaryFile(dir=self.directory)
            self.file.truncate(1 << 43)
        before = sys.maxsize
        while before - self.free() > self.NEAR:  # The system keeps some free for itself.
            before = self.free()
            self.read(self.STEP)

    def read(self, size):
        piece = bytearray(self.PIECE)
        for _ in range(size // self.PIECE):
            os.preadv(self.file.fileno(), [piece], self.end)
            self.end += self.PIECE

    @staticmethod
    def free():
        return int(re.search(r"MemFree:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) * 1024


class Setup:
    def __init__(self, args):
        self.args = args
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ogive-bench-", dir=args.directory))
        self.page_cache = PageCache(self.directory)
        self.device = Device(self.directory, args.device_mb_s)
        self.runs = 0
        self.measures_core = True  # Where the server has a core of its own, what others used of it is noted.
        self.namesrv_port, self.echo_port, self.broker_port = args.port, args.port + 1, args.port + 10

    def close(self):
        """When all servers have ended."""
        self.device.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def on_core(self, core):
        return ["nice", "-n", str(self.args.nice), "taskset", "-c", str(core)]

    def namesrv(self):
        config = self.directory / "namesrv.properties"
        config.write_text(f"listenPort={self.namesrv_port}\nreactorThreads=1\n"
                          f"kvConfigPath={self.directory}/kvConfig.json\n")
        return Server(self, ["namesrv", "-c", str(config)], self.namesrv_port)

    def echo(self):
        return Server(self, ["bench", "echo-server", "--server", f"127.0.0.1:{self.echo_port}"], self.echo_port)

    def new_store(self):
        self.runs += 1
        return self.directory / f"store-{self.runs}"

    def broker_settings(self, store, port, namesrv_port, **settings):
        """What every broker is started with, of whatever make."""
        return (f"brokerIP1=127.0.0.1\nlistenPort={port}\nhaListenPort={port + 1}\nstorePathRootDir={store}\n"
                f"namesrvAddr=127.0.0.1:{namesrv_port}\n"
                + "".join(f"{key}={value}\n" for key, value in {"flushDiskType": "ASYNC_FLUSH", **settings}.items()))

    def broker(self, store, patience=10, **settings):
        return self.broker_at(self.broker_port, store, patience, **settings)

    def broker_at(self, port, store, patience=10, **settings):
        config = self.directory / f"broker-{port}.properties"
        config.write_text(self.broker_settings(store, port, self.namesrv_port, **{"reactorThreads": 1, **settings}))
        return Server(self, ["broker", "-c", str(config)], port, patience)

    def bench(self, task, port, server, may_be_busy=False, flags=(), **options):
        words = [*self.on_core(self.args.generator_core), self.args.ogive, "bench", task, "--json",
                 "--server", f"127.0.0.1:{port}", "--server-pid", str(server.pid),
                 "--warmup", str(options.pop("warmup", 1)),
                 "--seconds", str(options.pop("seconds", self.args.seconds)), "--header", self.args.header,
                 *(f"--{flag}" for flag in flags)]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        use = CoreUse(self.args.server_core, server) if self.measures_core else None
        run = subprocess.run(words, capture_output=True, text=True)
        if run.returncode != 0:
            sys.stderr.write(f"{' '.join(words)} failed:\n{run.stderr}{run.stdout}")
            sys.exit(2)
        figures = json.loads(run.stdout)
        if figures["busy"] and not may_be_busy:
            sys.exit(f"{' '.join(words)}: {figures['busy']} replies were SYSTEM_BUSY")
        if use:
            figures["others"], figures["kernel"] = use.shares()
        return figures


def add_arguments(parser):
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--header", default="rocketmq", choices=["rocketmq", "json"])
    parser.add_argument("--ogive", default=str(ROOT / "build/release/apps/ogive/ogive"))
    parser.add_argument("--port", type=int, default=21500, help="first of 16 free ports")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--generator-core", type=int, default=1)
    parser.add_argument("--nice", type=int, default=0, help="niceness of servers and generator; below 0 needs root")
    parser.add_argument("--directory", help="where stores are made; the system's temporary directory")
    parser.add_argument("--device-mb-s", type=float, help="servers, and cold reads beside them, read from the disk at this rate; needs root "
                        "and control groups of version 1 (default: no limit)")
    parser.add_argument("--json", help="write all runs to this file")
