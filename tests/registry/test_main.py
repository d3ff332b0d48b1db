"""The server by hand."""

import io
import re
import sys

import requests

from tests.builders import a_payload
from tests.registry.__main__ import main, release_of


def test_files_become_releases(tmp_path, monkeypatch, capsys):
    """Each file is a release; a line of input shows the next."""
    for day in ("2026-03-02", "2026-03-03"):
        (tmp_path / f"{day}.ndjson").write_bytes(a_payload(data_date=day))

    def lines():
        url = re.search(r"http\S+", capsys.readouterr().out)[0]
        told.append(requests.get(f"{url}/version", timeout=5).json()["dataTimestamp"])
        yield "\n"
        told.append(requests.get(f"{url}/version", timeout=5).json()["dataTimestamp"])

    told = []
    monkeypatch.setattr(sys, "stdin", lines())
    assert main([str(path) for path in sorted(tmp_path.iterdir())]) == 0
    assert told == ["2026-03-02T09:00:05", "2026-03-03T09:00:05"]


def test_made_studies_and_faults(monkeypatch, capsys):
    """Made studies may be served, with faults."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert main(["--made", "20", "--fault", "failing:500,path=/studies"]) == 0
    assert "shows 2026-03-03T09:00:05, 20 studies" in capsys.readouterr().out


def test_nothing_to_serve(capsys):
    """Without studies there is nothing to serve, and it says so."""
    assert main([]) == 2
    assert "Nothing to serve" in capsys.readouterr().err


def test_a_folder_is_one_release(tmp_path):
    """All files of a folder together are a release, dated by the newest of them."""
    (tmp_path / "a.json").write_bytes(a_payload(data_date="2026-03-02"))
    (tmp_path / "b.json").write_bytes(a_payload(nct_id="NCT00000002", data_date="2026-03-03"))
    release = release_of(tmp_path)
    assert (release.data_timestamp, len(release.studies)) == ("2026-03-03T09:00:05", 2)
