"""Look once at one scope through one source, and keep what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.alerts import Alert
from ctmonitor.errors import CtmonitorError, SourceUnreadable, StoreError
from ctmonitor.formats import Milestone, Source
from ctmonitor.jobs import absence, joining
from ctmonitor.jobs.absence import Absence
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.guarding import doubts, listed
from ctmonitor.jobs.intake import Intake, batches
from ctmonitor.jobs.owner import me
from ctmonitor.jobs.planner import Way
from ctmonitor.jobs.pulse import pulse
from ctmonitor.jobs.registry_look import RegistryLook
from ctmonitor.jobs.settle import FLOOD_LIMIT, Occasion, raise_found, take_over_abandoned
from ctmonitor.rules import (
    HeldBack,
    Looked,
    Tally,
    Tuning,
    judge_held,
    judge_sweep,
    why_held,
)
from ctmonitor.store import Store, Transaction, fates, journal, looks, sweeps, watching
from ctmonitor.store import alerts as alerts_kept
from ctmonitor.store.looks import End
from ctmonitor.store.sweeps import Counts, Proof, shown
from ctmonitor.watches import Subscription, WatchList

MOST_GAPS_NAMED = 20
MOST_NAMED = 200
"""Study numbers that a certificate names one by one."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a look has come: its counts, and the requests answered of those expected."""

    counts: Counts
    done: int = 0
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sweep is to be done; `watch` limits one of files to the studies of one list."""

    tuning: Tuning = field(default_factory=Tuning)
    flood_limit: int = FLOOD_LIMIT
    clock: Clock = field(default_factory=Clock)
    watch: WatchList | None = None
    progress: Callable[[Progress], None] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a sweep came to; `plain` is the object that `sweep --json` prints."""

    sweep: int
    source: str
    data_timestamp: str | None
    expected: int | None
    counts: Counts
    gaps: tuple[str, ...]
    seconds: float
    state: str = "finished"
    way: str | None = None
    held: tuple[str, ...] = ()
    """Why the alerts of the look wait for an operator; empty when they do not."""
    certificate: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether everything that was expected was read."""
        return not self.gaps

    def plain(self) -> dict[str, Any]:
        """The report as an object of JSON."""
        counts = self.counts
        return {
            "sweep": self.sweep,
            "source": self.source,
            "data_timestamp": self.data_timestamp,
            "complete": self.is_complete,
            "expected": self.expected,
            "received": counts.received,
            "new": counts.new,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "missing": counts.missing,
            "rejected": counts.rejected,
            "changes": counts.changes,
            "alerts": counts.alerts,
            "seconds": round(self.seconds, 3),
            "older": counts.older,
            "gaps": list(self.gaps),
            "state": self.state,
            "way": self.way,
            "held": list(self.held),
            "certificate": shown(self.certificate),
        }


def sweep(store: Store, source: Source, plan: Plan) -> Report:
    """Look at everything a source has; the report says how complete the look was.

    Each batch is kept in one transaction with its changes and the alerts they gave rise to. An
    error on the way ends the sweep as interrupted, with all that was kept until then.
    """
    take_over_abandoned(store, flood_limit=plan.flood_limit, clock=plan.clock, tuning=plan.tuning)
    return _Sweep(store, source, plan).run()


class _Sweep:
    """One look under way."""

    def __init__(self, store: Store, source: Source, plan: Plan) -> None:
        self.store = store
        self.source = source
        self.look = source if isinstance(source, RegistryLook) else None
        self.plan = plan
        self.started = time.monotonic()
        self.absence = Absence()
        self.lacking: list[str] = []
        self.left: frozenset[str] = frozenset()
        self.moves: list[joining.Move] = []
        self.held: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """The studies that the look is about, in words; two looks at the same never overlap."""
        if self.look is not None:
            return self.look.scope.name
        return f"watch list {self.plan.watch.name}" if self.plan.watch else self.source.name

    def run(self) -> Report:
        clock = self.plan.clock
        with self.store.writing() as tx:
            sweep_id = sweeps.begin(
                tx, self.scope, self.source.name, today=clock.today, owner=me(), now=clock.now()
            )
            removed = fates.removed(tx)
        watch = None if self.look is not None else self.plan.watch
        self.intake = Intake(
            self.store,
            sweep_id,
            self.plan.tuning,
            clock,
            wants=watch.holds if watch is not None else lambda _: True,
            is_each_once=self.look is not None,
            removed=removed,
        )
        with pulse(self.store, sweep_id, clock):
            return self._read()

    def _read(self) -> Report:
        intake = self.intake
        try:
            for batch in batches(self.source.pieces()):
                intake.take(batch)
                self._progress(batch.milestone)
            if self.look is not None:
                self._conclude(self.look)
        except SourceUnreadable as problem:
            intake.gaps.append(problem.why)
            self._finish("failed")
            raise
        except StoreError:
            # Another process took it over, or the store is gone: the next look ends this one.
            raise
        except CtmonitorError as problem:
            intake.gaps.append(str(problem))
            self._finish("failed")
            raise
        except BaseException:
            intake.gaps.append("it was interrupted before everything was read")
            self._finish("interrupted")
            raise
        if intake.gaps and self._counts().received == 0 and not self._is_stale:
            self._finish("failed")
            why = intake.gaps[0].removeprefix(f"{self.source.name}: ")
            raise SourceUnreadable(self.source.name, why)
        self._miss_none()
        return self._finish(self._state())

    def _progress(self, milestone: Milestone | None) -> None:
        if self.plan.progress:
            done, expected = (milestone.done, milestone.expected) if milestone else (0, None)
            self.plan.progress(Progress(self.intake.counts, done, expected))

    def _conclude(self, look: RegistryLook) -> None:
        """Ask for what a complete look did not find, unless so much is gone that it is no news."""
        if look.choice is not None and look.choice.way is Way.STALE:
            self.intake.gaps.append(look.choice.why)
            return
        if look.is_idle or self.intake.gaps:
            return
        release = look.tale.after
        try:
            self._judge_absence(look)
        except SourceUnreadable as problem:
            self.intake.gaps.append(problem.why)
        if look.tale.after != release:
            # What was listed is of one release, and what was asked for after it of another.
            self.intake.gaps.append(f"the release of {look.tale.after} came out before the end")

    def _judge_absence(self, look: RegistryLook) -> None:
        moved = joining.moves(self.store, look)
        self.left = frozenset().union(*(move.left for move in moved))
        joining.read_what_left(look, self.intake, self.left)
        absent = []
        if look.is_listing:
            absent = absence.lacking(self.store, look, self.intake, self.left)
        self.lacking = [one.nct_id for one in absent if one.removed_on is None]
        missing = sum(one.missing_release is None for one in absent)
        with self.store.reading() as tx:
            tally = self._tally(tx)
        tuning = self.plan.tuning
        self.held = doubts(look, self.intake, tally, missing=missing, tuning=tuning)
        if not self.held:
            self.absence = absence.settle(look, self.intake, absent)
            self.moves = moved

    @property
    def _is_stale(self) -> bool:
        choice = self.look.choice if self.look is not None else None
        return choice is not None and choice.way is Way.STALE

    def _state(self) -> str:
        if self._is_stale:
            return "stale"
        if self.intake.gaps:
            return "partial"
        return "held" if self.held else "finished"

    def _miss_none(self) -> None:
        """Name the watched numbers that files did not have; files prove no absence."""
        watch = self.plan.watch
        if self.look is None and watch is not None and not watch.is_all:
            absent = sorted(watch.nct_ids - self.intake.found)
            if absent:
                named = ", ".join(absent[:MOST_GAPS_NAMED])
                why = f"not in the source, though watched ({len(absent):,}): {named}"
                self.intake.gaps.append(why)

    def _counts(self) -> Counts:
        """What the look came to, with what the look it goes on from took in at this release."""
        intake = self.intake
        before = len(intake.unseen(self.look.resumed)) if self.look is not None else 0
        return intake.counts.plus(received=before, unchanged=before)

    def _finish(self, state: str) -> Report:
        clock, intake, look = self.plan.clock, self.intake, self.look
        gaps = tuple(dict.fromkeys(intake.gaps))[:MOST_GAPS_NAMED]
        with self.store.writing() as tx:
            sweeps.keep_alive(tx, intake.sweep_id, intake.counts, clock.now())
            self.held = self._guarded(tx, state)
            state = "held" if self.held else state
            # Who watched a study hears why it left the list, though it is no longer on it.
            hearers = watching.all_subscriptions(tx)
            if state == "finished" and look is not None:
                self._keep_what_moved(tx, look)
            told = self._raise(tx, state, hearers)
            missing = len(self.absence.missing) + len(self.absence.removed)
            counts = self._counts().plus(alerts=told, missing=missing)
            report = self._report(state, counts, gaps)
            sweeps.finish(
                tx,
                intake.sweep_id,
                counts,
                state=state,
                proof=Proof(report.expected, *self._timestamps(), report.way, report.certificate),
                gaps=gaps,
                now=clock.now(),
            )
            detail = {**report.plain(), "state": state, "today": clock.today.isoformat()}
            detail.pop("certificate")
            journal.note(tx, "swept", detail, who="ctmonitor sweep", at=clock.now())
        return report

    def _keep_what_moved(self, tx: Transaction, look: RegistryLook) -> None:
        """Note what went, joined and left; the alerts about it wait with the others."""
        at = self.plan.clock.at()
        found = absence.keep(tx, self.absence, look, self.intake, at)
        found += joining.keep(tx, self.moves, look, self.intake, at)
        alerts_kept.await_settling(tx, self.intake.sweep_id, found, at)

    def _guarded(self, tx: Transaction, state: str) -> tuple[str, ...]:
        """Why the alerts of a look are held, if they are, wherever in it it ended."""
        if self.held or state == "stale":
            return self.held
        received = self.intake.counts.received
        looked = Looked(received, None, 0, self._tally(tx), False, None, None)
        return why_held(looked, self.plan.tuning)

    def _raise(self, tx: Transaction, state: str, hearers: Sequence[Subscription]) -> int:
        """Raise what was found, or of a held look only that it is; gives how many alerts."""
        plan, intake = self.plan, self.intake
        found: list[Alert] = []
        if state != "held":
            found += alerts_kept.pending(tx, intake.sweep_id)
            alerts_kept.settle(tx, intake.sweep_id)
        if state not in ("interrupted", "stale"):
            found += judge_sweep(self._tally(tx), plan.tuning)
        if state in ("held", "stale") and self._is_news(state, looks.ends(tx, self.scope)):
            reasons = self.held or tuple(intake.gaps)
            back = HeldBack(intake.sweep_id, reasons, self._timestamps()[1])
            found += judge_held(back, plan.tuning)
        occasion = Occasion(f"sweep {intake.sweep_id}", intake.sweep_id, intake.released)
        told = raise_found(
            tx,
            found,
            occasion,
            flood_limit=plan.flood_limit,
            clock=plan.clock,
            hearers=hearers,
        )
        return len(told)

    def _is_news(self, state: str, before: Sequence[End]) -> bool:
        """Whether the operator is to be told of a look like this one, after those before it.

        Of a release that is held already no more than once; of an older release at the second
        look in a row that meets it, since one may be a server that lags.
        """
        if state == "held":
            return not before or before[0] != End("held", self._timestamps()[1])
        return [one.state == "stale" for one in (*before, End("", None))[:2]] == [True, False]

    def _report(self, state: str, counts: Counts, gaps: tuple[str, ...]) -> Report:
        look = self.look
        way = str(look.choice.way) if look is not None and look.choice is not None else None
        return Report(
            sweep=self.intake.sweep_id,
            source=self.source.name,
            data_timestamp=self._timestamps()[1],
            expected=self._expected(),
            counts=counts,
            gaps=gaps,
            seconds=time.monotonic() - self.started,
            state=state,
            way=way,
            held=self.held,
            certificate=self._certificate(),
        )

    def _certificate(self) -> dict[str, Any]:
        if self.look is None:
            return {}
        absent = self.absence
        told: dict[str, Any] = {
            **self.look.told(),
            "listed": listed(self.look, self.intake, self.left),
            "answers": {name: len(answer) for name, answer in self.look.answers.items()},
            "unknown": absent.unknown[:MOST_NAMED],
            "missing": absent.missing[:MOST_NAMED],
            "removed": [one.nct_id for one in absent.removed],
            "merged": self.intake.merged,
            "held": list(self.held),
        }
        if self.held and not self.intake.gaps:
            # Whoever accepts the look accepts that these are gone.
            told |= {"lacking": self.lacking, "lacking_count": len(self.lacking)}
        return told

    def _timestamps(self) -> tuple[str | None, str | None]:
        """The data's timestamp before and after; of files, the day of the latest release."""
        if self.look is not None:
            return self.look.tale.before, self.look.release
        released = self.intake.released.isoformat() if self.intake.released else None
        return released, released

    def _tally(self, tx: Transaction) -> Tally:
        """The counts of this look and of those that were cut short before it, as of one look.

        What they kept is unchanged by now; without them a change of most records would seem one
        of a few.
        """
        intake = self.intake
        earlier = sweeps.cut_short(tx, intake.sweep_id)
        by_registry = intake.by_registry + sweeps.changed_by_registry(tx, earlier, intake.released)
        compared = intake.counts.changed + intake.counts.unchanged - intake.counts.older
        compared += len(self.look.resumed) if self.look is not None else 0
        # A study that a look before this one changed may have left the source since.
        return Tally(max(compared, *by_registry.values(), 0), by_registry, intake.released)

    def _expected(self) -> int | None:
        if self.look is not None:
            return self.look.expected(self._counts().received)
        if self.plan.watch is not None and not self.plan.watch.is_all:
            return len(self.plan.watch.nct_ids)
        return None if self.intake.gaps else self.intake.counts.received
