#!/usr/bin/env python3
"""Many connections on real sockets: connections_test.py BINARY

10,000 idle ones and some that send a byte a second: the broker's memory stays bounded, others are served meanwhile, the
idle ones are closed in time, and a stop with all of them open is as quick as any other.
"""
import os
import pathlib
import resource
import select
import socket
import sys
import time
import unittest

import servers

BINARY = None
IDLE = 10_000
SLOW = 20
SLOW_BYTES = 6  # So long a slow one takes, in seconds: beyond the time after which silent ones are closed.
IDLE_LIMIT_S = 5
SPARE_FILES = 500
MAX_BYTES_PER_CONNECTION = 2_048
DRAIN_LIMIT_S = 2.0


def resident_bytes(process):
    return int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def open_files(process):
    return len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))


class Connections(unittest.TestCase):
    def setUp(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard != resource.RLIM_INFINITY and hard < IDLE + SPARE_FILES:
            self.skipTest(f"only {hard} files may be open (ulimit -Hn)")
        # The broker starts with a shell's usual limit, and must raise it itself.
        resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))
        self.machine = servers.Machine(BINARY)
        self.addCleanup(self.machine.close)
        self.machine.start_name_server()
        self.broker = self.machine.start(*self.machine.broker_words(
            self.machine.name_server_port, f"serverChannelMaxIdleTimeSeconds={IDLE_LIMIT_S}\n")).wait_boot()
        resource.setrlimit(resource.RLIMIT_NOFILE, (IDLE + SPARE_FILES, hard))
        self.sockets = []
        self.addCleanup(lambda: [one.close() for one in self.sockets])

    def connect_idle(self):
        made = [socket.create_connection(("127.0.0.1", self.machine.broker_port), servers.LIMIT_S) for _ in range(IDLE)]
        self.sockets += made
        return made

    def closed_by_peer(self, sockets):
        poll = select.epoll()
        self.addCleanup(poll.close)
        by_file = {one.fileno(): one for one in sockets}
        for file in by_file:
            poll.register(file, select.EPOLLIN | select.EPOLLRDHUP)
        closed = 0
        deadline = time.monotonic() + servers.LIMIT_S
        while closed < len(sockets) and time.monotonic() < deadline:
            for file, _ in poll.poll(1):
                if by_file[file].recv(1):
                    continue  # Nothing is owed to them; whatever it is, it is not the end.
                poll.unregister(file)
                closed += 1
        return closed

    def test_idle_and_slow_ones_do_not_disturb_others(self):
        busy = servers.Client(self.machine.broker_port)
        self.addCleanup(busy.close)
        busy.create_topic("T")
        busy.produce("T", b"warm")
        files_before = open_files(self.broker.process)
        memory_before = resident_bytes(self.broker.process)
        idle = self.connect_idle()
        servers.eventually("all are accepted", lambda: open_files(self.broker.process) >= files_before + IDLE)
        grown = resident_bytes(self.broker.process) - memory_before
        if "OGIVE_SANITIZED" not in os.environ:  # Sanitizers keep notes of every byte.
            self.assertLess(grown / IDLE, MAX_BYTES_PER_CONNECTION, f"{grown} bytes for {IDLE} connections")
        slow = []
        for _ in range(SLOW):
            client = servers.Client(self.machine.broker_port)
            self.sockets.append(client.socket)
            frame = client.frame(servers.GET_MAX_OFFSET, {"topic": "T", "queueId": 0})
            client.socket.sendall(frame[:-SLOW_BYTES])
            slow.append((client, frame[-SLOW_BYTES:]))
        slowest = 0.0
        for second in range(SLOW_BYTES):
            for client, rest in slow:
                client.socket.sendall(rest[second:second + 1])
            until = time.monotonic() + 1
            while time.monotonic() < until:
                started = time.monotonic()
                busy.produce("T", b"x" * 100)
                slowest = max(slowest, time.monotonic() - started)
                time.sleep(0.01)
        self.assertLess(slowest, 1.0)
        for client, _ in slow:
            self.assertEqual(client.receive_reply()[0]["code"], 0)
        self.assertEqual(self.closed_by_peer(idle), IDLE)
        servers.eventually("their descriptors are gone",
                           lambda: open_files(self.broker.process) <= files_before + SLOW + SPARE_FILES // 10)
        print(f"{grown / IDLE:.0f} bytes a connection; slowest of others {slowest * 1000:.1f} ms", file=sys.stderr)

    def test_stops_with_all_of_them_open(self):
        idle = self.connect_idle()
        client = servers.Client(self.machine.broker_port)
        self.addCleanup(client.close)
        client.create_topic("T")
        client.produce("T", b"message")
        started = time.monotonic()
        self.broker.terminate()
        self.assertEqual(self.broker.wait(), 0, self.broker.text())
        self.assertLess(time.monotonic() - started, DRAIN_LIMIT_S, self.broker.text())
        self.assertEqual(self.closed_by_peer(idle), IDLE)


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
