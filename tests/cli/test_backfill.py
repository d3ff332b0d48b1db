"""`ctmonitor backfill`."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import Terminal
from tests.histories import a_listing, a_version, an_entry
from tests.sites import a_site

NUMBER = "NCT00000001"
ENTRIES = [
    an_entry(0, "2024-01-05", "NOT_YET_RECRUITING"),
    an_entry(1, "2024-03-04"),
    an_entry(2, "2024-05-06", reviewNotPassed=True),
]
LISTING = a_listing(*ENTRIES, overall_status="COMPLETED", last_update_submit_date="2026-01-01")
CONTENT = a_version(1, "2024-03-04", enrollment=7)
FAST = {"ctgov_rate": "1000"}
REAL = Path(__file__).parents[3] / "shared" / "ctgov" / "history"


def test_a_saved_history_is_taken_in(terminal: Terminal) -> None:
    """What came of it is said; what is known already is not added again."""
    file = terminal.file(LISTING, CONTENT)
    said = terminal("backfill", NUMBER, "--from", file)
    assert said.code == 0
    assert "3 versions of 1 study, 1 not public; 4 added, 1 with a content; no alerts" in said.out
    assert "is not its last version 1" in said.err
    assert terminal.ask("backfill", "--from", file)["added"] == 0


def test_files_and_folders_may_be_many(terminal: Terminal) -> None:
    """--from takes several and may be repeated; a folder's files are all read."""
    folder = terminal.folder / "saved"
    folder.mkdir()
    (folder / "one.json").write_bytes(orjson.dumps([a_version(5, "2025-01-01")], option=2))
    (folder / f"{NUMBER}.history.json").write_bytes(orjson.dumps({"changes": ENTRIES}, option=2))
    words = ["--from", terminal.file(CONTENT), terminal.file(LISTING), "--from", str(folder)]
    report = terminal.ask("backfill", *words)
    assert (report["studies"], report["versions"], report["rejected"]) == (1, 4, 0)


def test_what_cannot_be_read_is_named_and_the_rest_kept(terminal: Terminal) -> None:
    """Exit code 5, a sentence each on stderr, and the whole list as JSON."""
    file = terminal.file(CONTENT, {"studyVersion": "x"}, {"changes": []})
    said = terminal("backfill", "--from", file, "--json")
    assert (said.code, said.json["added"], said.json["complete"]) == (5, 1, False)
    assert [one["place"] for one in said.json["rejects"]] == ["line 2", "line 3"]
    assert said.err.count("not read: ") == 2 and "line 2" in said.err


@pytest.mark.parametrize("given", ["no history", "{}"])
def test_a_file_without_versions_ends_with_4(terminal: Terminal, given: str) -> None:
    """Nothing was back-filled, and one sentence says why."""
    said = terminal("backfill", "--from", terminal.file(given))
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert terminal("backfill", "--from", "nowhere.json").code == 4


@pytest.mark.parametrize(
    "words",
    [
        [],
        [NUMBER],
        ["--online"],
        [NUMBER, "--online", "--from", "x"],
        ["NCT1", "--from", "x"],
        ["--from", "-", "-"],
        ["--from", ""],
    ],
    ids=" ".join,
)
def test_a_wrong_order_ends_with_2(terminal: Terminal, words: list[str]) -> None:
    """One of the two ways, and numbers that are numbers."""
    said = terminal("backfill", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_both_ways_are_told(terminal: Terminal) -> None:
    """Who names neither learns of both."""
    err = terminal("backfill", NUMBER).err
    assert "--from FILE" in err and "--online" in err


def _pages() -> dict[str, object]:
    base = f"/api/int/studies/{NUMBER}"
    contents = {0: a_version(0, "2024-01-05"), 1: CONTENT, 2: a_version(2, "2024-05-06")}
    return {
        f"{base}?history=true": LISTING,
        **{f"{base}/history/{number}": one for number, one in contents.items()},
    }


def test_the_site_is_asked_when_that_is_said(terminal: Terminal) -> None:
    """Once for each version, and the second time only for the listing."""
    with a_site(_pages()) as site:
        settings = {"ctgov_url": site.url, **FAST}
        report = terminal.ask("backfill", NUMBER, "--online", **settings)
        assert (report["versions"], report["contents"], report["qc_failed"]) == (3, 3, 1)
        assert terminal.ask("backfill", NUMBER, "--online", **settings)["added"] == 0
    assert len(site.asked) == 5


def test_a_refusal_is_said_plainly(terminal: Terminal) -> None:
    """Exit code 4, with the way round it that is open to people; one request was made."""
    with a_site({f"/api/int/studies/{NUMBER}?history=true": 403}) as site:
        said = terminal("backfill", NUMBER, "--online", ctgov_url=site.url, **FAST)
    assert (said.code, said.out, len(site.asked)) == (4, "", 1)
    for words in ("refuses programs here (403", "browser", f"backfill {NUMBER} --from FILE"):
        assert words in said.err


def test_a_refusal_on_the_way_leaves_what_came_before(terminal: Terminal) -> None:
    """Exit code 5."""
    pages = {**_pages(), f"/api/int/studies/{NUMBER}/history/1": 403}
    with a_site(pages) as site:
        said = terminal("backfill", NUMBER, "--online", "--json", ctgov_url=site.url, **FAST)
    assert (said.code, said.json["versions"], said.json["contents"]) == (5, 3, 1)
    assert "refuses programs here" in said.err


def test_nobody_is_told_and_all_verifies(told: Terminal) -> None:
    """The alerts and changes of a study are what they were."""
    alerts, changes = told.ask("alerts"), told.ask("changes")
    told.ask("backfill", "--from", told.file(LISTING, CONTENT))
    assert (told.ask("alerts"), told.ask("changes")) == (alerts, changes)
    assert told.ask("verify")["rows"]["versions"] == 4


@pytest.mark.skipif(not REAL.exists(), reason="the real histories are not here")
def test_real_histories_are_taken_in(terminal: Terminal) -> None:
    """64 versions of two studies; of each the last answers for the day it was posted."""
    assert terminal.ask("backfill", "--from", str(REAL))["versions"] == 64
    content = terminal.ask("show", "NCT05254002", "--as-registered", "2025-03-18")
    assert content["protocolSection"]["statusModule"]["overallStatus"] == "COMPLETED"
    assert len(terminal.ask("history", "NCT05901831")["snapshots"]) == 26
