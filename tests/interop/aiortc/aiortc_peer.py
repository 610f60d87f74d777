#!/usr/bin/python3
"""aiortc ROLE [CASE...]: aiortc against the native peer; see cases.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
sys.dont_write_bytecode = True

try:
    import aiortc
    from aiortc.sdp import candidate_from_sdp
except ImportError as missing:
    print(f"skipped: aiortc is not there ({missing}): apt-get install python3-aiortc")
    sys.exit(77)

import asyncio  # noqa: E402

import cases  # noqa: E402


class Aiortc(cases.Foreign):
    def __init__(self):
        super().__init__()
        self.connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self.connection.on("datachannel", self.on_datachannel)
        self.connection.on("connectionstatechange", self.on_state)

    def on_state(self):
        self.inbox.put(("state", self.connection.connectionState))

    def on_datachannel(self, channel):
        self.watch(channel)
        self.inbox.put(("channel", channel))
        self.inbox.put(("open", channel))

    def watch(self, channel):
        channel.on("open", lambda: self.inbox.put(("open", channel)))
        channel.on("message", lambda data: self.inbox.put(("message", channel, data)))
        channel.on("close", lambda: self.inbox.put(("closed", channel)))

    def create_channel(self, label):
        channel = self.connection.createDataChannel(label)
        self.watch(channel)
        return channel

    def describe(self, channel):
        return channel.label, channel.protocol, channel.ordered

    async def tell_description(self, description):
        await self.connection.setLocalDescription(description)  # gathers all candidates first
        local = self.connection.localDescription
        self.inbox.put(("signal", {"event": "description", "type": local.type, "sdp": local.sdp}))

    async def make_offer(self):
        await self.tell_description(await self.connection.createOffer())

    async def take_offer(self, sdp):
        await self.connection.setRemoteDescription(aiortc.RTCSessionDescription(sdp, "offer"))
        await self.tell_description(await self.connection.createAnswer())

    async def take_answer(self, sdp):
        await self.connection.setRemoteDescription(aiortc.RTCSessionDescription(sdp, "answer"))

    def take_candidate(self, event):
        if not event["candidate"]:
            return
        candidate = candidate_from_sdp(event["candidate"].removeprefix("candidate:"))
        candidate.sdpMid = event.get("sdpMid")
        candidate.sdpMLineIndex = event["sdpMLineIndex"]
        asyncio.ensure_future(self.connection.addIceCandidate(candidate))

    def send(self, channel, data):
        channel.send(data)

    def close_channel(self, channel):
        channel.close()

    async def close(self):
        await self.connection.close()


cases.main(Aiortc)
