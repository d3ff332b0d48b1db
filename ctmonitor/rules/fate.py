"""Records that the registry no longer shows under their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.records import NCT_ID, Facts
from ctmonitor.rules.rule import Chosen, fate_rule
from ctmonitor.rules.telling import bounded, one_line, said

ASKED_TWICE = (
    "the registry publishes no list of removed numbers: a record is gone when two complete looks "
    "at two releases did not show it and its own address answers 404"
)
TAKEN_BACK = (
    "what was told must not stay wrong: a record that was removed, by the registry or by a lasting "
    "fault of it, is watched as before when it is shown again"
)
LED_ELSEWHERE = (
    "the registry keeps one number of a study that was registered twice, and leads from the other "
    "to it"
)
_STOOD = ("brief_title", "lead_sponsor", "overall_status", "last_known_status", "why_stopped")


@dataclass(frozen=True, slots=True)
class Removal:
    """A record that is gone, as it was last held.

    `missing_on` is the data date of the first release without it, `removed_on` that of the one
    at which the registry was asked for the number and did not know it.
    """

    facts: Facts
    missing_on: date
    removed_on: date


@dataclass(frozen=True, slots=True)
class Merger:
    """A record that is now registered under another number, as it was last held.

    `data_date` is that of the release that led to the other number; None where it was not said.
    """

    facts: Facts
    into: str
    data_date: date | None

    def __post_init__(self) -> None:
        if not NCT_ID.fullmatch(self.into) or self.into == self.facts.nct_id:
            raise ValueError(f"{self.facts.nct_id} cannot be merged into {self.into[:40]!r}")


@dataclass(frozen=True, slots=True)
class Return:
    """A record that was removed, and that the registry shows again; `facts` are as last held.

    `data_date` is that of the release that showed it; None where it was not said.
    """

    facts: Facts
    removed_on: date
    data_date: date | None


Fate = Removal | Merger | Return


@fate_rule(Severity.HIGH, source=ASKED_TWICE)
def record_removed(fate: Fate, chosen: Chosen) -> Iterator[Alert]:
    """The record is gone from the registry; how it stood when it was last shown."""
    if not isinstance(fate, Removal):
        return
    yield _told(
        chosen,
        fate.facts,
        f"Gone from the registry since {fate.missing_on}; "
        f"asked for by number on {fate.removed_on}: not there",
        basis=str(fate.missing_on),
        dates={"missing_on": str(fate.missing_on), "removed_on": str(fate.removed_on)},
        registry_date=fate.missing_on,
    )


@fate_rule(Severity.HIGH, source=TAKEN_BACK)
def record_returned(fate: Fate, chosen: Chosen) -> Iterator[Alert]:
    """The registry shows the record again, of which it was told that it is gone."""
    if not isinstance(fate, Return):
        return
    yield _told(
        chosen,
        fate.facts,
        f"Back in the registry; was gone on {fate.removed_on}",
        basis=str(fate.removed_on),
        dates={
            "removed_on": str(fate.removed_on),
            "data_date": str(fate.data_date) if fate.data_date else None,
        },
        registry_date=fate.data_date,
    )


@fate_rule(Severity.NORMAL, source=LED_ELSEWHERE)
def record_merged(fate: Fate, chosen: Chosen) -> Iterator[Alert]:
    """The registry now leads from this number to another, which bears the record."""
    if not isinstance(fate, Merger):
        return
    yield _told(
        chosen,
        fate.facts,
        f"Now registered as {fate.into}; this number leads there",
        basis=fate.into,
        dates={"now": fate.into, "data_date": str(fate.data_date) if fate.data_date else None},
        registry_date=fate.data_date,
    )


def _told(
    chosen: Chosen,
    facts: Facts,
    headline: str,
    *,
    basis: str,
    dates: dict[str, Any],
    registry_date: date | None,
) -> Alert:
    stood = {name: bounded(value) for name, value in said(facts, *_STOOD).items()}
    last = {"last_update_posted_date": facts.last_update_posted_date, "last_shown": facts.data_date}
    return Alert(
        rule=chosen.rule,
        nct_id=facts.nct_id,
        headline=one_line(headline),
        severity=chosen.severity,
        basis=basis,
        evidence=(dates, {**stood, **{name: str(day) for name, day in last.items() if day}}),
        registry_date=registry_date,
    )
