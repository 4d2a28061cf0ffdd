#!/usr/bin/env python3
"""What scripts and operators rely on when they start and stop servers: lifecycle_test.py BINARY

Options and exit statuses against the recordings in tests/golden/server-start; draining on SIGTERM, its limit, the second
SIGTERM, and the refusal of a second broker on one store.
"""
import pathlib
import socket
import subprocess
import sys
import time
import unittest

import servers

BINARY = None
GOLDEN = servers.SOURCE / "tests/golden/server-start"
DRAIN_LIMIT_S = 2.0
CANNOT_START = 253


def run(*words):
    return subprocess.run([BINARY, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=servers.LIMIT_S,
                          env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"})


def printed_keys(text):
    return [line.split(" - ", 1)[1].split("=", 1)[0] for line in text.splitlines() if " - " in line]


class Options(unittest.TestCase):
    def check(self, words, status, recording):
        done = run(*words)
        self.assertEqual(done.returncode, status, done)
        for suffix, text in ((".out", done.stdout), (".err", done.stderr)):
            file = GOLDEN / (recording + suffix)
            self.assertEqual(text, file.read_text() if file.exists() else "", f"{words}: {suffix}")

    def test_help(self):
        self.check(["broker", "-h"], 0, "broker_h")
        self.check(["broker", "--help"], 0, "broker_h")
        self.check(["namesrv", "-h"], 0, "namesrv_h")

    def test_unknown_option(self):
        self.check(["broker", "--nope"], 1, "broker_unknown")
        self.check(["namesrv", "--nope"], 1, "namesrv_unknown")

    def test_slave_with_a_masters_id(self):
        machine = servers.Machine(BINARY)
        self.addCleanup(machine.close)
        file = machine.home / "bad.conf"
        file.write_text("brokerRole=SLAVE\nbrokerId=-1\n")
        done = run("broker", "-c", str(file))
        self.assertEqual(done.returncode, CANNOT_START, done)
        self.assertTrue(done.stdout.endswith((GOLDEN / "broker_badrole.out").read_text()), done.stdout)

    def test_printed_items(self):
        for option, recording in (("-p", "broker_p.out"), ("-m", "broker_m.out")):
            done = run("broker", option)
            self.assertEqual(done.returncode, 0, done)
            recorded = printed_keys((GOLDEN / recording).read_text())
            self.assertGreater(len(recorded), 5)
            missing = [key for key in recorded if key not in set(printed_keys(done.stdout))]
            self.assertEqual(missing, [], option)
        quiet = run("namesrv", "-p")  # Its items go to the log only.
        self.assertEqual((quiet.returncode, quiet.stdout), (0, ""), quiet)


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.machine = servers.Machine(BINARY)
        self.addCleanup(self.machine.close)

    def client(self, port):
        client = servers.Client(port)
        self.addCleanup(client.close)
        return client

    def drained(self, server):
        started = time.monotonic()
        server.terminate()
        status = server.wait()
        self.assertEqual(status, 0, server.text())
        self.assertLess(time.monotonic() - started, DRAIN_LIMIT_S, server.text())

    def test_boot_lines(self):
        name_server = self.machine.start_name_server()
        broker = self.machine.start(*self.machine.broker_words(self.machine.name_server_port)).wait_boot()
        self.assertIn(f"The Name Server boot success. serializeType=JSON, address 127.0.0.1:{self.machine.name_server_port}\n",
                      name_server.text())
        line = f"The broker[broker-a, 127.0.0.1:{self.machine.broker_port}] boot success. serializeType=JSON and name server is " \
               f"127.0.0.1:{self.machine.name_server_port}"
        self.assertIn(line + "\n", broker.text())
        servers.eventually("the log of the name server", lambda: "The Name Server boot success" in self.machine.log("namesrv.log"))
        for name in ("broker.log", "Broker.log"):
            servers.eventually(name, lambda name=name: line in self.machine.log(name))

    def test_broker_drains(self):
        self.machine.start_name_server()
        words = self.machine.broker_words(self.machine.name_server_port)
        broker = self.machine.start(*words).wait_boot()
        client = self.client(self.machine.broker_port)
        client.create_topic("Drained")
        for i in range(100):
            client.produce("Drained", b"message %d" % i)
        consumer = self.client(self.machine.broker_port)
        consumer.subscribe("G", "Drained")
        consumer.send_held_pull("G", "Drained", 100)
        self.assertEqual(consumer.max_offset("Drained"), 100)  # Asked behind the poll: that is parked by now.
        name_server = self.client(self.machine.name_server_port)
        self.assertIn(b'"broker-a"', name_server.ok(servers.GET_BROKER_CLUSTER_INFO)[1])
        self.drained(broker)
        answer, _ = consumer.receive_reply()  # A parked poll is answered, not cut off.
        self.assertEqual(answer["code"], 19, answer)
        self.assertNotIn(b'"broker-a"', name_server.ok(servers.GET_BROKER_CLUSTER_INFO)[1])
        self.assertFalse((self.machine.home / "store/abort").exists())

        again = self.machine.start(*words).wait_boot(times=2)
        self.assertEqual(self.client(self.machine.broker_port).max_offset("Drained"), 100)
        self.drained(again)

    def test_broker_drains_although_a_peer_does_not_read(self):
        self.machine.start_name_server()
        broker = self.machine.start(*self.machine.broker_words(self.machine.name_server_port)).wait_boot()
        deaf = self.client(self.machine.broker_port)
        deaf.create_topic("Deaf")
        for _ in range(20):
            deaf.produce("Deaf", b"x" * 500_000)
        deaf.subscribe("G", "Deaf")
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(40):
            deaf.send_held_pull("G", "Deaf", 0)
        self.drained(broker)

    def test_stops_cleanly_after_deleting_what_was_never_written(self):
        self.machine.start_name_server()
        broker = self.machine.start(*self.machine.broker_words(self.machine.name_server_port)).wait_boot()
        client = self.client(self.machine.broker_port)
        client.create_topic("NeverWritten")
        client.ok(servers.DELETE_TOPIC_IN_BROKER, {"topic": "NeverWritten"})
        client.create_topic("Written")
        client.produce("Written", b"message")
        self.drained(broker)
        self.assertNotIn(" ERROR ", self.machine.log("broker.log"))

    def test_name_server_drains(self):
        server = self.machine.start_name_server()
        self.client(self.machine.name_server_port).ok(servers.GET_BROKER_CLUSTER_INFO)
        self.drained(server)

    def test_second_signal_ends_at_once(self):
        # A name server that takes the connection and says nothing keeps the broker in its drain.
        silent = socket.create_server(("127.0.0.1", servers.free_ports([0])))
        self.addCleanup(silent.close)
        broker = self.machine.start(*self.machine.broker_words(silent.getsockname()[1])).wait_boot()
        broker.terminate()
        servers.eventually("the drain has begun", lambda: "stopping on signal" in self.machine.log("broker.log"))
        self.assertIsNone(broker.process.poll(), "the drain was too quick for this test")
        started = time.monotonic()
        broker.terminate()
        self.assertEqual(broker.wait(), 1)
        self.assertLess(time.monotonic() - started, 0.5)

    def test_drain_is_bounded_without_an_answering_name_server(self):
        silent = socket.create_server(("127.0.0.1", servers.free_ports([0])))
        self.addCleanup(silent.close)
        broker = self.machine.start(*self.machine.broker_words(silent.getsockname()[1])).wait_boot()
        self.drained(broker)

    def test_second_broker_on_one_store_is_refused(self):
        self.machine.start_name_server()
        first = self.machine.start(*self.machine.broker_words(self.machine.name_server_port)).wait_boot()
        port = self.machine.broker_port
        words = self.machine.broker_words(self.machine.name_server_port)
        second = subprocess.run([BINARY, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=servers.LIMIT_S,
                                env={"HOME": str(self.machine.home)})
        self.assertEqual(second.returncode, CANNOT_START, second)
        self.assertRegex(second.stderr, r"The broker did not start: .*store.*", second)
        self.assertIn(str(self.machine.home / "store"), second.stderr)
        self.assertEqual(len(second.stderr.strip().splitlines()), 1, second.stderr)
        self.client(port).create_topic("StillServed")
        self.drained(first)


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
