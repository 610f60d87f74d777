"""What the tests of the command line have in common: a server, and the programs that they are told of."""

import argparse
import unittest

from harness import Program

parser = argparse.ArgumentParser()
parser.add_argument("--pierce", required=True)
parser.add_argument("--pierced", required=True)
parser.add_argument("--peer", help="tests/support/interop-peer.c, built")
PATHS, REST = parser.parse_known_args()


class Case(unittest.TestCase):
    def setUp(self):
        self.server, self.url = self.start_server()

    def tearDown(self):
        Program.end_all()

    def start_server(self, *options, listen="127.0.0.1:0"):
        server = Program(PATHS.pierced, "--json", "--listen", listen, *options)
        return server, server.wait_for("listening")["ws"]

    def pierce(self, command, *options, stdin=False, url=None, env=None):
        return Program(PATHS.pierce, command, "--server", url or self.url, *options, stdin=stdin, env=env)
