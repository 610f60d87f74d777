"""Runs pierce-bench briefly, and looks whether every figure is there.  How large they are is no matter."""

import json
import subprocess
import sys

FIGURES = {"64", "1k", "16k", "64k", "256k", "unordered", "rtt", "setup-local", "setup", "memory", "memory-100",
           "rtt20"}
OPTIONS = ["--json", "--peers=pierce", "--seconds=0.1", "--rounds=1"]
# Of the long paths one, and few connections over it: each takes seconds.
RUNS = [(FIGURES, 10), ({"setup-far"}, 1)]


def check(figures, expected):
    missing = expected - {f["name"] for f in figures}
    assert not missing, f"no figure for {', '.join(sorted(missing))}"
    for figure in figures:
        value = figure["values"]["pierce"]["median"]
        is_there = value is not None and (value > 0 or figure["may_be_zero"])
        assert is_there, f"{figure['name']} {figure['metric']} is {value}"


def main():
    for expected, connections in RUNS:
        only = ",".join(sorted(expected))
        command = [sys.argv[1], *OPTIONS, f"--only={only}", f"--connections={connections}"]
        run = subprocess.run(command, stdout=subprocess.PIPE, timeout=50)
        if run.returncode != 0:
            return run.returncode
        check(json.loads(run.stdout)["figures"], expected)
    return 0


if __name__ == "__main__":
    sys.exit(main())
