"""What a broker acknowledged, and a load that writes it down: for tests that take a broker's life.

A message is a number. Its body begins with that number and repeats it, so that whoever reads a message knows whether it was ever sent and
whether every byte is its own. The ledger knows for each number where its acknowledgement put it and where it was read, and for each place
who was read there; a later reading that differs is an error, whatever happened in between.
"""
import array
import json
import pathlib
import random
import selectors
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import servers  # noqa: E402

SEND_MESSAGE_V2 = 310
SEND_BATCH_MESSAGE = 320
NOWHERE = (1 << 64) - 1
MAX_OFFSET = (1 << 40) - 1


def place_of(queue, offset):
    return queue << 40 | offset


def place_text(place):
    return f"queue {place >> 40} offset {place & MAX_OFFSET}"


def body_of(number):
    """At least 16 bytes, mostly about 100, now and then some KiB; the size is a function of the number."""
    unit = b"%015d|" % number
    return unit * (1 + number * 7919 % 11 + (200 if number % 97 == 0 else 0))


class LedgerError(AssertionError):
    """The broker broke a promise."""


class Ledger:
    """Every message ever sent to one topic. Thread-safe where it says so."""

    def __init__(self, queues):
        self.queues = queues
        self.lock = threading.Lock()
        self.acknowledged = array.array("Q")  # By number: the place, or NOWHERE.
        self.found = array.array("Q")
        self.at = [array.array("Q") for _ in range(queues)]  # By queue and offset: the number read there, or NOWHERE.
        self.acknowledgements = 0
        self.refusals = {}  # (code, remark) to count.

    def new_numbers(self, count):
        with self.lock:
            first = len(self.acknowledged)
            for book in (self.acknowledged, self.found):
                book.extend([NOWHERE] * count)
            return first

    def acknowledge(self, first, count, queue, offset):
        with self.lock:
            for i in range(count):
                self.acknowledged[first + i] = place_of(queue, offset + i)
            self.acknowledgements += count

    def refuse(self, code, remark):
        with self.lock:
            self.refusals[code, remark] = self.refusals.get((code, remark), 0) + 1

    def read(self, queue, offset, body):
        """A message that a consumer was given. Thread-safe."""
        with self.lock:
            try:
                number = int(body[:15])
            except ValueError:
                raise LedgerError(f"{place_text(place_of(queue, offset))} holds {body[:40]!r}, which nobody sent") from None
            place = place_of(queue, offset)
            if number >= len(self.found) or body != body_of(number):
                raise LedgerError(f"{place_text(place)} holds {body[:40]!r} of {len(body)} bytes, which nobody sent")
            if self.found[number] not in (NOWHERE, place):
                raise LedgerError(f"message {number} is at {place_text(self.found[number])} and at {place_text(place)}")
            if self.acknowledged[number] not in (NOWHERE, place):
                raise LedgerError(f"message {number} was acknowledged at {place_text(self.acknowledged[number])}, is at {place_text(place)}")
            book = self.at[queue]
            while len(book) <= offset:
                book.append(NOWHERE)
            if book[offset] not in (NOWHERE, number):
                raise LedgerError(f"{place_text(place)} held message {book[offset]}, holds {number}: the offset was used again")
            book[offset] = number
            self.found[number] = place

    def expect_found(self, first=0):
        """Every acknowledged message from number `first` on has been read. The load must have stopped."""
        missing = [number for number in range(first, len(self.found))
                   if self.acknowledged[number] != NOWHERE and self.found[number] == NOWHERE]
        if missing:
            raise LedgerError(f"{len(missing)} acknowledged messages are lost, first {missing[0]}, acknowledged at "
                              f"{place_text(self.acknowledged[missing[0]])}")


def frame(code, opaque, fields, body):
    header = json.dumps({"code": code, "language": "PYTHON", "version": 515, "opaque": opaque, "flag": 0, "extFields": fields,
                         "serializeTypeCurrentRPC": "JSON"}).encode()
    return struct.pack(">II", 4 + len(header) + len(body), len(header)) + header + body


def batch_part(body):
    return struct.pack(">IIIII", 22 + len(body), 0, 0, 0, len(body)) + body + b"\0\0"


class Connection:
    """A producing connection with requests under way; opened again when it is lost."""

    def __init__(self, load, port):
        self.load = load
        self.port = port
        self.under_way = {}
        self.received = b""
        self.opaque = 0
        self.socket = socket.create_connection(("127.0.0.1", port), servers.LIMIT_S)
        self.socket.settimeout(servers.LIMIT_S)

    def fill(self):
        out = []
        while len(self.under_way) < self.load.in_flight:
            self.opaque += 1
            count = self.load.random.choice((1, 1, 1, 8))
            first = self.load.ledger.new_numbers(count)
            queue = self.load.random.randrange(self.load.ledger.queues)
            fields = {"a": "FaultProducer", "b": self.load.topic, "c": "TBW102", "d": str(self.load.ledger.queues), "e": str(queue), "f": "0",
                      "g": str(int(time.time() * 1000)), "h": "0", "i": "", "j": "0", "k": "false", "m": "true" if count > 1 else "false"}
            self.under_way[self.opaque] = (first, count, queue)
            if count == 1:
                out.append(frame(SEND_MESSAGE_V2, self.opaque, fields, body_of(first)))
            else:
                out.append(frame(SEND_BATCH_MESSAGE, self.opaque, fields, b"".join(batch_part(body_of(first + i)) for i in range(count))))
        self.socket.sendall(b"".join(out))

    def receive(self):
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("closed by the broker")
        self.received += data
        while len(self.received) >= 8:
            length, header_length = struct.unpack_from(">II", self.received)
            if len(self.received) < 4 + length:
                break
            header = json.loads(self.received[8:8 + (header_length & 0xFFFFFF)])
            self.received = self.received[4 + length:]
            if header["flag"] & 1:
                self.take(header)

    def take(self, header):
        first, count, queue = self.under_way.pop(header["opaque"])
        ledger = self.load.ledger
        if header["code"] != 0:
            ledger.refuse(header["code"], header.get("remark") or "")
            self.load.refused = True
            return
        fields = header["extFields"]
        if int(fields["queueId"]) != queue:
            raise LedgerError(f"a message for queue {queue} was acknowledged in queue {fields['queueId']}")
        ledger.acknowledge(first, count, queue, int(fields["queueOffset"]))


class Load:
    """Sends to one topic from a thread of its own until stopped. A lost connection is made again; what was under way on it stays
    unknown: it may be found, once."""

    def __init__(self, ledger, topic, port, seed, connections=4, in_flight=8, pause_s=0.0):
        self.ledger = ledger
        self.topic = topic
        self.port = port
        self.in_flight = in_flight
        self.count = connections
        self.pause_s = pause_s  # Between two rounds over the connections, to keep what must be read again small.
        self.random = random.Random(seed)
        self.stopping = False
        self.broken = None  # What ended the thread.
        self.refused = False
        self.lost_connections = 0
        self.reconnect = threading.Event()  # Set: lost connections are made again.
        self.reconnect.set()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with selectors.DefaultSelector() as selector:
                self.loop(selector)
        except LedgerError as error:
            self.broken = error

    def loop(self, selector):
        open_ones = 0
        while not self.stopping:
            while open_ones < self.count and self.reconnect.is_set() and not self.stopping:
                try:
                    connection = Connection(self, self.port)
                    connection.fill()
                except OSError:
                    time.sleep(0.01)
                    continue
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                open_ones += 1
            time.sleep(self.pause_s)
            if self.refused:
                self.refused = False
                time.sleep(0.01)  # What refuses is not asked as fast as what accepts.
            for key, _ in selector.select(0.05):
                try:
                    key.data.receive()
                    key.data.fill()
                except OSError:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    open_ones -= 1
                    self.lost_connections += 1
        for key in list(selector.get_map().values()):
            key.fileobj.close()

    def stop(self):
        self.stopping = True
        self.thread.join()
        if self.broken:
            raise self.broken


class Reader:
    """Reads a topic's queues over one connection and tells the ledger."""

    def __init__(self, ledger, topic, port):
        self.ledger = ledger
        self.topic = topic
        self.client = servers.Client(port)
        self.client.socket.settimeout(servers.LIMIT_S)

    def close(self):
        self.client.close()

    def pull(self, queue, offset):
        """Messages from `offset` on, told to the ledger; returns the next offset, or None at the end."""
        header, body = self.client.call(servers.PULL_MESSAGE, {
            "consumerGroup": "FaultConsumer", "topic": self.topic, "queueId": queue, "queueOffset": offset, "maxMsgNums": 256,
            "sysFlag": 4, "commitOffset": 0, "suspendTimeoutMillis": 0, "subscription": "*", "subVersion": 0})
        if header["code"] == 19:
            return None
        if header["code"] == 1500:
            raise ConnectionError("the broker asks its clients to leave")
        if header["code"] != 0:
            raise LedgerError(f"pull of queue {queue} from {offset}: {header}")
        at = 0
        while at < len(body):
            size = struct.unpack_from(">I", body, at)[0]
            queue_id, = struct.unpack_from(">i", body, at + 12)
            queue_offset, = struct.unpack_from(">q", body, at + 20)
            body_size, = struct.unpack_from(">I", body, at + 84)
            if (queue_id, queue_offset) != (queue, offset):
                raise LedgerError(f"asked for queue {queue} offset {offset}, was given queue {queue_id} offset {queue_offset}")
            self.ledger.read(queue, offset, body[at + 88:at + 88 + body_size])
            offset += 1
            at += size
        return offset

    def read_all(self, starts):
        """Reads every queue from its start to its end; returns the ends."""
        ends = []
        for queue, offset in enumerate(starts):
            end = self.client.max_offset(self.topic, queue)
            while offset < end:
                after = self.pull(queue, offset)
                if after is None:
                    raise LedgerError(f"queue {queue} has {end} messages, and nothing at {offset}")
                offset = after
            if end < len(self.ledger.at[queue]):
                raise LedgerError(f"queue {queue} ends at {end}, and was read up to {len(self.ledger.at[queue])} before")
            ends.append(end)
        return ends


class Follower:
    """A consumer at the end of every queue while the load runs: what it was given must never change. Ends when its connection does."""

    def __init__(self, ledger, topic, port):
        self.broken = None
        self.stopping = False
        self.reader = Reader(ledger, topic, port)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        offsets = [len(book) for book in self.reader.ledger.at]
        try:
            while not self.stopping:
                idle = True
                for queue, offset in enumerate(offsets):
                    after = self.reader.pull(queue, offset)
                    if after is not None and after != offset:
                        offsets[queue] = after
                        idle = False
                if idle:
                    time.sleep(0.005)
        except LedgerError as error:
            self.broken = error
        except (OSError, AssertionError):
            pass  # The broker is gone, or has dropped this connection.

    def stop(self):
        self.stopping = True
        self.thread.join()
        self.reader.close()
        if self.broken:
            raise self.broken
