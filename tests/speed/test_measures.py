"""The benchmarks measure what they say."""

from __future__ import annotations

import json
import resource
import sqlite3
from contextlib import closing

import pytest

from tests.speed.cost import Point, fitted, sizes
from tests.speed.made_registry import write
from tests.speed.spent import Failed, run
from tests.speed.store_size import size_of
from tests.speed.usual_way import measure


@pytest.fixture
def releases(tmp_path):
    write(30, tmp_path, changed_percent=20)
    return tmp_path


def test_the_common_way_sees_a_change_in_every_study(releases):
    """With the release date in the comparison, every study differs in every release."""
    assert measure(releases, 8, is_careful=False)["changed"] == 8


def test_the_careful_way_sees_what_was_changed(releases):
    """Without the date, those differ that were changed, and few whose browse terms moved."""
    named = json.loads((releases / "changed.json").read_bytes())
    found = measure(releases, 30, is_careful=True)
    assert 6 <= len(named) <= found["changed"] < 15


def test_the_cost_of_another_process_is_its_own():
    """CPU and peak memory are those of the process that was run, with what it printed.

    The peak is no less than what this process held when it started the other.
    """
    busy = (
        "import time; kept = bytearray(150_000_000)\n"
        "while time.process_time() < 0.3: pass\n"
        "print(1)"
    )
    spent = run("-c", busy)
    held_here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert 0.3 <= spent.cpu_seconds < 3
    assert 140 < spent.peak_mb < max(400, held_here + 50)
    assert spent.printed == "1\n"


def test_a_process_that_fails_is_not_measured():
    """A process that leaves with an error gives no figure, and its last words are told."""
    with pytest.raises(Failed, match=r"left with 3: .*no such thing"):
        run("-c", "import sys; sys.stderr.write('no such thing'); sys.exit(3)")


@pytest.mark.parametrize("is_relative", [False, True])
def test_the_cost_of_a_look_is_found_again(is_relative):
    """Looks that cost exactly by a formula give that formula back, whichever way it is fitted."""
    counts = [(6_000, 0), (6_000, 60), (60_000, 0), (60_000, 3_000)]
    points = [
        Point(studies, changed, 0, 0.04 + 65e-8 * studies + 57e-5 * changed)
        for studies, changed in counts
    ]
    fit = fitted(points, is_relative=is_relative)
    assert (fit.fixed, fit.a_study, fit.a_change) == pytest.approx((0.04, 65e-8, 57e-5))


def test_the_cost_is_looked_at_over_decades():
    """The looks are at a hundredth where that is many, a tenth and all of the studies."""
    assert sizes(600_000) == [6_000, 60_000, 600_000]
    assert sizes(60_000) == [6_000, 60_000]
    assert sizes(2_000) == [200, 2_000]


def test_a_table_is_as_large_as_what_was_put_into_it(tmp_path):
    """The growth of a table counts the bytes put into it, and none of another table's."""
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE one (value BLOB)")
        connection.execute("CREATE TABLE other (value BLOB)")
        connection.commit()
        before = size_of(path)
        connection.execute("INSERT INTO one VALUES (?)", (bytes(100_000),))
        connection.commit()
    after = size_of(path)
    assert after.whole - before.whole > 95_000
    if before.tables is None:
        pytest.skip("this SQLite cannot count by table")
    assert 100_000 < after.grown(before, "one") < 105_000
    assert after.grown(before, "other") == 0
