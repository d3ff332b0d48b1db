"""A release that comes out in the middle of a look makes nothing missing and nothing changed."""

from __future__ import annotations

import random
import shutil

import pytest

from ctmonitor.jobs.planner import Way
from ctmonitor.store import open_store
from tests.jobs.crawling import Life, follow, made_days, made_small
from tests.registry import On, Registry, serving
from tests.registry.faults import refreshed

SEEDS = 200
KINDS = ("whole", "numbers", "question", "whole and a question")
DAYS = 4
_WAYS = {"whole": (None, None, Way.FULL, Way.STATUS, Way.INCREMENTAL)}
_OTHER_WAYS = (None, None, Way.FULL, Way.STATUS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outlive", [False, True], ids=["tokens die", "tokens outlive"])
def test_a_refresh_in_mid_crawl_is_no_news(kind, outlive, upgraded_file, tmp_path, monkeypatch):
    """0 false missing, 0 false change; each change is kept once, by the next complete look."""
    figures = {"looks": 0, "torn": 0, "complete": 0, "requests": 0, "faults": 0}
    for seed in range(SEEDS // (2 * len(KINDS))):
        folder = tmp_path / str(seed)
        folder.mkdir()
        shutil.copy(upgraded_file, folder / "store.db")
        life = _lived(f"{kind} {outlive} {seed}", kind, folder, monkeypatch, outlive=outlive)
        assert life.faults == [], seed
        _add_up(figures, life)
    print(kind, "outlive" if outlive else "die", figures)
    assert figures["torn"] >= 8 and figures["complete"] >= 65


def _lived(seed, kind, folder, monkeypatch, *, outlive) -> Life:
    """Some looks while releases come out at any time, and one when all is quiet."""
    rng = random.Random(seed)
    made_small(monkeypatch, rng)
    days = made_days(rng, DAYS)
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    if "question" in kind:
        follow(store)
    with serving(Registry(*days, tokens_outlive_releases=outlive)) as served:
        life = Life(store, served, days, kind)
        for _ in range(DAYS - 2):
            served.script.lines += (On(refreshed(), nth=rng.randrange(2, 10)),)
            life.look(rng.choice(_WAYS.get(kind, _OTHER_WAYS)))
        while served.registry.current is not days[-1]:
            served.registry.advance()
        last = life.look(Way.FULL)
    store.close()
    assert last is not None and last.state == "finished" and life.errors == []
    assert last.data_timestamp == days[-1].data_timestamp
    return life


def _add_up(figures, life) -> None:
    certificates = [report.certificate for report in life.reports]
    figures["looks"] += len(life.reports)
    figures["torn"] += sum(one["release_before"] != one["release_after"] for one in certificates)
    figures["complete"] += sum(report.state == "finished" for report in life.reports)
    figures["requests"] += len(life.served.asked)
    figures["faults"] += len(life.faults)
