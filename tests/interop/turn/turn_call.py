#!/usr/bin/python3
"""turn_call [CASE...]: native peers that meet on a real coturn.

coturn has a network namespace of its own at the other end of the veth pair that scripts/with-address made."""

import asyncio
import base64
import hashlib
import hmac
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
sys.dont_write_bytecode = True

from native import DEADLINE_S, NativePeer  # noqa: E402

SERVER = "203.0.113.1"
HOST_ADDRESSES = ("10.99.0.1", "fd99::1")  # scripts/with-address gives us these
PASSWORD = "rosebud"
SECRET = "a secret between the servers"
COMMON = f"""
listening-ip={SERVER}
relay-ip={SERVER}
listening-port=3478
realm=turn.example
no-tls
no-dtls
no-cli
verbose
"""
STATIC = f"lt-cred-mech\nuser=alice:{PASSWORD}\n"
SHARED_SECRET = f"use-auth-secret\nstatic-auth-secret={SECRET}\n"


def timed_credentials():
    username = f"{int(time.time()) + 600}:alice"
    digest = hmac.new(SECRET.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def relay_only(transport="udp", username="alice", credential=PASSWORD, port=3478):
    uri = f"turn:{SERVER}:{port}?transport={transport}"
    return {"policy": "relay", "ice_servers": [{"uri": uri, "username": username, "credential": credential}]}


class ServerHost:
    """A namespace with the address SERVER, which lives as long as the process that holds it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo there; read _"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.enter = ["nsenter", "--net", "--target", str(self.holder.pid)]
        run = [["ip", "link", "set", "pierce1", "netns", str(self.holder.pid)],
               [*self.enter, "ip", "address", "add", f"{SERVER}/24", "dev", "pierce1"],
               [*self.enter, "ip", "link", "set", "lo", "up"],
               [*self.enter, "ip", "link", "set", "pierce1", "up"],
               [*self.enter, "ip", "route", "add", "10.99.0.0/24", "dev", "pierce1"],
               ["ip", "route", "add", "203.0.113.0/24", "dev", "pierce0"]]
        for command in run:
            subprocess.run(command, check=True)

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()


class Coturn:
    host = None

    def __init__(self, configuration):
        self.directory = tempfile.TemporaryDirectory(prefix="pierce-turn-")
        path = Path(self.directory.name)
        self.file = path / "turnserver.conf"
        self.file.write_text(f"{COMMON}{configuration}userdb={path}/turndb\npidfile={path}/pid\n")
        self.log = []

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.host.enter, "stdbuf", "-oL", "turnserver", "-c", str(self.file), "--log-file", "stdout", "--simple-log",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        listening = asyncio.Event()
        self.reader = asyncio.create_task(self._read(listening))
        try:
            await asyncio.wait_for(listening.wait(), DEADLINE_S)
        except asyncio.TimeoutError:
            await self.__aexit__()
            raise AssertionError("coturn did not start:\n" + "".join(self.log)) from None
        return self

    async def _read(self, listening):
        waiting_for = {"TCP"} if "no-udp\n" in self.file.read_text() else {"UDP", "TCP"}
        async for line in self.process.stdout:
            self.log.append(line.decode(errors="replace"))
            opened = re.search(r"(UDP|TCP) listener opened on", self.log[-1])
            waiting_for -= {opened.group(1)} if opened else set()
            if not waiting_for:
                listening.set()

    async def __aexit__(self, *_):
        self.process.kill()
        await self.process.wait()
        await self.reader
        self.directory.cleanup()


class Call:
    """An offerer and an answerer that hear each other's descriptions and candidates."""

    def __init__(self, offerer, answerer):
        self.configurations = {"offerer": offerer, "answerer": answerer}

    async def __aenter__(self):
        self.offerer = await NativePeer("offerer").start(**self.configurations["offerer"])
        self.answerer = await NativePeer("answerer").start(**self.configurations["answerer"])
        self.offerer.on_signal = self.answerer.take_signal
        self.answerer.on_signal = self.offerer.take_signal
        self.offerer.command("channel", label="relayed")
        self.offerer.command("offer")
        return self

    async def __aexit__(self, kind, *_):
        if kind:
            for peer in (self.offerer, self.answerer):
                print(f"    {peer.name}: errors {peer.errors()}")
        await self.offerer.stop()
        await self.answerer.stop()

    async def exchange(self):
        """Text one way and bytes the other."""
        there = (await self.offerer.wait("channel"))["channel"]
        here = (await self.answerer.wait("channel"))["channel"]
        await self.offerer.wait("open")
        self.offerer.command("send", channel=there, text="through the relay")
        await self.answerer.wait("message", channel=here, text="through the relay")
        data = base64.b64encode(bytes(range(256)) * 200).decode()
        self.answerer.command("send", channel=here, binary_base64=data)
        await self.offerer.wait("message", channel=there, binary_base64=data)


async def stats_of(peer):
    peer.command("stats")
    return await peer.wait("stats")


def candidate_lines(peer):
    for event in peer.signals:
        if event["event"] == "candidate":
            yield event["candidate"]
        else:
            yield from re.findall(r"(?m)^a=(candidate:.*?)\r?$", event["sdp"])


def check_discloses_nothing(peer):
    lines = [line for line in candidate_lines(peer) if line]
    assert lines, f"{peer.name} told of no candidate"
    for line in lines:
        assert " typ relay" in line, f"{peer.name} told of {line}"
        assert f" {SERVER} " in line, f"{peer.name}: not the relay's address: {line}"
        assert " raddr 0.0.0.0 rport " in line, f"{peer.name}: the related address is not hidden: {line}"
        assert int(line.split(" rport ")[1].split()[0]) in (0, 9), f"{peer.name}: the port is told: {line}"
    text = str(peer.signals)
    told = [address for address in HOST_ADDRESSES if address in text]
    assert not told, f"{peer.name} told of its own address {told}"


async def check_both_relayed(configuration, transport="udp"):
    async with Call(configuration, configuration) as call:
        await call.exchange()
        for peer in (call.offerer, call.answerer):
            stats = await stats_of(peer)
            assert (stats["local_type"], stats["remote_type"]) == ("relay", "relay"), stats
            check_discloses_nothing(peer)


async def relayed_with_static_credentials():
    async with Coturn(STATIC):
        await check_both_relayed(relay_only())


async def relayed_with_timed_credentials():
    username, credential = timed_credentials()
    async with Coturn(SHARED_SECRET):
        await check_both_relayed(relay_only(username=username, credential=credential))


async def relayed_over_tcp():
    async with Coturn(STATIC + "no-udp\n"):
        await check_both_relayed(relay_only("tcp"))


async def relayed_on_one_side_only():
    async with Coturn(STATIC):
        for offerer, answerer in ((relay_only(), {}), ({}, relay_only())):
            async with Call(offerer, answerer) as call:
                await call.exchange()
                relayed, direct = (call.offerer, call.answerer) if offerer else (call.answerer, call.offerer)
                stats = await stats_of(relayed)
                assert stats["local_type"] == "relay", stats
                stats = await stats_of(direct)
                assert stats["remote_type"] == "relay" and stats["local_type"] != "relay", stats
                check_discloses_nothing(relayed)


async def check_fails_saying(configuration, *words):
    """Only the offerer is configured so: it is its error that has to help."""
    async with Call(configuration, {}) as call:
        await call.offerer.wait("state", state="failed")
        event = await call.offerer.wait("error")
        print(f"    it says: {event['message']}")
        for word in words:
            assert re.search(word, event["message"], re.I), f"nothing of {word} in: {event['message']}"


async def a_wrong_password_is_named():
    async with Coturn(STATIC):
        await check_fails_saying(relay_only(credential="wrong"), f"TURN server turn:{SERVER}:3478", "password")


async def a_silent_server_is_named():
    await check_fails_saying(relay_only(port=3479), f"TURN server turn:{SERVER}:3479", "cannot be reached")


CASES = [
    relayed_with_static_credentials,
    relayed_with_timed_credentials,
    relayed_over_tcp,
    relayed_on_one_side_only,
    a_wrong_password_is_named,
    a_silent_server_is_named,
]


async def main(names):
    failed = False
    for case in CASES:
        if names and case.__name__ not in names:
            continue
        start = time.monotonic()
        try:
            await case()
            result = "ok"
        except Exception:
            traceback.print_exc()
            result, failed = "FAILED", True
        print(f"{result} {case.__name__} ({(time.monotonic() - start) * 1000:.0f} ms)", flush=True)
    return 1 if failed else 0


if not shutil.which("turnserver"):
    print("skipped: coturn is not there: apt-get install coturn")
    sys.exit(77)
Coturn.host = ServerHost()
code = asyncio.run(main(sys.argv[1:]))
Coturn.host.close()
sys.exit(code)
