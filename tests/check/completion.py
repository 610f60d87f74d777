"""completion.py SCRIPT PIERCE: bash completes the commands and options that --help names, and no others."""

import re
import subprocess
import sys

COMPLETE = """
source "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_pierce
printf '%s\\n' "${COMPREPLY[@]}"
"""
# A word that is begun -> what it is completed to.
SAMPLES = {
    ("pierce", "b"): {"bench"},
    ("pierce", "bench", "--max"): {"--max-retransmits"},
    ("pierce", "chat", "--ro"): {"--room"},
    ("pierce", "ping", "--size", "16"): {"16k"},
    ("pierce", "bench", "--size", "=", "64"): {"64", "64k"},
    ("pierce", "bench", "--to", ""): set(),
    ("pierce", "sing", "--"): set(),
}


def completed(script, *words):
    run = subprocess.run(["bash", "-c", COMPLETE, "bash", script, *words], capture_output=True, text=True, check=True)
    if run.stderr:
        sys.exit(run.stderr)
    return set(run.stdout.split())


def help_of(program, *command):
    return subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True).stdout


def differences(what, done, named):
    return ([f"{what}: {word} is in --help and is not completed" for word in named - done] +
            [f"{what}: {word} is completed and is not in --help" for word in done - named])


def main():
    script, program = sys.argv[1:]
    commands = set(re.findall(r"^  ([a-z]+)  ", help_of(program).split("Commands:")[1], re.MULTILINE))
    problems = differences("pierce", completed(script, "pierce", ""), commands | {"--help", "--version"})
    for command in commands:
        named = set(re.findall(r"^\s+(?:-\w, )?(--[\w-]+)", help_of(program, command), re.MULTILINE))
        problems += differences(f"pierce {command}", completed(script, "pierce", command, "--"), named)
    files = {("pierce", "echo", "--token-file", script[:-len(".bash")]): {script}}
    for words, wanted in {**SAMPLES, **files}.items():
        if (done := completed(script, *words)) != wanted:
            problems.append(f"{' '.join(words)} is completed to {sorted(done)}, not {sorted(wanted)}")
    sys.exit("\n".join(sorted(problems)) or 0)


main()
