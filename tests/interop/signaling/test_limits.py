"""What pierced refuses, and how it says so."""

import json
import unittest

from raw import BINARY, Closed, PING, Pierced, Refused, TEXT, frame

HEARTBEAT = b'{"type":"heartbeat"}'


def padded(size):
    """A heartbeat of exactly @size bytes."""
    return b'{"type":"heartbeat","x":"' + b"x" * (size - 27) + b'"}'


class Messages(unittest.TestCase):
    """One server for all: what is refused must not hurt who comes next."""

    @classmethod
    def setUpClass(cls):
        cls.server = Pierced()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_64_kib_pass(self):
        client = self.server.peer("anna")
        client.text(padded(65536))
        client.receive("heartbeat_ack")

    def test_one_byte_more_does_not(self):
        client = self.server.peer("anna")
        client.text(padded(65537))
        client.receive_error("too_large")
        client.expect_close(1009)

    def test_fragments_count_together(self):
        client = self.server.peer("anna")
        text = padded(65537)
        client.frame(TEXT, text[:40000], final=False)
        client.frame(0, text[40000:])
        client.receive_error("too_large")
        client.expect_close(1009)

    def test_a_length_that_is_only_claimed(self):
        client = self.server.peer("anna")
        client.raw(b"\x81\xff" + (2**62).to_bytes(8, "big") + b"\0\0\0\0")
        client.receive_error("too_large")
        client.expect_close(1009)

    def test_depth(self):
        client = self.server.peer("anna")
        client.text('{"type":"heartbeat","x":' + "[" * 15 + "]" * 15 + "}")
        client.receive("heartbeat_ack")
        client.text('{"type":"heartbeat","x":' + "[" * 16 + "]" * 16 + "}")
        client.receive_error("too_deep")
        client.text("[" * 60000)
        client.receive_error("too_deep")
        client.text(HEARTBEAT)
        client.receive("heartbeat_ack")

    def test_names(self):
        for name, code in (("x" * 128, None), ("x" * 129, "bad_field"), ("é" * 65, "bad_field"), ("", "bad_field"),
                           ("a\u0007b", "bad_field"), ("a\u009bb", "bad_field"), (7, "bad_field"),
                           (None, "missing_field")):
            client = self.server.connect()
            client.send(type="register", peer_name=name)
            if code:
                client.receive_error(code)
            client.send(type="register", peer_name="anna", room=name)
            answer = client.receive()
            if code == "bad_field":
                self.assertEqual(answer["code"], code, name)
            client.end()

    def test_what_is_no_message(self):
        client = self.server.peer("anna")
        for text, code in (("nonsense", "not_json"), ("[]", "not_json"), ('{"type":"heartbeat"} {}', "not_json"),
                           ('{"type":"heartbeat\\u0000"}', "not_json"), ("{}", "missing_field"),
                           ('{"type":"dance"}', "unknown_type"), ('{"type":"peer_left"}', "unknown_type"),
                           ('{"type":"bye","type":"heartbeat"}', "bad_field"),
                           ('{"type":"offer","target_id":"x"}', "missing_field")):
            client.text(text)
            client.receive_error(code)
        client.text(HEARTBEAT)
        client.receive("heartbeat_ack")

    def test_invalid_utf8(self):
        client = self.server.peer("anna")
        client.text(b'{"type":"\xc3\x28"}')
        client.receive_error("not_utf8")
        client.expect_close(1007)

    def test_utf8_cut_between_fragments(self):
        client = self.server.peer("anna")
        text = '{"type":"find_peer","target_name":"é"}'.encode()
        cut = text.index(b"\xa9")
        client.frame(TEXT, text[:cut], final=False)
        client.frame(0, text[cut:])
        self.assertEqual(client.receive("peer_not_found")["target_name"], "é")

    def test_binary(self):
        client = self.server.peer("anna")
        client.frame(BINARY, HEARTBEAT)
        client.receive_error("binary_refused")
        client.expect_close(1003)

    def test_frames_that_break_the_protocol(self):
        for name, data in {
            "unmasked": frame(TEXT, HEARTBEAT, masked=False),
            "unmasked and empty": frame(TEXT, b"", masked=False),
            "unmasked ping": frame(PING, b"", masked=False),
            "compressed": frame(TEXT, HEARTBEAT, reserved=4),
            "reserved bit": frame(TEXT, HEARTBEAT, reserved=1),
            "unknown opcode": frame(3, HEARTBEAT),
            "fragmented ping": frame(PING, b"", final=False),
            "long ping": frame(PING, b"x" * 126),
            "continuation of nothing": frame(0, HEARTBEAT),
            "message inside a message": frame(TEXT, b"{", final=False) + frame(TEXT, HEARTBEAT),
            "close with one byte": frame(8, b"x"),
            "close with a bad code": frame(8, (1005).to_bytes(2, "big")),
        }.items():
            with self.subTest(name):
                client = self.server.peer("anna")
                client.raw(data)
                client.expect_close(1002)
                client.expect_end()

    def test_abrupt_ends(self):
        half = frame(TEXT, HEARTBEAT)[:9]
        for data in (b"", half, frame(TEXT, b"{", final=False), b"\x81"):
            client = self.server.peer("anna")
            client.raw(data)
            client.end()


class Handshakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Pierced("--allow-origin", "https://friend.example")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def refused(self, **headers):
        with self.assertRaises(Refused) as caught:
            self.server.connect(**headers)
        return caught.exception

    def test_origins(self):
        own = f"http://127.0.0.1:{self.server.port}"
        for origin in (None, own, "https://friend.example"):
            self.server.connect(Origin=origin).end()
        for origin in ("http://evil.example", "null", own + ".evil.example", "http://127.0.0.1",
                       "http://friend.example"):
            self.assertEqual(self.refused(Origin=origin).status, 403, origin)

    def test_versions(self):
        for version in ("8", "0", "14", None):
            refused = self.refused(Sec_WebSocket_Version=version)
            self.assertEqual(refused.status, 426)
            self.assertIn("Sec-WebSocket-Version: 13", refused.head)

    def test_keys(self):
        for key in (None, "", "c2hvcnQ=", "x" * 24, "x" * 4000):
            self.assertEqual(self.refused(Sec_WebSocket_Key=key).status, 400)

    def test_h2c_is_not_taken(self):
        refused = self.refused(Upgrade="h2c", Connection="Upgrade, HTTP2-Settings", HTTP2_Settings="AAMAAABk")
        self.assertNotEqual(refused.status, 101)

    def test_http2_preface(self):
        status, _, _ = self.server.request("PRI * HTTP/2.0\n\nSM\n\n")
        self.assertEqual(status, 400)

    def test_paths(self):
        self.server.connect(path="/anything?room=1").end()
        self.assertEqual(self.refused_path("/index.html"), 400)

    def refused_path(self, path):
        with self.assertRaises(Refused) as caught:
            self.server.connect(path=path)
        return caught.exception.status

    def test_no_compression_is_negotiated(self):
        client = self.server.connect(Sec_WebSocket_Extensions="permessage-deflate")
        client.frame(TEXT, HEARTBEAT, reserved=4)
        client.expect_close(1002)


class Loads(unittest.TestCase):
    def test_rate(self):
        with Pierced() as server:
            client = server.peer("anna")
            client.raw(frame(TEXT, HEARTBEAT) * 150)
            n_acks, n_errors = 0, 0
            while n_errors == 0:
                message = client.receive()
                if message["type"] == "heartbeat_ack":
                    n_acks += 1
                else:
                    self.assertEqual(message["code"], "rate_limited")
                    n_errors += 1
            self.assertGreaterEqual(n_acks, 99)
            while True:  # it may speak again after a while
                client.text(HEARTBEAT)
                if client.has_news(0.2) and client.receive()["type"] == "heartbeat_ack":
                    break

    def test_a_flood_ends_the_connection(self):
        with Pierced("--max-rate", "10") as server:
            client = server.peer("anna")
            with self.assertRaises((Closed, ConnectionError)):
                client.raw(frame(TEXT, HEARTBEAT) * 1000)
                while True:
                    client.read_frame()
            other = server.peer("bob")
            other.text(HEARTBEAT)
            other.receive("heartbeat_ack")

    def test_slow_reader(self):
        with Pierced("--max-rate", "10000") as server:
            slow = server.connect(receive_buffer=4096)
            slow.send(type="register", peer_name="slow")
            slow.id = slow.receive("register_success")["client_id"]
            fast = server.peer("fast")
            offer = frame(TEXT, json.dumps(
                {"type": "offer", "target_id": slow.id, "sdp": "x" * 60000}).encode())
            n_sent = 0
            while not fast.has_news(0):
                fast.raw(offer)
                n_sent += 1
                self.assertLess(n_sent, 1000)
            fast.receive_error("unknown_target")
            reason = slow.expect_close(1008)
            self.assertIn("slow_reader", reason)
            self.assertIn("262144", reason)

    def test_a_queue_is_not_what_the_kernel_holds(self):
        """A reader that is only a little late loses nothing."""
        with Pierced() as server:
            late, fast = server.peer("late"), server.peer("fast")
            for i in range(4):
                fast.send(type="offer", target_id=late.id, sdp="x" * 60000, number=i)
            for i in range(4):
                self.assertEqual(late.receive("offer")["number"], i)

    def test_settable(self):
        with Pierced("--max-message", "2000", "--max-depth", "4", "--max-name", "16", "--max-info", "512",
                     "--max-room", "2", "--max-peers", "3") as server:
            client = server.connect()
            client.send(type="register", peer_name="x" * 17)
            client.receive_error("bad_field")
            client.send(type="register", peer_name="x", about="y" * 600)
            client.receive_error("too_large")
            client.text('{"type":"register","x":[[[[]]]]}')
            client.receive_error("too_deep")
            client.text(padded(2001))
            client.receive_error("too_large")
            client.expect_close(1009)
            server.peer("1", room="lobby")
            server.peer("2", room="lobby")
            client = server.connect()
            client.send(type="register", peer_name="3", room="lobby")
            client.receive_error("room_full")
            server.peer("3")
            client.send(type="register", peer_name="4")
            client.receive_error("server_full")

    def test_connections(self):
        with Pierced("--max-connections", "2") as server:
            first, second = server.connect(), server.connect()
            first.end()
            third = server.peer("waits until there is room")
            third.text(HEARTBEAT)
            third.receive("heartbeat_ack")
            second.end()
