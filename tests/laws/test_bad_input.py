"""Nothing from outside stops a sweep, or harms what is stored."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest

from ctmonitor.cli import main
from tests.builders import a_page, a_study

VICTIM, BEFORE, AFTER = "NCT00000500", "NCT00000001", "NCT00000999"
MODULES = "protocolSection.statusModule"


@pytest.fixture
def run(
    upgraded_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any, str]]:
    """Runs a command as JSON on a store that holds three studies; its code, value and errors."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    environ = {"CTMONITOR_DATABASE_URL": f"sqlite:///{tmp_path / 'store.db'}"}

    def command(*words: str) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = main([*words, "--json"], environ)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "fault in ctmonitor" not in err
        return code, orjson.loads(out) if out else None, err

    known = tmp_path / "known.ndjson"
    known.write_bytes(_lines(sound(BEFORE), sound(VICTIM), sound(AFTER)))
    assert command("sweep", str(known), "--today", "2026-03-01")[0] == 0
    return command


def sound(nct_id: str, **fields: Any) -> dict[str, Any]:
    """A study of which everything can be read."""
    known = {"overall_status": "RECRUITING", "status_verified_date": "2026-01", "enrollment": 12}
    return a_study(**{"nct_id": nct_id, "data_date": "2026-02-27", **known, **fields})


def _lines(*ones: Any) -> bytes:
    return b"".join((one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in ones)


def _with(path: str, value: Any) -> Callable[[], bytes]:
    def payload() -> bytes:
        study = sound(VICTIM)
        *above, last = path.split(".")
        tree = study
        for name in above:
            tree = tree.setdefault(name, {})
        tree[last] = value
        return orjson.dumps(study)

    return payload


def _replaced(old: str, new: str) -> Callable[[], bytes]:
    return lambda: orjson.dumps(sound(VICTIM)).replace(old.encode(), new.encode())


NUMBER = "protocolSection.identificationModule.nctId"
TITLE = "protocolSection.identificationModule.briefTitle"
COUNT = "protocolSection.designModule.enrollmentInfo.count"
LOCATIONS = "protocolSection.contactsLocationsModule.locations"
HOLDER = "derivedSection.miscInfoModule.versionHolder"
RECORDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "no number": (_with(NUMBER, None), "no study number"),
    "a wrong number": (_with(NUMBER, "NCT5"), "not NCT and eight digits"),
    "a number that is no text": (_with(NUMBER, 500), "not NCT and eight digits"),
    "a number nested as deep as JSON goes": (
        _replaced(f'"{VICTIM}"', "[" * 1_000 + "]" * 1_000),
        "not NCT and eight digits",
    ),
    "null for a status": (_with(f"{MODULES}.overallStatus", None), "is null"),
    "an unknown status": (_with(f"{MODULES}.overallStatus", "FROZEN"), "'FROZEN'"),
    "an unknown type of date": (
        _with(f"{MODULES}.startDateStruct", {"date": "2026-01", "type": "MAYBE"}),
        "'MAYBE'",
    ),
    "an impossible date": (_with(f"{MODULES}.statusVerifiedDate", "2026-02-30"), "calendar"),
    "a month zero": (_with(f"{MODULES}.statusVerifiedDate", "2026-00"), "calendar"),
    "a date in words": (_with(f"{MODULES}.statusVerifiedDate", "May 2026"), "not a date"),
    "a release in words": (_with(HOLDER, "today"), "not a date"),
    "a release that is no text": (_with(HOLDER, 20260227), "date"),
    "a module that is a list": (_with(MODULES, []), "is a list"),
    "a section that is a number": (_with("derivedSection", 7), "is a number"),
    "a list that is a text": (
        _with("protocolSection.contactsLocationsModule.locations", "x"),
        "list",
    ),
    "text for truth": (_with("hasResults", "yes"), "boolean"),
    "a NUL": (_with(TITLE, "a\0b"), "NUL"),
    "a NUL in a name": (_with("new\0Section", 1), "NUL"),
    "a NUL in the name of nothing": (_with("protocolSection.new\0Module", None), "NUL"),
    "half a character": (_replaced("A made study", "\\ud800"), "JSON"),
    "a huge number": (_replaced('"count":12', '"count":99999999999999999999'), "number"),
    "a number of the next size": (_with(COUNT, 2**63), "number"),
    "a number that is none": (_replaced('"count":12', '"count":NaN'), "JSON"),
    "nested too deep": (
        _replaced('"briefTitle":"A made study"', '"x":' + "[" * 500 + "]" * 500),
        "deep",
    ),
    "a list": (lambda: b"[]", "list"),
    "a text": (lambda: b'"NCT00000500"', "neither"),
    "no JSON": (lambda: b"NCT00000500 is recruiting", "neither"),
    "JSON of another kind": (lambda: b'{"name": "NCT00000500"}', "another kind"),
    "a half": (lambda: orjson.dumps(sound(VICTIM))[:-9], "JSON"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_bad_record_is_set_aside_and_harms_nobody(run: Any, tmp_path: Path, name: str) -> None:
    """Source, place and reason are kept; neighbors are read; the stored record stays."""
    payload, reason = RECORDS[name]
    path = tmp_path / "given.ndjson"
    stopped = {"overall_status": "SUSPENDED", "data_date": "2026-03-01"}
    path.write_bytes(_lines(sound(BEFORE, **stopped), payload(), sound(AFTER, **stopped)))
    was = run("show", VICTIM)[1]
    code, report, _ = run("sweep", str(path), "--today", "2026-03-02")
    assert (code, report["changed"], report["rejected"]) == (0, 2, 1)
    [reject] = run("rejects")[1]
    assert (reject["source"], reject["place"]) == (str(path), "line 2")
    assert reason in reject["reason"]
    assert run("show", VICTIM)[1] == was
    assert run("verify")[0] == 0


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2 * 2**30)


def _sparse_tail(path: Path) -> None:
    path.write_bytes(_lines(sound(BEFORE)))
    os.truncate(path, 80 * 2**20)


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{VICTIM}.json", orjson.dumps(sound(VICTIM)) * 9)
    path.write_bytes(path.read_bytes()[:-30])


NOISE = random.Random(5).randbytes(200_000)
FILES: dict[str, tuple[Callable[[Path], Any], int]] = {
    "missing": (lambda path: None, 4),
    "empty": (lambda path: path.touch(), 4),
    "a folder of nothing": (lambda path: path.mkdir(), 4),
    "a loop of folders": (lambda path: path.symlink_to(path), 4),
    "a web page": (lambda path: path.write_text("<!DOCTYPE html><html>Wait…</html>"), 4),
    "noise": (lambda path: path.write_bytes(NOISE), 4),
    "not UTF-8": (lambda path: path.write_bytes("Prüfung".encode("latin-1")), 4),
    "UTF-16": (lambda path: path.write_text(orjson.dumps(sound(VICTIM)).decode(), "utf-16"), 4),
    "JSON of a number": (lambda path: path.write_bytes(b"5"), 4),
    "nested 10,000 deep": (lambda path: path.write_bytes(b"[" * 10_000 + b"]" * 10_000), 4),
    "sparse": (_sparse, 4),
    "cut off": (lambda path: path.write_bytes(orjson.dumps(sound(VICTIM))[:-30]), 4),
    "cut off in gzip": (
        lambda path: path.write_bytes(gzip.compress(_lines(sound(BEFORE)) + NOISE)[:-999]),
        5,
    ),
    "a cut archive": (_archive, 4),
    "a sparse tail": (_sparse_tail, 5),
    "a page of the API cut off": (
        lambda path: path.write_bytes(orjson.dumps({"studies": [sound(VICTIM)]})[:-9]),
        4,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_told_and_harms_nothing(run: Any, tmp_path: Path, name: str) -> None:
    """Nothing readable is exit code 4, a part is 5; what is stored stays and verifies."""
    make, wanted = FILES[name]
    path = tmp_path / "given"
    make(path)
    was = run("show", VICTIM)[1]
    code, report, err = run("sweep", str(path), "--today", "2026-03-02")
    assert code == wanted
    assert err
    if report is not None:
        assert (report["complete"], report["missing"], report["changes"]) == (False, 0, 0)
    assert run("show", VICTIM)[1] == was
    assert run("verify")[0] == 0


def test_good_files_are_read_beside_bad_ones(run: Any, tmp_path: Path) -> None:
    """A folder with every bad file in it is partial, and its good files are all read."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for at, (make, _) in enumerate(FILES.values()):
        make(folder / f"{at:02}.json")
    (folder / "loop").symlink_to("..")
    (folder / "50.json").write_bytes(orjson.dumps(sound("NCT00000777")))
    (folder / "51.txt").write_text(a_page(nct_id="NCT00000778"))
    code, report, _ = run("sweep", str(folder), "--today", "2026-03-02")
    assert (code, report["complete"]) == (5, False)
    assert run("history", "NCT00000777")[0] == run("history", "NCT00000778")[0] == 0
    assert run("verify")[0] == 0


def _shuffled(tree: Any, chance: random.Random) -> Any:
    if isinstance(tree, dict):
        names = list(tree)
        chance.shuffle(names)
        return {name: _shuffled(tree[name], chance) for name in names}
    if isinstance(tree, list):
        members = [_shuffled(member, chance) for member in tree]
        chance.shuffle(members)
        return members
    return tree


@pytest.fixture
def large() -> dict[str, Any]:
    """A study with lists of every kind, one of them long."""
    sites = [
        {"facility": f"Hospital {at}", "city": "Bonn", "contacts": [{"name": "A"}, {"name": "B"}]}
        for at in range(500)
    ]
    return sound(
        VICTIM,
        locations=sites,
        conditions=["b", "a", "c"],
        keywords=["x", "y"],
        primary_outcomes=[{"measure": "Pain", "timeFrame": "1"}, {"measure": "Sleep"}],
        arm_groups=[{"label": "A"}, {"label": "B"}],
        interventions=[{"type": "DRUG", "name": "d"}, {"type": "DEVICE", "name": "e"}],
    )


def test_another_order_is_no_change(run: Any, tmp_path: Path, large: dict[str, Any]) -> None:
    """Keys and members in any order are the same record: unchanged, and silent."""
    path = tmp_path / "given.json"
    path.write_bytes(orjson.dumps(large))
    run("sweep", str(path), "--today", "2026-03-01")
    for seed in range(5):
        path.write_bytes(orjson.dumps(_shuffled(large, random.Random(seed))))
        _, report, _ = run("sweep", str(path), "--today", "2026-03-02")
        assert (report["unchanged"], report["changes"], report["alerts"]) == (1, 0, 0)


def test_one_change_is_found_among_others_in_disorder(
    run: Any, tmp_path: Path, large: dict[str, Any]
) -> None:
    """Of 500 sites in another order the one that closed is the one change."""
    path = tmp_path / "given.json"
    path.write_bytes(orjson.dumps(large))
    run("sweep", str(path), "--today", "2026-03-01")
    other = deepcopy(large)
    sites = other["protocolSection"]["contactsLocationsModule"]["locations"]
    sites[250]["status"] = "WITHDRAWN"
    path.write_bytes(orjson.dumps(_shuffled(other, random.Random(9))))
    _, report, _ = run("sweep", str(path), "--today", "2026-03-02")
    assert report["changes"] == 1
    [change] = run("changes", "--field", "locations", "--since", "2026-03-02")[1]
    assert "Hospital 250" in change["item"]


def test_an_older_release_changes_nothing(run: Any, tmp_path: Path) -> None:
    """A file of last month, swept after this month's, is left aside."""
    path = tmp_path / "old.json"
    old = sound(VICTIM, overall_status="SUSPENDED", data_date="2026-01-15")
    path.write_bytes(orjson.dumps(old))
    _, report, err = run("sweep", str(path), "--today", "2026-03-02")
    assert (report["older"], report["changes"], report["alerts"]) == (1, 0, 0)
    assert "older release" in err


def test_two_releases_in_one_file_are_taken_in_turn(run: Any, tmp_path: Path) -> None:
    """A study given twice ends as the newer one says, told once."""
    path = tmp_path / "both.ndjson"
    new = sound(VICTIM, overall_status="SUSPENDED", data_date="2026-03-01")
    path.write_bytes(_lines(new, sound(VICTIM), new, sound(VICTIM)))
    _, report, _ = run("sweep", str(path), "--today", "2026-03-02")
    assert (report["changed"], report["alerts"], report["older"]) == (1, 1, 2)
    assert run("show", VICTIM)[1]["protocolSection"]["statusModule"]["overallStatus"] == "SUSPENDED"


@pytest.mark.parametrize("turns", [("page", "record", "page"), ("record", "page", "record")])
def test_a_page_and_a_record_of_one_moment_agree(
    run: Any, tmp_path: Path, turns: tuple[str, ...]
) -> None:
    """A format that tells less of the same is no change, whichever came first."""
    known = {"overall_status": "COMPLETED", "status_verified_date": "2025-12"}
    known |= {"last_update_posted_date": "2026-01-05", "lead_sponsor": "Acme"}
    given = {
        "page": a_page(nct_id="NCT00000700", **known).encode(),
        "record": orjson.dumps(a_study(nct_id="NCT00000700", enrollment=5, **known)),
    }
    path = tmp_path / "given.txt"
    for turn in turns:
        path.write_bytes(given[turn])
        code, report, _ = run("sweep", str(path), "--today", "2026-03-02")
        assert (code, report["changes"], report["alerts"]) == (0, 0, 0)
