"""man.py SOURCE PIERCE PIERCED: the man pages name each option that --help names, and no other."""

import re
import subprocess
import sys
from pathlib import Path

PAGES = {"pierce.1": (1, ["", "bench", "chat", "echo", "ping"]), "pierced.8": (2, [""])}


def options_of(program, commands):
    found = set()
    for command in commands:
        arguments = [program, *command.split(), "--help"]
        text = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"^\s+(?:-\w, )?(--[\w-]+)", text, re.MULTILINE))
    return found | {"--help", "--version"}


def main():
    source, programs = Path(sys.argv[1]), sys.argv[2:]
    problems = []
    for page, (number, commands) in PAGES.items():
        text = (source / "docs/man" / page).read_text().replace("\\-", "-")
        named = set(re.findall(r"--[a-z][\w-]*", text))
        options = options_of(programs[number - 1], commands)
        problems += [f"docs/man/{page}: {o} is in --help and not in the page" for o in options - named]
        problems += [f"docs/man/{page}: {o} is in the page and not in --help" for o in named - options]
    sys.exit("\n".join(sorted(problems)) or 0)


main()
