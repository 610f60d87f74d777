"""The page, health, metrics, TLS, STUN and TURN credentials, and pierced's command line."""

import base64
import hashlib
import hmac
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

from raw import DEADLINE_S, Pierced, Refused, trusting


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        files = {"index.html": "<!doctype html>", "page.js": "export {}", "lib/deep.css": "a{}",
                 "notes.md": "not for the web", ".hidden.js": "nor this", "large.txt": "x" * 500000}
        for name, text in files.items():
            path = os.path.join(cls.directory.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        cls.server = Pierced("--web-dir", cls.directory.name)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.directory.cleanup()

    def test_files(self):
        for path, kind in (("/", "text/html"), ("/index.html", "text/html"), ("/page.js?x=1", "text/javascript"),
                           ("/lib/deep.css", "text/css")):
            status, head, body = self.server.get(path)
            self.assertEqual(status, 200, path)
            self.assertIn(f"Content-Type: {kind}", head)
            self.assertTrue(body)

    def test_what_is_not_there(self):
        for path in ("/notes.md", "/.hidden.js", "/../raw.py", "/lib/../index.html", "/%2e%2e/raw.py", "//index.html",
                     "/lib", "/lib/", "/index.html/", "/page.js%00.html"):
            self.assertEqual(self.server.get(path)[0], 404, path)

    def test_headers(self):
        head = self.server.get("/")[1]
        policy = next(line for line in head.split("\r\n") if line.startswith("Content-Security-Policy: "))
        port = self.server.port
        for part in ("default-src 'none'", "script-src 'self';", "style-src 'self';",
                     f"connect-src 'self' ws://127.0.0.1:{port} wss://127.0.0.1:{port};", "base-uri 'none'",
                     "frame-ancestors 'none'", "form-action 'none'"):
            self.assertIn(part, policy)
        self.assertNotIn("unsafe", policy)
        for line in ("X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer"):
            self.assertIn(line, head)

    def test_a_host_cannot_add_to_the_policy(self):
        _, head, _ = self.server.request("GET / HTTP/1.1\nHost: a; script-src *\n\n")
        self.assertNotIn("script-src *", head)

    def test_head_and_other_methods(self):
        status, head, body = self.server.get("/large.txt", method="HEAD")
        self.assertEqual((status, body), (200, b""))
        self.assertIn("Content-Length: 500000", head)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
            status, head, _ = self.server.get("/", method=method)
            self.assertEqual(status, 405)
            self.assertIn("Allow: GET, HEAD", head)

    def test_a_large_file_comes_whole(self):
        self.assertEqual(len(self.server.get("/large.txt")[2]), 500000)

    def test_etag(self):
        head = self.server.get("/page.js")[1]
        tag = next(line for line in head.split("\r\n") if line.startswith("ETag: "))[6:]
        status, _, body = self.server.get("/page.js", f"If-None-Match: {tag}\n")
        self.assertEqual((status, body), (304, b""))

    def test_requests_one_after_another(self):
        with socket.create_connection(("127.0.0.1", self.server.port), DEADLINE_S) as connection:
            one = b"GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n"
            last = b"GET /page.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            connection.sendall(one * 3 + last)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 4)
        self.assertTrue(answer.endswith(b"export {}"))

    def test_bad_requests(self):
        for head in ("GET / HTTP/1.1\n\n", "GET / HTTP/3\nHost: a\n\n", "nonsense\n\n",
                     "GET / HTTP/1.1\nHost: a\nHost: b\n\n", "GET / HTTP/1.1\nHost: a\nX: " + "y" * 9000 + "\n\n"):
            self.assertEqual(self.server.request(head)[0], 400, head[:40])

    def test_health_and_metrics(self):
        health = self.server.health()
        self.assertEqual(health["status"], "ok")
        for name in ("peers", "rooms", "uptime_s"):
            self.assertIsInstance(health[name], int)
        self.assertIn("version", health)
        _, head, body = self.server.get("/metrics")
        self.assertIn("text/plain; version=0.0.4", head)
        self.assertIn(b"\npierced_connections 1\n", body)


def make_certificate(directory, name):
    """Writes a key and a certificate of its own authority; overwrites those of that directory."""
    key, certificate = f"{directory}/key.pem", f"{directory}/chain.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}"],
                   check=True, capture_output=True)
    return key, certificate


@unittest.skipUnless(shutil.which("openssl"), "needs the openssl program")
class Tls(unittest.TestCase):
    def hang_up(self, server, said):
        """Sends SIGHUP and waits for the line that it leads to."""
        server.process.send_signal(signal.SIGHUP)
        while said not in (line := server.process.stderr.readline().decode()):
            self.assertTrue(line, f"pierced ended without saying {said!r}")

    def test_a_new_certificate_is_taken_on_hang_up(self):
        with tempfile.TemporaryDirectory() as directory:
            key, certificate = make_certificate(directory, "old")
            with Pierced("--tls-cert", certificate, "--tls-key", key) as server:
                old = trusting(certificate)
                before = server.connect(tls=old)
                make_certificate(directory, "new")
                self.hang_up(server, "read anew")
                after = server.connect(tls=trusting(certificate))
                self.assertRaises(ssl.SSLError, server.connect, tls=old)
                with open(certificate, "w", encoding="ascii") as file:
                    file.write("nothing")
                self.hang_up(server, "the old certificate stays")
                for client in (before, after):
                    client.send(type="register", peer_name="anna")
                    client.receive("register_success")

    def test_hang_up_without_a_certificate_ends_nothing(self):
        with Pierced() as server:
            self.hang_up(server, "--tls-cert")
            server.peer("anna")

    def test_wss_and_https(self):
        with tempfile.TemporaryDirectory() as directory:
            key, certificate = make_certificate(directory, "localhost")
            with Pierced("--tls-cert", certificate, "--tls-key", key) as server:
                self.assertTrue(server.listening["url"].startswith("https://"))
                self.assertTrue(server.listening["ws"].startswith("wss://"))
                context = trusting(certificate)
                context.set_alpn_protocols(["h2", "http/1.1"])
                client = server.connect(tls=context)
                self.assertEqual(client.socket.selected_alpn_protocol(), "http/1.1")
                self.assertIn(client.socket.version(), ("TLSv1.2", "TLSv1.3"))
                client.send(type="register", peer_name="anna")
                client.id = client.receive("register_success")["client_id"]
                other = server.connect(tls=context)
                other.send(type="register", peer_name="bob")
                other.receive("register_success")
                for _ in range(20):
                    other.send(type="offer", target_id=client.id, sdp="x" * 60000)
                    self.assertEqual(len(client.receive("offer")["sdp"]), 60000)
                with self.assertRaises((Refused, ConnectionError)):
                    server.connect()
                server.terminate()
                client.expect_close(1001)
                client.end()
                other.end()
                self.assertEqual(server.wait(), 0)


class IceServers(unittest.TestCase):
    def test_turn_credentials(self):
        uris = ["turn:192.0.2.1:3478", "turns:turn.example:5349?transport=tcp"]
        options = [part for uri in uris for part in ("--turn-uri", uri)]
        with Pierced(*options, "--turn-ttl", "600", environment={"PIERCE_TURN_SECRET": "north"}) as server:
            peer = server.peer("anna")
            servers = peer.registered["ice_servers"]
            self.assertEqual([s["urls"] for s in servers], [[uri] for uri in uris])
            username = servers[0]["username"]
            self.assertEqual(username.split(":")[1], peer.id)
            expected = base64.b64encode(hmac.new(b"north", username.encode(), hashlib.sha1).digest()).decode()
            self.assertEqual(servers[0]["credential"], expected)

    def test_own_stun(self):
        with Pierced("--stun", "127.0.0.1:0", "--public-host", "peers.example") as server:
            uri = server.peer("anna").registered["ice_servers"][0]["urls"][0]
            self.assertTrue(uri.startswith("stun:peers.example:"), uri)
            port = int(uri.rsplit(":", 1)[1])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.settimeout(DEADLINE_S)
                udp.bind(("127.0.0.1", 0))
                for garbage in (b"", b"x", b"\x16\xfe\xff" + bytes(60), b"\x01\x01" + bytes(18)):
                    udp.sendto(garbage, ("127.0.0.1", port))
                udp.sendto(b"\0\1\0\0\x21\x12\xa4\x42" + b"t" * 12, ("127.0.0.1", port))
                answer, sender = udp.recvfrom(2048)
                self.assertEqual(sender, ("127.0.0.1", port))
                self.assertEqual(answer[:2] + answer[4:20], b"\1\1\x21\x12\xa4\x42" + b"t" * 12)
                self.assertEqual(int.from_bytes(answer[26:28], "big") ^ 0x2112, udp.getsockname()[1])

    def test_the_name_that_the_client_uses(self):
        with Pierced("--stun", "127.0.0.1:0") as server:
            client = server.connect(Host="here.example:1", Origin="http://here.example:1")
            client.send(type="register", peer_name="anna")
            uri = client.receive("register_success")["ice_servers"][0]["urls"][0]
            self.assertTrue(uri.startswith("stun:here.example:"), uri)


class CommandLine(unittest.TestCase):
    def run_pierced(self, *arguments, environment=None):
        return subprocess.run([Pierced.program, *arguments], capture_output=True, text=True, timeout=DEADLINE_S,
                              env={**os.environ, **(environment or {})}, check=False)

    def test_help_and_version(self):
        self.assertIn("Examples:", self.run_pierced("--help").stdout)
        self.assertRegex(self.run_pierced("--version").stdout, r"^pierced \d+\.\d+\.\d+\n$")

    def test_usage(self):
        for arguments, said in ((["--frobnicate"], "--frobnicate"), (["--listen"], "needs a value"),
                                (["--listen", "nowhere"], "ADDRESS:PORT"), (["--listen", "127.0.0.1:99999"], "99999"),
                                (["--listen", "0.0.0.0:0"], "--open"), (["--listen", "[::]:0"], "--open"),
                                (["--expiry", "0"], "from 1"), (["--max-rate", "x"], "number"),
                                (["--tls-cert", "x"], "--tls-key"), (["--turn-uri", "turn:a"], "PIERCE_TURN_SECRET"),
                                (["--token-file", "/nonexistent"], "/nonexistent"), (["extra"], "extra"),
                                (["--stun-other", "nowhere"], "IP address"), (["--json=1"], "takes no value"),
                                (["--allow-origin", "a.example"], "https://"),
                                (["--allow-origin", "https://a.example/"], "a.example/"),
                                (["--public-host", "a.example:1"], "a.example:1"),
                                (["--stun", "0.0.0.0:0", "--stun-other", "127.0.0.2"], "different")):
            with self.subTest(arguments):
                if "--listen" not in arguments:
                    arguments = ["--listen", "127.0.0.1:0", *arguments]
                done = self.run_pierced(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(said, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_cannot_listen(self):
        with Pierced() as server:
            done = self.run_pierced("--listen", f"127.0.0.1:{server.port}")
            self.assertEqual(done.returncode, 1)
            self.assertIn("--listen", done.stderr)
            done = self.run_pierced("--listen", "127.0.0.1:0", "--stun", f"127.0.0.1:{server.port}")
            self.assertEqual(done.returncode, 1)
            self.assertIn("--stun", done.stderr)
        with tempfile.TemporaryDirectory() as empty:
            done = self.run_pierced("--listen", "127.0.0.1:0", "--web-dir", empty)
            self.assertEqual(done.returncode, 1)
            self.assertIn("index.html", done.stderr)
        for arguments in (["--web-dir", "/nonexistent"], ["--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"]):
            done = self.run_pierced("--listen", "127.0.0.1:0", *arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn("/nonexistent", done.stderr)

    @staticmethod
    def take_udp_port():
        """A UDP port whose TCP twin nobody on this machine has just now."""
        for _ in range(100):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("127.0.0.1", 0))
            try:
                with socket.socket() as tcp:
                    tcp.bind(udp.getsockname())
                return udp
            except OSError:
                udp.close()
        raise AssertionError("no port is free for both UDP and TCP")

    def test_a_busy_udp_port_does_not_stop_signalling(self):
        with self.take_udp_port() as udp:
            with Pierced("--listen", f"127.0.0.1:{udp.getsockname()[1]}") as server:
                server.peer("anna")

    def test_environment(self):
        with Pierced(environment={"PIERCED_EXPIRY": "77", "PIERCED_ALLOW_ORIGIN": "http://a.example,http://b.example",
                                  "PIERCED_NO_STUN": "1"}) as server:
            self.assertEqual(server.peer("anna").registered["expires_s"], 77)
            server.connect(Origin="http://b.example")
        done = self.run_pierced(environment={"PIERCED_LISTEN": "nonsense"})
        self.assertEqual(done.returncode, 2)

    def test_tokens_open_the_door(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("# friends\nkey\n")
            file.flush()
            with Pierced("--listen", "0.0.0.0:0", "--token-file", file.name) as server:
                server.peer("anna", token="key")
