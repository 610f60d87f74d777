"""Rules 7 and the house's other looks: sizes, depth, format, left-overs, calls without bounds."""

import re
import shutil
import subprocess

import tables
from rules import Rule, Sample
from tree import LIBRARY_DIRECTORIES, problem

SOFT_FILE, HARD_FILE = 500, 700
SOFT_FUNCTION, HARD_FUNCTION = 60, 100
MAX_DEPTH = 4
CODE_SUFFIXES = {".c", ".h", ".py", ".js", ".mjs", ".css", ".html", ".cmake", ".sh"}
LEFT_OVERS = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"]) + r")\b")
COMMENTED_OUT = re.compile(r"^\s*(//.*;|/\*\s*[\w>.\-\[\]]+(\(.*\)| = .*);\s*\*/)\s*$")
UNBOUNDED = re.compile(r"\b(sscanf|strtok|strtok_r|atoi|atol|atof|strcpy|strcat|sprintf|vsprintf|gets)\s*\(")


def too_long(what, lines, soft, hard, reason):
    if lines > hard:
        return f"{what} has {lines} lines; the hard limit is {hard}"
    if lines > soft and not reason:
        return f"{what} has {lines} lines; over {soft} needs a reason in tests/check/tables.py"
    return None


def check_sizes(tree):
    for path in tree.files(suffixes=CODE_SUFFIXES):
        lines = tree.text(path).count("\n")
        message = too_long("the file", lines, SOFT_FILE, HARD_FILE, tables.LONG_FILES.get(path))
        if message:
            yield problem(path, 0, message)
    for path in tree.c_files():
        for function in tree.functions(path):
            key = f"{path}:{function.name}"
            if not function.name.endswith("class_init"):
                message = too_long(f"{function.name}()", function.lines, SOFT_FUNCTION, HARD_FUNCTION,
                                   tables.LONG_FUNCTIONS.get(key))
                if message:
                    yield problem(path, function.line, message)
            if function.depth > MAX_DEPTH and key not in tables.DEEP_FUNCTIONS:
                yield problem(path, function.line, f"{function.name}() nests {function.depth} deep; "
                              f"{MAX_DEPTH} is the limit")


def check_first_comment(tree):
    for path in tree.c_files(*LIBRARY_DIRECTORIES, "apps"):
        if not tree.text(path).startswith("/*"):
            yield problem(path, 1, "the first thing in a file is a comment that says what it is for")


def check_format(tree):
    files = tree.c_files()
    if not files:
        return
    if not shutil.which("clang-format"):
        raise LookupError("clang-format is not installed")
    run = subprocess.run(["clang-format", "--style=file", "--dry-run", "-Werror", *files], cwd=tree.root,
                         capture_output=True, text=True)
    for line in run.stderr.splitlines():
        if "clang-format-violations" in line:
            yield line.replace("code should be clang-formatted", "run clang-format -i on it")


def check_left_overs(tree):
    for path in tree.files():
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            found = LEFT_OVERS.search(line)
            if found:
                yield problem(path, number, f"{found.group(1)}: do it now, or write it down as an issue")
            if path.endswith((".c", ".h")) and COMMENTED_OUT.match(line):
                yield problem(path, number, "commented-out code: delete it, the history keeps it")


def check_unbounded(tree):
    for path in tree.c_files(*LIBRARY_DIRECTORIES, "apps"):
        for number, line in enumerate(tree.code(path).split("\n"), 1):
            found = UNBOUNDED.search(line)
            if found:
                yield problem(path, number, f"{found.group(1)}() has no bounds: parse or copy with lengths")


def check_quarks(tree):
    for path in tree.c_files(*LIBRARY_DIRECTORIES, "apps"):
        for number, line in enumerate(tree.code(path).split("\n"), 1):
            if "G_DEFINE_QUARK" in line:
                yield problem(path, number, "G_DEFINE_QUARK: clang-format takes the name for a subtraction and puts "
                              "spaces into it; write the function, with g_quark_from_static_string()")


def _function(lines, name="f", depth=1):
    body = "".join("    " * i + "if (x) {\n" for i in range(1, depth)) + "    x();\n" * lines
    return f"/* a */\nstatic void\n{name}(void)\n{{\n{body}" + "    }\n" * (depth - 1) + "}\n"


_CLANG_FORMAT = "BasedOnStyle: LLVM\nIndentWidth: 4\n"

RULES = [
    Rule("sizes", "files <= 500 lines, functions <= 60, braces <= 4 deep", check_sizes, [
        Sample({"ice/a.c": "/* a */\n" * 501}, "over 500"),
        Sample({"apps/web/a.js": "x;\n" * 701}, "hard limit"),
        Sample({"ice/a.c": _function(70)}, "over 60"),
        Sample({"ice/a.c": _function(120)}, "hard limit"),
        Sample({"ice/a.c": _function(1, depth=5)}, "nests 5 deep"),
        Sample({"ice/a.c": _function(90, name="thing_class_init") + _function(50) + _function(1, depth=4)}, None),
    ]),
    Rule("first-comment", "each file says what it is for", check_first_comment, [
        Sample({"ice/a.h": "#pragma once\n"}, "first thing"),
        Sample({"ice/a.h": "/* A thing. */\n#pragma once\n"}, None),
    ]),
    Rule("format", "clang-format decides", check_format, [
        Sample({".clang-format": _CLANG_FORMAT, "ice/a.c": "int   f( void );\n"}, "run clang-format"),
        Sample({".clang-format": _CLANG_FORMAT, "ice/a.c": "int f(void);\n"}, None),
    ]),
    Rule("left-overs", "no notes to self, no commented-out code", check_left_overs, [
        Sample({"ice/a.c": "/* TO" "DO: more */\n"}, "do it now"),
        Sample({"scripts/a.sh": "# FIX" "ME\n"}, "do it now"),
        Sample({"ice/a.c": "// free(thing);\n"}, "commented-out"),
        Sample({"ice/a.c": "/* x->y = free(z); */\n"}, "commented-out"),
        Sample({"ice/a.c": "/* Calls free(); then returns. */\n    *out = 1;\n"}, None),
    ]),
    Rule("unbounded", "no calls that parse or copy without bounds", check_unbounded, [
        Sample({"ice/a.c": "x = atoi(s);\n"}, "atoi()"),
        Sample({"signaling/a.c": "sprintf(s, \"%d\", 1);\n"}, "sprintf()"),
        Sample({"ice/a.c": "/* not atoi() */ g_snprintf(s, 2, \"atoi(\");\n"}, None),
    ]),
    Rule("quarks", "error domains are named without spaces", check_quarks, [
        Sample({"ice/a.c": "G_DEFINE_QUARK(pierce - a - quark, a)\n"}, "G_DEFINE_QUARK"),
        Sample({"ice/a.c": 'GQuark\na_quark(void)\n{\n    return g_quark_from_static_string("pierce-a-quark");\n}\n'}, None),
    ]),
]
