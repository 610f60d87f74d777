"""readme.py SOURCE: the README's C example is tests/check/consumer/hello.c, to the letter, the README is
under 150 lines, and the two commands stand at its top."""

import re
import sys
from pathlib import Path

source = Path(sys.argv[1])
readme = (source / "README.md").read_text()
blocks = re.findall(r"(?ms)^```c\n(.*?)^```$", readme)
program = (source / "tests/check/consumer/hello.c").read_text()

if program not in blocks:
    sys.exit("README.md does not hold tests/check/consumer/hello.c as its C example")
if readme.count("\n") >= 150:
    sys.exit(f"README.md has {readme.count(chr(10))} lines; it stays under 150")
for command in ("./scripts/demo", "./scripts/test"):
    if command not in "\n".join(readme.split("\n")[:30]):
        sys.exit(f"README.md does not name {command} in its first 30 lines")
