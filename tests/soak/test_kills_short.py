"""A few kills, as a taste of the soak."""

from __future__ import annotations

from tests.soak.life import live


def test_a_few_kills_lose_nothing(tmp_path):
    """Killed six times, a monitor loses no change and no alert, and repeats none needlessly."""
    figures = live(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", kills=6, studies=110)
    assert figures.kills == 6
    assert {name: rows for name, rows in figures.faults.items() if rows} == {}, figures
    assert figures.repeats <= figures.in_dispatch
    assert figures.most_repeats_for_a_kill <= 1
