"""A signalling client that says whatever a test wants: RFC 6455 without any manners."""

import base64
import json
import os
import socket
import struct
from urllib.parse import urlparse

TEXT = 0x81  # final fragment, text
MASKED = 0x80
LENGTH_16 = 126


class RudeClient:
    def __init__(self, url, name, timeout=30):
        address = urlparse(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.stream = self.socket.makefile("rb")
        while self.stream.readline() not in (b"\r\n", b""):
            pass
        self.send(type="register", peer_name=name)
        self.client_id = self.wait_for("register_success")["client_id"]

    def send(self, **message):
        data = json.dumps(message).encode()
        header = bytes([TEXT]) + (
            bytes([MASKED | len(data)])
            if len(data) < LENGTH_16
            else bytes([MASKED | LENGTH_16]) + struct.pack(">H", len(data))
        )
        # A mask of zeros leaves the data as it is.
        self.socket.sendall(header + bytes(4) + data)

    def receive(self):
        _, length = self.stream.read(2)
        if length == LENGTH_16:
            (length,) = struct.unpack(">H", self.stream.read(2))
        return json.loads(self.stream.read(length))

    def wait_for(self, kind, **members):
        while True:
            message = self.receive()
            if message["type"] == kind and all(message.get(key) == value for key, value in members.items()):
                return message

    def find(self, name):
        self.send(type="find_peer", target_name=name)
        return self.wait_for("peer_found")["peer_info"]["client_id"]

    def close(self):
        self.stream.close()
        self.socket.close()
