"""One thing worth telling about one study: a fact, raised once and never edited."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

_INHIBITED_BY = "inhibited_by"
_ONE_FACT = "one_fact"


class Severity(StrEnum):
    """How much an alert should interrupt."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical, growing as urgency falls; sorts the worst first."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Alert:
    """A fact that a rule found; `nct_id` is None only for one about a whole sweep.

    `basis` is what made the fact true, and with rule and study it is the key: the same fact
    found again has the same key. `evidence` is a tuple of plain objects (changes, or named
    dates) that lets a reader believe the headline without asking the store.
    """

    rule: str
    nct_id: str | None
    headline: str
    severity: Severity
    basis: str
    evidence: tuple[dict[str, Any], ...] = ()
    registry_date: date | None = None

    @property
    def watch_list(self) -> str | None:
        """The watch list that it is about, which only that list's subscribers are to hear of.

        None for an alert about a study, whatever lists the study is on, or about a sweep.
        """
        return self.evidence[0].get("watch_list") if self.evidence else None

    @property
    def one_fact(self) -> str | None:
        """What it says in the same words of other studies, such as a sponsor's new name.

        None for what is true of one study only. Many such alerts of one look are one fact.
        """
        return self.evidence[0].get(_ONE_FACT) if self.evidence else None

    def of_one_fact(self, fact: str) -> Alert:
        """The same, marked as one fact with every other alert of its rule so marked."""
        first = self.evidence[0] if self.evidence else {}
        return replace(self, evidence=({**first, _ONE_FACT: fact}, *self.evidence[1:]))

    @property
    def inhibited_by(self) -> str | None:
        """What kept it from being sent: a rule that told the same more weightily; None if sent."""
        return self.evidence[-1].get(_INHIBITED_BY) if self.evidence else None

    def inhibited(self, by: str, why: str) -> Alert:
        """The same fact, kept and shown, but sent to nobody."""
        return replace(self, evidence=(*self.evidence, {_INHIBITED_BY: by, "because": why}))

    @property
    def key(self) -> str:
        """Sixty-four hexadecimal digits, the same wherever and whenever this fact is found."""
        parts = ("1", self.rule, self.nct_id or "", self.basis)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
