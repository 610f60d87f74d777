"""What the rules know about this tree.  A new file or dependency that a rule refuses is either wrong, or
belongs in here with a reason."""

# Pure files: bytes, state and "now" in; bytes, state and next deadline out.  Stem -> its unit test's
# name where that is not the file's own.
PURE = {
    "ice/wire": "dcep",  # header only; every codec's test goes through it
    "ice/address": None,
    "ice/candidate": None,
    "ice/ice-server": None,
    "ice/mdns-message": None,
    "apps/pierce/bench-message": None,
    "datachannel/channel-table": None,
    "datachannel/connection-state": None,
    "datachannel/crc32c": None,
    "datachannel/dcep": None,
    "datachannel/dtls-filter": None,
    "datachannel/sdp": None,
    "datachannel/sdp-negotiate": None,
    "datachannel/sdp-remote": None,
    "datachannel/sdp-section": None,
    "datachannel/packet-batch": "sctp-bundle",  # header only
    "datachannel/path-mtu": None,
    "datachannel/sctp-bundle": None,
    "datachannel/sctp-packet": None,
    "datachannel/sctp-snap": None,
    "datachannel/send-share": None,
    "datachannel/sent-queue": None,
    "datachannel/text": None,
    "datachannel/signaling-state": None,
    "signaling/client-state": None,
    "signaling/message": None,
    "signaling/server/address-count": None,
    "signaling/server/auth": None,
    "signaling/server/http-request": None,
    "signaling/server/registry": "registry-memory",  # header only
    "signaling/server/registry-memory": None,
    "signaling/server/router": None,
    "signaling/server/metrics": None,
    "signaling/server/session": None,
    "signaling/server/stun-message": None,
    "signaling/server/turn-credential": None,
    "signaling/server/ws-frame": None,
    "signaling/outbox": None,
    "signaling/message-build": "message",
}

# Headers a pure file may include besides those of other pure files.
PURE_SYSTEM_HEADERS = {
    "glib.h", "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdlib.h", "string.h",
}

# Files that look pure and need no unit test of their own, with the reason.
PURE_PART = {
    "datachannel/session-description": "a type and a text, which the tests of its users cover",
}

# Public headers of plain enumerations, which pure files share with their users.
PURE_PROJECT_HEADERS = {"datachannel/types.h"}

# What a single pure file may include beyond that.
PURE_EXTRAS = {
    "ice/address.c": ["arpa/inet.h"],  # inet_pton and inet_ntop, which touch no network
}

# Third-party header (a prefix) -> the files that wrap that library.
WRAPPERS = {
    "nice/": ["ice/candidate-nice.h", "ice/ice-agent.c", "ice/nice-path.h", "ice/udp-path.c"],
    "stun/": [],
    "agent.h": [],
    "usrsctp.h": [
        "datachannel/sctp-engine.c",
        "datachannel/sctp-association.c",
        "datachannel/sctp-socket.h",
    ],
    "openssl/": [
        "datachannel/certificate-key.h", "datachannel/certificate-spare.c",
        "datachannel/certificate.c", "datachannel/dtls-context.h",
        "datachannel/dtls-transport-internal.h", "datachannel/dtls-transport-path.c",
        "datachannel/dtls-transport.c",
        "signaling/server/tls.c",
    ],
    "libwebsockets.h": [],
    "libsoup/": ["signaling/ws-client.c"],
    "cjson/": ["signaling/message.c", "signaling/message-build.c"],
    "cJSON.h": [],
    "hiredis/": [],
}

# Parsers of what strangers send: the name of the fuzz target and of its corpus.
FUZZED = [
    "bench-message", "candidate", "dcep", "dtls-filter", "http-request", "mdns", "sctp-snap", "sdp", "signaling-json",
    "stun", "ws-frame",
]

# Directory -> prefixes of project headers it may include.  The first match of the file counts.
ARROWS = [
    ("ice/", ["ice/"]),
    ("datachannel/", ["datachannel/", "ice/"]),
    ("signaling/negotiator", ["signaling/", "datachannel/"]),
    ("signaling/pierce-signaling.h", ["signaling/"]),
    ("signaling/server/", ["signaling/"]),
    ("signaling/", ["signaling/"]),
]
# Client and server share the messages, and nothing else points from one to the other.
NOT_FROM_CLIENT = "signaling/server/"

# What an app may include that is not installed.
APP_EXTRAS = {
    "apps/pierced/": ["signaling/server/server.h"],
}

# Files over 500 lines and functions over 60, with the reason.  The hard limits stand for all.
LONG_FILES = {}
LONG_FUNCTIONS = {}
DEEP_FUNCTIONS = {}

# Writable data that GObject's and GLib's macros make, beside the one file that owns globals.
GLOBALS_OWNER = "sctp-engine"
TOLERATED_DATA = [
    r"static_g_define_type_id(\.\d+)?", r"g_define_type__static(\.\d+)?", r"g_define_type_id(\.\d+|__volatile)?", r"type_id(\.\d+)?",
    r"\w+_parent_class", r"\w+_private_offset", r"\w*signals", r"\w*properties", r"\w+_once(\.\d+)?",
    r"quark(\.\d+)?", r"q(\.\d+)?", r"_g_boolean_var_\w*",
]

# Hosts that tests may name.
LAB_HOSTS = [
    r"localhost", r"127\.\d+\.\d+\.\d+", r"\[?::1\]?", r"0\.0\.0\.0", r"\[?::\]?", r"10\.[\d.]+",
    r"192\.168\.[\d.]+", r"172\.(1[6-9]|2\d|3[01])\.[\d.]+", r"169\.254\.[\d.]+", r"100\.64\.[\d.]+",
    r"192\.0\.2\.\d+", r"198\.51\.100\.\d+", r"203\.0\.113\.\d+", r"\[?2001:db8:[0-9a-f:]*\]?",
    r"\[?f[cd][0-9a-f]{2}:[0-9a-f:]*\]?", r"([\w-]+\.)*example(\.(com|net|org))?",
    r"([\w-]+\.)*(invalid|test|local)", r"[\w-]+",  # a single label never leaves the machine
]
