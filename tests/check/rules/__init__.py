"""One module per family of rules.  A rule is a Rule with its own proof that it can fail."""

from dataclasses import dataclass, field
from typing import Callable


@dataclass(frozen=True)
class Sample:
    """A small tree and what the rule has to say about it: a part of its message, or None for nothing."""

    files: dict
    says: str | None


@dataclass(frozen=True)
class Rule:
    name: str
    sentence: str
    check: Callable
    samples: list = field(default_factory=list)
