"""What a look is about, what it may conclude, and what it can show for itself: by its source.

Files prove no absence. The registry's own answers do, when nothing is lacking in them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from ctmonitor.alerts import Alert
from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Handed, Source
from ctmonitor.jobs import absence, joining
from ctmonitor.jobs.absence import Absence
from ctmonitor.jobs.guarding import doubts, listed
from ctmonitor.jobs.intake import FirstSights, Intake
from ctmonitor.jobs.planner import Choice, Way
from ctmonitor.jobs.registry_look import RegistryLook
from ctmonitor.rules import Tally, Tuning
from ctmonitor.store import Store, Transaction
from ctmonitor.watches import WatchList

MOST_GAPS_NAMED = 20
MOST_NAMED = 200
"""Study numbers that a certificate names one by one."""

Tallied = Callable[[], Tally]


@dataclass(slots=True)
class Ending:
    """What a look that read everything concludes from what it did not find."""

    absence: Absence = field(default_factory=Absence)
    moves: list[joining.Move] = field(default_factory=list)
    left: frozenset[str] = frozenset()
    """The studies that left a watch list."""
    lacking: list[str] = field(default_factory=list)
    """The studies that were to be there, and were not."""
    held: tuple[str, ...] = ()
    """Why all that is not to be believed yet."""
    gaps: list[str] = field(default_factory=list)
    """What was to be there and was not, in a source that could be read."""


class Handing(Protocol):
    """A source that may also hand over studies made ready to be kept."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    def pieces(self) -> Iterator[Handed | FirstSights]:
        """Everything in turn, read once."""
        ...


@runtime_checkable
class Look(Protocol):
    """One look at one source."""

    ending: Ending

    @property
    def source(self) -> Handing:
        """Where its pieces come from."""
        ...

    @property
    def scope(self) -> str:
        """The studies that it is about, in words; two looks at the same never overlap."""
        ...

    @property
    def choice(self) -> Choice | None:
        """The way it is made and why, where there is more than one."""
        ...

    @property
    def is_each_once(self) -> bool:
        """Whether a study that comes again is still one study received."""
        ...

    @property
    def resumed(self) -> Collection[str]:
        """The studies that a look which this one goes on from had seen."""
        ...

    def begin(self, sweep_id: int, at: datetime) -> None:
        """Take note of the sweep's number, and of when it began."""
        ...

    def wants(self, nct_id: str) -> bool:
        """Whether a study is one that the look is about."""
        ...

    def conclude(self, store: Store, intake: Intake, tally: Tallied, tuning: Tuning) -> None:
        """Settle the ending when everything was handed over; what could not be goes to the gaps."""
        ...

    def keep_ending(self, tx: Transaction, intake: Intake, at: datetime) -> list[Alert]:
        """Note what went, joined and left; the alerts about it."""
        ...

    def keep_proof(self, tx: Transaction, intake: Intake) -> None:
        """Remember what was read, for the next look to go by."""
        ...

    def timestamps(self, intake: Intake) -> tuple[str | None, str | None]:
        """The data's timestamp before and after."""
        ...

    def expected(self, intake: Intake, received: int) -> int | None:
        """How many studies it was to see; None where nobody can tell."""
        ...

    def certificate(self, intake: Intake) -> dict[str, Any]:
        """What it can show for itself."""
        ...


@dataclass(slots=True)
class LookAtFiles:
    """A look at files, or at the studies of one watch list in them."""

    source: Source
    watch: WatchList | None = None
    ending: Ending = field(default_factory=Ending)
    choice: Choice | None = None
    is_each_once: bool = False
    resumed: Collection[str] = ()

    @property
    def scope(self) -> str:
        """The watch list, or the source itself."""
        return f"watch list {self.watch.name}" if self.watch else self.source.name

    def begin(self, sweep_id: int, at: datetime) -> None:
        """Nothing goes by it."""

    def wants(self, nct_id: str) -> bool:
        """Whether the watch list holds it, where there is one."""
        return self.watch is None or self.watch.holds(nct_id)

    def conclude(self, store: Store, intake: Intake, tally: Tallied, tuning: Tuning) -> None:
        """Name the watched numbers that were not there; files prove no absence."""
        if self.watch is not None and not self.watch.is_all:
            absent = sorted(self.watch.nct_ids - intake.found)
            if absent:
                named = ", ".join(absent[:MOST_GAPS_NAMED])
                why = f"not in the source, though watched ({len(absent):,}): {named}"
                self.ending.gaps.append(why)

    def keep_ending(self, tx: Transaction, intake: Intake, at: datetime) -> list[Alert]:
        """Nothing is concluded, and nothing noted."""
        return []

    def keep_proof(self, tx: Transaction, intake: Intake) -> None:
        """Files are read anew each time."""

    def timestamps(self, intake: Intake) -> tuple[str | None, str | None]:
        """The day of the latest release that was read."""
        released = intake.released.isoformat() if intake.released else None
        return released, released

    def expected(self, intake: Intake, received: int) -> int | None:
        """The numbers on the list; else what was received, when nothing is lacking."""
        if self.watch is not None and not self.watch.is_all:
            return len(self.watch.nct_ids)
        return None if intake.gaps else intake.counts.received

    def certificate(self, intake: Intake) -> dict[str, Any]:
        """Files prove nothing but what they hold."""
        return {}


@dataclass(slots=True)
class LookAtRegistry:
    """A look at the registry through its API."""

    source: RegistryLook
    ending: Ending = field(default_factory=Ending)
    is_each_once: bool = True

    @property
    def scope(self) -> str:
        """The scope's name."""
        return self.source.scope.name

    @property
    def choice(self) -> Choice | None:
        """The way, once it is settled."""
        return self.source.choice

    @property
    def resumed(self) -> Collection[str]:
        """The studies that the look which this one goes on from had seen."""
        return self.source.resumed

    def begin(self, sweep_id: int, at: datetime) -> None:
        """Nothing goes by it."""

    def wants(self, nct_id: str) -> bool:
        """Only what was asked for comes."""
        return True

    def conclude(self, store: Store, intake: Intake, tally: Tallied, tuning: Tuning) -> None:
        """Ask for what a complete look did not find, unless so much is gone that it is no news."""
        look = self.source
        if look.choice is not None and look.choice.way is Way.STALE:
            intake.gaps.append(look.choice.why)
            return
        if look.is_idle or intake.gaps:
            return
        release = look.tale.after
        try:
            self._judge_absence(store, intake, tally, tuning)
        except SourceUnreadable as problem:
            intake.gaps.append(problem.why)
        if look.tale.after != release:
            # What was listed is of one release, and what was asked for after it of another.
            intake.gaps.append(f"the release of {look.tale.after} came out before the end")

    def _judge_absence(self, store: Store, intake: Intake, tally: Tallied, tuning: Tuning) -> None:
        look, ending = self.source, self.ending
        moved = joining.moves(store, look)
        ending.left = frozenset().union(*(move.left for move in moved))
        joining.read_what_left(look, intake, ending.left)
        absent = []
        if look.is_listing:
            absent = absence.lacking(store, look, intake, ending.left)
        ending.lacking = [one.nct_id for one in absent if one.removed_on is None]
        missing = sum(one.missing_release is None for one in absent)
        ending.held = doubts(look, intake, tally(), missing=missing, tuning=tuning)
        if not ending.held:
            ending.absence = absence.settle(look, intake, absent)
            ending.moves = moved

    def keep_ending(self, tx: Transaction, intake: Intake, at: datetime) -> list[Alert]:
        """Note what went, joined and left; the alerts about it."""
        found = absence.keep(tx, self.ending.absence, self.source.release, intake, at)
        return found + joining.keep(tx, self.ending.moves, self.source, intake, at)

    def keep_proof(self, tx: Transaction, intake: Intake) -> None:
        """The next look goes by the certificate."""

    def timestamps(self, intake: Intake) -> tuple[str | None, str | None]:
        """The instant of the release that the first answer was of, and of the one read."""
        return self.source.tale.before, self.source.release

    def expected(self, intake: Intake, received: int) -> int | None:
        """By the registry's count, or the list of numbers."""
        return self.source.expected(received)

    def certificate(self, intake: Intake) -> dict[str, Any]:
        """Everything that proves the look complete, or says how it is not."""
        look, ending = self.source, self.ending
        told: dict[str, Any] = {
            **look.told(),
            "listed": listed(look, intake, ending.left),
            "answers": {name: len(answer) for name, answer in look.answers.items()},
            **of_absence(ending, intake),
        }
        return told


def of_absence(ending: Ending, intake: Intake) -> dict[str, Any]:
    """What a certificate says of what was not found."""
    absent = ending.absence
    told: dict[str, Any] = {
        "unknown": absent.unknown[:MOST_NAMED],
        "missing": absent.missing[:MOST_NAMED],
        "removed": [one.nct_id for one in absent.removed],
        "merged": intake.merged,
        "held": list(ending.held),
    }
    if ending.held and not intake.gaps:
        # Whoever accepts the look accepts that these are gone.
        told |= {"lacking": ending.lacking, "lacking_count": len(ending.lacking)}
    return told
