"""The benchmarks measure what they say."""

from __future__ import annotations

import json
import resource

import pytest

from tests.speed.made_registry import write
from tests.speed.spent import Failed, run
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
