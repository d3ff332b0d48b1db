"""The progress of a look, in words and as a bar."""

from __future__ import annotations

import io
import sys
from argparse import Namespace

import pytest

from ctmonitor.cli.call import Call
from ctmonitor.cli.progress import Gauge, lasting, shown
from ctmonitor.jobs.sweep import Progress
from ctmonitor.store.sweeps import Counts


class Screen(io.StringIO):
    """A terminal that keeps what is drawn on it."""

    def isatty(self) -> bool:
        return True


def at(done: int, expected: int | None, received: int = 0, changed: int = 0) -> Progress:
    """A sign of progress."""
    return Progress(Counts(received=received, changed=changed), done, expected)


def a_gauge(*seconds: float) -> Gauge:
    """A gauge that began at 0; each look at the clock is the next of these, then the last."""
    moments = [0.0, *seconds]
    return Gauge(lambda: moments.pop(0) if len(moments) > 1 else moments[0])


def test_a_page_is_told_with_its_pace_and_what_is_left():
    """Three of sixty-seven pages took three seconds, so there are sixty-four to wait."""
    gauge = a_gauge(3.0)
    gauge.take(at(1, 67, received=150))
    gauge.take(at(3, 67, received=450, changed=4))
    assert gauge.line() == "page 3 of 67: 450 studies, 4 changed, 150 a second, 64 s left"


def test_files_have_no_pages():
    """Without pages there is no share, and no end to foretell."""
    gauge = a_gauge(2.0)
    gauge.take(at(0, None, received=1_000))
    assert gauge.line() == "1,000 studies, 0 changed, 500 a second"
    assert (gauge.percent, gauge.seconds_left) == (None, None)


def test_parts_add_up():
    """A second list, or the same read again, comes on top of the pages before it."""
    gauge = a_gauge(1.0)
    seen = []
    for done, expected in ((1, 2), (2, 2), (1, 3), (3, 3), (1, 1)):
        gauge.take(at(done, expected))
        seen.append((gauge.done, gauge.expected))
    assert seen == [(1, 2), (2, 2), (3, 5), (5, 5), (6, 6)]


def test_a_look_that_goes_on_in_the_middle_is_not_taken_for_a_fast_one():
    """Pages that an earlier look read took this one no time."""
    gauge = a_gauge(1.0)
    gauge.take(at(51, 101))
    assert gauge.seconds_left == 50.0


def test_the_bar_fits_the_terminal():
    """What is left to wait stays when there is no room for everything."""
    gauge = a_gauge(600.0)
    gauge.take(at(1, 1_200))
    gauge.take(at(600, 1_200, received=300_000, changed=12_345))
    wide, narrow = gauge.bar(110), gauge.bar(79)
    assert wide.startswith("[##########..........]  50 % page 600 of 1,200: 300,000 studies, ")
    assert wide.endswith("10 min left, 500 a second, 12,345 changed")
    assert len(narrow) <= 79 and narrow.endswith("10 min left")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (64, "64 s"), (150, "2 min"), (3_599, "1 h 0 min"), (11_100, "3 h 5 min")],
)
def test_a_wait_is_told_as_exactly_as_it_matters(seconds, words):
    """Seconds, minutes, or hours."""
    assert lasting(seconds) == words


def test_the_bar_leaves_the_line_empty(monkeypatch):
    """Whatever is said after the look, or after its failure, begins on a clean line."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    call = Call(Namespace(quiet=False), {})
    with pytest.raises(OSError), shown(call) as show:
        show(at(1, 4, received=10))
        raise OSError
    drawn = screen.getvalue()
    assert "25 % page 1 of 4: 10 studies" in drawn and "\n" not in drawn
    assert drawn.rpartition("\r")[2] == "" and drawn.split("\r")[-2].strip() == ""


def test_quiet_shows_nothing():
    """Nobody is told who asked for quiet."""
    with shown(Call(Namespace(quiet=True), {})) as show:
        assert show is None
