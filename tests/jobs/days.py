"""Days of a registry, each with its release, and looks at it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from ctmonitor.jobs.opening import opened
from ctmonitor.jobs.sweep import Plan, Report, sweep
from ctmonitor.sources import ctgov as sources
from ctmonitor.store import Store, watching
from ctmonitor.watches import Question, WatchList
from tests.builders import a_study
from tests.jobs.asking import NOW
from tests.looks import clock_on
from tests.registry import On, Registry, Served, a_release, serving
from tests.registry.answers import usual_answer
from tests.registry.faults import Fault, Script
from tests.sources.asking import a_client


class Days:
    """A registry that is being served to a store, one release after another."""

    def __init__(self, store: Store, registry: Registry, served: Served) -> None:
        self.store = store
        self.registry = registry
        self.served = served

    @property
    def today(self) -> str:
        """The day of the release on show."""
        return self.registry.current.data_timestamp[:10]

    def show(self, day: str, *studies: dict[str, Any]) -> None:
        """Bring out a release with these studies, and show it."""
        self.registry.add(a_release(day, studies))
        self.registry.advance()

    def wrong(self, *faults: On) -> None:
        """Let this go wrong from now on, and nothing else."""
        self.served.script = Script(faults)

    def look(
        self,
        watch: str | None = None,
        *,
        whole: bool = False,
        way: str | None = None,
        seconds: float = 14_400.0,
        **plan: Any,
    ) -> Report:
        """Look as `ctmonitor sweep` does: at one list, at all lists, or at the whole registry.

        It may take so many seconds, which pass only in waits.
        """
        clock = clock_on(self.today)
        with closing(a_client(self.served.url, look_seconds=seconds)) as client:
            source, watched = opened(
                self.store,
                ["ctgov"] if whole else [],
                io.BytesIO(),
                registry=lambda: sources.Registry(client),
                clock=clock,
                watch=watch,
                way=way,
            )
            return sweep(self.store, source, Plan(**{"clock": clock, "watch": watched, **plan}))

    def day(self, day: str, *studies: dict[str, Any], **look: Any) -> Report:
        """Bring out a release, and look at it."""
        self.show(day, *studies)
        return self.look(**look)


@contextmanager
def days(store: Store, *faults: On) -> Iterator[Days]:
    """A registry whose first release, of 1 February, is empty."""
    registry = Registry(a_release("2026-02-01", []))
    with serving(registry, *faults) as served:
        yield Days(store, registry, served)


def lacking(*nct_ids: str) -> On:
    """Listings do not show these studies, though each has its own address."""

    def without(registry: Registry) -> Registry:
        return Registry(registry.current.without(*nct_ids))

    fault = Fault(
        "lacking", remake=lambda _, asked, registry: usual_answer(asked, without(registry))
    )
    return On(fault, path="/studies", times=99)


def ask(store: Store, name: str, **asked: str) -> None:
    """Let a watch list follow a question: `ask(store, "open", filter_overallStatus=...)`."""
    named = {name_.replace("_", ".", 1): text for name_, text in asked.items()}
    with store.writing() as tx:
        watching.add_watch_list(
            tx, WatchList(name, False, question=Question.from_plain(named)), NOW
        )


def members(store: Store, name: str) -> list[str]:
    """The studies on a list, in order."""
    with store.reading() as tx:
        return sorted(watching.watch_list(tx, name).nct_ids)


def some(count: int, *, but: tuple[int, ...] = (), **fields: Any) -> list[dict[str, Any]]:
    """So many made studies, numbered from 1, without a few of them."""
    numbers = (number for number in range(1, count + 1) if number not in but)
    return [
        a_study(nct_id=nct(number), **{"overall_status": "RECRUITING", **fields})
        for number in numbers
    ]


def nct(number: int) -> str:
    """The study number with this number in it."""
    return f"NCT{number:08d}"
