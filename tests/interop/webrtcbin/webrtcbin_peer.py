#!/usr/bin/python3
"""webrtcbin ROLE [CASE...]: GStreamer's webrtcbin against the native peer; see cases.py.

webrtcbin calls back on threads of its own; everything is handed to asyncio's loop."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
sys.dont_write_bytecode = True
os.environ["GST_REGISTRY_UPDATE"] = "no"
PACKAGES = "python3-gi gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-plugins-bad gstreamer1.0-nice"


def skip(why):
    print(f"skipped: {why}: apt-get install {PACKAGES}")
    sys.exit(77)


try:
    import gi
    for name in ("Gst", "GstSdp", "GstWebRTC"):
        gi.require_version(name, "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC
except (ImportError, ValueError) as missing:
    skip(f"GStreamer's bindings are not there ({missing})")

import asyncio  # noqa: E402

import cases  # noqa: E402

Gst.init(None)
if not all(Gst.ElementFactory.find(name) for name in ("webrtcbin", "nicesrc", "sctpenc", "dtlsenc")):
    skip("GStreamer has no webrtcbin with ICE, DTLS and SCTP")

TYPES = {"offer": GstWebRTC.WebRTCSDPType.OFFER, "answer": GstWebRTC.WebRTCSDPType.ANSWER}


class Webrtcbin(cases.Foreign):
    # GStreamer 1.22 hands an empty buffer to its SCTP encoder, which gives up, and has no call to close a
    # connection: its pipeline just stops.
    sends_empty = False
    says_goodbye = False

    async def start(self):
        self.loop = asyncio.get_running_loop()
        self.pipeline = Gst.Pipeline.new(None)
        self.element = Gst.ElementFactory.make("webrtcbin")
        self.element.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.element.connect("on-ice-candidate", self.on_ice_candidate)
        self.element.connect("on-data-channel", self.on_data_channel)
        self.element.connect("notify::connection-state", self.on_state)
        self.pipeline.add(self.element)
        self.pipeline.set_state(Gst.State.PLAYING)

    def put(self, *item):
        self.loop.call_soon_threadsafe(self.inbox.put, item)

    def on_ice_candidate(self, element, index, candidate):
        self.put("signal", {"event": "candidate", "candidate": candidate, "sdpMLineIndex": index})

    def on_state(self, element, spec):
        self.put("state", element.get_property("connection-state").value_nick)

    def on_data_channel(self, element, channel):
        self.watch(channel)
        self.put("channel", channel)
        if channel.get_property("ready-state") == GstWebRTC.WebRTCDataChannelState.OPEN:
            self.put("open", channel)

    def watch(self, channel):
        channel.connect("on-open", lambda c: self.put("open", channel))
        channel.connect("on-message-string", lambda c, text: self.put("message", channel, text or ""))
        channel.connect("on-message-data",
                        lambda c, data: self.put("message", channel, data.get_data() if data else b""))
        channel.connect("on-close", lambda c: self.put("closed", channel))

    def create_channel(self, label):
        channel = self.element.emit("create-data-channel", label, None)
        self.watch(channel)
        return channel

    def describe(self, channel):
        return tuple(channel.get_property(name) for name in ("label", "protocol", "ordered"))

    async def ask(self, signal, *arguments):
        """Emits an action signal whose last argument is a promise, and waits for that."""
        answer = self.loop.create_future()

        def on_change(promise):
            reply = promise.get_reply()
            self.loop.call_soon_threadsafe(answer.set_result, reply.copy() if reply else None)
        self.element.emit(signal, *arguments, Gst.Promise.new_with_change_func(on_change))
        return await asyncio.wait_for(answer, 10)

    async def make_description(self, kind):
        reply = await self.ask(f"create-{kind}", None)
        description = reply.get_value(kind)
        text = description.sdp.as_text()
        await self.ask("set-local-description", description)
        self.inbox.put(("signal", {"event": "description", "type": kind, "sdp": text}))

    async def set_remote(self, kind, text):
        _, message = GstSdp.SDPMessage.new_from_text(text)
        await self.ask("set-remote-description",
                       GstWebRTC.WebRTCSessionDescription.new(TYPES[kind], message))

    async def make_offer(self):
        await self.make_description("offer")

    async def take_offer(self, sdp):
        await self.set_remote("offer", sdp)
        await self.make_description("answer")

    async def take_answer(self, sdp):
        await self.set_remote("answer", sdp)

    def take_candidate(self, event):
        if event["candidate"]:
            self.element.emit("add-ice-candidate", event["sdpMLineIndex"], event["candidate"])

    def send(self, channel, data):
        if isinstance(data, str):
            channel.emit("send-string", data)
        else:
            channel.emit("send-data", GLib.Bytes.new(data))

    def close_channel(self, channel):
        channel.emit("close")

    async def wait_for_end(self, channel):
        """Its channels stay open: only the DTLS transport tells."""
        closed = asyncio.Event()
        dtls = self.element.get_property("sctp-transport").get_property("transport")

        def look(*_):
            if dtls.get_property("state") == GstWebRTC.WebRTCDTLSTransportState.CLOSED:
                self.loop.call_soon_threadsafe(closed.set)
        dtls.connect("notify::state", look)
        look()
        await asyncio.wait_for(closed.wait(), 20)

    async def close(self):
        await self.loop.run_in_executor(None, self.pipeline.set_state, Gst.State.NULL)


cases.main(Webrtcbin)
