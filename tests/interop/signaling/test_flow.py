"""What peers do with pierced when all goes well, and when others leave."""

import json
import unittest

from raw import Closed, PING, PONG, Pierced, frame


class Flow(unittest.TestCase):
    def test_the_first_line_says_where(self):
        with Pierced() as server:
            self.assertEqual(
                server.first_line,
                f'{{"event":"listening","url":"http://127.0.0.1:{server.port}/",'
                f'"ws":"ws://127.0.0.1:{server.port}/"}}\n')
            self.assertGreater(server.port, 0)

    def test_the_flow_of_the_article(self):
        with Pierced() as server:
            registration = dict(capabilities=["p2p"], public_ip="192.0.2.1", local_ports=[5000],
                                nat_type="full cone")
            anna, bob = server.peer("anna"), server.peer("bob", **registration)
            self.assertEqual(anna.registered["heartbeat_s"], 60)
            self.assertEqual(anna.registered["expires_s"], 300)
            self.assertEqual(anna.registered["ice_servers"], [])
            self.assertNotEqual(anna.id, bob.id)

            anna.send(type="find_peer", target_name="bob")
            info = anna.receive("peer_found")["peer_info"]
            self.assertEqual(info, {"peer_name": "bob", "client_id": bob.id, **registration})
            anna.send(type="offer", target_id=bob.id, sdp={"type": "offer", "sdp": "v=0"})
            self.assertEqual(bob.receive(), {"type": "offer", "from_id": anna.id,
                                             "sdp": {"type": "offer", "sdp": "v=0"}})
            bob.send(type="answer", target_id=anna.id, sdp="v=0")
            self.assertEqual(anna.receive(), {"type": "answer", "from_id": bob.id, "sdp": "v=0"})
            candidate = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0",
                         "sdpMLineIndex": 0, "usernameFragment": "x", "ours": [1.5, None]}
            anna.send(type="ice-candidate", target_id=bob.id, candidate=candidate, hop=1)
            self.assertEqual(bob.receive(), {"type": "ice_candidate", "from_id": anna.id,
                                             "candidate": candidate, "hop": 1})
            bob.send(type="ice_candidate", target_id=anna.id, candidate=None)
            self.assertEqual(anna.receive()["candidate"], None)
            anna.send(type="heartbeat")
            self.assertEqual(anna.receive(), {"type": "heartbeat_ack"})
            bob.send(type="bye", target_id=anna.id)
            self.assertEqual(anna.receive(), {"type": "bye", "from_id": bob.id})

    def test_who_is_not_there(self):
        with Pierced() as server:
            anna = server.peer("anna")
            anna.send(type="find_peer", target_name="bob")
            self.assertEqual(anna.receive(), {"type": "peer_not_found", "target_name": "bob"})
            anna.send(type="offer", target_id="nobody", sdp="v=0", ref="7")
            error = anna.receive_error("unknown_target")
            self.assertEqual((error["ref"], error["target_id"]), ("7", "nobody"))

    def test_the_newest_of_a_name_is_found(self):
        with Pierced() as server:
            first, second, asks = server.peer("bob"), server.peer("bob"), server.peer("anna")
            asks.send(type="find_peer", target_name="bob")
            self.assertEqual(asks.receive()["peer_info"]["client_id"], second.id)
            second.end()
            while server.health()["peers"] > 2:
                pass
            asks.send(type="find_peer", target_name="bob")
            self.assertEqual(asks.receive()["peer_info"]["client_id"], first.id)

    def test_a_room(self):
        with Pierced() as server:
            anna = server.peer("anna", room="lobby")
            elsewhere = server.peer("eve", room="attic")
            bob = server.peer("bob", room="lobby")
            there = bob.receive("peer_joined")
            self.assertTrue(there["present"])
            self.assertEqual(there["peer_info"]["client_id"], anna.id)
            came = anna.receive("peer_joined")
            self.assertNotIn("present", came)
            self.assertEqual(came["peer_info"]["peer_name"], "bob")
            self.assertEqual(server.health()["rooms"], 2)
            bob.end()  # without a word
            self.assertEqual(anna.receive("peer_left")["peer_info"]["client_id"], bob.id)
            elsewhere.send(type="heartbeat")
            elsewhere.receive("heartbeat_ack")  # and nothing before it

    def test_no_token_is_shown_to_others(self):
        with Pierced(environment={"PIERCE_TOKENS": "key,other"}) as server:
            anna = server.peer("anna", room="lobby", token="key")
            server.peer("bob", room="lobby", token="other")
            self.assertNotIn("token", anna.receive("peer_joined")["peer_info"])
            guesser = server.connect()
            guesser.send(type="register", peer_name="eve", token="guess")
            guesser.receive_error("unauthorized")
            guesser.expect_close(1008)

    def test_expiry(self):
        with Pierced("--expiry", "1", "--max-rate", "1000") as server:
            silent, alive = server.peer("silent", room="lobby"), server.peer("alive", room="lobby")
            alive.receive("peer_joined")
            silent.receive("peer_joined")
            while not silent.has_news(0.05):
                alive.send(type="heartbeat")
                alive.receive("heartbeat_ack")
            silent.receive_error("expired")
            self.assertEqual(alive.receive("peer_left")["peer_info"]["client_id"], silent.id)
            alive.send(type="offer", target_id=silent.id, sdp="v=0")
            alive.receive_error("unknown_target")
            silent.send(type="heartbeat")
            silent.receive_error("not_registered")
            silent.send(type="register", peer_name="silent", room="lobby")
            self.assertEqual(silent.receive("register_success")["client_id"], silent.id)

    def test_register_comes_first_and_once(self):
        with Pierced() as server:
            client = server.connect()
            client.send(type="find_peer", target_name="bob")
            client.receive_error("not_registered")
            client.send(type="register", peer_name="anna")
            client.receive("register_success")
            client.send(type="register", peer_name="bob")
            client.receive_error("already_registered")

    def test_pings_and_fragments(self):
        with Pierced() as server:
            client = server.peer("anna")
            text = json.dumps({"type": "heartbeat"}).encode()
            client.frame(1, text[:5], final=False)
            client.frame(PING, b"are you there")
            client.frame(0, text[5:9], final=False)
            client.frame(0, text[9:])
            self.assertEqual(client.read_frame(), (PONG, b"are you there"))
            client.receive("heartbeat_ack")

    def test_bytes_one_by_one(self):
        with Pierced() as server:
            client = server.peer("anna")
            for byte in frame(1, b'{"type":"heartbeat"}'):
                client.raw(bytes([byte]))
            client.receive("heartbeat_ack")

    def test_many_messages_in_one_segment(self):
        with Pierced() as server:
            client = server.peer("anna")
            client.raw(frame(1, b'{"type":"heartbeat"}') * 50)
            for _ in range(50):
                client.receive("heartbeat_ack")

    def test_close_is_answered(self):
        with Pierced() as server:
            client = server.peer("anna")
            client.frame(8, b"\x03\xe8")
            self.assertEqual(client.expect_close(1000), "")
            client.expect_end()

    def test_drain(self):
        with Pierced() as server:
            clients = [server.peer(f"peer {i}", room="lobby") for i in range(5)]
            idle = server.connect()
            server.terminate()
            for client in [*clients, idle]:
                self.assertIn("goes away", client.expect_close(1001))
                client.expect_end()
                client.end()
            self.assertEqual(server.wait(), 0)

    def test_drain_waits_only_so_long(self):
        with Pierced("--drain", "1") as server:
            client = server.peer("does not hang up")
            server.terminate()
            self.assertEqual(server.wait(), 0)
            with self.assertRaises((Closed, ConnectionError)):
                while True:
                    client.read_frame()

    def test_a_thousand_connections(self):
        with Pierced("--max-room", "2000", "--max-queue", "16777216") as server:
            crowd = [server.connect() for _ in range(1000)]
            for i, client in enumerate(crowd):
                client.send(type="register", peer_name=f"peer {i}")
            for client in crowd:
                client.id = client.receive("register_success")["client_id"]
            for client, target in zip(crowd, crowd[1:] + crowd[:1]):
                client.send(type="offer", target_id=target.id, sdp="v=0")
            for client, sender in zip(crowd, crowd[-1:] + crowd[:-1]):
                self.assertEqual(client.receive("offer")["from_id"], sender.id)
            self.assertEqual(server.health()["peers"], 1000)
