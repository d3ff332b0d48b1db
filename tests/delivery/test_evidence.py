"""What an alert rests on, in lines."""

from __future__ import annotations

import pytest

from ctmonitor.delivery.evidence import line_of, study_number
from tests.delivery.build import FLIP


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (FLIP, "Overall Status: RECRUITING -> UNKNOWN (by the registry)"),
        (
            {
                **FLIP,
                "field": "start_date",
                "label": "Begin",
                "kind": "later",
                "made_by": "sponsor",
            },
            "Begin: RECRUITING -> UNKNOWN (later)",
        ),
        (
            {"field": "zz_new", "item": "Bern", "before": None, "after": {"aB": [1, True]}},
            "Zz new (Bern): (nothing) -> AB: 1; yes",
        ),
        ({"name": "unknown_due_on", "date": "2024-06-30"}, "Unknown due on: 2024-06-30"),
        ({"name": "due", "date": "2024-06-30", "days": 3}, "Due: 2024-06-30 (Days: 3)"),
        ({"nct_id": "NCT04946669", "headline": "Now\nUNKNOWN"}, "NCT04946669: Now UNKNOWN"),
        ({"nct_id": None, "headline": "All"}, "(nothing): All"),
        ({"rows": [], "total": 7}, "Rows: (nothing), Total: 7"),
        ("a word", "a word"),
    ],
)
def test_every_shape_is_said_in_words(piece, said):
    """Changes, named dates, rows of a table and shapes nobody knows all become one line."""
    assert str(line_of(piece, 200)) == said


def test_long_values_are_shown_where_they_differ():
    """Two long texts with one beginning are cut so that the difference is seen."""
    same = "word " * 400
    line = line_of({**FLIP, "before": f"{same}old end", "after": f"{same}new end"}, 100)
    assert line.was.endswith("old end") and line.now.endswith("new end")
    assert max(len(line.was), len(line.now)) <= 100


def test_only_a_study_number_becomes_a_link():
    """Text around a number, a wrong number and nothing are no numbers."""
    assert study_number("NCT04946669") == "NCT04946669"
    assert not any(map(study_number, ["NCT04946669/..", "NCT0494666", "NCT04946669\n", None]))


def test_a_bottomless_value_ends():
    """Nesting deeper than anyone reads is left out."""
    deep: list = []
    for _ in range(500):
        deep = [deep, 1]
    assert "…" in str(line_of({"deep": deep}, 200))
