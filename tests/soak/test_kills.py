"""Killed with -9 some hundred times at random moments, a monitor loses nothing.

`KILLS=1000 make soak` kills it more often; `SEED=7` at other moments.
"""

from __future__ import annotations

import os

import pytest

from tests.soak.life import live
from tests.soak.nursery import Nursery

KILLS = int(os.environ.get("KILLS", "200"))
ENOUGH = 20
"""From so many kills on, some surely hit a sweep, and some a dispatch."""
SEED = int(os.environ.get("SEED", "0"))
pytestmark = pytest.mark.soak


def test_kills_at_random_moments_lose_nothing(kind, store_url, tmp_path, capsys):
    """No change or alert is lost or doubled, and each kill repeats one mail at most, as it was."""
    figures = live(tmp_path, store_url, kills=KILLS, seed=SEED)
    with capsys.disabled():
        print(f"\n{kind}: {figures}")
    assert {name: rows for name, rows in figures.faults.items() if rows} == {}
    assert figures.kills == KILLS
    assert KILLS < ENOUGH or (figures.in_sweep and figures.in_dispatch)
    assert figures.repeats <= figures.in_dispatch
    assert figures.most_repeats_for_a_kill <= 1


@pytest.mark.parametrize("part", range(20))
def test_a_kill_while_the_tables_are_made_leaves_a_database_that_can_be_used(
    part, empty_url, tmp_path
):
    """Wherever the first command of all is killed, the next one finds or makes the tables."""
    with Nursery(tmp_path, {"CTMONITOR_DATABASE_URL": empty_url}) as nursery:
        nursery.run("watch", "add", "early", "--all", kill_after=0.012 * part)
        for words in (("watch", "add", "late", "--all"), ("db", "check"), ("verify",)):
            ended = nursery.run(*words)
            assert ended.codes == (0,), ended.errors
