"""Look once at one scope through one source, and keep what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.alerts import Alert
from ctmonitor.errors import CtmonitorError, SourceUnreadable, StoreError
from ctmonitor.formats import Milestone, Source
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.intake import Intake, batches
from ctmonitor.jobs.looking import MOST_GAPS_NAMED, Look, LookAtFiles, LookAtRegistry
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
from ctmonitor.store import Store, Transaction, fates, journal, looks, subscribing, sweeps
from ctmonitor.store import alerts as alerts_kept
from ctmonitor.store.looks import End
from ctmonitor.store.sweeps import Counts, Proof, shown
from ctmonitor.watches import Subscription, WatchList


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a look has come: its counts, and the requests answered of those expected.

    With `is_of_studies`, what is done and expected are studies.
    """

    counts: Counts
    done: int = 0
    expected: int | None = None
    is_of_studies: bool = False


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


def sweep(store: Store, source: Source | Look, plan: Plan) -> Report:
    """Look at everything a source has; the report says how complete the look was.

    Each batch is kept in one transaction with its changes and the alerts they gave rise to. An
    error on the way ends the sweep as interrupted, with all that was kept until then.
    """
    take_over_abandoned(store, flood_limit=plan.flood_limit, clock=plan.clock, tuning=plan.tuning)
    return _Sweep(store, _looking(source, plan.watch), plan).run()


class _Sweep:
    """One look under way."""

    def __init__(self, store: Store, look: Look, plan: Plan) -> None:
        self.store = store
        self.look = look
        self.source = look.source
        self.plan = plan
        self.started = time.monotonic()
        self.held: tuple[str, ...] = ()

    def run(self) -> Report:
        clock, look = self.plan.clock, self.look
        with self.store.writing() as tx:
            sweep_id = sweeps.begin(
                tx, look.scope, self.source.name, today=clock.today, owner=me(), now=clock.now()
            )
            removed = fates.removed(tx)
        look.begin(sweep_id, clock.at())
        self.intake = Intake(
            self.store,
            sweep_id,
            self.plan.tuning,
            clock,
            wants=look.wants,
            is_each_once=look.is_each_once,
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
            self.look.conclude(self.store, intake, self._tallied, self.plan.tuning)
            self.held = self.look.ending.held
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
        intake.gaps += self.look.ending.gaps
        return self._finish(self._state())

    def _progress(self, milestone: Milestone | None) -> None:
        if self.plan.progress:
            shown = milestone or Milestone(0, None)
            progress = Progress(self.intake.counts, shown.done, shown.expected, shown.is_of_studies)
            self.plan.progress(progress)

    @property
    def _is_stale(self) -> bool:
        choice = self.look.choice
        return choice is not None and choice.way is Way.STALE

    def _state(self) -> str:
        if self._is_stale:
            return "stale"
        if self.intake.gaps:
            return "partial"
        return "held" if self.held else "finished"

    def _counts(self) -> Counts:
        """What the look came to, with what the look it goes on from took in at this release."""
        intake = self.intake
        before = len(intake.unseen(self.look.resumed)) if self.look.resumed else 0
        return intake.counts.plus(received=before, unchanged=before)

    def _finish(self, state: str) -> Report:
        clock, intake, look = self.plan.clock, self.intake, self.look
        gaps = tuple(dict.fromkeys(intake.gaps))[:MOST_GAPS_NAMED]
        with self.store.writing() as tx:
            sweeps.keep_alive(tx, intake.sweep_id, intake.counts, clock.now())
            self.held = self._guarded(tx, state)
            state = "held" if self.held else state
            # Who watched a study hears why it left the list, though it is no longer on it.
            hearers = subscribing.all_subscriptions(tx)
            if state == "finished":
                # The alerts about what went wait with the others.
                found = look.keep_ending(tx, intake, clock.at())
                alerts_kept.await_settling(tx, intake.sweep_id, found, clock.at())
            if state in ("finished", "partial", "held"):
                look.keep_proof(tx, intake)
            told = self._raise(tx, state, hearers)
            absent = look.ending.absence
            missing = len(absent.missing) + len(absent.removed)
            counts = self._counts().plus(alerts=told, missing=missing)
            report = self._report(state, counts, gaps)
            sweeps.finish(
                tx,
                intake.sweep_id,
                counts,
                state=state,
                proof=Proof(
                    report.expected, *look.timestamps(intake), report.way, report.certificate
                ),
                gaps=gaps,
                now=clock.now(),
            )
            detail = {**report.plain(), "state": state, "today": clock.today.isoformat()}
            detail.pop("certificate")
            journal.note(tx, "swept", detail, who="ctmonitor sweep", at=clock.now())
        return report

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
        if state in ("held", "stale") and self._is_news(state, looks.ends(tx, self.look.scope)):
            reasons = self.held or tuple(intake.gaps)
            back = HeldBack(intake.sweep_id, reasons, self.look.timestamps(intake)[1])
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
            return not before or before[0] != End("held", self.look.timestamps(self.intake)[1])
        return [one.state == "stale" for one in (*before, End("", None))[:2]] == [True, False]

    def _report(self, state: str, counts: Counts, gaps: tuple[str, ...]) -> Report:
        look, intake = self.look, self.intake
        # What was found in the end may be held for another reason than what was not.
        look.ending.held = self.held
        return Report(
            sweep=intake.sweep_id,
            source=self.source.name,
            data_timestamp=look.timestamps(intake)[1],
            expected=look.expected(intake, self._counts().received),
            counts=counts,
            gaps=gaps,
            seconds=time.monotonic() - self.started,
            state=state,
            way=str(look.choice.way) if look.choice is not None else None,
            held=self.held,
            certificate=look.certificate(intake),
        )

    def _tallied(self) -> Tally:
        with self.store.reading() as tx:
            return self._tally(tx)

    def _tally(self, tx: Transaction) -> Tally:
        """The counts of this look and of those that were cut short before it, as of one look.

        What they kept is unchanged by now; without them a change of most records would seem one
        of a few.
        """
        intake = self.intake
        earlier = sweeps.cut_short(tx, intake.sweep_id)
        by_registry = intake.by_registry + sweeps.changed_by_registry(tx, earlier, intake.released)
        compared = intake.counts.changed + intake.counts.unchanged - intake.counts.older
        compared += len(self.look.resumed)
        # A study that a look before this one changed may have left the source since.
        return Tally(max(compared, *by_registry.values(), 0), by_registry, intake.released)


def _looking(source: Source | Look, watch: WatchList | None) -> Look:
    """The look that a source is read in."""
    if isinstance(source, Look):
        return source
    if isinstance(source, RegistryLook):
        return LookAtRegistry(source)
    return LookAtFiles(source, watch)
