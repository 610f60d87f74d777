"""Drives the native peer, tests/support/bare-peer.c, which says at its top what it understands."""

import asyncio
import json
import os
from pathlib import Path

DEADLINE_S = 20
MAX_TURNS = 10000  # of the main loop; ten times what a test needs
BUILT = Path(__file__).parents[3] / "build/release/tests/interop/bare-peer"
BINARY = os.environ.get("PIERCE_BARE_PEER", BUILT)


class Inbox:
    """What came in and was not asked for yet; whoever asks waits until it is there."""

    def __init__(self, name):
        self.name = name
        self.items = []
        self.history = []
        self.arrived = asyncio.Event()

    def put(self, item):
        self.items.append(item)
        self.history.append(item)
        self.arrived.set()

    async def take(self, wanted, what):
        try:
            return await asyncio.wait_for(self._take(wanted), DEADLINE_S)
        except asyncio.TimeoutError:
            seen = "\n".join(f"    {str(item)[:300]}" for item in self.history)
            raise AssertionError(f"{self.name}: no {what} within {DEADLINE_S} s; it had\n{seen}") from None

    async def _take(self, wanted):
        while True:
            for item in self.items:
                if wanted(item):
                    self.items.remove(item)
                    return item
            self.arrived.clear()
            await self.arrived.wait()


class NativePeer:
    def __init__(self, name="native"):
        self.name = name
        self.inbox = Inbox(name)
        self.on_signal = None  # called with each description and candidate
        self.signals = []  # those that came before somebody listened

    async def start(self, **configuration):
        self.process = await asyncio.create_subprocess_exec(
            BINARY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 22)
        self.reader = asyncio.create_task(self._read())
        if configuration:
            self.command("configure", **configuration)
        return self

    async def _read(self):
        async for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] in ("description", "candidate"):
                self.signals.append(event)
                if self.on_signal:
                    self.on_signal(event)
            self.inbox.put(event)
        self.inbox.put({"event": "exit"})

    def command(self, name, **arguments):
        self.process.stdin.write((json.dumps({"cmd": name, **arguments}) + "\n").encode())

    def take_signal(self, event):
        """Hands on what the other side's `on_signal` was called with."""
        self.command(**{"name": event["event"], **{k: v for k, v in event.items() if k != "event"}})

    async def wait(self, name, **fields):
        def wanted(event):
            return event["event"] == name and all(event.get(k) == v for k, v in fields.items())
        return await self.inbox.take(wanted, f"{name} {fields or ''}")

    def errors(self):
        return [e["message"] for e in self.inbox.history if e["event"] == "error"]

    async def stop(self):
        """Ends it and says whether it ended well: a sanitizer's finding shows here."""
        self.process.stdin.close()
        code = await asyncio.wait_for(self.process.wait(), DEADLINE_S)
        await self.reader
        assert code == 0, f"{self.name}: ended with {code}"
        turns = (await self.wait("end"))["turns"]
        assert turns < MAX_TURNS, f"{self.name}: its loop turned {turns} times: it was spinning"
