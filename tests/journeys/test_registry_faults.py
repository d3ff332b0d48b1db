"""What a user of the command line sees on a registry's bad days: a sentence and an exit code."""

from __future__ import annotations

import math
import shutil

import pytest

from ctmonitor.jobs import registry_look
from tests.cli.conftest import Terminal
from tests.jobs.days import some
from tests.registry import On, Registry, a_release, faults, serving
from tests.registry.faults import Script
from tests.sources.test_by_number import lacking
from tests.sources.test_listing import counting, uncounted

DAYS = ("2026-03-02", "2026-03-03")
OTHER = "http://other.example/api/v2/studies"

BAD_DAYS = {
    "503 Service Unavailable": (faults.failing(503), 4, "it answered 503"),
    "429 Too Many Requests": (faults.too_many(), 4, "it answered 429"),
    "a page for people": (faults.maintenance(), 4, "it sent a web page, not JSON"),
    "another server": (faults.moved(OTHER), 4, "to another server, http://other.example"),
    "a hang-up": (faults.hung_up(), 4, "no study was changed"),
    "a cut answer": (faults.cut_unsized(40), 4, "was cut off or is not JSON"),
    "half a length": (faults.cut(40), 4, "no study was changed"),
    "a refusal": (faults.answering(403), 4, "it refuses to answer us (403, Forbidden)"),
    "silence": (faults.silent(), 4, "no whole answer within"),
    "an empty listing": (faults.empty_listing(), 4, "did not say how many studies there are"),
    "a lost page": (faults.lost_page(2), 5, "partial: ctgov: all studies: the registry counts"),
    "an early end": (faults.ended_early(), 5, "the registry counts 8 studies, and 3 came"),
    "a wrong count": (counting(9), 5, "the registry counts 9 studies, and 8 came"),
    "no count": (uncounted(), 5, "did not say how many"),
    "lacking studies": (lacking(1), 5, "the registry counts 8 studies"),
    "dead tokens": (faults.expired_token(), 5, "no longer knew the place where to go on"),
    "an older release": (faults.stepped_back(), 5, "older than 2026-03-03T09:00:05"),
}
OF_PAGES = ("an empty listing", "lacking studies")


@pytest.fixture
def sweep(upgraded_file, tmp_path, capsys, monkeypatch):
    """Sweep the whole registry, pages of three, with no second try."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    terminal = Terminal(tmp_path, capsys)
    monkeypatch.setattr(registry_look, "WHOLE_PAGE", 3)
    registry = Registry(*(a_release(day, some(8)) for day in DAYS))
    registry.advance()
    with serving(registry) as served:
        settings = {"ctgov_url": served.url, "ctgov_rate": "10000", "ctgov_tries": "1"}
        settings["ctgov_request_seconds"] = "1.5"

        def run(*scripted: On):
            served.script = Script(scripted)
            words = ("sweep", "ctgov", "--way", "full", "--no-dispatch")
            return terminal(*words, "--today", DAYS[1], **settings)

        yield run


@pytest.mark.parametrize("name", BAD_DAYS)
def test_a_bad_day_is_said_in_a_sentence_and_over_the_next_day(name, sweep):
    """Nothing is missing by it, and the next look at a registry that is well finishes."""
    fault, code, why = BAD_DAYS[name]
    assert sweep().code == 0
    path = "/studies" if name in OF_PAGES else "*"
    said = sweep(On(fault, path=path, times=math.inf))
    assert said.code == code and why in said.out + said.err, said.out + said.err
    if name != "an older release":
        again = sweep()
        assert again.code == 0 and " 0 missing" in again.out, again.out + again.err
