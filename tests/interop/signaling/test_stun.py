"""pierced's STUN responder, over the loopback's many addresses."""

import os
import socket
import unittest

from raw import DEADLINE_S, Pierced

COOKIE = b"\x21\x12\xa4\x42"
BINDING, SUCCESS, ERROR = b"\0\1", b"\1\1", b"\1\x11"
CHANGE_REQUEST, UNKNOWN_ATTRIBUTES, XOR_MAPPED, RESPONSE_PORT = 0x0003, 0x000A, 0x0020, 0x0027
RESPONSE_ORIGIN, OTHER_ADDRESS = 0x802B, 0x802C


def attribute(kind, value):
    return kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def address_of(value, mask=bytes(8)):
    plain = bytes(byte ^ m for byte, m in zip(value[2:8], mask))
    return socket.inet_ntoa(plain[2:6]), int.from_bytes(plain[:2], "big")


class Asker:
    def __init__(self, test, address="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        test.addCleanup(self.socket.close)
        self.socket.settimeout(DEADLINE_S)
        self.socket.bind((address, 0))

    def send(self, server, *attributes):
        self.transaction = os.urandom(12)
        body = b"".join(attributes)
        self.socket.sendto(BINDING + len(body).to_bytes(2, "big") + COOKIE + self.transaction + body, server)

    def receive(self):
        """Where the answer came from, its type and its attributes."""
        answer, sender = self.socket.recvfrom(4096)
        assert answer[4:8] == COOKIE
        body, attributes = answer[20:], {}
        assert int.from_bytes(answer[2:4], "big") == len(body)
        while body:
            kind, size = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
            attributes[kind] = body[4:4 + size]
            body = body[4 + (size + 3 & ~3):]
        return sender, answer[:2], attributes

    def ask(self, server, *attributes):
        self.send(server, *attributes)
        return self.receive()


def stun_of(server):
    host, port = server.peer("anna").registered["ice_servers"][0]["urls"][0].split(":")[1:]
    return host, int(port)


class OneAddress(unittest.TestCase):
    def test_what_is_no_request_gets_no_answer(self):
        with Pierced("--stun", "127.0.0.1:0") as server:
            asker, stun = Asker(self), stun_of(server)
            for garbage in (b"", b"x", b"\x16\xfe\xff" + bytes(60), SUCCESS + bytes(18), b"\0\x11\0\0" + COOKIE + bytes(12),
                            BINDING + b"\0\0" + bytes(16), bytes(3000)):
                asker.socket.sendto(garbage, stun)
            sender, kind, attributes = asker.ask(stun)
            self.assertEqual((sender, kind), (stun, SUCCESS))
            self.assertEqual(address_of(attributes[XOR_MAPPED], b"\x21\x12" + COOKIE), asker.socket.getsockname())
            self.assertNotIn(OTHER_ADDRESS, attributes)

    def test_unknown_attributes_are_named(self):
        with Pierced("--stun", "127.0.0.1:0") as server:
            _, kind, attributes = Asker(self).ask(stun_of(server), attribute(CHANGE_REQUEST, b"\0\0\0\6"))
            self.assertEqual(kind, ERROR)
            self.assertEqual(attributes[UNKNOWN_ATTRIBUTES], CHANGE_REQUEST.to_bytes(2, "big"))

    def test_the_answer_comes_from_where_the_request_went(self):
        with Pierced("--stun", "0.0.0.0:0") as server:
            _, port = stun_of(server)
            for address in ("127.0.0.1", "127.0.0.3"):
                sender, _, _ = Asker(self).ask((address, port))
                self.assertEqual(sender, (address, port))

    def test_the_port_of_signalling(self):
        with Pierced() as server:
            sender, kind, _ = Asker(self).ask(("127.0.0.1", server.port))
            self.assertEqual((sender, kind), (("127.0.0.1", server.port), SUCCESS))


class TwoAddresses(unittest.TestCase):
    def test_rfc5780(self):
        with Pierced("--stun", "127.0.0.1:0", "--stun-other", "127.0.0.2") as server:
            asker, first = Asker(self), stun_of(server)
            sender, _, attributes = asker.ask(first)
            other = address_of(attributes[OTHER_ADDRESS])
            self.assertEqual(sender, first)
            self.assertEqual(address_of(attributes[RESPONSE_ORIGIN]), first)
            self.assertEqual(other[0], "127.0.0.2")
            self.assertNotEqual(other[1], first[1])
            for flags, expected in ((0, first), (2, (first[0], other[1])), (4, (other[0], first[1])), (6, other)):
                sender, kind, attributes = asker.ask(first, attribute(CHANGE_REQUEST, bytes([0, 0, 0, flags])))
                self.assertEqual((sender, kind), (expected, SUCCESS))
                self.assertEqual(address_of(attributes[RESPONSE_ORIGIN]), expected)
            for asked, away in (((first[0], other[1]), (other[0], first[1])), (other, first)):
                _, _, attributes = asker.ask(asked)
                self.assertEqual(address_of(attributes[OTHER_ADDRESS]), away)

    def test_response_port(self):
        with Pierced("--stun", "127.0.0.1:0", "--stun-other", "127.0.0.2") as server:
            asker, listener, stun = Asker(self), Asker(self), stun_of(server)
            port = listener.socket.getsockname()[1]
            asker.send(stun, attribute(RESPONSE_PORT, port.to_bytes(2, "big") + b"\0\0"))
            sender, _, attributes = listener.receive()
            self.assertEqual(sender, stun)
            self.assertEqual(address_of(attributes[XOR_MAPPED], b"\x21\x12" + COOKIE), asker.socket.getsockname())
