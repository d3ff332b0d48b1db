"""Whether a look is too odd to be told: a bad day of the registry is no news of its studies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctmonitor.rules.held import sweep_held
from ctmonitor.rules.mass import Tally, mass_change, sentence, unusual
from ctmonitor.rules.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Answers:
    """How many studies answer a watch list's question, and did in the last complete look."""

    watch_list: str
    count: int
    last_count: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to, and what the last complete look over the same scope had.

    `is_listing` says that it listed the whole scope, so that `received` can be held against
    `last_received`; `missing` counts the studies that came to be missing in it. None where
    there was no complete look before, or where a release was not said. `answers` are those of
    the questions that were asked in both looks.
    """

    received: int
    last_received: int | None
    missing: int
    tally: Tally
    is_listing: bool
    release: str | None
    last_release: str | None
    answers: tuple[Answers, ...] = ()


def why_held(looked: Looked, tuning: Tuning) -> tuple[str, ...]:
    """Why the alerts of a look are to be held, one sentence a reason; none when it is usual."""
    chosen = tuning.of(sweep_held)
    if not chosen.enabled:
        return ()
    numbers = chosen.numbers
    return (
        *_too_few(looked, numbers["min_percent_received"]),
        *_too_many_missing(looked, numbers["max_percent_missing"], int(numbers["max_missing"])),
        *_too_few_answers(looked, numbers["min_percent_received"], int(numbers["max_missing"])),
        *_older(looked),
        *_changed_everywhere(looked.tally, tuning),
    )


def _too_few(looked: Looked, min_percent: float) -> Iterator[str]:
    received, last = looked.received, looked.last_received
    # One study that is gone is no bad day: it is asked for by its number before it is removed.
    if not looked.is_listing or not last or last == 1:
        return
    percent = 100 * received / last
    if received == 0:
        yield f"no study was received; the last complete look had {last:,}"
    elif percent < min_percent:
        noun = "study" if received == 1 else "studies"
        yield f"{received:,} {noun} received, {percent:.1f} % of the last complete look's {last:,}"


def _too_many_missing(looked: Looked, max_percent: float, max_count: int) -> Iterator[str]:
    # Without a complete look before, the share is of those that there should be now.
    last = looked.last_received or looked.received + looked.missing
    usual = max(max_count, int(last * max_percent / 100))
    if looked.missing > usual:
        yield f"{looked.missing:,} of {last:,} studies missing at once; up to {usual:,} are usual"


def _too_few_answers(looked: Looked, min_percent: float, max_count: int) -> Iterator[str]:
    # A short list may well empty in a day; studies that leave it are there, so none is missing.
    for one in looked.answers:
        lost = one.last_count - one.count
        if lost > max_count and 100 * one.count / one.last_count < min_percent:
            yield (
                f"{one.count:,} studies answer the question of watch list {one.watch_list}; "
                f"in the last complete look {one.last_count:,} did"
            )


def _older(looked: Looked) -> Iterator[str]:
    release, last = looked.release, looked.last_release
    if release is None or last is None:
        return
    said = min(len(release), len(last))  # one may be known to the second, the other to the day
    if release[:said] < last[:said]:
        yield f"its release {release} is older than {last}, which was looked at before"


def _changed_everywhere(tally: Tally, tuning: Tuning) -> Iterator[str]:
    chosen = tuning.of(mass_change)
    if chosen.enabled:
        for name, count in unusual(tally, chosen):
            yield sentence(tally, name, count)
