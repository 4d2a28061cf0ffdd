#!/usr/bin/env python3
"""Makes one system call after another of a real broker fail under load: fault_rounds_test.py BINARY SHIM [--full] [--only WORD] [--seed N]

After every fault the broker goes on serving, or refuses with the cause, or has not started and says why: as docs/internals/store.md
promises. Whatever it did, nothing acknowledged may be missing, moved or doubled, neither then nor after a restart without faults.
"""
import argparse
import dataclasses
import errno
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

import faults
import ledger
import servers
from faults import SHORT

QUEUES = 4
TOPIC = "FaultRounds"
CANNOT_START = 253
RARE = ("/consumequeue/", "/index/", "/checkpoint")  # Written every ten seconds, on a busy disk less often.
UPDATE_CONSUMER_OFFSET = 15
QUERY_CONSUMER_OFFSET = 14
GET_TOPIC_CONFIG = 351
CONFIGURATION = """mappedFileSizeCommitLog=1048576
mappedFileSizeConsumeQueue=60000
maxIndexNum=20000
maxHashSlotNum=5000
fileReservedTime=720
diskSpaceCleanForciblyRatio=100
diskSpaceWarningLevelRatio=100
cleanResourceInterval=500
flushConsumerOffsetInterval=500
registerNameServerPeriod=10000
autoCreateTopicEnable=true
waitTimeMillsInSendQueue=30000
osPageCacheBusyTimeOutMills=30000
"""


@dataclasses.dataclass
class Fault:
    """What fails, and what is promised for it."""
    call: str
    errors: tuple
    path: str = ""
    thread: str = ""
    times: int = 1
    provoke: str = ""  # Name of a function of Lives that makes the call happen.
    flush: str = "SYNC_FLUSH"
    quick: bool = False  # Part of the short form.
    alone: bool = False  # What it leaves behind lasts until a restart, and would hide the calls of other faults.

    def variants(self):
        return [dataclasses.replace(self, errors=(error,)) for error in self.errors]

    def __str__(self):
        return f"{self.call} {'/'.join(faults.name_of(error) for error in self.errors)} path '{self.path}' thread '{self.thread}'"


E = errno
# The broker goes on: at most some requests are refused or some connections lost.
SERVED = [
    Fault("pwritev", (E.EINTR, SHORT), "/commitlog/", "reactor", quick=True),
    Fault("pwritev", (E.EIO, E.ENOSPC, E.EINTR, SHORT), "/commitlog/", "background", quick=True),
    Fault("open", (E.EMFILE, E.ENOSPC, E.EIO), "/commitlog/", "background"),
    Fault("ftruncate", (E.ENOSPC, E.EIO), "/commitlog/", "background", quick=True),
    Fault("fsync", (E.EIO,), "/commitlog", "background"),
    Fault("open", (E.EMFILE, E.EIO), "/consumequeue/"),
    Fault("pwritev", (E.EIO, E.ENOSPC, E.EINTR, SHORT), "/consumequeue/"),
    Fault("fdatasync", (E.EIO,), "/consumequeue/", alone=True),
    Fault("pwritev", (E.EIO, E.ENOSPC, SHORT), "/index/", "background"),
    Fault("fdatasync", (E.EIO,), "/index/", "background", alone=True),
    Fault("pwritev", (E.EIO, E.ENOSPC, SHORT), "/checkpoint"),
    Fault("fdatasync", (E.EIO,), "/checkpoint"),
    Fault("open", (E.EMFILE, E.EIO), "/checkpoint"),
    Fault("open", (E.EMFILE, E.ENOSPC), "/config/", provoke="create_topic"),
    Fault("pwritev", (E.ENOSPC, E.EIO, SHORT), "/config/", provoke="create_topic", quick=True),
    Fault("fdatasync", (E.EIO,), "/config/", provoke="create_topic"),
    Fault("fsync", (E.EIO,), "/config", provoke="create_topic"),
    Fault("rename", (E.EIO, E.ENOSPC), "/config/", provoke="create_topic", quick=True),
    Fault("ftruncate", (E.EIO,), "/config/", provoke="create_topic"),
    Fault("pwritev", (E.ENOSPC,), "/config/", times=1000, provoke="create_topic"),
    Fault("remove", (E.EIO,), "", provoke="delete_topic"),
    Fault("pread", (E.EIO, E.EINTR, SHORT), "/commitlog/", provoke="read_old", quick=True),
    Fault("pread", (E.EIO, E.EINTR, SHORT), "/consumequeue/", provoke="read_old"),
    Fault("preadv2", (E.EIO, E.EAGAIN, E.EOPNOTSUPP, SHORT), "/commitlog/", provoke="read_old", quick=True),
    Fault("preadv2", (E.EIO, E.EAGAIN, E.EOPNOTSUPP, SHORT), "/consumequeue/", provoke="read_old"),
    Fault("statvfs", (E.EIO,), ""),
    Fault("accept4", (E.EMFILE, E.ECONNABORTED, E.EINTR, E.ENOBUFS), "socket", provoke="connect", quick=True),
    Fault("accept4", (E.EMFILE,), "socket", times=20, provoke="connect"),
    Fault("epoll_ctl", (E.ENOSPC, E.ENOMEM), "socket", provoke="connect", quick=True),
    Fault("recv", (E.EINTR, E.ECONNRESET, E.EIO, SHORT), "socket", quick=True),
    Fault("send", (E.EINTR, E.EPIPE, E.ENOBUFS, SHORT), "socket", quick=True),
    Fault("sendmsg", (E.EINTR, E.ECONNRESET, SHORT), "socket", provoke="read_old"),
    Fault("epoll_wait", (E.EINTR,), times=100, quick=True),
    Fault("socket", (E.EMFILE, E.ENOBUFS), "socket", provoke="lose_name_server"),
    Fault("connect", (E.ENETUNREACH, E.EINTR), "socket", provoke="lose_name_server"),
    Fault("write", (E.ENOSPC, E.EIO, SHORT), "/logs/", provoke="create_topic"),
    Fault("close", (E.EIO,), "", provoke="create_topic"),
    Fault("fallocate", (E.ENOSPC, E.EIO, E.EINTR, E.EOPNOTSUPP), "/commitlog/", flush="ASYNC_FLUSH"),
]
# The store latches the error: it takes no more messages, says why, and goes on being read.
LATCHED = [
    Fault("pwritev", (E.EIO, E.ENOSPC, E.EROFS), "/commitlog/", "reactor", quick=True),
    Fault("fdatasync", (E.EIO, E.EINTR, E.ENOSPC), "/commitlog/", "flusher", quick=True),
    Fault("fdatasync", (E.EIO,), "/commitlog/", "flusher", flush="ASYNC_FLUSH"),
    Fault("fdatasync", (E.EIO,), "/commitlog/", "background"),
    Fault("pwritev", (E.EIO,), "/commitlog/", "reactor", flush="ASYNC_FLUSH"),
]
# While it stops: it ends soon, says so when something could not be saved, and the next start finds everything.
STOPPING = [
    Fault("fdatasync", (E.EIO,), "/commitlog/", flush="ASYNC_FLUSH", quick=True),
    Fault("pwritev", (E.ENOSPC,), "/consumequeue/", quick=True),
    Fault("fdatasync", (E.EIO,), "/consumequeue/", quick=True),
    Fault("pwritev", (E.EIO,), "/checkpoint", quick=True),
    Fault("pwritev", (E.ENOSPC,), "/config/", times=1000),
    Fault("remove", (E.EIO,), "/abort"),
    Fault("pwritev", (E.EIO,), "/index/"),
]
# While it starts, each call in turn: it serves, or ends with the cause.
STARTING = [
    Fault("open", (E.EMFILE, E.EIO)),
    Fault("pread", (E.EIO, E.EINTR, SHORT)),
    Fault("pwritev", (E.EIO, E.ENOSPC, SHORT)),
    Fault("fdatasync", (E.EIO,)),
    Fault("fsync", (E.EIO,)),
    Fault("ftruncate", (E.ENOSPC,)),
    Fault("rename", (E.EIO,)),
    Fault("remove", (E.EIO,)),
    Fault("mkdir", (E.EACCES, E.ENOSPC)),
    Fault("opendir", (E.EMFILE, E.EIO)),
    Fault("stat", (E.EIO,)),
    Fault("fstat", (E.EIO,)),
    Fault("statvfs", (E.EIO,)),
    Fault("bind", (E.EADDRINUSE, E.EACCES)),
    Fault("listen", (E.EADDRINUSE,)),
    Fault("socket", (E.EMFILE, E.EAFNOSUPPORT)),
    Fault("epoll_ctl", (E.ENOSPC,), "socket"),
    Fault("pthread_create", (E.EAGAIN,)),
]


class Lives:
    """One store, and the brokers that serve it one after another."""

    def __init__(self, binary, shim, seed, full):
        self.random = random.Random(seed)
        self.full = full
        self.machine = servers.Machine(binary)
        self.control = faults.Control(self.machine.home / "faults", shim)
        self.name_server = self.machine.start_name_server()
        self.words = self.machine.broker_words(self.machine.name_server_port, CONFIGURATION)
        self.file = pathlib.Path(self.words[-1])
        self.fixed = self.file.read_text()
        self.ledger = ledger.Ledger(QUEUES)
        self.broker = self.load = self.follower = None
        self.topics = []  # Created, and acknowledged.
        self.committed = {}
        self.starts = [0] * QUEUES
        self.passed = self.failed = 0
        self.verbose = False

    # The broker's life.

    def launch(self, flush="SYNC_FLUSH"):
        self.file.write_text(self.fixed + f"flushDiskType={flush}\n")
        self.said = len(self.broker_text()) if self.broker else 0
        self.broker = self.machine.start(*self.words, **self.control.environment)

    def broker_text(self):
        return (self.machine.home / "broker.out").read_text(errors="replace")

    def booted(self):
        """Since the last launch; ports are open before that, and one that cannot be opened still ends the start."""
        return "boot success" in self.broker_text()[self.said:]

    def connects(self):
        try:
            servers.Client(self.machine.broker_port).close()
            return True
        except OSError:
            return False

    def start(self, flush="SYNC_FLUSH"):
        self.launch(flush)

        def serves():
            assert self.broker.process.poll() is None, self.broker_text()[-2000:]
            return self.connects()
        servers.eventually("the broker serves", serves)

    def client(self):
        return servers.Client(self.machine.broker_port)

    def start_load(self):
        self.load = ledger.Load(self.ledger, TOPIC, self.machine.broker_port, self.random.random(), pause_s=0.02)
        self.follower = ledger.Follower(self.ledger, TOPIC, self.machine.broker_port)

    def stop_load(self):
        load, follower, self.load, self.follower = self.load, self.follower, None, None
        try:
            if load:
                load.stop()
        finally:
            if follower:
                follower.stop()

    def end(self, sign):
        """Ends the broker; its exit status."""
        self.broker.process.send_signal(sign)
        status = self.broker.wait()
        self.machine.forget(self.broker)
        return status

    def expect_more(self, count=300, or_refusal=None):
        """The broker acknowledges again, and is the same process; or it refuses for that reason."""
        goal = self.ledger.acknowledgements + count

        def more():
            assert self.broker.process.poll() is None, f"the broker has ended: {self.broker_text()[-2000:]}"
            if or_refusal and any(code == 14 and or_refusal in remark for code, remark in self.ledger.refusals):
                return True
            return self.ledger.acknowledgements >= goal or self.load.broken
        servers.eventually(f"{count} more acknowledgements; refused so far: {self.ledger.refusals}", more)

    def check_all(self, whole=False):
        """Everything acknowledged since the last time is there: messages, some of those before them, topics, consumer offsets."""
        reader = ledger.Reader(self.ledger, TOPIC, self.machine.broker_port)
        try:
            ends = reader.read_all([0] * QUEUES if whole else self.starts)
            self.starts = [max(0, end - 500) for end in ends]
            self.ledger.expect_found()
            for topic in self.topics:
                reader.client.ok(GET_TOPIC_CONFIG, {"topic": topic})
            for queue, offset in self.committed.items():
                header, _ = reader.client.ok(QUERY_CONSUMER_OFFSET, {"consumerGroup": "FaultConsumer", "topic": TOPIC, "queueId": queue})
                assert int(header["extFields"]["offset"]) == offset, f"queue {queue}: {header}, committed was {offset}"
        finally:
            reader.close()

    def commit_offsets(self):
        client = self.client()
        for queue in range(QUEUES):
            offset = len(self.ledger.at[queue])
            client.ok(UPDATE_CONSUMER_OFFSET, {"consumerGroup": "FaultConsumer", "topic": TOPIC, "queueId": queue, "commitOffset": offset})
            self.committed[queue] = offset
        client.close()

    # What makes a call happen.

    def create_topic(self):
        client = self.client()
        topic = f"Made{len(self.topics):04d}"
        header, _ = client.call(servers.UPDATE_AND_CREATE_TOPIC, {
            "topic": topic, "defaultTopic": "TBW102", "readQueueNums": 1, "writeQueueNums": 1, "perm": 6, "topicFilterType": "SINGLE_TAG",
            "topicSysFlag": 0, "order": "false"})
        client.close()
        if header["code"] == 0:
            self.topics.append(topic)

    def delete_topic(self):
        client = self.client()
        client.create_topic("ToDelete")
        client.produce("ToDelete", b"message")
        time.sleep(1.2)  # Until its queue has a file: a round of the store.
        client.call(servers.DELETE_TOPIC_IN_BROKER, {"topic": "ToDelete"})
        client.close()

    def read_old(self):
        """The oldest messages, which have left memory; an error is allowed, a wrong message is not."""
        reader = ledger.Reader(self.ledger, TOPIC, self.machine.broker_port)
        try:
            for queue in range(QUEUES):
                reader.pull(queue, 0)
        except ledger.LedgerError as error:
            if "held message" in str(error) or "nobody sent" in str(error):
                raise
        except (OSError, AssertionError):
            pass
        finally:
            reader.close()

    def connect(self):
        self.connects()

    def lose_name_server(self):
        self.name_server.process.kill()
        self.name_server.wait()
        self.machine.forget(self.name_server)
        file = self.machine.home / "namesrv.conf"
        self.name_server = self.machine.start("namesrv", "-c", str(file))

    # The rounds.

    def strike(self, fault):
        """Arms, makes it happen, waits until it has; false when it never did."""
        rare = fault.path.startswith(RARE) or fault.provoke == "lose_name_server"
        self.control.arm(fault.call, fault.errors[0], fault.path, fault.thread, 0 if rare else self.random.randrange(4), fault.times)
        deadline = time.monotonic() + servers.LIMIT_S * (4 if rare else 1)
        provoked = False
        while not self.control.fired and time.monotonic() < deadline:
            if self.broker.process.poll() is not None:
                break
            if fault.provoke and (not provoked or fault.provoke != "lose_name_server"):
                getattr(self, fault.provoke)()
                provoked = True
            time.sleep(0.01)
        if fault.times > 1:
            time.sleep(0.5)
        self.control.disarm()
        return bool(self.control.fired)

    def served(self, fault):
        assert self.strike(fault), "the call was never made"
        self.expect_more()
        if self.load.broken:
            raise self.load.broken
        assert self.broker.process.poll() is None, self.broker_text()[-2000:]
        if fault.provoke == "lose_name_server":
            servers.eventually("the broker is registered again", self.registered, 60)

    def registered(self):
        client = servers.Client(self.machine.name_server_port)
        try:
            return b'"broker-a"' in client.ok(servers.GET_BROKER_CLUSTER_INFO)[1]
        finally:
            client.close()

    def latched(self, fault):
        self.start(fault.flush)
        self.start_load()
        self.expect_more()
        assert self.strike(fault), "the call was never made"
        cause = os.strerror(fault.errors[0])
        servers.eventually(f"refusals that say '{cause}', not {self.ledger.refusals}",
                           lambda: any(code == 14 and cause in remark for code, remark in self.ledger.refusals))
        time.sleep(0.3)  # Replies from before the failure are still on their way.
        acknowledged = self.ledger.acknowledgements
        time.sleep(0.3)
        assert self.ledger.acknowledgements == acknowledged, "acknowledges although its store has failed"
        self.stop_load()
        self.check_all()
        sign = self.random.choice((signal.SIGTERM, signal.SIGKILL))
        status = self.end(sign)
        assert sign == signal.SIGKILL or status == CANNOT_START, f"an orderly stop over a failed store ended with {status}"
        if sign == signal.SIGTERM:
            assert cause in self.broker_text()[self.said:], f"does not say why: {self.broker_text()[self.said:]}"

    def stopped(self, fault):
        self.start(fault.flush)
        self.start_load()
        self.expect_more()
        self.commit_offsets()
        self.load.reconnect.clear()
        self.control.arm(fault.call, fault.errors[0], fault.path, times=fault.times)
        started = time.monotonic()
        status = self.end(signal.SIGTERM)
        self.control.disarm()
        self.stop_load()
        text = self.broker_text()[self.said:]
        assert self.control.fired, "the call was never made"
        assert time.monotonic() - started < 5, "does not stop in time"
        assert status in (0, CANNOT_START), f"status {status}: {text}"
        if "/config" in fault.path:
            self.committed = {}
            assert status != 0 or " ERROR " in self.machine.log("broker.log"), "does not say that consumer offsets are not saved"
        if status != 0:
            assert os.strerror(fault.errors[0]) in text, f"does not say why: {text}"

    def started(self, fault, skip):
        """False when the call was made less often than that."""
        self.control.arm(fault.call, fault.errors[0], fault.path, skip=skip)
        self.launch(self.random.choice(("SYNC_FLUSH", "ASYNC_FLUSH")))
        servers.eventually("the broker serves or ends", lambda: self.broker.process.poll() is not None or (self.booted() and self.connects()))
        time.sleep(0.05)
        fired = self.control.fired
        self.control.disarm()
        victim = self.control.victim
        text = self.broker_text()[self.said:]
        if self.broker.process.poll() is None:
            self.start_load()
            self.expect_more(50, or_refusal=os.strerror(fault.errors[0]) if fault.errors[0] != SHORT else None)
            self.stop_load()
            self.end(self.random.choice((signal.SIGTERM, signal.SIGKILL)))
        else:
            status = self.broker.wait()
            self.machine.forget(self.broker)
            assert status == CANNOT_START, f"{victim}: ended with {status}: {text}"
            assert fault.errors[0] == SHORT or os.strerror(fault.errors[0]) in text, f"{victim}: does not say why: {text}"
        return bool(fired)

    def verify_restart(self, whole):
        self.control.disarm()
        self.start()
        self.check_all(whole)

    def verdict(self, kind, fault, run, *arguments):
        """Runs one round and counts it; a broker that fails it is replaced, its store kept for the next rounds."""
        self.ledger.refusals.clear()
        started = time.monotonic()
        try:
            answer = run(fault, *arguments)
            self.passed += 1
            if self.verbose:
                print(f"{time.monotonic() - started:6.1f} s {kind}: {fault} {arguments or ''}", flush=True)
            return answer
        except (AssertionError, OSError, ValueError) as error:
            self.failed += 1
            print(f"FAIL {kind}: {fault} {arguments or ''} (victim {self.control.victim}): {error}", flush=True)
            self.control.disarm()
            return None


def wanted(table, lives, only):
    """The variants of a table's faults: in the short form one of each marked one."""
    for fault in table:
        if only and not re.search(only, str(fault)):
            continue
        if lives.full or only:
            yield from fault.variants()
        elif fault.quick:
            yield lives.random.choice(fault.variants())


def clean_up(lives):
    """Whatever the round left: no load, no broker."""
    try:
        lives.stop_load()
    except ledger.LedgerError as error:
        lives.failed += 1
        print(f"FAIL {error}", flush=True)
    if lives.broker and lives.broker in lives.machine.servers:
        lives.end(signal.SIGKILL)


def restart_check(lives, after, whole=False):
    clean_up(lives)
    lives.verdict("restart after", after, lambda _: lives.verify_restart(whole))
    clean_up(lives)


def serve_rounds(lives, only):
    for flush in ("SYNC_FLUSH", "ASYNC_FLUSH"):
        todo = [fault for fault in wanted(SERVED, lives, only) if fault.flush == flush]
        fresh = True
        for fault in todo:
            if fresh:
                lives.start(flush)
                lives.start_load()
                lives.expect_more()
                fresh = False
            before = lives.failed
            lives.verdict("served", fault, lives.served)
            if lives.failed != before or fault.alone:
                restart_check(lives, fault)
                fresh = True
        if todo and not fresh:
            lives.stop_load()
            lives.commit_offsets()
            lives.verdict("while up", "all of them", lambda _: lives.check_all())
            status = lives.end(signal.SIGTERM)
            if status not in (0, CANNOT_START):
                lives.failed += 1
                print(f"FAIL stop after {flush}: status {status}: {lives.broker_text()[-1000:]}")
            restart_check(lives, f"all of {flush}")


def run_all(lives, only):
    lives.start()
    client = lives.client()
    client.create_topic(TOPIC, QUEUES)
    client.close()
    lives.start_load()
    lives.expect_more(3_000)  # What is old to the next life is not in its memory.
    lives.stop_load()
    lives.end(signal.SIGTERM)
    serve_rounds(lives, only)
    for kind, table, run in (("latched", LATCHED, lives.latched), ("stopped", STOPPING, lives.stopped)):
        for fault in wanted(table, lives, only):
            lives.verdict(kind, fault, run)
            restart_check(lives, fault)
    for fault in STARTING:
        if only and not re.search(only, str(fault)):
            continue
        for variant in fault.variants() if lives.full or only else [lives.random.choice(fault.variants())]:
            # A start makes some calls hundreds of times: the first ones all, of the rest some.
            skips = [*range(12), *range(12 + lives.random.randrange(12), 400, 24)] if lives.full else [0, lives.random.randrange(1, 12)]
            for skip in skips:
                if not lives.verdict("started", variant, lives.started, skip):
                    clean_up(lives)
                    break
    restart_check(lives, "everything", whole=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("shim")
    parser.add_argument("--full", action="store_true", default=bool(os.environ.get("OGIVE_FULL_TESTS")))
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    lives = Lives(str(pathlib.Path(given.binary).resolve()), str(pathlib.Path(given.shim).resolve()), given.seed, given.full)
    lives.verbose = given.verbose
    try:
        run_all(lives, given.only)
        if lives.failed:
            kept = lives.machine.home.with_name(lives.machine.home.name + ".kept")
            subprocess.run(["cp", "-a", "--sparse=always", lives.machine.home, kept], check=False)
            print(f"kept: {kept}")
    finally:
        clean_up(lives)
        lives.machine.close()
    print(f"{lives.passed} passed, {lives.failed} failed; {lives.ledger.acknowledgements} messages acknowledged")
    sys.exit(1 if lives.failed or not lives.passed else 0)


if __name__ == "__main__":
    main()
