"""pierce chat, echo and ping against a real pierced."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from cases import PATHS, REST, Case
from harness import ADDRESS, Program, enter_namespace, set_address
from rude_client import RudeClient

# Nothing listens on the discard port.
NO_SERVER = "ws://127.0.0.1:9/"
NASTY = 'quote " backslash \\ bell \a escape \x1b[31m tab \t 破壁者 🧱 \u202e end'


class ChatCase(Case):
    def chat(self, name, *options, **keywords):
        return self.pierce("chat", "--name", name, "--json", *options, stdin=True, **keywords)

    def pair(self):
        """Two that are connected: ann waited, bob came."""
        ann = self.chat("ann")
        ann.wait_for("registered")
        bob = self.chat("bob", "--to", "ann")
        for peer in (ann, bob):
            peer.wait_for("channel", label="chat")
        return ann, bob

    def assert_talk(self, one, other, text):
        one.send(text + "\n")
        self.assertEqual(other.wait_for("message", text=text)["type"], "text")


class EchoAndPing(Case):
    def test_ping_is_answered_by_echo(self):
        echo = self.pierce("echo", "--name", "mirror", "--json")
        echo.wait_for("registered")
        ping = self.pierce("ping", "--to", "mirror", "-c", "5", "-i", "0", "--json")
        connected = ping.wait_for("connected")
        self.assertEqual(connected["path"]["protocol"], "udp")
        self.assertEqual(connected["path"]["local"]["type"], "host")
        self.assertEqual(set(connected["setup_ms"]), {"gather", "ice", "dtls", "sctp", "open"})
        self.assertEqual([ping.wait_for("rtt")["seq"] for _ in range(5)], [1, 2, 3, 4, 5])
        summary = ping.wait_for("summary", sent=5, received=5)
        self.assertLessEqual(summary["min"], summary["p50"])
        self.assertLessEqual(summary["p50"], summary["max"])
        self.assertEqual(ping.exit_code(), 0)
        self.assertTrue(echo.wait_for("channel", label="echo")["ordered"])
        echo.wait_for("closed")
        echo.signal(signal.SIGTERM)
        self.assertEqual(echo.exit_code(), 0)

    def test_ping_reads_like_ping(self):
        self.pierce("echo", "--name", "mirror", "--json").wait_for("registered")
        ping = self.pierce("ping", "--to", "mirror", "-c", "2", "-i", "0.1")
        self.assertEqual(ping.exit_code(), 0)
        text = "".join(ping.lines)
        for part in ("seq=1 time=", "seq=2 time=", "2 sent, 2 answered", "min/avg/p50/p99/max", "path: host"):
            self.assertIn(part, text)

    def test_ping_waits_for_a_peer_that_comes_late(self):
        ping = self.pierce("ping", "--to", "mirror", "-c", "1", "--json")
        ping.wait_for("registered")
        self.pierce("echo", "--name", "mirror", "--json").wait_for("registered")
        self.assertEqual(ping.exit_code(), 0)

    def test_interrupted_ping_sums_up(self):
        self.pierce("echo", "--name", "mirror", "--json").wait_for("registered")
        ping = self.pierce("ping", "--to", "mirror", "--json")
        ping.wait_for("rtt")
        ping.signal(signal.SIGINT)
        ping.wait_for("summary")
        self.assertEqual(ping.exit_code(), 0)

    def test_ping_fails_when_its_peer_ends(self):
        echo = self.pierce("echo", "--name", "mirror", "--json")
        echo.wait_for("registered")
        ping = self.pierce("ping", "--to", "mirror", "-c", "1000", "-i", "0.05", "--json")
        ping.wait_for("rtt")
        echo.signal(signal.SIGINT)
        self.assertEqual(echo.exit_code(), 0)
        self.assertEqual(ping.wait_for("summary")["sent"] < 1000, True)
        ping.exit_code()


class Chat(ChatCase):
    def test_two_talk_and_the_end_of_input_ends(self):
        ann, bob = self.pair()
        self.assert_talk(bob, ann, "hello")
        self.assert_talk(ann, bob, NASTY)
        self.assert_talk(bob, ann, "")
        bob.close_input()
        self.assertEqual(bob.exit_code(), 0)
        ann.wait_for("closed")
        ann.close_input()
        self.assertEqual(ann.exit_code(), 0)

    def test_lines_before_a_peer_are_kept_and_none_is_lost(self):
        lines = [f"{number} " + "x" * (number % 300) for number in range(5000)]
        ann = self.chat("ann", "--stay")
        bob = self.chat("bob", "--to", "ann")
        for start in range(0, len(lines), 100):
            bob.send("".join(line + "\n" for line in lines[start : start + 100]))
        bob.close_input()
        got = [ann.wait_for("message")["text"] for _ in lines]
        self.assertEqual(got, lines)
        self.assertEqual(bob.exit_code(), 0)

    def test_a_room_is_a_mesh(self):
        peers = []
        for name in ("ann", "bob", "cat"):
            peers.append(self.chat(name, "--room", "lobby"))
            peers[-1].wait_for("registered")
        for peer in peers:
            peer.wait_for("channel")
            peer.wait_for("channel")
        for speaker, peer in zip(("ann", "bob", "cat"), peers):
            peer.send(f"from {speaker}\n")
        for listener, peer in zip(("ann", "bob", "cat"), peers):
            others = {f"from {name}" for name in ("ann", "bob", "cat") if name != listener}
            messages = [peer.wait_for("message") for _ in others]
            self.assertEqual({message["text"] for message in messages}, others)
            for message in messages:
                self.assertEqual(message["text"], f"from {message['peer_name']}")
        peers[0].signal(signal.SIGINT)
        self.assertEqual(peers[0].exit_code(), 0)
        for peer in peers[1:]:
            self.assertEqual(peer.wait_for("closed")["peer_name"], "ann")

    def test_two_that_call_each_other_connect_once(self):
        ann = self.chat("ann", "--to", "bob")
        bob = self.chat("bob", "--to", "ann")
        for peer in (ann, bob):
            peer.wait_for("channel")
        self.assert_talk(ann, bob, "hello")
        self.assert_talk(bob, ann, "hello")
        for peer in (ann, bob):
            self.assertEqual([line["event"] for line in peer.lines].count("connected"), 1)

    def test_what_peers_write_cannot_act_on_the_terminal(self):
        ann = self.pierce("chat", "--name", "ann", stdin=True)
        bob = self.chat("bob", "--to", "ann")
        bob.wait_for("channel")
        bob.send(NASTY + "\n")
        bob.close_input()
        self.assertEqual(bob.exit_code(), 0)
        ann.close_input()
        self.assertEqual(ann.exit_code(), 0)
        text = "".join(ann.lines)
        self.assertIn("\\u{1b}[31m", text)
        self.assertIn("破壁者", text)
        for character in ("\x1b", "\a", "\u202e"):
            self.assertNotIn(character, text)


class Survival(ChatCase):
    def test_channels_outlive_the_server(self):
        self.server.signal(signal.SIGKILL)
        self.server.process.wait()
        self.server, self.url = self.start_server(listen="127.0.0.1:8765")
        ann = self.chat("ann", "--room", "lobby")
        first_id = ann.wait_for("registered")["client_id"]
        bob = self.chat("bob", "--room", "lobby")
        for peer in (ann, bob):
            peer.wait_for("channel")

        self.server.signal(signal.SIGKILL)
        self.server.process.wait()
        for peer in (ann, bob):
            peer.wait_for("server_lost")
        self.assert_talk(ann, bob, "without a server")
        self.assert_talk(bob, ann, "all the same")

        self.server, _ = self.start_server(listen="127.0.0.1:8765")
        self.assertNotEqual(ann.wait_for("registered")["client_id"], first_id)
        bob.wait_for("registered")
        self.assert_talk(ann, bob, "with a new server")
        cat = self.chat("cat", "--room", "lobby")
        for _ in range(2):
            cat.wait_for("channel")
        self.assertEqual(ann.wait_for("connected")["peer_name"], "cat")
        self.assert_talk(cat, bob, "hello")
        # The two did not connect to each other a second time.
        events = [line["event"] for line in ann.lines]
        self.assertEqual(events.count("connected"), 2)
        self.assertNotIn("closed", events)

    def test_a_lost_path_is_replaced(self):
        ann, bob = self.pair()
        self.addCleanup(set_address, ADDRESS)
        set_address("10.99.1.1/24")
        bob.send("through the gap\n")
        bob.wait_for("path_lost", timeout=60)
        path = bob.wait_for("path", timeout=60)["path"]
        self.assertTrue(path["local"]["address"].startswith("10.99.1.1:"), path)
        ann.wait_for("message", timeout=60, text="through the gap")
        self.assert_talk(ann, bob, "and back")


class Rudeness(Case):
    """What another peer sends must not hurt `pierce echo`."""

    OFFER = (
        "v=0\r\no=- {session} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
        "a=ice-ufrag:rude\r\na=ice-pwd:rudenessrudenessrudeness\r\na=setup:actpass\r\n"
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=sctp-port:5000\r\n"
    )

    def setUp(self):
        super().setUp()
        self.echo = self.pierce("echo", "--name", "mirror", "--json")
        self.echo.wait_for("registered")
        self.rude = RudeClient(self.url, "rude")
        self.addCleanup(self.rude.close)
        self.target = self.rude.find("mirror")

    def assert_echo_works(self):
        self.assertEqual(self.pierce("ping", "--to", "mirror", "-c", "1", "--json").exit_code(), 0)
        self.echo.signal(signal.SIGTERM)
        self.assertEqual(self.echo.exit_code(), 0)

    def test_a_bad_offer_is_answered_by_bye(self):
        for sdp in ("v=0\r\n", "nonsense", self.OFFER.format(session=1).replace("sha-256", "sha-0")):
            self.rude.send(type="offer", target_id=self.target, sdp=sdp)
            self.rude.wait_for("bye", from_id=self.target)
        self.assert_echo_works()

    def test_messages_out_of_place_are_ignored(self):
        offer = self.OFFER.format(session=7)
        self.rude.send(type="answer", target_id=self.target, sdp=offer)
        self.rude.send(type="ice_candidate", target_id=self.target, candidate={"candidate": "candidate:1 1 udp 1"})
        self.rude.send(type="bye", target_id=self.target)
        self.rude.send(type="offer", target_id=self.target, sdp=offer)
        self.rude.wait_for("answer", from_id=self.target)
        for candidate in ("nonsense", "candidate:1 1 udp 2130706431 999.1.1.1 70000 typ host", ""):
            self.rude.send(type="ice_candidate", target_id=self.target, candidate={"candidate": candidate})
        self.rude.send(type="answer", target_id=self.target, sdp=offer)
        self.rude.send(type="bye", target_id=self.target)
        self.echo.wait_for("closed")
        self.assert_echo_works()

    def test_a_peer_that_starts_anew_gets_a_new_connection(self):
        self.rude.send(type="offer", target_id=self.target, sdp=self.OFFER.format(session=1))
        first = self.rude.wait_for("answer")["sdp"]["sdp"]
        self.rude.send(type="offer", target_id=self.target, sdp=self.OFFER.format(session=2))
        second = self.rude.wait_for("answer")["sdp"]["sdp"]
        origins = {next(line for line in sdp.splitlines() if line.startswith("o=")) for sdp in (first, second)}
        self.assertEqual(len(origins), 2)
        self.echo.wait_for("closed")
        self.assert_echo_works()

    def call_a_lower_id(self):
        """The rude client is offered to by one whose id is higher, so that it would have to give way."""
        for attempt in range(24):
            rude = RudeClient(self.url, f"callee-{attempt}")
            self.pierce("ping", "--to", f"callee-{attempt}", "--json")
            caller = rude.wait_for("offer")["from_id"]
            if rude.client_id < caller:
                return rude, caller
            rude.close()
        raise AssertionError("the server's ids never came in the order wanted")

    def test_candidates_of_an_ignored_offer_are_not_tried(self):
        """Firefox gives the offer that it takes back and the answer in its place the same ufrag."""
        rude, caller = self.call_a_lower_id()
        offer = self.OFFER.format(session=1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as old, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as new:
            for number, (udp, kind, sdp) in enumerate(((old, "offer", offer), (new, "answer", offer.replace("actpass", "active")))):
                udp.bind((ADDRESS.split("/")[0], 0))
                udp.settimeout(20)
                rude.send(type=kind, target_id=caller, sdp=sdp)
                line = f"candidate:{number} 1 udp {2130706431 - number} {udp.getsockname()[0]} {udp.getsockname()[1]} typ host"
                rude.send(type="ice_candidate", target_id=caller,
                          candidate={"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0})
            for _ in range(2):  # a check, and then it again
                self.assertTrue(new.recv(2048))
            old.setblocking(False)
            self.assertRaises(BlockingIOError, old.recv, 2048)
        rude.close()

    def test_a_peer_that_leaves_during_set_up_is_forgotten(self):
        self.rude.send(type="offer", target_id=self.target, sdp=self.OFFER.format(session=1))
        self.rude.wait_for("answer")
        self.rude.close()
        self.assert_echo_works()


class Failure(Case):
    def test_no_server_is_exit_code_1(self):
        for command in (["echo"], ["chat", "--room", "lobby"], ["ping", "--to", "mirror"]):
            with self.subTest(command=command):
                program = self.pierce(command[0], *command[1:], "--timeout", "1", "--json", url=NO_SERVER)
                self.assertIn("127.0.0.1:9", program.wait_for("error", code="timeout")["message"])
                self.assertEqual(program.exit_code(), 1)

    def test_no_such_peer_is_exit_code_1(self):
        program = self.pierce("ping", "--to", "nobody", "--timeout", "1", "--json")
        self.assertIn('"nobody"', program.wait_for("error", code="timeout")["message"])
        self.assertEqual(program.exit_code(), 1)

    def test_relay_only_without_a_relay_is_exit_code_1_and_says_why(self):
        self.pierce("echo", "--name", "mirror", "--json").wait_for("registered")
        program = self.pierce("ping", "--to", "mirror", "--relay-only", "--timeout", "20", "-c", "1", "--json")
        program.wait_for("error")
        self.assertEqual(program.exit_code(), 1)

    def test_a_server_that_speaks_no_tls_is_named_at_once(self):
        program = self.pierce("echo", "--timeout", "1", "--json", url=self.url.replace("ws:", "wss:"))
        self.assertIn("without TLS it is ws://", program.wait_for("server_lost")["message"])
        self.assertEqual(program.exit_code(), 1)

    def test_a_certificate_of_nobody_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = f"{folder}/key.pem", f"{folder}/chain.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
                           check=True, capture_output=True)
            _, url = self.start_server("--tls-cert", certificate, "--tls-key", key)
            program = self.pierce("echo", "--timeout", "1", "--json", url=url)
            self.assertIn("does not trust", program.wait_for("server_lost")["message"])
            self.assertEqual(program.exit_code(), 1)

    def test_a_wrong_token_is_exit_code_1_at_once(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tokens")
            with open(path, "w", encoding="utf-8") as file:
                file.write("open-sesame\n")
            os.chmod(path, 0o600)
            _, url = self.start_server("--token-file", path)
            refused = self.pierce("echo", "--json", url=url, env={"PIERCE_TOKEN": "guess"})
            self.assertIn("unauthorized", refused.wait_for("error", code="refused")["message"])
            self.assertEqual(refused.exit_code(), 1)
            by_file = self.pierce("echo", "--json", "--token-file", path, url=url)
            by_file.wait_for("registered")

    def test_one_address_cannot_take_all_connections(self):
        _, url = self.start_server("--open", "--max-per-address", "2", listen=f"{ADDRESS.split('/')[0]}:0")
        peers = [self.pierce("echo", "--name", name, "--json", url=url) for name in ("ann", "bob")]
        for peer in peers:
            peer.wait_for("registered")
        refused = self.pierce("echo", "--timeout", "1", "--json", url=url)
        refused.wait_for("server_lost")
        self.assertEqual(refused.exit_code(), 1)
        peers[0].process.send_signal(signal.SIGTERM)
        peers[0].exit_code()
        self.pierce("echo", "--json", url=url).wait_for("registered")

    def test_wrong_usage_is_exit_code_2(self):
        for arguments in (
            [],
            ["sing"],
            ["echo", "--loud"],
            ["echo", "more"],
            ["echo", "--server", "ftp://127.0.0.1/"],
            ["echo", "--name", "a" * 129],
            ["echo", "--stun", "http://127.0.0.1/"],
            ["echo", "--turn", "turn:127.0.0.1"],
            ["echo", "--relay-only", "--no-relay"],
            ["echo", "--timeout", "0"],
            ["echo", "--token-file", "/nonexistent"],
            ["chat", "--to", "ann", "--room", "lobby"],
            ["ping"],
            ["ping", "--to", "mirror", "-c", "many"],
            ["ping", "--to", "mirror", "--interval", "-1"],
            ["ping", "--to", "mirror", "--size", "15"],
        ):
            with self.subTest(arguments=arguments):
                program = Program(PATHS.pierce, *arguments)
                self.assertEqual(program.exit_code(), 2)
                self.assertIn("pierce", program.errors())

    def test_help_and_version_are_exit_code_0(self):
        for arguments in (["--help"], ["--version"], ["bench", "--help"], ["chat", "--help"], ["echo", "--help"], ["ping", "--help"]):
            with self.subTest(arguments=arguments):
                program = Program(PATHS.pierce, *arguments)
                self.assertEqual(program.exit_code(), 0)
                self.assertTrue(program.lines)

    def test_options_come_from_the_environment(self):
        program = Program(PATHS.pierce, "echo", env={"PIERCE_SERVER": self.url, "PIERCE_NAME": "env", "PIERCE_JSON": "1"})
        program.is_json = True
        self.assertEqual(program.wait_for("registered")["name"], "env")


if __name__ == "__main__":
    enter_namespace()
    unittest.main(argv=[sys.argv[0], *REST], verbosity=2)
