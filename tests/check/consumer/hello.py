"""Two peers in one process, from Python: one says hello, the other prints it."""

import gi

gi.require_version("Pierce", "1.0")
from gi.repository import GLib, Pierce  # noqa: E402

loop = GLib.MainLoop()
a = Pierce.PeerConnection.new(None)
b = Pierce.PeerConnection.new(None)


def on_message(channel, kind, data):
    assert kind == Pierce.MessageType.TEXT, kind
    print(data.get_data().decode())
    loop.quit()


channels = []


def on_data_channel(peer, channel):
    channels.append(channel)
    channel.connect("message", on_message)


a.connect("ice-candidate", lambda peer, candidate: b.add_ice_candidate(candidate))
b.connect("ice-candidate", lambda peer, candidate: a.add_ice_candidate(candidate))
b.connect("data-channel", on_data_channel)

channel = a.create_data_channel("chat", None)
channel.connect("open", lambda opened: opened.send_text("hello from the other side"))

a.set_local_description(None)
b.set_remote_description(a.get_local_description())
b.set_local_description(None)
a.set_remote_description(b.get_local_description())

try:
    a.set_remote_description(b.get_local_description())
except GLib.Error as error:
    assert error.matches(Pierce.Error.quark(), Pierce.Error.INVALID_STATE), error
else:
    raise AssertionError("a second answer was taken")

loop.run()
