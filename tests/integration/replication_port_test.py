#!/usr/bin/env python3
"""The replication port on real sockets: replication_port_test.py BINARY

Probes that connect, say something or nothing, and go (5,000 of them, a million with OGIVE_FULL_TESTS, OGIVE_PROBES) leave neither memory
nor descriptors nor a growing log behind, and a slave goes on following meanwhile. A shared secret lets in who knows it
and nobody else, and is shown nowhere.
"""
import json
import os
import pathlib
import resource
import socket
import struct
import sys
import time
import unittest

import servers

BINARY = None
FULL_PROBES = 100_000 if "OGIVE_SANITIZED" in os.environ else 1_000_000
PROBES = int(os.environ.get("OGIVE_PROBES") or (FULL_PROBES if os.environ.get("OGIVE_FULL_TESTS") else 5_000))
PRODUCED = 100  # Messages meanwhile. Each takes a page of memory: its place in the key index is anywhere.
WARM = 2_000  # What allocators and buffers take once is not counted.
MAX_GROWN_BYTES = 8 << 20
MAX_LOG_BYTES_PER_PROBE = 400  # Who asks for the log as a slave does is named in the log; others are counted.
GET_BROKER_CONFIG = 26
GET_BROKER_HA_STATUS = 907
SECRET = "correct-horse-battery-staple-42"


def resident_bytes(process):
    return int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def open_files(process):
    return len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))


def log_bytes(machine):
    return sum(path.stat().st_size for path in (machine.home / "logs").rglob("*") if path.is_file())


class ReplicationPort(unittest.TestCase):
    def setUp(self):
        self.machine = servers.Machine(BINARY)
        self.addCleanup(self.machine.close)
        self.machine.start_name_server()

    def start_broker(self, extra):
        self.brokers = getattr(self, "brokers", 0) + 1
        words = self.machine.broker_words(self.machine.name_server_port,
                                          f"logDirectory={self.machine.home}/logs/{self.brokers}\n{extra}")
        return self.machine.start(*words).wait_boot(), self.machine.broker_port

    def start_pair(self, master_extra="", slave_extra=""):
        self.master, self.master_port = self.start_broker(f"brokerRole=SYNC_MASTER\n{master_extra}")
        self.slave, self.slave_port = self.start_broker(
            f"brokerRole=SLAVE\nbrokerId=1\nstorePathRootDir={self.machine.home}/slave-store\n"
            f"storePathCommitLog={self.machine.home}/slave-store/commitlog\nhaMasterAddress=127.0.0.1:{self.master_port + 1}\n"
            f"{slave_extra}")

    def call(self, port, code):
        client = servers.Client(port)
        try:
            return client.ok(code)[1]
        finally:
            client.close()

    def slaves(self):
        return json.loads(self.call(self.master_port, GET_BROKER_HA_STATUS))["haConnectionInfo"]

    def probe(self, number):
        probe = socket.socket()
        # Addresses in turn: closed connections keep their port for a minute.
        probe.bind((f"127.1.{number // 200 % 200}.{number % 200 + 1}", 0))
        if number % 2:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        probe.connect(("127.0.0.1", self.master_port + 1))
        words = (b"", struct.pack(">q", 0), b"GET / HTTP/1.1\r\n\r\n", struct.pack(">q", -5), b"\x01\x02")[number % 5]
        if words:
            probe.sendall(words)
        probe.close()

    # Acknowledged because the slave has it. Where this machine stands still for longer than haHousekeepingInterval, the
    # slave has to connect again.
    def produce_soon(self, client):
        def acknowledged():
            return client.call(servers.SEND_MESSAGE, client.message_fields("T"), b"acknowledged by master and slave")[0]["code"] == 0
        servers.eventually("the slave has a message", acknowledged)

    def test_probes_leave_nothing(self):
        self.start_pair()
        servers.eventually("the slave is served", lambda: len(self.slaves()) == 1)
        for number in range(WARM):
            self.probe(number)
        files = lambda: open_files(self.master.process)
        servers.eventually("those of the warming up are gone", lambda: len(self.slaves()) == 1)
        client = servers.Client(self.master_port)
        self.addCleanup(client.close)
        client.create_topic("T")
        client.produce("T", b"before")
        files_before, memory_before, log_before = files(), resident_bytes(self.master.process), log_bytes(self.machine)
        produced = 0
        began_s = time.monotonic()
        for number in range(PROBES):
            self.probe(number)
            if number % (PROBES // PRODUCED) == 0:
                produced += 1
                self.produce_soon(client)
        took_s = time.monotonic() - began_s
        servers.eventually("they are gone", lambda: len(self.slaves()) == 1 and files() <= files_before + 4)
        grown = resident_bytes(self.master.process) - memory_before
        said = log_bytes(self.machine) - log_before
        print(f"{PROBES} probes in {took_s:.0f} s: resident memory {memory_before} bytes before, {grown} more; {files_before} files before, "
              f"{files() - files_before} more; {said / PROBES:.0f} bytes of log each", file=sys.stderr)
        if "OGIVE_SANITIZED" not in os.environ:  # Sanitizers keep notes of every byte.
            self.assertLess(grown, MAX_GROWN_BYTES)
        self.assertLess(said, MAX_LOG_BYTES_PER_PROBE * PROBES)
        client.produce("T", b"afterwards")
        self.assertGreaterEqual(client.max_offset("T"), 2 + produced)
        status = client.ok(GET_BROKER_HA_STATUS)[1]
        self.assertEqual([slave["diff"] for slave in json.loads(status)["haConnectionInfo"]], [0])

    def test_a_shared_secret_is_shown_nowhere(self):
        self.start_pair(f"haSharedSecret={SECRET}\n", f"haSharedSecret={SECRET}\n")
        servers.eventually("the slave is served", lambda: len(self.slaves()) == 1)
        client = servers.Client(self.master_port)
        self.addCleanup(client.close)
        client.create_topic("T")
        client.produce("T", b"acknowledged by master and slave")
        # What a slave of RocketMQ, or one without the key, says.
        stranger = socket.create_connection(("127.0.0.1", self.master_port + 1), servers.LIMIT_S)
        self.addCleanup(stranger.close)
        stranger.sendall(struct.pack(">q", 0))
        self.assertEqual(stranger.recv(1), b"", "closed, and nothing said")
        for port in (self.master_port, self.slave_port):
            text = self.call(port, GET_BROKER_CONFIG).decode()
            self.assertIn("haSendWindow=", text)
            self.assertNotIn(SECRET, text)
            self.assertNotIn("haSharedSecret", text)
        for server in (self.master, self.slave):
            self.assertNotIn(SECRET, server.text())
        logs = lambda: [path.read_text() for path in (self.machine.home / "logs").rglob("*") if path.is_file()]
        servers.eventually("the log, which is written behind, says why",
                           lambda: any("it does not prove that it knows haSharedSecret" in text for text in logs()))
        self.assertFalse(any(SECRET in text for text in logs()))

    def test_another_secret_does_not_follow(self):
        self.start_pair(f"haSharedSecret={SECRET}\n", f"haSharedSecret={SECRET}-other\n")
        logs = lambda: "".join(path.read_text() for path in (self.machine.home / "logs").rglob("*") if path.is_file())
        servers.eventually("the slave says why", lambda: "does not follow the master at" in logs())
        self.assertEqual(self.slaves(), [])


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
