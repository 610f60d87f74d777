"""What every other implementation is put through, in both roles.

A foreign peer is an object with the methods of `Foreign`; its inbox gets ("signal", description or
candidate), ("channel", channel), ("open", channel), ("message", channel, data), ("closed", channel) and
("state", name), where a channel is whatever it likes and `data` is str or bytes."""

import asyncio
import base64
import os
import random
import sys
import time
import traceback

from native import Inbox, NativePeer

BINARY = random.Random(7).randbytes(60 * 1024)
MESSAGES = [
    ("text", "hello"),
    ("text beyond ASCII", "grüße, 世界 \U0001f30d"),
    ("empty text", ""),
    ("binary", bytes(range(256))),
    ("empty binary", b""),
    ("60 KB of text", "0123456789abcdef" * 3840),
    ("60 KB of binary", BINARY),
]


class Foreign:
    """The other implementation.  Everything here may be called before the connection is up."""

    sends_empty = True
    says_goodbye = True  # when it closes the connection

    def __init__(self):
        self.inbox = Inbox("foreign")

    async def start(self):
        pass

    async def wait_for_end(self, channel):
        """Waits until it knows that the native peer closed the connection that `channel` is on."""
        await self.wait("closed", lambda closed: closed is channel)

    async def wait(self, kind, wanted=lambda *rest: True):
        item = await self.inbox.take(lambda i: i[0] == kind and wanted(*i[1:]), kind)
        return item[1] if len(item) > 1 else None


class Pair:
    def __init__(self, foreign, native_offers):
        self.foreign = foreign
        self.native_offers = native_offers
        self.native = NativePeer()

    async def connect(self, label="first"):
        """Connects with one channel, made by whoever offers.  Gives its name on either side."""
        await self.native.start()
        await self.foreign.start()
        self.carrier = asyncio.create_task(self._carry_foreign())
        if self.native_offers:
            self.native.command("channel", label=label)
            self.native.command("offer")
            offer = await self.native.wait("description", type="offer")
            await self.foreign.take_offer(offer["sdp"])
        else:
            theirs = self.foreign.create_channel(label)
            await self.foreign.make_offer()
            answer = await self.native.wait("description", type="answer")
            await self.foreign.take_answer(answer["sdp"])
        self.native.on_signal = self._carry_native
        for event in self.native.signals:
            self._carry_native(event)
        ours = (await self.native.wait("channel", label=label))["channel"]
        await self.native.wait("open", channel=ours)
        if self.native_offers:
            theirs = await self.foreign.wait("channel")
        await self.foreign.wait("open", lambda channel: channel is theirs)
        return ours, theirs

    def _carry_native(self, event):
        if event["event"] == "candidate":
            self.foreign.take_candidate(event)

    async def _carry_foreign(self):
        while True:
            item = await self.foreign.inbox._take(lambda i: i[0] == "signal")
            self.native.take_signal(item[1])

    async def close(self):
        self.carrier.cancel()
        await self.foreign.close()
        await self.native.stop()


async def check_echo_by_native(pair, ours, theirs):
    pair.native.command("echo")
    await pair.native.wait("echoing")
    for what, data in MESSAGES:
        if not data and not pair.foreign.sends_empty:
            continue
        pair.foreign.send(theirs, data)
        _, _, echoed = await pair.foreign.inbox.take(lambda i: i[0] == "message", f"echo of {what}")
        assert type(echoed) is type(data) and echoed == data, f"{what}: came back as {echoed[:80]!r}"


async def check_echo_by_foreign(pair, ours, theirs):
    for what, data in MESSAGES:
        if isinstance(data, str):
            pair.native.command("send", channel=ours, text=data)
        else:
            pair.native.command("send", channel=ours, binary_base64=base64.b64encode(data).decode())
        _, channel, received = await pair.foreign.inbox.take(lambda i: i[0] == "message", what)
        if not data and not pair.foreign.sends_empty:
            assert len(received) == 0, f"{what}: arrived as {received[:80]!r}"
            continue
        pair.foreign.send(channel, received)
        event = await pair.native.wait("message", channel=ours)
        echoed = event["text"] if "text" in event else base64.b64decode(event["binary_base64"])
        assert type(echoed) is type(data) and echoed == data, f"{what}: came back as {echoed[:80]!r}"


async def check_second_channels(pair, ours, theirs):
    """A channel from each side on a running connection."""
    pair.native.command("channel", label="from native", protocol="p", ordered=False)
    number = (await pair.native.wait("channel", label="from native"))["channel"]
    channel = await pair.foreign.wait("channel")
    assert pair.foreign.describe(channel) == ("from native", "p", False), pair.foreign.describe(channel)
    await pair.native.wait("open", channel=number)
    pair.foreign.create_channel("from foreign")
    event = await pair.native.wait("channel", label="from foreign")
    assert event["ordered"] and event["is_remote"] and event["id"] >= 0
    await pair.native.wait("open", channel=event["channel"])


async def check_channel_closed_by_native(pair, ours, theirs):
    pair.native.command("close-channel", channel=ours)
    await pair.foreign.wait("closed", lambda channel: channel is theirs)
    await pair.native.wait("closed", channel=ours)


async def check_channel_closed_by_foreign(pair, ours, theirs):
    pair.foreign.close_channel(theirs)
    await pair.native.wait("closed", channel=ours)
    await pair.foreign.wait("closed", lambda channel: channel is theirs)


async def check_id_reused(pair, ours, theirs):
    """A closed channel's id serves the next one."""
    await check_channel_closed_by_native(pair, ours, theirs)
    pair.native.command("channel", label="next")
    number = (await pair.native.wait("channel", label="next"))["channel"]
    await pair.native.wait("open", channel=number)
    channel = await pair.foreign.wait("channel", lambda c: pair.foreign.describe(c)[0] == "next")
    pair.native.command("send", channel=number, text="on the next")
    _, by, text = await pair.foreign.inbox.take(lambda i: i[0] == "message", "message")
    assert by is channel and text == "on the next"


async def check_closed_by_native(pair, ours, theirs):
    pair.native.command("close")
    await pair.native.wait("state", state="closed")
    await pair.foreign.wait_for_end(theirs)


async def check_closed_by_foreign(pair, ours, theirs):
    await pair.foreign.close()
    if not pair.foreign.says_goodbye:
        await pair.native.wait("state", state="disconnected")
        return
    await pair.native.wait("closed", channel=ours)
    await pair.native.wait("state", state="closed")
    error = await pair.native.wait("error")
    assert error["code"] == "peer-closed" and "the peer closed" in error["message"], error


CASES = [
    check_echo_by_native,
    check_echo_by_foreign,
    check_second_channels,
    check_channel_closed_by_native,
    check_channel_closed_by_foreign,
    check_id_reused,
    check_closed_by_native,
    check_closed_by_foreign,
]


async def run_case(make_foreign, native_offers, case):
    pair = Pair(make_foreign(), native_offers)
    ours, theirs = await pair.connect()
    await case(pair, ours, theirs)
    errors = pair.native.errors()
    await pair.close()
    assert not errors or case is check_closed_by_foreign, errors


async def run_all(make_foreign, native_offers, names):
    failed = []
    for case in CASES:
        if names and case.__name__ not in names:
            continue
        start = time.monotonic()
        try:
            await run_case(make_foreign, native_offers, case)
            result = "ok"
        except Exception:
            traceback.print_exc()
            failed.append(case.__name__)
            result = "FAILED"
        print(f"{result} {case.__name__} ({(time.monotonic() - start) * 1000:.0f} ms)", flush=True)
    return failed


def main(make_foreign):
    """ROLE [CASE...]: ROLE says who offers, `native` or `foreign`."""
    role, *names = sys.argv[1:]
    failed = asyncio.run(run_all(make_foreign, role == "native", names))
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # the other side's threads are not ours to wait for
