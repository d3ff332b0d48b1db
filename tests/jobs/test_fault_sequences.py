"""Whatever a registry does in whatever order, a look ends in the right state, in a sentence."""

from __future__ import annotations

import math
import random
import shutil
from itertools import groupby

import pytest

from ctmonitor.jobs.planner import Way
from ctmonitor.sources.listing import READINGS
from ctmonitor.store import open_store
from ctmonitor.store.questions import recent_sweeps
from tests.jobs.crawling import Life, follow, made_days, made_small
from tests.registry import On, Registry, faults, serving
from tests.registry.faults import Script
from tests.sources.test_by_number import lacking, taking
from tests.sources.test_listing import counting, uncounted, untagged

SEQUENCES = 60
KINDS = ("whole", "numbers", "question", "whole and a question")
TRIES = 3
BRISK = (
    *(faults.too_many(), faults.too_many(3), faults.too_many(600), faults.too_many("soon")),
    *(faults.failing(code) for code in (500, 502, 503, 504)),
    *(faults.maintenance(), faults.hung_up(), faults.reset(), faults.reset(200)),
    *(faults.cut(50), faults.cut_chunks(80), faults.cut_unsized(120), faults.wrong_length(9)),
    *(faults.moved("http://other.example/"), faults.moved("/api/v2/version"), faults.bomb(1)),
    *(faults.answering(403), faults.answering(404), faults.gone(0.02)),
    *(faults.expired_token(), faults.refreshed(), faults.stepped_back(), faults.reshuffled(5)),
    *(faults.lost_page(), faults.repeated(2), faults.ended_early(), faults.empty_page()),
    *(faults.empty_listing(), lacking(1), counting(3), uncounted(), untagged(), taking(3)),
)
SLOW = (faults.silent(), faults.drip_headers(), faults.drip_body())
"""Each costs its whole deadline."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_of_faults_ends_as_it_should(kind, upgraded_file, tmp_path, monkeypatch):
    """No crash, no request too many, finished only with all that was there; then all is well."""
    figures = dict.fromkeys(("looks", "finished", "partial", "failed", "stale", "requests"), 0)
    for seed in range(SEQUENCES // len(KINDS)):
        path = tmp_path / f"{seed}.db"
        shutil.copy(upgraded_file, path)
        life = _lived(random.Random(f"{kind} {seed}"), kind, path, monkeypatch)
        assert life.faults == [], seed
        _check_manners(life)
        _add_up(figures, life)
    print(kind, figures)
    assert figures["partial"] and figures["failed"] and figures["finished"]


def _lived(rng, kind, path, monkeypatch) -> Life:
    """Three looks at a registry that is not well, and one at a registry that is again."""
    made_small(monkeypatch, rng)
    days = made_days(rng, 3)
    store = open_store(f"sqlite:///{path}")
    if "question" in kind:
        follow(store)
    outlive = rng.random() < 0.5
    with serving(Registry(*days, tokens_outlive_releases=outlive)) as served:
        life = Life(store, served, days, kind)
        for _ in range(3):
            served.script = Script(_scripted(rng))
            seconds = rng.choice((14_400, 14_400, 30))
            life.look(rng.choice((None, Way.FULL, Way.STATUS)), look_seconds=seconds, **_BRIEF)
        served.script = Script(())
        served.pick_up()
        while served.registry.current.data_timestamp != days[-1].data_timestamp:
            served.registry.advance()
        last = life.look(Way.FULL)
    with store.reading() as tx:
        life.states = [one.state for one in recent_sweeps(tx, None)]
    store.close()
    assert last is not None and last.state == "finished"
    return life


_BRIEF = {"tries": TRIES, "request_seconds": 0.6}


def _scripted(rng) -> tuple[On, ...]:
    """Some faults, most of them brisk, some of them for ever."""
    script = [
        On(rng.choice(BRISK), nth=rng.randrange(1, 14), times=rng.choice((1, 1, 1, 2, 4, math.inf)))
        for _ in range(rng.randrange(1, 6))
    ]
    if rng.random() < 0.3:
        script.append(On(rng.choice(SLOW), nth=rng.randrange(1, 9)))
    return tuple(script)


def _check_manners(life: Life) -> None:
    """One question is tried so many times and no more, and what went wrong is a sentence."""
    for _, same in groupby(life.served.asked, key=lambda asked: asked.target):
        assert len(list(same)) <= TRIES * READINGS
    for problem in life.errors:
        assert problem.exit_code == 4 and "\n" not in str(problem)
        assert str(problem).endswith("; no study was changed")
    for report in life.reports:
        assert report.is_complete == (report.state == "finished")
        assert all(len(gap) > 20 and "\n" not in gap for gap in report.gaps)


def _add_up(figures, life) -> None:
    figures["looks"] += len(life.states)
    for state in life.states:
        figures[state] += 1
    figures["requests"] += len(life.served.asked)
