"""readme.py SOURCE: the README's C example is tests/check/consumer/mirror.c, to the letter, in under 40
lines, the README is under 150 lines, the two commands stand at its top, and what the documents link to exists."""

import re
import sys
from pathlib import Path

source = Path(sys.argv[1])
readme = (source / "README.md").read_text()
blocks = re.findall(r"(?ms)^```c\n(.*?)^```$", readme)
program = (source / "tests/check/consumer/mirror.c").read_text()

if program not in blocks:
    sys.exit("README.md does not hold tests/check/consumer/mirror.c as its C example")
if program.count("\n") >= 40:
    sys.exit(f"the README's C example has {program.count(chr(10))} lines; it stays under 40")
if readme.count("\n") >= 150:
    sys.exit(f"README.md has {readme.count(chr(10))} lines; it stays under 150")
for command in ("./scripts/demo", "./scripts/test"):
    if command not in "\n".join(readme.split("\n")[:30]):
        sys.exit(f"README.md does not name {command} in its first 30 lines")

documents = [source / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
documents += [*(source / "docs").glob("*.md"), source / "third_party/README.md"]
for document in documents:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
        if not (document.parent / target).exists():
            sys.exit(f"{document.relative_to(source)} links to {target}, which does not exist")
