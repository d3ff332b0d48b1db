"""`ctmonitor sweep` of the registry, served on loopback."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from tests.builders import a_study
from tests.cli.conftest import Said, Terminal
from tests.registry import On, Registry, Served, a_release, faults, serving

FIRST, SECOND = "2026-03-02", "2026-03-03"
OPEN = [a_study(nct_id=f"NCT0000000{n}", overall_status="RECRUITING") for n in range(1, 5)]
STOPPED = a_study(nct_id="NCT00000001", overall_status="WITHDRAWN", last_update_posted_date=SECOND)


@pytest.fixture
def served() -> Iterator[Served]:
    """A registry of four studies; in its second release one of them is withdrawn."""
    releases = a_release(FIRST, OPEN), a_release(SECOND, [STOPPED, *OPEN[1:]])
    with serving(Registry(*releases)) as served:
        yield served


def sweep(terminal: Terminal, served: Served, *words: str) -> Said:
    """Sweep on the day of the release on show, as fast as loopback is; each request once."""
    today = served.registry.current.data_timestamp[:10]
    settings = {"ctgov_url": served.url, "ctgov_rate": "10000", "ctgov_tries": "1"}
    return terminal("sweep", *words, "--today", today, **settings)


def test_a_new_user_reads_what_was_done_and_why(terminal: Terminal, served: Served) -> None:
    """The first look is full, the second is one request, a new release brings what changed."""
    terminal("watch", "add", "mine", "--nct", "NCT00000001", "NCT00000002")
    first, second = sweep(terminal, served), sweep(terminal, served)
    served.registry.advance()
    third = sweep(terminal, served)
    assert first.out.startswith(
        "Sweep 1 of all watched studies, full (no complete look at these studies before): "
        "2 studies read; 2 new, 0 changed"
    )
    nothing = (
        "Sweep 2 of all watched studies: nothing new, still the release of 2026-03-02T09:00:05"
    )
    assert second.out.startswith(f"{nothing} (1 request, ") and second.err == ""
    assert "2 studies read; 0 new, 1 changed, 1 unchanged" in third.out


def test_a_status_sweep_says_how_many_records_it_read(terminal: Terminal, served: Served) -> None:
    """Every row is seen, and only the study that differs is read whole."""
    sweep(terminal, served, "ctgov")
    served.registry.advance()
    said = sweep(terminal, served, "ctgov", "--way", "status")
    assert (
        "ctgov, status (asked for): 4 studies read, 1 of them whole; 0 new, 1 changed" in said.out
    )


def test_the_report_holds_the_certificate(terminal: Terminal, served: Served) -> None:
    """JSON says the way, why, both releases and the requests; stdout is nothing but JSON."""
    report = sweep(terminal, served, "ctgov", "--json").json
    told = report["certificate"]
    assert (report["way"], told["way"], report["state"]) == ("full", "full", "finished")
    assert told["release_before"] == told["release_after"] == f"{FIRST}T09:00:05"
    assert told["requests"] == len(served.asked) and told["parts"][0]["counted"] == 4
    kept = terminal.ask("sweeps")[0]
    assert kept["certificate"] == told
    assert (kept["way"], kept["expected"], kept["complete"], kept["gaps"]) == ("full", 4, True, [])
    assert kept["data_timestamp_before"] == f"{FIRST}T09:00:05"


def test_a_line_is_said_for_each_page_unless_quiet(terminal: Terminal, served: Served) -> None:
    """Where there is no terminal, each page is a line; with `--quiet` there is none."""
    assert sweep(terminal, served, "ctgov").err.startswith("page 1 of 1: 4 studies, 0 changed, ")
    assert sweep(terminal, served, "ctgov", "--way", "full", "--quiet").err == ""


def test_a_part_is_said_to_be_one_and_gone_on_from(terminal: Terminal) -> None:
    """A listing that breaks off is partial, with what to do; the next look says it went on."""
    many = [a_study(nct_id=f"NCT{n:08d}") for n in range(1, 1_002)]
    breaks = On(faults.failing(503), holding="pageToken", nth=2, times=1)
    with serving(Registry(a_release(FIRST, many)), breaks) as served:
        part = sweep(terminal, served, "ctgov")
        rest = sweep(terminal, served, "ctgov")
    assert part.code == 5 and "before), partial: 1,000 studies read" in part.out
    assert (
        "answered 503 (Service Unavailable)" in part.err
        and "; sweep again to read the rest" in part.err
    )
    assert rest.code == 0 and "1,001 studies read; 1 new" in rest.out
    assert "gone on where sweep 1 stopped; 1,000 studies had been seen there" in rest.err


def test_a_held_look_names_what_to_do(terminal: Terminal, served: Served) -> None:
    """A registry that shows next to nothing is held, and both ways out are commands to type."""
    sweep(terminal, served, "ctgov")
    served.registry.add(a_release(SECOND, OPEN[:1]))
    served.registry.advance()
    served.registry.advance()
    said = sweep(terminal, served, "ctgov", "--way", "full")
    assert said.code == 5 and "full (asked for), held: 1 study read" in said.out
    assert "held: 1 study received, 25.0 % of the last complete look's 4" in said.err
    assert "`ctmonitor sweeps release 2 --reason ...` raises them" in said.err
    assert "`ctmonitor sweeps absorb 2 --reason ...` forgets them" in said.err


def test_an_older_release_is_not_read(terminal: Terminal, served: Served) -> None:
    """A server that lags is no news, and says so."""
    served.registry.advance()
    sweep(terminal, served, "ctgov")
    served.registry.step_back()
    said = sweep(terminal, served, "ctgov")
    assert said.code == 5
    assert said.out.startswith("Sweep 2 of ctgov: nothing read, the registry shows the release of")
    assert said.err == (
        "a server behind the registry may lag; nothing was changed, the next sweep asks again\n"
    )


def test_a_number_that_nobody_knows_is_named(terminal: Terminal, served: Served) -> None:
    """A typing error in a watch list does not stay unseen."""
    terminal("watch", "add", "mine", "--nct", "NCT00000001", "NCT99999999")
    said = sweep(terminal, served)
    assert "not known to the registry, and never was to us: NCT99999999" in said.err


def test_a_registry_out_of_reach_is_one_sentence(terminal: Terminal, served: Served) -> None:
    """Nothing is changed, and the exit code is that of a source that cannot be read."""
    with serving(Registry(a_release(FIRST, OPEN)), On(faults.failing(503), times=math.inf)) as away:
        said = sweep(terminal, away)
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert "no study was changed" in said.err
