"""A monitor that is killed again and again, and what it must have kept and told all the same."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctmonitor.store import open_store
from ctmonitor.store.schema import deliveries, destinations
from tests.soak.mails import Mail, SlowInbox, slow_mail_server, turns_in
from tests.soak.nursery import Ended, Nursery
from tests.soak.releases import FIRST_NUMBER, HIGH, TURNS, Changed, Fact, MadeRegistry, Release

RELEASE = "release.ndjson"
WATCHED = {f"NCT{FIRST_NUMBER + number}" for number in range(0, 100, 2)}
WISHES = {
    "all@example.org": ("--watch", "everything"),
    "some@example.org": ("--watch", "some"),
    "high@example.org": ("--watch", "everything", "--min-severity", "high"),
    "stops@example.org": ("--watch", "everything", "--rule", "stopped"),
    "daily@example.org": ("--watch", "everything", "--cadence", "daily 06:00"),
    "quiet@example.org": ("--watch", "everything", "--quiet-hours", "QUIET"),
}
"""Who hears what; for the last it is quiet now, and some hours more."""
REFUSED = 0.1
"""The share of mails that the server does not take yet."""
HOURS_PASS = 0.3
"""How often the hour of what is held comes after a release."""
MOST_ROUNDS = 100
MORE_KILLS = 0.3
"""How often the second try, and each after it, is killed as well."""


@dataclass
class Figures:
    """What a soak came to."""

    kills: int = 0
    in_sweep: int = 0
    in_dispatch: int = 0
    in_a_mail: int = 0
    releases: int = 0
    changes: int = 0
    alerts: int = 0
    owed: int = 0
    mails: int = 0
    refused: int = 0
    held: int = 0
    repeats: int = 0
    most_repeats_for_a_kill: int = 0
    faults: dict[str, list[Any]] = field(default_factory=dict)
    seconds: float = 0.0

    def __str__(self) -> str:
        lost = ", ".join(f"{len(rows)} {name}" for name, rows in self.faults.items())
        return (
            f"{self.kills} kills in {self.seconds:.0f} s over {self.releases} releases: "
            f"{self.in_sweep} in a sweep, {self.in_dispatch} in a dispatch "
            f"({self.in_a_mail} before the server answered); "
            f"{self.changes:,} changes, {self.alerts:,} alerts, {self.mails:,} mails; "
            f"{self.held} were held or waited for another try, {self.refused} refused; {lost}; "
            f"{self.repeats} mails repeated, at most {self.most_repeats_for_a_kill} for a kill"
        )


def live(
    folder: Path,
    url: str,
    *,
    kills: int,
    studies: int = 150,
    seed: int = 0,
    after_kill: Callable[[Life], object] = lambda _: None,
) -> Figures:
    """Sweep release after release, killed so many times; then hold all against the list."""
    started = time.monotonic()
    with beginning(folder, url, studies, seed) as life:
        life.after_kill = after_kill
        while life.figures.kills < kills:
            life.take(life.registry.next_release(), most_kills=kills)
        life.take(life.registry.next_release(), most_kills=0)
        life.compare()
    life.figures.seconds = time.monotonic() - started
    return life.figures


@contextmanager
def beginning(folder: Path, url: str, studies: int, seed: int) -> Iterator[Life]:
    """A monitor with its mail server and its readers, of which nothing is swept yet."""
    with slow_mail_server(longest_wait=0.03, seed=seed) as (smtp_url, inbox):
        inbox.refuses = REFUSED
        # A look cut off early may compare so few that what the registry changed is most of them,
        # and whether a server refuses three mails in a row is no fact about a study.
        config = folder / "ctmonitor.toml"
        config.write_text(
            "[rules.sweep-held]\nenabled = false\n[rules.delivery-failing]\nenabled = false\n"
        )
        environ = {
            "CTMONITOR_SMTP_URL": smtp_url,
            "CTMONITOR_DATABASE_URL": url,
            "CTMONITOR_CONFIG": str(config),
        }
        with Nursery(folder, environ) as nursery:
            life = Life(folder, nursery, inbox, MadeRegistry(studies=studies, seed=seed), url)
            life.rng.seed(f"kills {seed}")
            subscribe(nursery, WISHES)
            yield life


def subscribe(nursery: Nursery, wishes: Mapping[str, tuple[str, ...]]) -> None:
    """Make the two watch lists, and write down who wants to hear what."""
    _done(nursery.run("watch", "add", "everything", "--all"))
    _done(nursery.run("watch", "add", "some", "--nct", *sorted(WATCHED)))
    hour = datetime.now(UTC).hour
    quiet = f"mon-sun {(hour - 1) % 24:02d}:00-{(hour + 3) % 24:02d}:00"
    for address, wish in wishes.items():
        words = (quiet if word == "QUIET" else word for word in wish)
        _done(nursery.run("subscribe", "add", address, *words))


@dataclass
class Life:
    """One monitor's life under way."""

    folder: Path
    nursery: Nursery
    inbox: SlowInbox
    registry: MadeRegistry
    url: str
    rng: random.Random = field(default_factory=random.Random)
    usual: float = 1.0
    figures: Figures = field(default_factory=Figures)
    changes: list[Changed] = field(default_factory=list)
    facts: dict[Fact, str] = field(default_factory=dict)
    after_kill: Callable[[Life], object] = lambda _: None

    def take(self, release: Release, *, most_kills: int) -> None:
        """Sweep one release until a sweep of it ends by itself, killed on the way or not."""
        release.write(self.folder / RELEASE)
        self.changes += release.changes
        self.facts |= release.facts
        self.figures.releases += 1
        words = ("sweep", RELEASE, "--today", str(release.day))
        chance = 1.0
        while self._is_killed(words, chance, most_kills):
            chance = MORE_KILLS
            if self.rng.random() < 0.3:
                # Another job may come by first, and take over what the dead one left.
                other = self.rng.choice((("dispatch",), ("due", "--today", str(release.day))))
                self._is_killed(other, MORE_KILLS, most_kills)
        if self.rng.random() < HOURS_PASS:
            self.let_hours_pass()

    def let_hours_pass(self) -> int:
        """Let the hour come of all that waits for one; gives how much that is."""
        past = "2000-01-01T00:00:00.000000Z"
        store = open_store(self.url)
        with store.writing() as tx:
            waits = deliveries.update().where(deliveries.c.state.in_(("held", "retrying")))
            count = tx.connection.execute(waits.values(next_try_at=past)).rowcount
            tx.connection.execute(destinations.update().values(until=past))
        store.close()
        self.figures.held += count
        return count

    def _is_killed(self, words: tuple[str, ...], chance: float, most_kills: int) -> bool:
        """Run a command, perhaps killed at any moment from its start to a bit past its end."""
        may_kill = self.figures.kills < most_kills and self.rng.random() < chance
        after = self.rng.uniform(0, 1.1 * self.usual) if may_kill else None
        opened, closed = self.inbox.opened, self.inbox.closed
        before = {mail.key for mail in self.inbox.mails}
        count = len(self.inbox.mails)
        ended = self.nursery.run(*words, kill_after=after)
        self._count_repeats(before, self.inbox.mails[count:])
        if not ended.was_killed:
            _done(ended)
            if words[0] == "sweep":
                self.usual += (ended.seconds - self.usual) / 4
            return False
        self.figures.kills += 1
        self.figures.in_dispatch += self.inbox.opened > opened
        self.figures.in_a_mail += self.inbox.opened - opened > self.inbox.closed - closed
        self.after_kill(self)
        return True

    def _count_repeats(self, before: set[str], came: list[Mail]) -> None:
        repeats = sum(mail.key in before for mail in came)
        self.figures.repeats += repeats
        most = max(self.figures.most_repeats_for_a_kill, repeats)
        self.figures.most_repeats_for_a_kill = most

    def compare(self) -> None:
        """Hold what is listed, and what was sent, against the registry's own list."""
        found = self.figures
        for _ in range(MOST_ROUNDS):
            if not self.let_hours_pass():
                break
            _done(self.nursery.run("dispatch"))
        found.refused = self.inbox.refused
        listed = Counter(_changed(row) for row in self._ask("changes"))
        expected = Counter(self.changes)
        raised = Counter(_fact(row) for row in self._ask("alerts"))
        found.changes, found.alerts = len(self.changes), len(self.facts)
        found.faults["changes lost"] = list((expected - listed).elements())
        found.faults["changes invented"] = list((listed - expected).elements())
        found.faults["alerts lost"] = list((Counter(self.facts.keys()) - raised).elements())
        found.faults["alerts invented or doubled"] = list(
            (raised - Counter(self.facts.keys())).elements()
        )
        self._compare_mails()
        self._compare_sweeps()
        self._check_store()

    def _compare_mails(self) -> None:
        mails = self.inbox.mails
        first = {mail.key: mail for mail in reversed(mails)}
        told = Counter((mail.address, fact) for mail in first.values() for fact in self._told(mail))
        due = Counter((who, fact) for who in WISHES for fact in self.facts if _wants(who, fact))
        faults = self.figures.faults
        faults["alerts never told"] = list((due - told).elements())
        faults["alerts told under two keys or unasked"] = list((told - due).elements())
        faults["alerts told in other words"] = [
            (fact, words)
            for mail in first.values()
            for fact, words in mail.facts().items()
            if self.facts.get(fact, "") not in words and not turns_in(words)
        ]
        faults["repeats with other content"] = [
            (mail.key, _differing(first[mail.key].content, mail.content))
            for mail in mails
            if mail.content != first[mail.key].content
        ]
        self.figures.mails, self.figures.owed = len(mails), len(first)

    def _told(self, mail: Mail) -> Iterator[Fact]:
        """What a mail tells; turns that led back to where they began stand in one line."""
        for fact, words in mail.facts().items():
            turns = [
                one
                for one in self.facts
                if one.nct_id == fact.nct_id and one.rule in TURNS and one.day <= fact.day
            ]
            many = turns_in(words)
            yield from sorted(turns, key=lambda one: one.day)[-many:] if many else [fact]

    def _compare_sweeps(self) -> None:
        sweeps = self._ask("sweeps", "--limit", "100000")
        states = Counter(sweep["state"] for sweep in sweeps)
        self.figures.in_sweep = states["interrupted"]
        faults = self.figures.faults
        faults["sweeps in an impossible state"] = [
            sweep for sweep in sweeps if sweep["state"] not in ("finished", "interrupted")
        ]
        faults["releases not swept"] = [1] * max(0, self.figures.releases - states["finished"])
        alerts = sum(sweep["alerts"] for sweep in sweeps)
        changes = sum(sweep["changes"] for sweep in sweeps)
        faults["alerts miscounted by sweeps"] = [1] * abs(alerts - self.figures.alerts)
        faults["changes miscounted by sweeps"] = [1] * abs(changes - self.figures.changes)

    def _check_store(self) -> None:
        """Nothing is owed, every chain and content is whole, and SQLite finds its file sound."""
        assert self._ask("dispatch") == {"sent": 0, "waiting": 0, "dead": 0, "problems": []}
        assert self._ask("verify")["intact"] is True
        for file in self.folder.glob("*.db"):
            with closing(sqlite3.connect(file)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def _ask(self, *words: str) -> Any:
        return json.loads(_done(self.nursery.run(*words, "--json")).said)


def _done(ended: Ended) -> Ended:
    assert set(ended.codes) == {0}, f"ended with {ended.codes}: {ended.errors}"
    return ended


def _differing(one: bytes, other: bytes) -> list[bytes]:
    """The lines in which two mails differ."""
    return sorted(set(one.splitlines()) ^ set(other.splitlines()))


def _changed(row: Mapping[str, Any]) -> Changed:
    return Changed(row["nct_id"], row["snapshot"], row["field"], row["before"], row["after"])


def _fact(row: Mapping[str, Any]) -> Fact:
    return Fact(row["nct_id"], row["rule"], row["registry_date"])


def _wants(who: str, fact: Fact) -> bool:
    wanted = {
        "all": True,
        "some": fact.nct_id in WATCHED,
        "high": fact.rule in HIGH,
        "stops": fact.rule == "stopped",
        "daily": True,
        "quiet": True,
    }
    return wanted[who.partition("@")[0]]
