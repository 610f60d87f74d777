"""Rules 8 and 9: what has to have a test, and how tests behave."""

import json
import re
import subprocess

import tables
from rules import Rule, Sample
from rules.includes import stem
from tree import LIBRARY_DIRECTORIES, problem

WAITS = [
    (re.compile(r"\b(sleep|usleep|nanosleep|g_usleep|clock_nanosleep)\s*\("), (".c", ".h", ".py")),
    (re.compile(r"\bwaitForTimeout\s*\(|\bsetTimeout\s*\(\s*(r|resolve|done|ok|fulfil)\b"), (".js", ".mjs", ".html")),
    (re.compile(r"^\s*sleep\s"), (".sh",)),
]
HOST = re.compile(r"(?:\b(?:https?|wss?)://|\b(?:stun|turn)s?:)(?:[^@/\s\"'`]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)")
LAB = re.compile("|".join(f"(?:{p})" for p in tables.LAB_HOSTS), re.IGNORECASE)


def unit_test(pure_stem):
    return f"tests/unit/test-{tables.PURE[pure_stem] or pure_stem.rsplit('/', 1)[1]}.c"


def check_tested(tree):
    stems = {stem(p) for p in tree.c_files(*LIBRARY_DIRECTORIES, "apps")}
    for pure in tables.PURE:
        if pure not in stems:
            yield problem("tests/check/tables.py", 0, f"{pure} is listed as pure and does not exist")
        elif not tree.exists(unit_test(pure)):
            yield problem(pure, 0, f"pure, so it has a unit test: {unit_test(pure)} is missing")
    for name in tables.FUZZED:
        if not tree.exists(f"tests/fuzz/fuzz-{name}.c"):
            yield problem("tests/fuzz", 0, f"fuzz-{name}.c is missing: strangers feed this parser")
        corpus = tree.root / "tests/fuzz/corpus" / name
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield problem("tests/fuzz/corpus", 0, f"{name}/ has no file to start from")


def check_manners(tree):
    for path in tree.files("tests"):
        if path.startswith("tests/check/rules/"):
            continue
        parses_only = path in {unit_test(pure) for pure in tables.PURE}
        is_c = path.endswith((".c", ".h"))
        for number, line in enumerate((tree.code(path) if is_c else tree.text(path)).split("\n"), 1):
            for pattern, suffixes in WAITS:
                if path.endswith(suffixes) and pattern.search(line):
                    yield problem(path, number, "a sleep: wait for the condition, with a deadline")
        for number, line in enumerate([] if parses_only else tree.text(path).split("\n"), 1):
            for host in HOST.findall(line):
                if not LAB.fullmatch(host):
                    yield problem(path, number, f"{host} is outside loopback and the lab")


def check_deadlines(tree):
    if not tree.build:
        raise LookupError("no build directory was given")
    run = subprocess.run(["ctest", "--show-only=json-v1"], cwd=tree.build, check=True, capture_output=True,
                         text=True)
    for test in json.loads(run.stdout)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        if "TIMEOUT" not in properties:
            yield problem(test["name"], 0, "no TIMEOUT: a test that hangs must end by itself")
        if "LABELS" not in properties:
            yield problem(test["name"], 0, "no LABELS: say what kind of test it is")


def on_sample(check):
    def run(tree):
        if tree.build is None and tree.exists("CTestTestfile.cmake"):
            tree.build = tree.root
        return check(tree)
    return run


def _complete_tree():
    files = {f"{s}.h": "" for s in tables.PURE}
    files |= {unit_test(s): "" for s in tables.PURE}
    files |= {f"tests/fuzz/fuzz-{n}.c": "" for n in tables.FUZZED}
    return files | {f"tests/fuzz/corpus/{n}/one": "x" for n in tables.FUZZED}


def _without(path):
    return {p: t for p, t in _complete_tree().items() if p != path}


RULES = [
    Rule("tested", "each pure file has a unit test, each parser a fuzz target and a corpus", check_tested, [
        Sample(_without("tests/unit/test-sdp.c"), "test-sdp.c is missing"),
        Sample(_without("tests/fuzz/fuzz-sdp.c"), "fuzz-sdp.c is missing"),
        Sample(_without("tests/fuzz/corpus/sdp/one"), "no file to start from"),
        Sample(_without("datachannel/sdp.h"), "does not exist"),
        Sample(_complete_tree(), None),
    ]),
    Rule("manners", "tests never sleep and never leave the lab", check_manners, [
        Sample({"tests/unit/a.c": "g_usleep(1000);\n"}, "a sleep"),
        Sample({"tests/interop/a.mjs": "await new Promise(r => setTimeout(r, 100));\n"}, "a sleep"),
        Sample({"tests/a.py": "time.sleep(1)\n"}, "a sleep"),
        Sample({"tests/unit/a.c": 'connect("stun:stun.somewhere.com:3478");\n'}, "outside loopback"),
        Sample({"tests/interop/a.mjs": "fetch('https://cdn.somewhere.net/x')\n"}, "outside loopback"),
        Sample({"tests/unit/test-ice-server.c": 'parse("stun:1.2.3.256");\n'}, None),
        Sample({"tests/unit/a.c": '/* no sleep() here */ f("ws://127.0.0.1:1/", "stun:stun.example.org");\n'}, None),
    ]),
    Rule("deadlines", "each test has a time limit and a label", on_sample(check_deadlines), [
        Sample({"CTestTestfile.cmake": 'add_test(a "true")\n'}, "no TIMEOUT"),
        Sample({"CTestTestfile.cmake":
                'add_test(a "true")\nset_tests_properties(a PROPERTIES TIMEOUT 5)\n'}, "no LABELS"),
        Sample({"CTestTestfile.cmake":
                'add_test(a "true")\nset_tests_properties(a PROPERTIES TIMEOUT 5 LABELS unit)\n'}, None),
    ]),
]
