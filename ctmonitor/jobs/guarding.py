"""Hold a look at the registry against the last one: a bad day of the registry is no news."""

from __future__ import annotations

from collections.abc import Collection

from ctmonitor.jobs.intake import Intake
from ctmonitor.jobs.registry_look import RegistryLook
from ctmonitor.rules import Answers, Looked, Tally, Tuning, why_held


def doubts(
    look: RegistryLook, intake: Intake, tally: Tally, *, missing: int, tuning: Tuning
) -> tuple[str, ...]:
    """Why a look that read everything is not to be believed yet; `missing` counts the new ones."""
    last = look.before.last_listing
    received = intake.seen_count(look.resumed, intake.merged)
    last_received = last.listed if last else None
    if last and not look.scope.is_all and last.scope_digest != look.scope.digest:
        # Other numbers are watched now: only what we hold of them can be expected.
        last_received = received + missing
    looked = Looked(
        received=received,
        last_received=last_received,
        missing=missing,
        tally=tally,
        is_listing=look.is_listing,
        release=look.release,
        last_release=look.before.latest_release,
        answers=_answers(look),
    )
    return why_held(looked, tuning)


def listed(look: RegistryLook, intake: Intake, left: Collection[str]) -> int:
    """How many studies of its scope a look saw; those that left its lists are not among them."""
    if look.scope.is_all:
        return intake.seen_count(look.resumed)
    gone = set(left) - set(look.scope.nct_ids).union(*look.answers.values())
    seen_there = len(gone) - len(intake.unseen(gone, look.resumed))
    return intake.seen_count(look.resumed) - seen_there


def _answers(look: RegistryLook) -> tuple[Answers, ...]:
    last = look.before.last.answers if look.before.last else {}
    return tuple(
        Answers(name, len(answer), last[name])
        for name, answer in look.answers.items()
        if last.get(name)
    )
