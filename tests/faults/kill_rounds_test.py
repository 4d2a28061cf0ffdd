#!/usr/bin/env python3
"""Kills a broker with SIGKILL under load, again and again on one store: kill_rounds_test.py BINARY [--rounds N] [--seed N]

Synchronous and asynchronous flush by turns; some brokers are killed while they start. After every death nothing acknowledged may be
missing, moved, doubled or changed, no message a consumer was given may be gone, and no queue offset may be given out again. Everything is
read once more at the end, after an orderly stop, and the store checked by `ogive store check`.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import ledger
import servers

QUEUES = 4
TOPIC = "KillRounds"
CONFIGURATION = """mappedFileSizeCommitLog=8388608
mappedFileSizeConsumeQueue=120000
fileReservedTime=720
diskSpaceCleanForciblyRatio=100
diskSpaceWarningLevelRatio=100
autoCreateTopicEnable=true
waitTimeMillsInSendQueue=30000
osPageCacheBusyTimeOutMills=30000
"""


class Rounds:
    def __init__(self, binary, seed):
        self.binary = binary
        self.random = random.Random(seed)
        self.machine = servers.Machine(binary)
        self.machine.start_name_server()
        self.words = self.machine.broker_words(self.machine.name_server_port, CONFIGURATION)
        self.file = pathlib.Path(self.words[-1])
        self.fixed = self.file.read_text()
        self.ledger = ledger.Ledger(QUEUES)
        self.starts = [0] * QUEUES
        self.first_unread = 0
        self.killed_booting = 0

    def start(self):
        return self.machine.start(*self.words)

    def wait_serving(self, broker):
        def serves():
            assert broker.process.poll() is None, broker.text()[-3000:]
            try:
                client = servers.Client(self.machine.broker_port)
            except OSError:
                return None
            client.close()
            return True
        servers.eventually("the broker serves", serves)

    def kill(self, broker):
        broker.process.send_signal(signal.SIGKILL)
        broker.process.wait()
        self.machine.forget(broker)

    def reads(self, starts):
        reader = ledger.Reader(self.ledger, TOPIC, self.machine.broker_port)
        ends = reader.read_all(starts)
        reader.close()
        return ends

    def one(self, number):
        flush = "SYNC_FLUSH" if number % 2 == 0 else "ASYNC_FLUSH"
        self.file.write_text(self.fixed + f"flushDiskType={flush}\n")
        while number > 0 and self.random.random() < 0.2:
            broker = self.start()
            time.sleep(self.random.random() * 0.1)
            self.kill(broker)
            self.killed_booting += 1
        broker = self.start()
        self.wait_serving(broker)
        if number == 0:
            client = servers.Client(self.machine.broker_port)
            client.create_topic(TOPIC, QUEUES)
            client.close()
        ends = self.reads(self.starts)
        self.ledger.expect_found(self.first_unread)
        self.first_unread = len(self.ledger.found)
        self.starts = [max(0, end - 500) for end in ends]  # Some of what was there before is read again.
        load = ledger.Load(self.ledger, TOPIC, self.machine.broker_port, self.random.random())
        follower = ledger.Follower(self.ledger, TOPIC, self.machine.broker_port)
        goal = self.ledger.acknowledgements + self.random.randrange(200, 4000)
        servers.eventually("acknowledgements", lambda: self.ledger.acknowledgements >= goal or load.broken or follower.broken)
        time.sleep(self.random.random() * 0.02)
        load.reconnect.clear()
        self.kill(broker)
        load.stop()
        follower.stop()
        if self.ledger.refusals:
            raise ledger.LedgerError(f"round {number}: refused: {self.ledger.refusals}")

    def last_look(self):
        broker = self.start()
        self.wait_serving(broker)
        self.reads([0] * QUEUES)
        self.ledger.expect_found()
        broker.terminate()
        assert broker.wait() == 0, broker.text()[-3000:]
        check = subprocess.run([self.binary, "store", "check", str(self.machine.home / "store")], capture_output=True, text=True)
        assert check.returncode == 0, check.stdout[-3000:] + check.stderr[-3000:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=200 if os.environ.get("OGIVE_FULL_TESTS") else 6)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    rounds = Rounds(str(pathlib.Path(given.binary).resolve()), given.seed)
    print(f"{given.rounds} rounds, seed {given.seed}", flush=True)
    try:
        for number in range(given.rounds):
            rounds.one(number)
            if number % 20 == 19:
                print(f"{number + 1} rounds, {rounds.ledger.acknowledgements} acknowledged", flush=True)
        rounds.last_look()
    except BaseException:
        kept = rounds.machine.home.with_name(rounds.machine.home.name + ".kept")
        subprocess.run(["cp", "-a", "--sparse=always", rounds.machine.home, kept], check=False)
        print(f"FAIL kill rounds; the store is kept in {kept}", flush=True)
        raise
    finally:
        rounds.machine.close()
    print(f"PASS kill rounds: {given.rounds} deaths under load and {rounds.killed_booting} at start, {len(rounds.ledger.found)} messages sent, "
          f"{rounds.ledger.acknowledgements} acknowledged, none lost, moved or doubled")


if __name__ == "__main__":
    main()
