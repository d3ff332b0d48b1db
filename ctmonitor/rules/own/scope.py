"""The studies that an own rule is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ctmonitor.records import NCT_ID, Facts, OverallStatus
from ctmonitor.rules.faults import Fault, near, quoted
from ctmonitor.rules.own.wildcard import Test, whole

STUDY_TYPES = ("INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS")
"""https://clinicaltrials.gov/policy/protocol-definitions#StudyType"""

LONGEST_NAME = 200
MOST_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a study must hold; what is empty holds of every study.

    `watch_list` narrows not which studies are asked about but who hears of them.
    """

    sponsors: tuple[Test, ...] = ()
    statuses: frozenset[str] = frozenset()
    study_types: frozenset[str] = frozenset()
    nct_ids: frozenset[str] = frozenset()
    watch_list: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether there are studies that it leaves out."""
        return bool(self.sponsors or self.statuses or self.study_types or self.nct_ids)

    def holds(self, facts: Facts) -> bool:
        """Whether a study, as it stands now, is one of those."""
        sponsor = facts.lead_sponsor or ""
        return (
            (not self.nct_ids or facts.nct_id in self.nct_ids)
            and (not self.statuses or facts.overall_status in self.statuses)
            and (not self.study_types or facts.study_type in self.study_types)
            and (not self.sponsors or any(fits(sponsor) for fits in self.sponsors))
        )


def read_scope(table: Mapping[str, Any]) -> Scope:
    """The scope that a table without faults says."""
    read = {key: reader(table[key]) for key, reader in _READERS.items() if key in table}
    return Scope(
        sponsors=tuple(whole(pattern) for pattern in read.get("sponsor", ())),
        statuses=frozenset(read.get("status", ())),
        study_types=frozenset(read.get("study_type", ())),
        nct_ids=frozenset(read.get("nct", ())),
        watch_list=read.get("watch"),
    )


def scope_faults(name: str, table: object) -> Iterator[Fault]:
    """What is wrong with the table `scope` of the rule of that name."""
    if not isinstance(table, Mapping):
        yield Fault((name, "scope"), f"it is not a table; write [rules.{name}.scope]")
        return
    for key, value in table.items():
        reader = _READERS.get(key)
        if reader is None:
            known = ", ".join(_READERS)
            why = f"a scope has no such key{near(key, _READERS)}; there are {known}"
            yield Fault((name, "scope", key), why)
            continue
        try:
            reader(value)
        except ValueError as problem:
            yield Fault((name, "scope", key), str(problem))


def _texts(value: object) -> list[str]:
    given = value if isinstance(value, list) else [value]
    if not given:
        raise ValueError("it is empty, so that no study would fit; leave it out")
    if len(given) > MOST_WORDS:
        raise ValueError(f"it has more than {MOST_WORDS:,} entries; name a watch list instead")
    return [_text(one) for one in given]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{quoted(value)} is not a text; give one, or a list of them")
    if len(value) > LONGEST_NAME:
        raise ValueError(f"{quoted(value)} is longer than {LONGEST_NAME} characters")
    return value


def _words_of(*known: str) -> Callable[[object], list[str]]:
    def read(value: object) -> list[str]:
        texts = _texts(value)
        for text in texts:
            if text not in known:
                raise ValueError(f"{quoted(text)} is not one of {', '.join(known)}")
        return texts

    return read


def _numbers(value: object) -> list[str]:
    texts = _texts(value)
    for text in texts:
        if not NCT_ID.fullmatch(text):
            raise ValueError(f"{quoted(text)} is not a study number (NCT and eight digits)")
    return texts


def _text_alone(value: object) -> str:
    if isinstance(value, list):
        raise ValueError("it is a list; give the name of one watch list")
    return _text(value)


_READERS: dict[str, Callable[[object], Any]] = {
    "sponsor": _texts,
    "status": _words_of(*OverallStatus),
    "study_type": _words_of(*STUDY_TYPES),
    "nct": _numbers,
    "watch": _text_alone,
}
