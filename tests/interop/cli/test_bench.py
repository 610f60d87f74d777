"""pierce bench against a real pierced: what it counts, and what strangers cannot do to it."""

import hashlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import unittest

from cases import PATHS, REST, Case
from harness import Program, enter_namespace

KEYS = {
    "event", "peer_id", "peer_name", "role", "reverse", "size", "seconds", "channels", "ordered", "max_retransmits",
    "complete", "elapsed_s", "messages_sent", "bytes_sent", "messages_received", "bytes_received", "mbytes_per_s",
    "messages_per_s", "loss", "retransmissions", "rtt_ms", "cpu_s", "cpu_s_per_gb", "path",
}
# A sender that does not heed what waits would need some GB within a second.
MEMORY_KB = 512 * 1024
LARGEST = 2**53 - 1
DEADLINE_S = 60


class BenchCase(Case):
    def setUp(self):
        super().setUp()
        self.listener = self.pierce("bench", "--listen", "--name", "mirror", "--json")
        self.listener.wait_for("registered")

    def call(self, *options, **keywords):
        return self.pierce("bench", "--to", "mirror", "--seconds", "1", "--json", *options, **keywords)

    def finish(self, caller, exit_code=0):
        """The caller's last line, once it ended."""
        self.assertEqual(caller.exit_code(DEADLINE_S), exit_code, caller.lines)
        self.assertEqual(caller.lines[-1]["event"], "summary")
        return caller.lines[-1]

    def assert_plausible(self, summary, size=65536):
        self.assertEqual(set(summary), KEYS)
        self.assertIs(summary["complete"], True)
        self.assertGreater(summary["messages_received"], 0)
        self.assertLessEqual(summary["messages_received"], summary["messages_sent"])
        for way in ("sent", "received"):
            self.assertEqual(summary[f"bytes_{way}"], summary[f"messages_{way}"] * size)
        lost = summary["messages_sent"] - summary["messages_received"]
        self.assertAlmostEqual(summary["loss"], lost / summary["messages_sent"], places=6)
        speed = summary["bytes_received"] / 1e6 / summary["elapsed_s"]
        self.assertAlmostEqual(summary["mbytes_per_s"], speed, delta=speed / 1000)
        self.assertGreater(summary["cpu_s"]["caller"], 0)
        self.assertGreater(summary["cpu_s"]["listener"], 0)
        self.assertGreater(summary["cpu_s_per_gb"], 0)

    def assert_still_serves(self):
        self.assert_plausible(self.finish(self.call("--timeout", "60")))


class Figures(BenchCase):
    def assert_reliable_run(self, *options):
        caller = self.call("--seconds", "2", *options)
        summary = self.finish(caller)
        self.assert_plausible(summary)
        self.assertEqual(summary["loss"], 0)
        rtt = summary["rtt_ms"]
        self.assertGreater(rtt["idle"], 0)
        self.assertTrue(rtt["min"] <= rtt["p50"] <= rtt["p95"] <= rtt["p99"] <= rtt["max"], rtt)
        self.assertEqual(summary["path"]["protocol"], "udp")
        intervals = [line for line in caller.lines if line["event"] == "interval"]
        self.assertGreaterEqual(len(intervals), 2)
        for figure in ("bytes", "messages"):
            self.assertEqual(sum(line[figure] for line in intervals), summary[f"{figure}_received"])
        for before, after in zip(intervals, intervals[1:]):
            self.assertEqual(before["end_s"], after["start_s"])
        seen = self.listener.wait_for("summary")
        self.assertEqual(seen["role"], "listener")
        for key in ("reverse", "messages_sent", "messages_received", "bytes_received", "loss"):
            self.assertEqual(seen[key], summary[key], key)
        return summary

    def test_the_caller_sends(self):
        self.assertIs(self.assert_reliable_run()["reverse"], False)

    def test_in_reverse_the_listener_sends(self):
        self.assertIs(self.assert_reliable_run("--reverse")["reverse"], True)

    def test_channels_have_the_delivery_that_was_asked_for(self):
        caller = self.call("--channels", "3", "--unordered", "--max-retransmits", "0", "--size", "1k")
        summary = self.finish(caller)
        self.assert_plausible(summary, size=1024)
        self.assertEqual((summary["ordered"], summary["max_retransmits"], summary["channels"]), (False, 0, 3))
        for _ in range(3):
            channel = self.listener.wait_for("channel", label="bench-data")
            self.assertEqual((channel["ordered"], channel["max_retransmits"]), (False, 0))

    def test_the_smallest_and_the_largest(self):
        for size, count, number in (("1", "1", 1), ("256k", "64", 262144)):
            for direction in ([], ["--reverse"]):
                with self.subTest(size=size, direction=direction):
                    caller = self.call("--size", size, "--channels", count, *direction)
                    summary = self.finish(caller)
                    self.assert_plausible(summary, number)
                    self.assertEqual(summary["loss"], 0)

    def test_round_trips_under_load_are_left_out_on_request(self):
        for direction in ([], ["--reverse"]):
            with self.subTest(direction=direction):
                summary = self.finish(self.call("--no-ping", *direction))
                self.assert_plausible(summary)
                self.assertGreater(summary["rtt_ms"]["idle"], 0)
                self.assertIsNone(summary["rtt_ms"]["p50"])

    def test_memory_stays_bounded(self):
        caller = self.call("--seconds", "3", "--channels", "8", "--size", "256k")
        for _ in range(2):
            caller.wait_for("interval")
            with open(f"/proc/{caller.process.pid}/status", encoding="ascii") as status:
                peak = next(line for line in status if line.startswith("VmHWM"))
            self.assertLess(int(peak.split()[1]), MEMORY_KB)
        self.finish(caller)

    def test_callers_are_served_one_after_another(self):
        first = self.call("--seconds", "2")
        first.wait_for("run")
        second = self.call("--size", "1000")
        self.assert_plausible(self.finish(second), size=1000)
        self.assert_plausible(self.finish(first))
        self.assertEqual([self.listener.wait_for("summary")["size"] for _ in range(2)], [65536, 1000])
        self.assertEqual([line["event"] for line in self.listener.lines].count("error"), 0)

    def test_a_caller_may_come_before_the_listener(self):
        caller = self.pierce("bench", "--to", "late", "--seconds", "1", "--json")
        caller.wait_for("registered")
        self.pierce("bench", "--listen", "--name", "late", "--json")
        self.assert_plausible(self.finish(caller))

    def test_it_reads_well(self):
        for options, words in (([], "sending"), (["--reverse"], "receiving")):
            caller = self.pierce("bench", "--to", "mirror", "--seconds", "2", *options)
            self.assertEqual(caller.exit_code(), 0)
            text = "".join(caller.lines)
            for part in (words, "MB/s", "rtt p50", "received", "loss       0 of", "(0.00 %)", "idle; under load p50",
                         "s here, ", "s at mirror: ", "path       host"):
                self.assertIn(part, text)
            self.assertNotIn("\x1b", text)
            table = [line for line in caller.lines if " s " in line and line.split()[1:2] == ["-"]]
            self.assertEqual(len({len(line) for line in table}), 1, table)


class InATerminal(BenchCase):
    """What a person sees."""

    CLEAR_LINE = "\r\x1b[K"

    def run_in_terminal(self, *options):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        command = [PATHS.pierce, "bench", "--server", self.url, "--to", "mirror", *options]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs,
                              env={**os.environ, "TERM": "xterm", "NO_COLOR": ""}) as process:
            os.close(theirs)
            text = b""
            deadline = time.monotonic() + DEADLINE_S
            while select.select([ours], [], [], max(deadline - time.monotonic(), 0))[0]:
                try:
                    text += os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
            self.assertEqual(process.wait(DEADLINE_S), 0)
        return text.decode()

    def test_a_status_line_tells_how_far_it_is_and_leaves_nothing_behind(self):
        text = self.run_in_terminal("--seconds", "2")
        self.assertRegex(text, r"\[#+\.*\] +\d\.\d of 2 s, [\d.]+ MB/s on average")
        lines = [line.rsplit(self.CLEAR_LINE, 1)[-1].rstrip("\r") for line in text.split("\n")]
        self.assertEqual([line for line in lines if "[" in line and "on average" in line], [])
        self.assertTrue(any(line.startswith("received ") for line in lines), lines)


class LossyPath(BenchCase):
    RULES = """
        table inet loss {{
            chain input {{
                type filter hook input priority 0
                meta l4proto udp numgen random mod 100 < {percent} drop
            }}
        }}
    """

    def lose(self, percent):
        subprocess.run(["nft", "-f", "-"], input=self.RULES.format(percent=percent), text=True, check=True)
        self.addCleanup(subprocess.run, ["nft", "delete", "table", "inet", "loss"], check=True)

    def assert_loses(self, *options):
        """On a busy machine a run may send so little that all of it arrives."""
        for _ in range(5):
            summary = self.finish(self.call("--seconds", "2", *options))
            self.assert_plausible(summary, size=1000)
            self.assertLess(summary["loss"], 0.7)
            if summary["loss"] > 0:
                return
        self.fail("nothing was lost")

    def test_what_is_not_sent_again_is_counted_as_lost(self):
        self.lose(10)
        for direction in ([], ["--reverse"]):
            with self.subTest(direction=direction):
                self.assert_loses("--unordered", "--max-retransmits", "0", "--size", "1000", *direction)

    def test_reliable_messages_are_sent_again(self):
        self.lose(3)
        for direction in ([], ["--reverse"]):
            with self.subTest(direction=direction):
                summary = self.finish(self.call("--seconds", "2", *direction))
                self.assert_plausible(summary)
                self.assertEqual(summary["loss"], 0)
                self.assertGreater(summary["retransmissions"], 0)


class Interruption(BenchCase):
    def test_the_caller_sums_up_what_it_has(self):
        for direction in ([], ["--reverse"]):
            with self.subTest(direction=direction):
                caller = self.call("--seconds", "60", *direction)
                caller.wait_for("interval")
                caller.signal(signal.SIGINT)
                summary = self.finish(caller)
                self.assert_plausible(summary)
                self.assertEqual(summary["loss"], 0)
                self.assertLess(summary["elapsed_s"], 50)
                self.assertEqual(self.listener.wait_for("summary")["bytes_received"], summary["bytes_received"])
        self.assert_still_serves()

    def test_a_second_interrupt_does_not_wait_for_the_listener(self):
        caller = self.call("--seconds", "60")
        caller.wait_for("interval")
        self.listener.signal(signal.SIGSTOP)
        self.addCleanup(self.listener.signal, signal.SIGCONT)
        caller.signal(signal.SIGINT)
        caller.signal(signal.SIGTERM)
        summary = self.finish(caller)
        self.assertIs(summary["complete"], False)
        self.assertIsNone(summary["loss"])

    def test_a_listener_that_leaves_is_exit_code_1(self):
        caller = self.call("--seconds", "60")
        caller.wait_for("interval")
        self.listener.signal(signal.SIGTERM)
        self.assertEqual(self.listener.exit_code(), 0)
        caller.wait_for("error", code="lost")
        summary = self.finish(caller, exit_code=1)
        self.assertIs(summary["complete"], False)
        self.assertGreater(summary["bytes_received"], 0)

    def test_after_a_caller_that_vanished_the_next_is_served(self):
        caller = self.call("--seconds", "60", "--reverse")
        caller.wait_for("interval")
        caller.signal(signal.SIGKILL)
        self.assert_still_serves()
        self.listener.wait_for("error", code="lost")
        self.assertIs(self.listener.wait_for("summary")["complete"], False)
        self.assertIs(self.listener.wait_for("summary")["complete"], True)


class StrangerCase(BenchCase):
    """Peers that speak the protocol, but not as they should."""

    def stranger(self, name):
        return Program(PATHS.peer, self.url, name, stdin=True, is_json=True)

    def open_control(self, peer="mirror"):
        stranger = self.stranger("stranger")
        stranger.wait_for("registered")
        stranger.send(f"find {peer}\n")
        self.target = stranger.wait_for("found")["peer"]
        stranger.send(f"connect {self.target}\ncreate {self.target} bench\n")
        stranger.wait_for("open", channel=0)
        return stranger

    @staticmethod
    def say(stranger, text, channel=0):
        stranger.send(f"text {channel} {json.dumps(text)}\n")

    @staticmethod
    def wait_for_answer(stranger, text):
        stranger.wait_for("message", channel=0, sha256=hashlib.sha256(text.encode()).hexdigest())


class Strangers(StrangerCase):
    RUN = "run version=1 size=64 seconds=1 channels=1"

    def test_limits_are_kept(self):
        for asked, answer in (
            ("run version=1 size=262145 seconds=1 channels=1", "refused size=262144"),
            ("run version=1 size=64 seconds=3601 channels=1", "refused seconds=3600"),
            ("run version=1 size=64 seconds=1 channels=65", "refused channels=64"),
            ("run version=2 size=64 seconds=1 channels=1", "refused version=1"),
        ):
            with self.subTest(asked=asked):
                stranger = self.open_control()
                self.say(stranger, asked)
                self.wait_for_answer(stranger, answer)
                stranger.close_input()
                stranger.exit_code()
        self.assert_still_serves()

    def test_nonsense_ends_the_connection(self):
        for words in (
            ["nonsense \u2620"],
            ["run size=1 size=2"],
            ["run " + "a=1 " * 200],
            ["end messages=1 bytes=1 elapsed-us=1 cpu-us=1 resent=0"],
            ["begin"],
            ["stop"],
            ["progress"],
            [self.RUN, self.RUN],
            [self.RUN, "stop"],
            [self.RUN, "end"],
            [self.RUN, "begin", "begin"],
        ):
            with self.subTest(words=words):
                stranger = self.open_control()
                for text in words:
                    self.say(stranger, text)
                self.listener.wait_for("error", code="protocol")
                self.listener.wait_for("closed")
                stranger.close_input()
                stranger.exit_code()
        self.assert_still_serves()

    def test_channels_that_were_not_agreed_on_are_closed(self):
        stranger = self.open_control()
        for label in ("bench-data", "bench-ping", "bench", "chat"):
            stranger.send(f"create {self.target} {label}\n")
        for number in range(1, 5):
            stranger.wait_for("close", channel=number)
        self.say(stranger, self.RUN)
        self.wait_for_answer(stranger, "ready")
        for _ in range(3):
            stranger.send(f"create {self.target} bench-data\n")
        closed = {stranger.wait_for("close")["channel"] for _ in range(2)}
        self.assertEqual(closed, {6, 7})

    def test_a_caller_that_asks_and_falls_silent_is_dropped(self):
        stranger = self.open_control()
        self.say(stranger, self.RUN)
        self.wait_for_answer(stranger, "ready")
        self.assert_still_serves()
        self.listener.wait_for("error", code="timeout")

    def test_a_caller_that_begins_and_sends_nothing_is_dropped_for_the_next(self):
        stranger = self.open_control()
        self.say(stranger, self.RUN.replace("seconds=1", "seconds=3600"))
        self.wait_for_answer(stranger, "ready")
        stranger.send(f"create {self.target} bench-data\n")
        self.say(stranger, "begin")
        self.listener.wait_for("run")
        self.assert_still_serves()
        self.listener.wait_for("error", code="lost")

    def test_unknown_words_of_a_later_version_are_skipped(self):
        stranger = self.open_control()
        self.say(stranger, "dance colour=7")
        self.say(stranger, self.RUN + " colour=7")
        self.wait_for_answer(stranger, "ready")


class StrangeListeners(StrangerCase):
    def serve(self, *answers):
        """A listener that gives these answers, one for each message on the control channel."""
        stranger = self.stranger("odd")
        stranger.wait_for("registered")
        caller = self.pierce("bench", "--to", "odd", "--seconds", "1", "--json", "--timeout", "20")
        channel = stranger.wait_for("channel", label="bench")["channel"]
        for answer in answers:
            stranger.wait_for("message", channel=channel, kind="text")
            self.say(stranger, answer, channel)
        return caller

    def test_a_refusal_is_told(self):
        caller = self.serve("refused size=1000")
        self.assertIn("size of 1 to 1000", caller.wait_for("error", code="refused")["message"])
        self.assertEqual(caller.exit_code(), 1)

    def test_another_version_is_told(self):
        caller = self.serve("refused version=9")
        self.assertIn("another version", caller.wait_for("error", code="refused")["message"])
        self.assertEqual(caller.exit_code(), 1)

    def test_nonsense_is_exit_code_1(self):
        for answer in ("READY", "ready size", "ready " + "x" * 600):
            with self.subTest(answer=answer):
                caller = self.serve(answer)
                caller.wait_for("error", code="protocol")
                self.assertEqual(caller.exit_code(), 1)
                Program.end_all()
                self.setUp()

    def test_impossible_figures_stay_figures(self):
        end = " ".join(f"{key}={LARGEST}" for key in ("messages", "bytes", "elapsed-us", "cpu-us", "resent"))
        summary = self.finish(self.serve("ready", f"progress {end}", f"end {end}"))
        self.assertEqual(summary["loss"], 0)
        self.assertEqual(summary["messages_received"], LARGEST)

    def test_a_listener_that_falls_silent_is_exit_code_1(self):
        caller = self.serve("ready")
        caller.wait_for("error", code="timeout")
        summary = self.finish(caller, exit_code=1)
        self.assertIs(summary["complete"], False)
        self.assertIsNone(summary["bytes_received"])


class Failure(Case):
    def test_no_such_listener_is_exit_code_1(self):
        caller = self.pierce("bench", "--to", "nobody", "--timeout", "1", "--json")
        self.assertIn('"nobody"', caller.wait_for("error", code="timeout")["message"])
        self.assertEqual(caller.exit_code(), 1)

    def test_an_echo_is_no_listener(self):
        self.pierce("echo", "--name", "mirror", "--json").wait_for("registered")
        caller = self.pierce("bench", "--to", "mirror", "--json")
        self.assertIn("--listen", caller.wait_for("error", code="no-listener")["message"])
        self.assertEqual(caller.exit_code(), 1)

    def test_wrong_usage_is_exit_code_2(self):
        for arguments in (
            [],
            ["--listen", "--to", "mirror"],
            ["--to", "mirror", "--size", "0"],
            ["--to", "mirror", "--size", "257k"],
            ["--to", "mirror", "--size", "99999999999999999999k"],
            ["--to", "mirror", "--size", "16kb"],
            ["--to", "mirror", "--size", "-1"],
            ["--to", "mirror", "--size", ""],
            ["--to", "mirror", "--seconds", "0"],
            ["--to", "mirror", "--seconds", "3601"],
            ["--to", "mirror", "--channels", "0"],
            ["--to", "mirror", "--channels", "65"],
            ["--to", "mirror", "--max-retransmits", "-1"],
            ["--to", "mirror", "--max-retransmits", "65536"],
            ["--to", "mirror", "--room", "lobby"],
        ):
            with self.subTest(arguments=arguments):
                program = Program(PATHS.pierce, "bench", *arguments)
                self.assertEqual(program.exit_code(), 2)
                self.assertIn("pierce bench", program.errors())

    def test_a_listener_warns_of_what_the_caller_chooses(self):
        listener = self.pierce("bench", "--listen", "--json", "--size", "1k")
        self.assertEqual(listener.wait_for("registered")["name"], "bench")
        listener.signal(signal.SIGTERM)
        self.assertEqual(listener.exit_code(), 0)
        self.assertIn("--size", listener.errors())

    def test_options_come_from_the_environment(self):
        self.pierce("bench", "--json", env={"PIERCE_LISTEN": "1"}).wait_for("registered")
        variables = {"PIERCE_SECONDS": "1", "PIERCE_SIZE": "2k", "PIERCE_LISTEN": "1", "PIERCE_REVERSE": "1"}
        caller = self.pierce("bench", "--to", "bench", "--json", env=variables)
        self.assertEqual(caller.exit_code(), 0)
        summary = caller.lines[-1]
        self.assertEqual((summary["seconds"], summary["size"], summary["reverse"]), (1, 2048, True))


if __name__ == "__main__":
    enter_namespace()
    unittest.main(argv=[sys.argv[0], *REST], verbosity=2)
