"""run.py PIERCED [TEST...]: runs the tests of this directory against that program."""

import sys
import unittest
from pathlib import Path

from raw import Pierced

Pierced.program = sys.argv[1]
here = str(Path(__file__).parent)
loader = unittest.defaultTestLoader
tests = loader.loadTestsFromNames(sys.argv[2:]) if sys.argv[2:] else loader.discover(here, "test_*.py")
sys.exit(not unittest.TextTestRunner(verbosity=2).run(tests).wasSuccessful())
