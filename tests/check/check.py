#!/usr/bin/env python3
"""Checks the rules of the house.

check.py RULE... --root DIR --build DIR   check them; no RULE means all
check.py --self-test RULE...              show that each one can fail
check.py --update --root DIR --build DIR  write the list of exported symbols anew
check.py --list                           what there is

Exits 0 if all is well, 1 with one line per problem, 77 if a rule cannot run here."""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

from rules import includes, shape, symbols, testing  # noqa: E402
from tree import Tree  # noqa: E402

RULES = {r.name: r for family in (includes, shape, symbols, testing) for r in family.RULES}
SKIPPED = 77


def sample_problems(rule, sample):
    with tempfile.TemporaryDirectory(prefix="pierce-check-") as directory:
        for path, text in sample.files.items():
            file = Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return list(rule.check(Tree(directory)))


def self_test(rule):
    if not any(s.says for s in rule.samples) or all(s.says for s in rule.samples):
        yield f"{rule.name}: needs a bad sample and a good one"
    for number, sample in enumerate(rule.samples, 1):
        found = sample_problems(rule, sample)
        if sample.says is None and found:
            yield f"{rule.name}: good sample {number} is refused: {found[0]}"
        elif sample.says and not any(sample.says in line for line in found):
            yield f"{rule.name}: bad sample {number} passes, expected \"{sample.says}\", got {found}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", metavar="RULE", choices=[*RULES, []])
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2])
    parser.add_argument("--build")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()

    if options.list:
        print("\n".join(f"{rule.name:14} {rule.sentence}" for rule in RULES.values()))
        return 0
    if options.update:
        symbols.update_exports(Tree(options.root, options.build))
        return 0
    problems = []
    try:
        for rule in [RULES[name] for name in options.rules or RULES]:
            tree = Tree(options.root, options.build)
            problems += self_test(rule) if options.self_test else rule.check(tree)
    except LookupError as error:
        print(f"skipped: {error}")
        return SKIPPED
    print("\n".join(problems) or f"ok: {', '.join(options.rules) or 'all rules'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
