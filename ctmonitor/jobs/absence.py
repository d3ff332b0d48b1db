"""What a look did not find: ask once more, then call it missing, removed or merged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ctmonitor.alerts import Alert
from ctmonitor.formats import Piece
from ctmonitor.jobs.intake import Batch, Intake, batches, merge
from ctmonitor.jobs.planner import day_of_release
from ctmonitor.jobs.registry_look import NAME, RegistryLook
from ctmonitor.rules import Removal, judge_fate
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.tale import Tale
from ctmonitor.store import Store, Transaction, fates, studies
from ctmonitor.store.fates import Absent

BETWEEN_LOOKS = timedelta(hours=20)
"""The least time between two releases that must both lack a study before it is removed."""
MOST_ASKED_FOR = 1_000
"""Studies asked for one by one in one look; the others wait for the next."""


@dataclass(slots=True)
class Absence:
    """The studies of a scope that a complete look did not find."""

    missing: list[str] = field(default_factory=list)
    """Held, and not there now; each time, until it is removed or comes back."""
    removed: list[Absent] = field(default_factory=list)
    """Missing in two releases, and not there when asked for by number."""
    merged: list[tuple[str, str]] = field(default_factory=list)
    """Asked for by number, and led to another."""
    unknown: list[str] = field(default_factory=list)
    """Watched by number, and never seen by us or the registry."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked for a study by itself, if anybody, and the release that lacks it."""

    registry: Registry | None
    tale: Tale
    release: str | None


def lacking(
    store: Store, look: RegistryLook, intake: Intake, left: Collection[str]
) -> list[Absent]:
    """The studies we hold that this look was to find and did not, whatever that means."""
    with store.reading() as tx:
        wanted = fates.held_numbers(tx) if look.scope.is_all else {*look.scope.nct_ids, *left}
        return fates.absent(tx, intake.unseen(wanted, look.resumed))


def settle(look: RegistryLook, intake: Intake, absent: Sequence[Absent]) -> Absence:
    """Ask for those not found once more, each in the way that decides; the network is used."""
    found = Absence()
    if look.scope.is_all:
        # By number the registry also looks among former numbers: what was merged comes now.
        _ask_again(look, intake, [one.nct_id for one in absent if one.missing_release is None])
    with intake.store.reading() as tx:
        led_to = fates.led_to(tx, [one.nct_id for one in absent])
    unseen = intake.unseen((one.nct_id for one in absent), led_to)
    absent = [one for one in absent if one.nct_id in unseen]
    _settle_each(Asking(look.registry, look.tale, look.release), intake, absent, found)
    found.unknown = _never_seen(look, intake, absent)
    return found


def settle_lack(asking: Asking, intake: Intake, absent: Sequence[Absent]) -> Absence:
    """The same for what an archive of the whole registry lacks; where nobody is asked, it is
    missing only.
    """
    found = Absence()
    _settle_each(asking, intake, absent, found)
    return found


def _settle_each(asking: Asking, intake: Intake, absent: Sequence[Absent], found: Absence) -> None:
    """Ask by itself for each study that was missing before; of the others, note that they are."""
    asked = 0
    for one in absent:
        if one.removed_on is not None:
            continue
        is_due = asking.registry is not None and _is_due(one, asking.release)
        if is_due and asked < MOST_ASKED_FOR:
            asked += 1
            _decide(asking, intake, one, found)
        else:
            found.missing.append(one.nct_id)


def keep(
    tx: Transaction, found: Absence, release: str | None, intake: Intake, at: datetime
) -> list[Alert]:
    """Note what is missing, removed and merged; gives the alerts about it."""
    fates.miss(tx, found.missing, release, at)
    own = set(fates.former(tx)) - intake.merged.keys()
    fates.part(tx, own - intake.unseen(own))
    merge(tx, found.merged, intake)
    alerts: list[Alert] = []
    held = studies.held(tx, [one.nct_id for one in found.removed])
    for one in found.removed:
        on = _day(release) or intake.clock.today
        fates.remove(tx, one.nct_id, on)
        missing_on = _day(one.missing_release) or on
        removal = Removal(held[one.nct_id].facts, missing_on, on)
        alerts += () if one.is_absorbed else judge_fate(removal, intake.tuning)
    return alerts


def _ask_again(look: RegistryLook, intake: Intake, nct_ids: Sequence[str]) -> None:
    for batch in batches(look.numbered(nct_ids)):
        intake.take(batch)


def _is_due(one: Absent, release: str | None) -> bool:
    """Whether a study was missing in another release, long enough ago."""
    if one.missing_release is None or release is None:
        return False
    then, now = (datetime.fromisoformat(text) for text in (one.missing_release, release))
    return now - then >= BETWEEN_LOOKS


def _decide(asking: Asking, intake: Intake, one: Absent, found: Absence) -> None:
    """Ask for one study by itself: removed, there after all, or led to another."""
    assert asking.registry is not None
    answered = asking.registry.study(one.nct_id)
    if answered is None:
        found.removed.append(one)
        return
    asking.tale.is_older(answered.release)
    intake.take(Batch(pieces=[Piece(NAME, answered.nct_id, answered.payload)]))
    if answered.nct_id != one.nct_id:
        found.merged.append((one.nct_id, answered.nct_id))


def _never_seen(look: RegistryLook, intake: Intake, absent: Sequence[Absent]) -> list[str]:
    wanted = intake.unseen(look.scope.nct_ids, look.resumed)
    with intake.store.reading() as tx:
        led_to = fates.led_to(tx, wanted)
        held = {one.nct_id for one in fates.absent(tx, wanted)}
    return sorted(wanted - set(led_to) - held - {one.nct_id for one in absent})


def _day(release: str | None) -> date | None:
    return day_of_release(release) if release else None
