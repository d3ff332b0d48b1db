"""Results on their way through the registry's quality review, and results that vanish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference
from ctmonitor.rules.rule import Chosen, Inhibition, change_rule
from ctmonitor.rules.several import counted, of_changes
from ctmonitor.rules.telling import by, of_change, said, told

REVIEW = (
    "42 CFR 11.52, 11.64(b): the registry reviews results before it posts them; it shows when "
    "they were sent (RELEASE), returned (RESET) and taken back (UNRELEASE)"
)
SHOWN = "https://clinicaltrials.gov: posted results stay in the record; seldom are they taken out"
RELEASE, RESET, UNRELEASE = "RELEASE", "RESET", "UNRELEASE"
_EVENTS = "unposted_annotation.unposted_events"
_INFOS = "misc_info.submission_tracking.submission_infos"
_OF_INFO = {"releaseDate": RELEASE, "resetDate": RESET, "unreleaseDate": UNRELEASE}
_DAY_UNKNOWN = "unreleaseDateUnknown"
_OF_CHANGE = {
    f"{_INFOS}.release_date": RELEASE,
    f"{_INFOS}.reset_date": RESET,
    f"{_INFOS}.unrelease_date": UNRELEASE,
    f"{_INFOS}.unrelease_date_unknown": UNRELEASE,
}
_FIELDS = (_EVENTS, _INFOS, *_OF_CHANGE)
_RANKS = (RELEASE, RESET, UNRELEASE)
_POSTED = (Inhibition("results-posted", "the results that were reviewed are posted"),)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a review; `day` is None where the registry does not know it.

    `sent_on` is when what it is about was sent; it puts turns of unknown days in order.
    """

    type: str
    day: str | None
    sent_on: str = ""

    @property
    def order(self) -> tuple[str, int, str]:
        """Sorts turns as they came about."""
        rank = _RANKS.index(self.type) if self.type in _RANKS else len(_RANKS)
        return self.sent_on or self.day or "", rank, self.day or ""


@change_rule(Severity.NORMAL, source=REVIEW, fields=_FIELDS, inhibited_by=_POSTED)
def results_submitted(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The sponsor sent results to the registry; they are under review and not yet posted."""
    yield from _tell(difference, chosen, RELEASE, "Results sent to the registry{}, under review")


@change_rule(Severity.NORMAL, source=REVIEW, fields=_FIELDS, inhibited_by=_POSTED)
def results_returned(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The registry returned results to the sponsor, with comments, after its review."""
    yield from _tell(difference, chosen, RESET, "Results returned to the sponsor{} after review")


@change_rule(Severity.HIGH, source=REVIEW, fields=_FIELDS, inhibited_by=_POSTED)
def results_withdrawn(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The sponsor took back results that it had sent to the registry."""
    yield from _tell(difference, chosen, UNRELEASE, "Results taken back by the sponsor{}")


@change_rule(Severity.CRITICAL, source=SHOWN, fields=("has_results",))
def results_disappeared(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The registry no longer shows results that it showed before."""
    change = told(difference, "has_results")
    if change is None or not change.before or change.after:
        return
    day = difference.before.results_first_posted_date
    posted = f", first posted {day}" if day else ""
    also = (said(difference.before, "results_first_posted_date"),) if day else ()
    headline = f"Results no longer shown{posted}{by(change)}"
    yield of_change(chosen, difference, change, headline, also=also)


def _tell(difference: Difference, chosen: Chosen, type_: str, sentence: str) -> Iterator[Alert]:
    changes = [one for one in difference.changes if one.field in _FIELDS and not one.is_noise]
    turns = new_turns(difference, changes) if changes else []
    if not turns or turns[-1].type != type_:
        return
    last, earlier = turns[-1], len(turns) - 1
    on = f" on {last.day}" if last.day else ""
    before = f"; with {counted(earlier, 'earlier turn')}" if earlier else ""
    day = {"day": last.day} if last.day else {"day": "not known to the registry"}
    also = ({"turn": last.type, **day, "turns_now_shown": len(turns)},)
    headline = f"{sentence.format(on)}{before}"
    yield of_changes(chosen, difference, changes, headline, also=also)


def new_turns(difference: Difference, changes: list[Change]) -> list[Turn]:
    """What the look brought of the review, each turn once, in the order in which it came about.

    The annotation and the tracking of submissions say the same turns. Where the annotation
    speaks of a review already, what the tracking alone brings is known.
    """
    annotated = _annotated(changes)
    if annotated:
        return annotated
    is_annotated = difference.after.is_review_annotated or any(
        change.field == _EVENTS for change in changes
    )
    return [] if is_annotated else _tracked(changes)


def _annotated(changes: list[Change]) -> list[Turn]:
    """The new entries of the annotation, which are in order, less those given another day."""
    entries = [one for one in changes if one.field == _EVENTS]
    gone = Counter(_entry(one.before).type for one in entries if one.after is None)
    turns = []
    for change in entries:
        if change.before is None:
            turn = _entry(change.after)
            if gone[turn.type]:
                gone[turn.type] -= 1
            else:
                turns.append(turn)
    return turns


def _entry(entry: Any) -> Turn:
    said_ = entry if isinstance(entry, dict) else {}
    return Turn(str(said_.get("type", "")), said_.get("date"))


def _tracked(changes: list[Change]) -> list[Turn]:
    turns: set[Turn] = set()
    redated = {(one.item, _OF_CHANGE.get(one.field)) for one in changes if one.before is not None}
    for change in changes:
        if change.field == _INFOS and isinstance(change.after, dict) and change.before is None:
            turns.update(_turns_of(change.after))
        elif change.field in _OF_CHANGE and change.before is None and change.after:
            type_ = _OF_CHANGE[change.field]
            if (change.item, type_) not in redated:
                day = None if change.after is True else str(change.after)
                turns.add(Turn(type_, day, change.item or ""))
    return sorted(turns, key=lambda turn: turn.order)


def _turns_of(info: dict[str, Any]) -> Iterator[Turn]:
    sent_on = str(info.get("releaseDate", ""))
    for name, type_ in _OF_INFO.items():
        if info.get(name):
            yield Turn(type_, str(info[name]), sent_on)
    if info.get(_DAY_UNKNOWN) and not info.get("unreleaseDate"):
        yield Turn(UNRELEASE, None, sent_on)
