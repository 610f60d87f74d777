"""Programs under test, what they print, and a network that only they are in."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time

SKIP = 77
DEADLINE_S = 30
INTERFACE = "pierce0"
ADDRESS = "10.99.0.1/24"


def enter_namespace():
    """Runs this script again in a network namespace with one address and no way out."""
    if os.environ.get("PIERCE_TEST_NAMESPACE"):
        for command in (
            ["link", "set", "lo", "up"],
            ["link", "add", INTERFACE, "type", "veth", "peer", "name", "pierce1"],
            ["link", "set", INTERFACE, "up"],
            ["link", "set", "pierce1", "up"],
        ):
            subprocess.run(["ip", *command], check=True)
        set_address(ADDRESS)
        return
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        print("skipped: needs root, unshare and ip to make a network of its own")
        sys.exit(SKIP)
    os.environ["PIERCE_TEST_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])


def set_address(address):
    """Gives the namespace's interface this one IPv4 address."""
    subprocess.run(["ip", "-4", "addr", "flush", "dev", INTERFACE], check=True)
    subprocess.run(["ip", "addr", "add", address, "dev", INTERFACE], check=True)


class Program:
    """A program whose standard output is read line by line; with --json each line is parsed."""

    running = []

    def __init__(self, *command, stdin=False, env=None, is_json=False):
        self.command = [str(part) for part in command]
        self.is_json = is_json or "--json" in self.command
        self.lines = []
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        self._queue = queue.Queue()
        self._errors = []
        self._threads = [
            threading.Thread(target=self._read, args=(stream, put), daemon=True)
            for stream, put in ((self.process.stdout, self._queue.put), (self.process.stderr, self._errors.append))
        ]
        for thread in self._threads:
            thread.start()
        Program.running.append(self)

    @staticmethod
    def _read(stream, put):
        for line in stream:
            put(line.decode())
        put(None)

    def _fail(self, what):
        errors = "".join(line for line in self._errors if line)
        raise AssertionError(f"{' '.join(self.command)}: {what}\nprinted: {self.lines[-20:]}\n{errors}")

    def next(self, deadline):
        """The next line, or None at the end of the output."""
        try:
            line = self._queue.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            self._fail("said nothing more before the deadline")
        if line is None:
            return None
        self.lines.append(json.loads(line) if self.is_json else line)
        return self.lines[-1]

    def wait_for(self, event, timeout=DEADLINE_S, **members):
        """The next event of this name whose members have these values."""
        deadline = time.monotonic() + timeout
        while (line := self.next(deadline)) is not None:
            if line["event"] == event and all(line.get(key) == value for key, value in members.items()):
                return line
        self._fail(f"ended without the event {event} {members}")

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def close_input(self):
        self.process.stdin.close()

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def exit_code(self, timeout=DEADLINE_S):
        """Reads to the end of the output and returns the exit code."""
        deadline = time.monotonic() + timeout
        while self.next(deadline) is not None:
            pass
        return self.process.wait(max(deadline - time.monotonic(), 0.1))

    def errors(self):
        """What an ended program wrote to standard error."""
        for thread in self._threads:
            thread.join(DEADLINE_S)
        return "".join(line for line in self._errors if line)

    @classmethod
    def end_all(cls):
        for program in cls.running:
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()
            for thread in program._threads:
                thread.join()
            for stream in (program.process.stdin, program.process.stdout, program.process.stderr):
                if stream and not stream.closed:
                    stream.close()
        cls.running.clear()
