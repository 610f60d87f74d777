"""Rules 4 and 5, on what was built: no writable globals, and nothing exported by accident."""

import re
import subprocess
from pathlib import Path

import tables
from rules import Rule, Sample
from tree import LIBRARY_DIRECTORIES, problem

EXPORTS = "tests/check/exported-symbols.txt"
LIBRARIES = {"libpierce": "libpierce.so", "libpierce-signaling": "libpierce-signaling.so"}
WRITABLE = re.compile(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)|\*COM\*")


def nm(*arguments):
    return subprocess.run(["nm", *arguments], check=True, capture_output=True, text=True).stdout


def writable_symbols(binary):
    for line in nm("--format=sysv", str(binary)).splitlines():
        fields = [f.strip() for f in line.split("|")]
        if len(fields) == 7 and fields[3] in ("OBJECT", "TLS") and WRITABLE.match(fields[6]):
            yield fields[0]


def check_writable_data(tree):
    if not tree.build:
        raise LookupError("no build directory was given")
    tolerated = re.compile("|".join(f"(?:{p})" for p in tables.TOLERATED_DATA))
    objects = [o for d in LIBRARY_DIRECTORIES for o in sorted((tree.build / d).rglob("*.o"))]
    if not objects:
        raise LookupError(f"no object files below {tree.build}: build first")
    for binary in objects:
        if binary.name.startswith(tables.GLOBALS_OWNER):
            continue
        for symbol in writable_symbols(binary):
            if not tolerated.fullmatch(symbol):
                yield problem(binary.relative_to(tree.build), 0, f"{symbol} is writable: make it const, or "
                              "move it into an object")


def exported(library):
    lines = nm("-D", "--defined-only", "--format=posix", str(library)).splitlines()
    return sorted(line.split()[0] for line in lines if line.split()[1] not in ("A", "a"))


def find_library(tree, name):
    found = sorted(p for p in tree.build.rglob(name) if "CMakeFiles" not in p.parts)
    return found[0] if found else None


def built_exports(tree):
    if not tree.build:
        raise LookupError("no build directory was given")
    libraries = {label: find_library(tree, name) for label, name in LIBRARIES.items()}
    if not libraries["libpierce"]:
        raise LookupError(f"no libpierce.so below {tree.build}: build first")
    return [f"{label} {symbol}" for label, library in libraries.items() if library
            for symbol in exported(library)]


def check_exports(tree):
    listed = tree.text(EXPORTS).split("\n") if tree.exists(EXPORTS) else []
    listed = {line for line in listed if line and not line.startswith("#")}
    built = set(built_exports(tree))
    for line in sorted(built - listed):
        yield problem(EXPORTS, 0, f"{line} is exported and not listed: hide it, or run check.py --update")
    for line in sorted(listed - built):
        yield problem(EXPORTS, 0, f"{line} is listed and no longer exported: that breaks programs")


def update_exports(tree):
    header = ("# What the libraries export: their binary interface.  Written by tests/check/check.py --update;\n"
              "# a removed line breaks programs that were linked against an earlier build.\n")
    (tree.root / EXPORTS).write_text(header + "".join(f"{line}\n" for line in built_exports(tree)))


def compile_sample(tree):
    """Samples come as sources: a library per directory, into build/ beside them."""
    tree.build = tree.root / "build"
    for source in tree.c_files():
        target = tree.build / source
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-fPIC", "-c", tree.root / source, "-o", target.with_suffix(".o")], check=True)
        if Path(source).name == "library.c":
            subprocess.run(["cc", "-shared", target.with_suffix(".o"), "-o", tree.build / "libpierce.so"],
                           check=True)


def on_sample(check):
    def run(tree):
        if tree.build is None:
            compile_sample(tree)
        return check(tree)
    return run


RULES = [
    Rule("writable-data", "no writable data outside sctp-engine", on_sample(check_writable_data), [
        Sample({"ice/a.c": "int counter;\n"}, "counter is writable"),
        Sample({"ice/a.c": "static int n = 1;\nint *f(void)\n{\n    return &n;\n}\n"}, "n is writable"),
        Sample({"ice/a.c": "_Thread_local int n;\n"}, "n is writable"),
        Sample({"datachannel/sctp-engine.c": "int counter;\n",
                "ice/a.c": "const char *const names[] = { \"a\" };\nint thing_parent_class;\n"}, None),
    ]),
    Rule("exports", "the libraries export what is listed", on_sample(check_exports), [
        Sample({"library.c": "void stray(void)\n{\n}\n"}, "stray is exported and not listed"),
        Sample({"library.c": "void kept(void)\n{\n}\n",
                EXPORTS: "libpierce kept\nlibpierce gone\n"}, "gone is listed and no longer exported"),
        Sample({"library.c": "void kept(void)\n{\n}\n", EXPORTS: "# list\nlibpierce kept\n"}, None),
    ]),
]
