"""The source tree as the rules see it: files, code without comments, includes, functions."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

SKIPPED_DIRECTORIES = {".git", "build", "node_modules", "__pycache__", "corpus"}
C_SUFFIXES = {".c", ".h"}
TEXT_SUFFIXES = C_SUFFIXES | {".py", ".js", ".mjs", ".css", ".html", ".cmake", ".sh", ".in", ".md", ".txt"}
LIBRARY_DIRECTORIES = ("ice", "datachannel", "signaling")

_COMMENT_OR_STRING = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


@dataclass(frozen=True)
class Include:
    line: int
    quoted: bool
    path: str

    def __str__(self):
        return f'"{self.path}"' if self.quoted else f"<{self.path}>"


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    lines: int
    depth: int


def _blank(match):
    text = match.group(0)
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    return text[0] + "_" * (len(text) - 2) + text[-1]


class Tree:
    """Paths are given relative to the root, with forward slashes."""

    def __init__(self, root, build=None):
        self.root = Path(root).resolve()
        self.build = Path(build).resolve() if build else None

    def files(self, *directories, suffixes=TEXT_SUFFIXES):
        """All files below the directories, or in the whole tree; those without a suffix count as text."""
        found = []
        for directory in directories or ("",):
            for where, names, files in os.walk(self.root / directory):
                names[:] = sorted(n for n in names if n not in SKIPPED_DIRECTORIES)
                for name in sorted(files):
                    path = Path(where) / name
                    if path.suffix in suffixes:
                        found.append(path.relative_to(self.root).as_posix())
        return found

    def c_files(self, *directories):
        return self.files(*directories, suffixes=C_SUFFIXES)

    def exists(self, path):
        return (self.root / path).exists()

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def code(self, path):
        """C without comments and with blank strings; lines keep their numbers."""
        return _COMMENT_OR_STRING.sub(_blank, self.text(path))

    def includes(self, path):
        text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), self.text(path),
                      flags=re.DOTALL)
        return [Include(text.count("\n", 0, m.start()) + 1, m.group(1) == '"', m.group(2))
                for m in _INCLUDE.finditer(text)]

    def functions(self, path):
        """Relies on the format that another rule enforces: a function's braces stand in column 0."""
        lines = self.code(path).split("\n")
        found = []
        start = None
        for number, line in enumerate(lines):
            if line == "{":
                start = number
            elif line.startswith("}") and start is not None:
                found.append(self._function(lines, start, number))
                start = None
        return found

    @staticmethod
    def _function(lines, start, end):
        head = start
        while head > 0 and not re.match(r"[A-Za-z_]\w*\(", lines[head]):
            head -= 1
        name = lines[head].split("(")[0] or "?"
        depth = deepest = 0
        for line in lines[start:end]:
            for char in line:
                depth += (char == "{") - (char == "}")
                deepest = max(deepest, depth)
        return Function(name, head + 1, end - head + 1, deepest)


def problem(path, line, message):
    return f"{path}:{line}: {message}" if line else f"{path}: {message}"
