#!/usr/bin/env python3
"""Throughput between pierce and Chromium, both ways, beside what Chromium does with itself in the same rounds.

Usage: scripts/with-address tests/bench/browser.py build/release/tests/bench/pierce-bench [ROUNDS [SECONDS]]

Needs what the browser tests need: chromium, node, and playwright-core in tests/interop/node_modules.
"""

import pathlib
import select
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SIZES = [1024, 16384, 65536]
HIGH_WATER_BYTES = 1 << 20
DEADLINE_S = 30
WARM_UP_S = 1.0


class Peer:
    """One process that obeys peers/PROTOCOL.md; what it says of descriptions and candidates goes to its other."""

    def __init__(self, arguments):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.text = b""
        self.lines = []
        self.other = None

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")

    def read(self):
        chunk = self.process.stdout.read(1 << 16)
        if not chunk:
            raise RuntimeError(f"{self.process.args[-1]} ended")
        *lines, self.text = (self.text + chunk).split(b"\n")
        for line in map(bytes.decode, lines):
            word, _, rest = line.partition(" ")
            if word == "error":
                raise RuntimeError(line)
            if word == "local":
                self.other.tell(f"remote {rest}")
            elif word == "candidate":
                self.other.tell(line)
            else:
                self.lines.append(line.split(" "))

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


def turn(peers, seconds):
    readable, _, _ = select.select([p.process.stdout for p in peers], [], [], max(seconds, 0))
    for peer in peers:
        if peer.process.stdout in readable:
            peer.read()


def wait(peers, peer, word):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        for words in peer.lines:
            if words[0] == word:
                peer.lines.remove(words)
                return words
        turn(peers, deadline - time.monotonic())
    raise RuntimeError(f"{peer.process.args[-1]} did not say {word} within {DEADLINE_S} s")


def rest(peers, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        turn(peers, deadline - time.monotonic())


def count(peers, peer):
    peer.tell("counts c")
    words = wait(peers, peer, "counts")
    return float(words[4]), float(words[5])


def measure(sender, receiver, size, seconds):
    """MB/s of one connection, counted where it arrives."""
    peers = [Peer(sender), Peer(receiver)]
    peers[0].other, peers[1].other = peers[1], peers[0]
    try:
        for peer in peers:
            wait(peers, peer, "ready")
        peers[1].tell("connect c answer")
        peers[0].tell("connect c reliable")
        for peer in peers:
            wait(peers, peer, "open")
        peers[0].tell(f"flood c {size} {HIGH_WATER_BYTES}")
        rest(peers, WARM_UP_S)
        bytes_before, time_before = count(peers, peers[1])
        rest(peers, seconds)
        bytes_after, time_after = count(peers, peers[1])
        return (bytes_after - bytes_before) / (time_after - time_before)
    finally:
        for peer in peers:
            peer.end()


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 2.0
    pierce = [sys.argv[1], "--as-peer"]
    chromium = ["node", str(HERE / "peers/browser/chromium.mjs")]
    kinds = {"pierce to Chromium": (pierce, chromium), "Chromium to pierce": (chromium, pierce),
             "Chromium to Chromium": (chromium, chromium)}
    # Chromium offers only the addresses that a default route would use; with-address made the device.
    subprocess.run(["ip", "route", "add", "default", "dev", "pierce0"], check=False)
    rates = {(size, name): [] for size in SIZES for name in kinds}
    for number in range(rounds):
        for size in SIZES:
            for name, (sender, receiver) in kinds.items():
                rate = measure(sender, receiver, size, seconds)
                rates[size, name].append(rate)
                print(f"round {number + 1} of {rounds}, {size} B, {name}: {rate:.1f} MB/s", file=sys.stderr, flush=True)
    base = "Chromium to Chromium"
    print("| message | direction | MB/s (median) | lowest | of Chromium to Chromium |\n|---|---|---|---|---|")
    for (size, name), values in rates.items():
        ratio = statistics.median(a / b for a, b in zip(values, rates[size, base]))
        print(f"| {size} B | {name} | {statistics.median(values):.1f} | {min(values):.1f} | {ratio:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
