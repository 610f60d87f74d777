"""What scripts/tally makes of the records of a run."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TALLY = Path(__file__).resolve().parents[2] / "scripts/tally"
XML = """<testsuite><testcase name="a" status="run"/><testcase name="b" status="fail"/>
<testcase name="c" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
<system-out>skipped: needs root</system-out></testcase></testsuite>"""
CASES = [
    ("nothing at all is a failure", {}, "0 passed, 0 failed, 0 skipped", 1),
    ("steps count", {"steps": "passed build\npassed configure\n"}, "2 passed, 0 failed, 0 skipped", 0),
    ("a failed step fails", {"steps": "passed a\nfailed b c\n"}, "1 passed, 1 failed, 0 skipped", 1),
    ("tests of all presets count", {"r.xml": XML, "s.xml": XML}, "2 passed, 2 failed, 2 skipped", 1),
    ("a missing program is a failure",
     {"r.xml": XML.replace("SKIP_RETURN_CODE=77", "Unable to find executable")},
     "1 passed, 2 failed, 0 skipped", 1),
]


class Tally(unittest.TestCase):
    def test_cases(self):
        for name, files, last_line, status in CASES:
            with self.subTest(name), tempfile.TemporaryDirectory() as directory:
                for file, text in files.items():
                    Path(directory, file).write_text(text)
                run = subprocess.run([sys.executable, TALLY, directory], capture_output=True, text=True)
                self.assertEqual(run.stdout.splitlines()[-1], last_line)
                self.assertEqual(run.returncode, status)

    def test_says_why_a_test_was_skipped(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "r.xml").write_text(XML)
            run = subprocess.run([sys.executable, TALLY, directory], capture_output=True, text=True)
            self.assertIn("skipped: r: c (skipped: needs root)", run.stdout)


if __name__ == "__main__":
    unittest.main()
