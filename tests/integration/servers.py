"""Starts ogive's servers as processes for the tests of this folder, and speaks just enough of the remoting protocol to them.

Every server listens on 127.0.0.1 and has a directory of its own as HOME; whatever a test started is ended by process id.
INTEROP_PORTS=FIRST-LAST narrows the ports used.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIMIT_S = 30  # For anything that should happen at once; a loaded machine is no failure.

UPDATE_AND_CREATE_TOPIC = 17
SEND_MESSAGE = 10
PULL_MESSAGE = 11
GET_MAX_OFFSET = 30
HEART_BEAT = 34
GET_BROKER_CLUSTER_INFO = 106
DELETE_TOPIC_IN_BROKER = 215


def eventually(what, condition, limit_s=LIMIT_S):
    """Polls until `condition` is true and returns its value; AssertionError after the limit."""
    deadline = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"after {limit_s} s still not: {what}"
        time.sleep(0.01)


def can_bind(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(offsets):
    """A port p such that p + each offset is free, below Linux's ephemeral range."""
    first, last = (int(word) for word in os.environ.get("INTEROP_PORTS", "20000-31990").split("-"))
    for _ in range(200):
        port = random.randrange(first, last - max(offsets))
        if all(can_bind(port + offset) for offset in offsets):
            return port
    raise AssertionError(f"no free ports between {first} and {last}")


class Server:
    """One `ogive namesrv` or `ogive broker` process."""

    def __init__(self, binary, words, home, extra):
        self.output = open(home / f"{words[0]}.out", "ab+")
        environment = {**os.environ, "HOME": str(home), "ROCKETMQ_HOME": str(home), **extra}
        environment.pop("NAMESRV_ADDR", None)
        self.process = subprocess.Popen([binary, *words], env=environment, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=subprocess.STDOUT)

    def text(self):
        self.output.seek(0)
        return self.output.read().decode()

    def wait_boot(self, times=1):
        def booted():
            assert self.process.poll() is None, self.text()
            return self.text().count("boot success") >= times
        eventually("the boot line", booted)
        return self

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        return self.process.wait(LIMIT_S)


class Machine:
    """A temporary HOME and the servers in it."""

    def __init__(self, binary):
        self.binary = binary
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="ogive-test."))
        self.servers = []

    def close(self):
        for server in reversed(self.servers):
            if server.process.poll() is None:
                server.process.kill()
            server.process.wait()
            server.output.close()
        shutil.rmtree(self.home)

    def start(self, *words, **environment):
        self.servers.append(Server(self.binary, words, self.home, environment))
        return self.servers[-1]

    def forget(self, server):
        """Lets go of a server that has ended: tests that start hundreds of them keep no descriptors."""
        server.output.close()
        self.servers.remove(server)

    def start_name_server(self):
        self.name_server_port = free_ports([0])
        file = self.home / "namesrv.conf"
        file.write_text(f"bindAddress=127.0.0.1\nlistenPort={self.name_server_port}\n")
        return self.start("namesrv", "-c", str(file)).wait_boot()

    def broker_words(self, name_server_port, extra=""):
        self.broker_port = free_ports([-2, 0, 1])
        file = self.home / f"broker-{self.broker_port}.conf"
        file.write_text(f"brokerName=broker-a\nbrokerIP1=127.0.0.1\nbindAddress=127.0.0.1\nlistenPort={self.broker_port}\n"
                        f"haListenPort={self.broker_port + 1}\nnamesrvAddr=127.0.0.1:{name_server_port}\n"
                        f"storePathRootDir={self.home}/store\nmappedFileSizeCommitLog=67108864\n{extra}")
        return "broker", "-c", str(file)

    def log(self, name):
        return (self.home / "logs/rocketmqlogs" / name).read_text()


class Client:
    """One connection with JSON headers; requests are answered in order."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        self.opaque = 0

    def close(self):
        self.socket.close()

    def frame(self, code, fields=None, body=b""):
        self.opaque += 1
        fields = {key: str(value) for key, value in (fields or {}).items()}
        header = json.dumps({"code": code, "language": "PYTHON", "version": 515, "opaque": self.opaque, "flag": 0,
                             "extFields": fields, "serializeTypeCurrentRPC": "JSON"}).encode()
        return struct.pack(">II", 4 + len(header) + len(body), len(header)) + header + body

    def send(self, code, fields=None, body=b""):
        self.socket.sendall(self.frame(code, fields, body))

    def receive(self):
        length, header_length = struct.unpack(">II", self.exactly(8))
        rest = self.exactly(length - 4)
        return json.loads(rest[:header_length & 0xFFFFFF]), rest[header_length & 0xFFFFFF:]

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            assert piece, "the server closed the connection"
            data += piece
        return data

    def call(self, code, fields=None, body=b""):
        self.send(code, fields, body)
        return self.receive_reply()

    def receive_reply(self):
        while True:
            header, answer = self.receive()
            if header["flag"] & 1:  # Not a request of the server's own.
                return header, answer

    def ok(self, code, fields=None, body=b""):
        header, answer = self.call(code, fields, body)
        assert header["code"] == 0, header
        return header, answer

    def create_topic(self, topic, queues=1):
        self.ok(UPDATE_AND_CREATE_TOPIC, {"topic": topic, "defaultTopic": "TBW102", "readQueueNums": queues, "writeQueueNums": queues,
                                          "perm": 6, "topicFilterType": "SINGLE_TAG", "topicSysFlag": 0, "order": "false"})

    def message_fields(self, topic, queue=0):
        return {"producerGroup": "P", "topic": topic, "defaultTopic": "TBW102", "defaultTopicQueueNums": 4, "queueId": queue, "sysFlag": 0,
                "bornTimestamp": int(time.time() * 1000), "flag": 0, "properties": "", "reconsumeTimes": 0, "unitMode": "false",
                "batch": "false"}

    def produce(self, topic, body, queue=0):
        self.ok(SEND_MESSAGE, self.message_fields(topic, queue), body)

    def subscribe(self, group, topic):
        beat = {"clientID": "127.0.0.1@python", "producerDataSet": [],
                "consumerDataSet": [{"groupName": group, "consumeType": "CONSUME_PASSIVELY", "messageModel": "CLUSTERING",
                                     "consumeFromWhere": "CONSUME_FROM_FIRST_OFFSET", "unitMode": False,
                                     "subscriptionDataSet": [{"topic": topic, "subString": "*", "classFilterMode": False, "tagsSet": [],
                                                              "codeSet": [], "subVersion": 1, "expressionType": "TAG"}]}]}
        self.ok(HEART_BEAT, body=json.dumps(beat).encode())

    def send_held_pull(self, group, topic, offset, hold_ms=20_000):
        self.send(PULL_MESSAGE, {"consumerGroup": group, "topic": topic, "queueId": 0, "queueOffset": offset, "maxMsgNums": 32,
                                 "sysFlag": 2, "commitOffset": 0, "suspendTimeoutMillis": hold_ms, "subVersion": 1})

    def max_offset(self, topic, queue=0):
        return int(self.ok(GET_MAX_OFFSET, {"topic": topic, "queueId": queue})[0]["extFields"]["offset"])
