"""Studies that come to answer a watch list's question, or no longer do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.records import Facts
from ctmonitor.rules.rule import Chosen, membership_rule
from ctmonitor.rules.telling import BASIS_MARK, bounded, one_line, said

ASKED = (
    "the watch list's own question, put to the registry again at every look; told only to those "
    "who subscribed to that very list"
)
LONGEST_NAME = 40
"""Characters of a list's name in a headline; the reason needs the rest."""
_STANDS = ("brief_title", "lead_sponsor", "overall_status", "last_known_status")


@dataclass(frozen=True, slots=True)
class Membership:
    """A study that joined a watch list or left it, and why, in words.

    `facts` is how the study stands, None where its record is not held; `data_date` is that of
    the release that answered.
    """

    watch_list: str
    nct_id: str
    facts: Facts | None
    is_joined: bool
    reason: str
    data_date: date | None


@membership_rule(Severity.NORMAL, source=ASKED)
def new_in_watch(membership: Membership, chosen: Chosen) -> Iterator[Alert]:
    """A study came to be on the watch list, and why."""
    if membership.is_joined:
        yield _told(membership, chosen, "New on", "joined")


@membership_rule(Severity.NORMAL, source=ASKED)
def left_watch(membership: Membership, chosen: Chosen) -> Iterator[Alert]:
    """A study is no longer on the watch list, and why."""
    if not membership.is_joined:
        yield _told(membership, chosen, "Left", "left")


def _told(membership: Membership, chosen: Chosen, verb: str, turn: str) -> Alert:
    name = one_line(membership.watch_list, LONGEST_NAME)
    day = membership.data_date
    stands = said(membership.facts, *_STANDS) if membership.facts else {}
    evidence = {
        "watch_list": membership.watch_list,
        "reason": bounded(membership.reason),
        "data_date": str(day) if day else None,
        **{field: bounded(value) for field, value in stands.items()},
    }
    return Alert(
        rule=chosen.rule,
        nct_id=membership.nct_id,
        headline=one_line(f"{verb} {name}: {membership.reason}"),
        severity=chosen.severity,
        basis=BASIS_MARK.join((membership.watch_list, turn, str(day))),
        evidence=(evidence,),
        registry_date=day,
    )
