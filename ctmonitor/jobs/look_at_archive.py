"""What a look at an archive may conclude: of the whole registry, what is not there any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from ctmonitor.alerts import Alert
from ctmonitor.errors import SourceUnreadable
from ctmonitor.jobs import absence
from ctmonitor.jobs.absence import Asking
from ctmonitor.jobs.archive_look import ArchiveLook
from ctmonitor.jobs.intake import Intake
from ctmonitor.jobs.looking import MOST_NAMED, Ending, Tallied, of_absence
from ctmonitor.jobs.planner import Choice, Way
from ctmonitor.jobs.remembering import among, codes, remembering
from ctmonitor.jobs.scope import REGISTRY, Scope
from ctmonitor.rules import Looked, Tuning, why_held
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.tale import Tale
from ctmonitor.store import Store, Transaction, fates, looks, manifest, studies
from ctmonitor.store.fates import Absent
from ctmonitor.store.studies import Held
from ctmonitor.store.values import instant


@dataclass(slots=True)
class LookAtArchive:
    """A look at an archive; `registry` is asked for what one of the whole registry lacks."""

    source: ArchiveLook
    registry: Registry | None = None
    downloaded: str | None = None
    """The instant of the release, where whoever gave the archive said it."""
    ending: Ending = field(default_factory=Ending)
    tale: Tale = field(default_factory=Tale)
    is_each_once: bool = False
    resumed: Collection[str] = ()

    @property
    def scope(self) -> str:
        """The whole registry, or the archive itself."""
        if self.source.shard is not None:
            index, of = self.source.shard
            return f"{self.source.name}, shard {index + 1} of {of}"
        return REGISTRY if self.source.is_whole else self.source.name

    @property
    def name(self) -> str:
        """How people call the source."""
        return self.source.name

    @property
    def choice(self) -> Choice | None:
        """Fast or deep, once it is settled."""
        return self.source.choice

    @property
    def _is_stale(self) -> bool:
        return self.choice is not None and self.choice.way is Way.STALE

    @property
    def release(self) -> str | None:
        """The release that the archive is of."""
        released = self.source.released
        return self.downloaded or (released.isoformat() if released else None)

    def begin(self, sweep_id: int, at: datetime) -> None:
        """New studies are made ready with the sweep's number and its instant."""
        self.source.begin(sweep_id, instant(at))

    def wants(self, nct_id: str) -> bool:
        """Every study there is."""
        return True

    def conclude(self, store: Store, intake: Intake, tally: Tallied, tuning: Tuning) -> None:
        """Say what a whole archive lacks, unless it is so much that it is no news."""
        if self._is_stale and self.choice is not None:
            intake.gaps.append(self.choice.why)
            return
        if not self.source.is_whole or intake.gaps:
            return
        absent = self._lacking(store)
        ending = self.ending
        ending.lacking = [one.nct_id for one in absent if one.removed_on is None]
        missing = sum(one.missing_release is None for one in absent)
        with store.reading() as tx:
            before = looks.before(tx, self.scope, self.name)
        looked = Looked(
            received=intake.counts.received,
            last_received=before.last_listing.listed if before.last_listing else None,
            missing=missing,
            tally=tally(),
            is_listing=True,
            release=self.release,
            last_release=before.latest_release,
        )
        ending.held = why_held(looked, tuning)
        if not ending.held:
            try:
                asking = Asking(self.registry, self.tale, self.release)
                ending.absence = absence.settle_lack(asking, intake, absent)
            except SourceUnreadable as problem:
                intake.gaps.append(problem.why)

    def _lacking(self, store: Store) -> list[Absent]:
        look = self.source
        assert look.directory is not None
        gone = look.held[~among(look.held, np.sort(look.directory.numbers))]
        with store.reading() as tx:
            absent = fates.absent(tx, [f"NCT{code:08}" for code in gone.tolist()])
            held = studies.held(tx, [one.nct_id for one in absent])
        # One that a later release showed is lacking in this one because it was not there yet.
        return [one for one in absent if not self._is_newer(held[one.nct_id])]

    def _is_newer(self, held: Held) -> bool:
        shown_on, released = held.facts.data_date, self.source.released
        return shown_on is not None and released is not None and shown_on > released

    def keep_ending(self, tx: Transaction, intake: Intake, at: datetime) -> list[Alert]:
        """Note what is missing and removed; the alerts about it."""
        if not self.source.is_whole:
            return []
        return absence.keep(tx, self.ending.absence, self.release, intake, at)

    def keep_proof(self, tx: Transaction, intake: Intake) -> None:
        """Remember what the archive looked like, for the directory of the next one."""
        look = self.source
        if look.released is None or look.directory is None or self._is_stale:
            return
        # Since it began, another look may have changed what this one read, and looks at other
        # archives may have remembered something; what neither saw is as sure as it was then.
        now = manifest.remembered(tx)
        ours = np.sort(look.directory.numbers)
        meanwhile = codes(manifest.changed_since(tx, look.first_snapshot, but_in=intake.sweep_id))
        since = look.first_snapshot if now is None else now.snapshot_id
        later = codes(manifest.changed_since(tx, since, but_in=intake.sweep_id))
        unsure = [meanwhile[among(meanwhile, ours)], later[~among(later, ours)]]
        learned = look.learned(intake, np.sort(np.concatenate(unsure)))
        manifest.remember(tx, remembering(now, learned, manifest.last_snapshot(tx)))

    def timestamps(self, intake: Intake) -> tuple[str | None, str | None]:
        """An archive is of one release."""
        return self.release, self.release

    def expected(self, intake: Intake, received: int) -> int | None:
        """The studies that its directory names."""
        directory = self.source.directory
        return None if directory is None else len(directory) + len(directory.rejects)

    def certificate(self, intake: Intake) -> dict[str, Any]:
        """How the look was made, and what it rests on."""
        look = self.source
        if look.directory is None or look.choice is None:
            return {}
        told: dict[str, Any] = {
            "way": str(look.choice.way),
            "why": look.choice.why,
            "scope": self.scope,
            # A look through the API that asks lists their questions besides is about more.
            "scope_digest": Scope(REGISTRY, is_all=True).digest if look.is_whole else "",
            "release_before": self.release,
            "release_after": self.release,
            "requests": self.registry.requests if self.registry else 0,
            "members": len(look.directory),
            "proven_by_directory": look.proven_count,
            "read": look.read_count,
            "proven_wrongly": look.missed[:MOST_NAMED],
            "proven_wrongly_count": len(look.missed),
            "listed": intake.counts.received,
        }
        return told | of_absence(self.ending, intake) if look.is_whole else told
