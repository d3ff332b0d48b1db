"""A look that was cut off goes on where it stopped, in the same release, and asks nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from ctmonitor.jobs import planner, registry_look
from ctmonitor.sources import by_number
from ctmonitor.store import open_store
from tests.builders import a_study
from tests.jobs.asking import told, watch
from tests.jobs.days import ask, days, nct, some
from tests.registry import On, Registry, Served, a_release, faults, serving
from tests.registry.faults import Script
from tests.sources.test_listing import EVER

ROOT = Path(__file__).parents[2]
FRIDAY, MONDAY = "2026-02-27", "2026-03-02"
COUNT = 2_200
"""Five pages of whole records, or fifteen requests by number."""
STOP = {"nth": 4, "path": "/studies"}


class Processes:
    """Sweeps in processes of their own, at one store and one registry."""

    def __init__(self, url: str, served: Served) -> None:
        self.url = url
        self.served = served
        self.heard = 0

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin a sweep."""
        settings = {"CTMONITOR_CTGOV_URL": self.served.url, "CTMONITOR_CTGOV_RATE": "10000"}
        command = (sys.executable, "-m", "ctmonitor", "--db", self.url, "--json", "sweep", *words)
        return subprocess.Popen(
            (*command, "--no-dispatch", "--today", self.today),
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @property
    def today(self) -> str:
        return self.served.registry.current.data_timestamp[:10]

    def cut_off(self, *words: str, nth: int) -> list[str]:
        """Kill a sweep while it waits for an answer; what was answered before."""
        self.served.script = Script((On(faults.silent(), nth=nth, path="/studies", times=EVER),))
        before = len(self.served.struck)
        running = self.start(*words)
        while len(self.served.struck) == before:
            assert running.poll() is None, running.communicate()
            time.sleep(0.01)
        running.kill()
        running.communicate()
        self.served.script = Script(())
        return self.asked()[:-1]

    def look(self, *words: str) -> dict[str, Any]:
        """The report of a sweep that ends by itself."""
        printed, said = self.start(*words).communicate(timeout=60)
        assert printed, said
        return orjson.loads(printed)

    def asked(self) -> list[str]:
        """What was asked of the studies since the last time."""
        new = self.served.asked[self.heard :]
        self.heard = len(self.served.asked)
        return [one.target for one in new if one.path == "/studies"]


@pytest.fixture(scope="module")
def releases():
    """Two releases of more studies than fit a few pages."""
    return [a_release(day, some(COUNT)) for day in (FRIDAY, MONDAY)]


@pytest.fixture
def processes(releases, upgraded_file, tmp_path):
    """A store of its own on disk, and the registry."""
    (tmp_path / "store.db").write_bytes(upgraded_file.read_bytes())
    with serving(Registry(*releases)) as served:
        yield Processes(f"sqlite:///{tmp_path / 'store.db'}", served)


def test_a_killed_look_goes_on_where_it_stopped(processes):
    """Kill -9 after three pages of five: the other two are asked for, and all adds up."""
    first = processes.cut_off("ctgov", nth=4)
    report = processes.look("ctgov")
    rest = processes.asked()
    assert (len(first), len(rest), set(first) & set(rest)) == (3, 2, set())
    assert (report["state"], report["missing"]) == ("finished", 0)
    assert report["expected"] == report["received"] == COUNT
    assert (report["new"], report["unchanged"]) == (COUNT - 1_500, 1_500)
    assert report["certificate"]["goes_on_from"] == [1]
    assert report["certificate"]["seen_before"] == 1_500


def test_a_look_killed_again_and_again_comes_to_its_end(processes):
    """Each begins where the one before it was, and the last knows of all of them."""
    asked = [processes.cut_off("ctgov", nth=2) for _ in range(3)]
    report = processes.look("ctgov")
    asked.append(processes.asked())
    assert [len(targets) for targets in asked] == [1, 1, 1, 2]
    assert len({target for targets in asked for target in targets}) == 5
    assert report["certificate"]["goes_on_from"] == [1, 2, 3]
    assert (report["state"], report["expected"], report["received"]) == ("finished", COUNT, COUNT)


def test_a_release_in_between_begins_anew(processes):
    """Pages of two releases never make one look."""
    processes.cut_off("ctgov", nth=4)
    processes.served.registry.advance()
    report = processes.look("ctgov")
    assert len(processes.asked()) == 5
    assert (report["state"], report["missing"]) == ("finished", 0)
    assert report["expected"] == report["received"] == COUNT
    assert (report["new"], report["certificate"]["goes_on_from"]) == (COUNT - 1_500, [])


@pytest.mark.parametrize("way", ["full", "status"])
def test_a_killed_look_at_numbers_asks_for_the_rest(processes, way):
    """Only the numbers that were not answered are asked for again."""
    store = open_store(processes.url)
    watch(store, "many", *(nct(number) for number in range(1, COUNT + 1)))
    store.close()
    words = ("--watch", "many", "--way", way)
    if way == "status":
        processes.look(*words)
        processes.served.registry.advance()
        processes.asked()
    first = _numbers(processes.cut_off(*words, nth=4))
    report = processes.look(*words)
    rest = _numbers(processes.asked())
    assert sorted(first + rest) == [nct(number) for number in range(1, COUNT + 1)]
    assert report["expected"] == report["received"] == COUNT
    assert len(rest) < COUNT - 400
    assert (report["state"], report["way"], report["missing"]) == ("finished", way, 0)


def _numbers(targets: list[str]) -> list[str]:
    """The numbers that were asked for, each as often as it was."""
    asked = [target.partition("filter.ids=")[2].partition("&")[0] for target in targets]
    return [number for one in asked for number in one.split(",")]


def test_a_second_look_at_the_same_studies_leaves(processes):
    """It says since when the first one runs, and by whom, and has its own exit code."""
    processes.served.script = Script((On(faults.silent(), nth=2, times=EVER),))
    running = processes.start("ctgov")
    while not processes.served.struck:
        time.sleep(0.01)
    second = processes.start("ctgov")
    said = second.communicate(timeout=30)[1].decode()
    running.kill()
    running.communicate()
    assert second.returncode == 6
    assert "is already running (since 20" in said and f"{running.pid}" in said


@pytest.fixture
def small(monkeypatch):
    """Pages and requests of three studies."""
    monkeypatch.setattr(registry_look, "WHOLE_PAGE", 3)
    monkeypatch.setattr(registry_look, "ROW_PAGE", 3)
    monkeypatch.setattr(by_number, "CAREFUL_NUMBERS", 3)
    monkeypatch.setattr(planner, "FULL_UP_TO", 3)


CUT_OFF = {"seconds": 600.0}
"""A look that gives up when the registry asks for patience."""


def _busy(nth: int) -> On:
    return On(faults.too_many(900), nth=nth, times=EVER)


def test_another_look_in_between_does_not_make_studies_missing(store, small):
    """It saw some of the same studies since; which of them were on which page nobody knows."""
    watch(store, "two", nct(1), nct(2))
    with days(store, _busy(4)) as shown:
        assert shown.day(FRIDAY, *some(10), whole=True, **CUT_OFF).state == "partial"
        shown.wrong()
        shown.look(watch="two", way="full")
        report = shown.look(whole=True)
    assert (report.state, report.counts.missing, report.counts.new) == ("finished", 0, 4)
    assert report.certificate["release_after"] == f"{FRIDAY}T09:00:05"


def test_what_nobody_could_read_is_not_missing_after_going_on(store, small):
    """A record that was set aside before the cut was there, and its page is not read again."""
    odd = {**a_study(nct_id=nct(2)), "hasResults": "perhaps"}
    with days(store) as shown:
        shown.day(FRIDAY, *some(10), whole=True)
        shown.wrong(_busy(4))
        shown.day(MONDAY, *some(10, but=(2,)), odd, whole=True, way="full", **CUT_OFF)
        shown.wrong()
        report = shown.look(whole=True, way="full")
    assert (report.state, report.counts.missing) == ("finished", 0)


def test_a_look_that_crossed_a_release_is_not_gone_on_with(store, small):
    """What it had seen of the release before says nothing about this one."""
    with days(store) as shown:
        shown.registry.tokens_outlive_releases = True
        shown.show(FRIDAY, *some(10))
        shown.registry.add(a_release(MONDAY, some(10, overall_status="COMPLETED")))
        shown.wrong(On(faults.refreshed(), nth=4), _busy(6))
        shown.look(whole=True, **CUT_OFF)
        shown.wrong()
        report = shown.look(whole=True)
    assert (report.state, report.certificate["goes_on_from"]) == ("finished", [])
    assert report.certificate["release_after"] == f"{MONDAY}T09:00:05"
    # Six were seen in the release before, and the other four only in the later one.
    assert [one for one in told(store) if one[1] == "completed"] == [
        (nct(number), "completed") for number in range(1, 7)
    ]


def test_parts_that_were_read_are_not_read_again(store, small):
    """Cut off within the questions, a look at everything asks for the questions alone."""
    ask(store, "all", filter_overallStatus="RECRUITING")
    with days(store, _busy(7)) as shown:
        shown.day(FRIDAY, *some(10), whole=True, **CUT_OFF)
        shown.wrong()
        before = len(shown.served.asked)
        report = shown.look(whole=True)
        asked = shown.served.asked[before:]
    assert report.state == "finished" and len(report.certificate["parts"]) == 2
    assert all("fields=NCTId&" in one.target for one in asked if one.path == "/studies")
    assert (report.expected, report.counts.received) == (10, 10)


def test_another_look_after_a_part_was_read_does_not_make_studies_missing(store, small):
    """Cut off within the questions, with another look since: everything is listed again."""
    ask(store, "all", filter_overallStatus="RECRUITING")
    watch(store, "two", nct(1), nct(2))
    with days(store, _busy(7)) as shown:
        shown.day(FRIDAY, *some(10), whole=True, **CUT_OFF)
        shown.wrong()
        shown.look(watch="two", way="full")
        report = shown.look(whole=True)
    assert (report.state, report.counts.missing) == ("finished", 0)
    assert report.certificate["missing"] == []
