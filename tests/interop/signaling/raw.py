"""pierced under test, and a WebSocket client that can also break every rule."""

import base64
import hashlib
import json
import os
import select
import signal
import socket
import ssl
import struct
import subprocess
import urllib.parse

DEADLINE_S = 20
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Pierced:
    """The server on a port of the kernel's choice."""

    program = None

    def __init__(self, *options, environment=None):
        self.process = subprocess.Popen(
            [self.program, "--listen", "127.0.0.1:0", "--json", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
        self.first_line = self.process.stdout.readline().decode()
        if not self.first_line:
            raise AssertionError(self.process.stderr.read().decode())
        self.listening = json.loads(self.first_line)
        self.port = urllib.parse.urlsplit(self.listening["url"]).port
        self.clients = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.end()
        if self.process.poll() is None:
            self.terminate()
            self.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        try:
            return self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def connect(self, **options):
        client = Client(self.port, **options)
        self.clients.append(client)
        return client

    def peer(self, name, **fields):
        """A client that is registered."""
        client = self.connect()
        client.send(type="register", peer_name=name, **fields)
        client.registered = client.receive("register_success")
        client.id = client.registered["client_id"]
        return client

    def request(self, head):
        """The status and everything of the answer to a request of its own connection."""
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_S) as connection:
            connection.sendall(head.replace("\n", "\r\n").encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        head, _, body = answer.partition(b"\r\n\r\n")
        head = head.decode("latin-1")
        return (int(head.split(" ")[1]) if head else 0), head, body

    def get(self, path, extra="", method="GET"):
        return self.request(f"{method} {path} HTTP/1.1\nHost: 127.0.0.1:{self.port}\n{extra}\n")

    def health(self):
        return json.loads(self.get("/healthz")[2])


class Refused(Exception):
    def __init__(self, head):
        super().__init__(head)
        self.status = int(head.split(" ")[1]) if head else 0
        self.head = head


class Closed(Exception):
    def __init__(self, code=None, reason=""):
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


def mask(payload, key):
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


def frame(opcode, payload, final=True, masked=True, reserved=0):
    first = (0x80 if final else 0) | reserved << 4 | opcode
    size = len(payload)
    bit = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + (mask(payload, key) if size < 4096 else mask_fast(payload, key))


def mask_fast(payload, key):
    size = len(payload)
    long_key = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(long_key, "big")).to_bytes(size, "big")


class Client:
    def __init__(self, port, path="/", tls=None, receive_buffer=None, **headers):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(("127.0.0.1", port))
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
                  "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        self.raw("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        self.unread = b""
        head = self._read_head()
        if " 101 " not in head:
            self.end()
            raise Refused(head)
        accept = base64.b64encode(hashlib.sha1((fields["Sec-WebSocket-Key"] + GUID).encode()).digest())
        assert f"Sec-WebSocket-Accept: {accept.decode()}" in head, head

    def _read_head(self):
        while b"\r\n\r\n" not in self.unread:
            chunk = self.socket.recv(65536)
            if not chunk:
                break
            self.unread += chunk
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def raw(self, data):
        self.socket.sendall(data)

    def frame(self, *arguments, **options):
        self.raw(frame(*arguments, **options))

    def text(self, text):
        self.frame(TEXT, text if isinstance(text, bytes) else text.encode())

    def send(self, **message):
        self.text(json.dumps(message))

    def _need(self, size):
        while len(self.unread) < size:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise Closed()
            self.unread += chunk

    def has_news(self, seconds):
        return bool(self.unread or select.select([self.socket], [], [], seconds)[0])

    def read_frame(self):
        self._need(2)
        opcode, size, start = self.unread[0] & 15, self.unread[1] & 127, 2
        assert not self.unread[1] & 128, "servers do not mask"
        if size >= 126:
            start = 4 if size == 126 else 10
            self._need(start)
            size = int.from_bytes(self.unread[2:start], "big")
        self._need(start + size)
        payload = self.unread[start:start + size]
        self.unread = self.unread[start + size:]
        if opcode == CLOSE:
            raise Closed(int.from_bytes(payload[:2], "big"), payload[2:].decode())
        return opcode, payload

    def receive(self, expected=None):
        """The next message; one of another type than @expected is an error."""
        opcode, payload = self.read_frame()
        assert opcode == TEXT, opcode
        message = json.loads(payload)
        if expected and message["type"] != expected:
            raise AssertionError(f"{expected} expected, {message} came")
        return message

    def receive_error(self, code):
        message = self.receive("error")
        assert message["code"] == code, message
        assert message["message"], message
        return message

    def expect_close(self, code):
        """Reads on until the server closes, which it must with @code; returns the reason."""
        try:
            while True:
                self.read_frame()
        except Closed as closed:
            assert closed.code == code, closed
            return closed.reason

    def expect_end(self):
        """Nothing more may come but the end."""
        assert self.unread == b"", self.unread
        assert self.socket.recv(1) == b""

    def end(self):
        self.socket.close()


def trusting(certificate):
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    return context
