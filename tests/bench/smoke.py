"""Runs pierce-bench briefly, and looks whether every figure is there.  How large they are is no matter."""

import json
import subprocess
import sys

FIGURES = {"64", "1k", "16k", "64k", "256k", "unordered", "rtt", "setup-local", "setup", "memory", "memory-100",
           "rtt20"}
OPTIONS = ["--json", "--peers=pierce", "--seconds=0.1", "--rounds=1", "--connections=10"]
OPTIONS.append(f"--only={','.join(sorted(FIGURES))}")  # of the long paths one: each takes seconds


def main():
    run = subprocess.run([sys.argv[1], *OPTIONS], stdout=subprocess.PIPE, timeout=50)
    if run.returncode != 0:
        return run.returncode
    figures = json.loads(run.stdout)["figures"]
    missing = FIGURES - {f["name"] for f in figures}
    assert not missing, f"no figure for {', '.join(sorted(missing))}"
    for figure in figures:
        value = figure["values"]["pierce"]["median"]
        is_there = value is not None and (value > 0 or figure["may_be_zero"])
        assert is_there, f"{figure['name']} {figure['metric']} is {value}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
