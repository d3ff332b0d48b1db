"""What is wrong with what an operator wrote, each fault with the keys that lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ctmonitor.alerts import Severity

LONGEST_QUOTED = 40
MOST_BITS = 128


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in the table `rules`; `keys` begins with the name of the rule.

    Where it is of a rule as a whole, `why` names the rule.
    """

    keys: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return f"{'.'.join(self.keys)}: {self.why}" if len(self.keys) > 1 else self.why


def severity_of(value: object) -> Severity:
    """The severity in a word; ValueError for any other."""
    names = [str(severity) for severity in Severity]
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{quoted(value)} is not one of {', '.join(names)}")
    return Severity(value)


def truth_of(value: object) -> bool:
    """The truth itself; ValueError for anything else."""
    if not isinstance(value, bool):
        raise ValueError(f"{quoted(value)} is neither true nor false")
    return value


def quoted(value: object, longest: int = LONGEST_QUOTED) -> str:
    """The beginning of a value, quoted; of one that cannot be spelled so, what it is."""
    if not is_short(value):
        return "a number of so many digits"
    if isinstance(value, Mapping | list):
        return "a table" if isinstance(value, Mapping) else "a list"
    return repr(str(value)[:longest])


def is_short(value: object) -> bool:
    """Whether a value is anything but a whole number that Python refuses to spell, or nearly."""
    return not isinstance(value, int) or value.bit_length() <= MOST_BITS


def near(name: str, known: Iterable[str]) -> str:
    """`(did you mean …?)` where a known name is near; else nothing."""
    found = get_close_matches(name[:100], known, n=1)
    return f" (did you mean {found[0]}?)" if found else ""
