"""The main job on a small made registry: two releases and one study page, mails in a folder."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from importlib.resources import files
from pathlib import Path
from shutil import which
from textwrap import indent

from ctmonitor.alerts import Severity
from ctmonitor.delivery import Outlets, check_address
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.dispatch import dispatch
from ctmonitor.jobs.due import forecasts, raise_due
from ctmonitor.jobs.settle import FLOOD_LIMIT
from ctmonitor.jobs.sweep import Plan, sweep
from ctmonitor.rules import Tuning
from ctmonitor.sources import Files
from ctmonitor.store import Store, open_store, subscribing, watching
from ctmonitor.store.questions import Filter, Seen, alerts_raised, changes_seen, rejected
from ctmonitor.watches import Cadence, WatchList

LIST = "everything"
SENDER = "ctmonitor@localhost"
INPUTS = ("day-1.ndjson", "day-2.ndjson", "study-page-NCT04946669.txt")


@dataclass(frozen=True, slots=True)
class Look:
    """One day of the demo: the date to believe in, and the sources to sweep."""

    today: date
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with everything the demo needs: inputs, an empty store, a folder for mails."""

    folder: Path
    looks: tuple[Look, ...]

    @property
    def database_url(self) -> str:
        """Where the demo's store is."""
        return f"sqlite:///{self.folder / 'ctmonitor.db'}"

    @property
    def mails(self) -> Path:
        """Where the demo's mails go."""
        return self.folder / "mails"


def prepare(folder: Path | None = None) -> Stage:
    """Lay out the demo in an empty folder (a new one when None), with one subscriber to all."""
    place = Path(tempfile.mkdtemp(prefix="ctmonitor-demo-")) if folder is None else folder
    place = place.resolve()
    _check_is_ours(place)
    for name in INPUTS:
        (place / name).write_bytes(files(__name__).joinpath(name).read_bytes())
    for left in place.glob("ctmonitor.db*"):
        left.unlink()
    first, second, page = (str(place / name) for name in INPUTS)
    looks = (Look(date(2026, 2, 27), (first, page)), Look(date(2026, 3, 2), (second,)))
    stage = Stage(place, looks)
    stage.mails.mkdir(exist_ok=True)
    for left in stage.mails.glob("*.eml"):
        left.unlink()
    with _opened(stage) as store, store.writing() as tx:
        now = datetime.now(UTC)
        watching.add_watch_list(tx, WatchList(LIST, is_all=True), now)
        subscribing.subscribe(
            tx,
            check_address(f"file:{stage.mails}"),
            LIST,
            rules=(),
            min_severity=Severity.LOW,
            cadence=Cadence(),
            at=now,
        )
    return stage


def _check_is_ours(place: Path) -> None:
    """Refuse a folder that holds anything but an earlier demo: what is in it would be lost."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        is_taken = any(place.iterdir()) and not (place / INPUTS[0]).is_file()
    except OSError as problem:
        raise CommandWrong(f"{place}: {problem.strerror}; name another folder") from None
    if is_taken:
        raise CommandWrong(f"{place}: there is something else in it; name an empty folder")


def demonstrate(folder: Path | None = None) -> Iterator[str]:
    """Sweep, raise what is due, send; then tell the story, line by line."""
    stage = prepare(folder)
    with _opened(stage) as store:
        for look in stage.looks:
            plan = Plan(clock=Clock(day=look.today))
            sweep(store, Files([Path(source) for source in look.sources]), plan)
            _send(store)
        clock = Clock(day=stage.looks[-1].today)
        raise_due(store, tuning=Tuning(), flood_limit=FLOOD_LIMIT, clock=clock)
        _send(store)
    yield from tell(stage)


def tell(stage: Stage) -> Iterator[str]:
    """The story of a demo whose looks are done."""
    with _opened(stage) as store, store.reading() as tx:
        clock = Clock(day=stage.looks[-1].today)
        yield f"Two releases of a made registry and one study page, swept into {stage.folder}"
        yield ""
        yield "What changed (what moves by itself left out):"
        for seen in reversed(changes_seen(tx, Filter())):
            if not seen.change.is_noise:
                yield f"  {_said(seen)}"
        yield ""
        yield "Alerts:"
        for raised in reversed(alerts_raised(tx, Filter())):
            alert = raised.alert
            yield f"  {alert.severity:<9}{alert.nct_id}  {alert.rule}: {alert.headline}"
        for one in rejected(tx, None, None):
            yield f"  (set aside: {one['nct_id']}: {one['reason']})"
        yield ""
        yield "What is about to happen:"
        ahead = forecasts(tx, days=60, nct_ids=None, tuning=Tuning(), clock=clock)
        for forecast in ahead[:5]:
            yield f"  {forecast.due_on}  {forecast.nct_id}  {forecast.rule}"
    yield ""
    yield from _one_mail(stage)
    yield "Ask next:"
    program = "ctmonitor" if which("ctmonitor") else Path(sys.executable).with_name("ctmonitor")
    for question in (
        "history NCT99000002",
        "show NCT99000002 --as-of 2026-02-28",
        "forecast --today 2026-03-02",
    ):
        yield f"  {program} --db {stage.database_url} {question}"


@contextmanager
def _opened(stage: Stage) -> Iterator[Store]:
    store = open_store(stage.database_url)
    try:
        yield store
    finally:
        store.close()


def _send(store: Store) -> None:
    dispatch(store, Outlets(smtp=None, sender=SENDER), flood_limit=FLOOD_LIMIT, clock=Clock())


def _said(seen: Seen) -> str:
    change = seen.change
    where = change.field if change.item is None else f"{change.field} [{change.item}]"
    return f"{seen.nct_id}  {where}: {_short(change.before)} -> {_short(change.after)}"


def _short(value: object) -> str:
    if isinstance(value, dict | list):
        return "an entry"
    return "nothing" if value is None else str(value)


def _one_mail(stage: Stage) -> Iterator[str]:
    """The mail about the second release, as text."""
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(stage.mails.glob("*.eml"))
    ]
    yield f"One of {len(mails)} mails in {stage.mails}:"
    longest = max(mails, key=lambda mail: len(mail.as_bytes()), default=None)
    body = longest.get_body(("plain",)) if longest else None
    if longest and body:
        yield f"  Subject: {longest['subject']}"
        yield indent(str(body.get_content()).rstrip(), "  | ", lambda _line: True)
    yield ""
