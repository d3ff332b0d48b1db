"""A terminal with a store of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from ctmonitor.cli import main
from ctmonitor.store import open_store
from tests.builders import a_payload
from tests.looks import look

DAY_1 = {"data_date": "2026-02-27", "last_update_posted_date": "2026-02-20"}
DAY_2 = {"data_date": "2026-03-02", "last_update_posted_date": "2026-02-28"}


@dataclass(frozen=True, slots=True)
class Said:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout holds, which must be JSON."""
        return orjson.loads(self.out)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Runs commands on one store in one folder, as a user would."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str, **settings: str) -> Said:
        """Run one command; settings are by their names, as `zone="Europe/Berlin"`."""
        environ = {f"CTMONITOR_{name.upper()}": value for name, value in settings.items()}
        environ = {"CTMONITOR_DATABASE_URL": f"sqlite:///{self.folder / 'store.db'}"} | environ
        self.capture.readouterr()
        code = main([str(word) for word in words], environ)
        return Said(code, *self.capture.readouterr())

    def ask(self, *words: str, **settings: str) -> Any:
        """What a command prints as JSON; it must end well."""
        said = self(*words, "--json", **settings)
        assert said.code == 0, said.err
        return said.json

    def file(self, *studies: dict[str, Any] | bytes | str) -> str:
        """A new file with one study, or anything, a line."""
        path = self.folder / f"file-{len(list(self.folder.iterdir()))}.ndjson"
        lines = (orjson.dumps(one) if isinstance(one, dict) else one for one in studies)
        path.write_bytes(b"".join(_bytes(line) + b"\n" for line in lines))
        return str(path)

    def sweep(self, *studies: dict[str, Any] | bytes | str, today: str = "2026-03-02") -> Any:
        """Sweep over these studies on a day; the report."""
        words = ("sweep", self.file(*studies), "--today", today, "--no-dispatch", "--json")
        return self(*words).json


def _bytes(line: bytes | str) -> bytes:
    return line.encode() if isinstance(line, str) else line


@pytest.fixture
def terminal(upgraded_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal with an empty store."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    return Terminal(tmp_path, capsys)


@pytest.fixture
def told(told_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal whose store saw two studies twice: one stopped, of the other a site closed."""
    shutil.copy(told_file, tmp_path / "store.db")
    return Terminal(tmp_path, capsys)


@pytest.fixture(scope="session")
def told_file(upgraded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `told`, to be copied."""
    path = tmp_path_factory.mktemp("told") / "store.db"
    shutil.copy(upgraded_file, path)
    made = {
        "overall_status": "RECRUITING",
        "status_verified_date": "2026-01",
        "primary_completion_date": "2027-01",
        "primary_completion_date_type": "ESTIMATED",
    }
    site = {"facility": "North Hospital", "city": "Bonn", "country": "Germany"}
    one = made | {"nct_id": "NCT00000001", "lead_sponsor": "Acme Pharma"}
    two = made | {"nct_id": "NCT00000002", "lead_sponsor": "University of Bonn"}
    stopped = one | {"overall_status": "TERMINATED", "why_stopped": "=cmd\x1b[2J, slow accrual"}
    later = two | {"primary_completion_date": "2028-01"}
    open_site, shut_site = site | {"status": "RECRUITING"}, site | {"status": "WITHDRAWN"}
    first = a_payload(**one, **DAY_1), a_payload(**two, **DAY_1, locations=[open_site])
    second = a_payload(**stopped, **DAY_2), a_payload(**later, **DAY_2, locations=[shut_site])
    store = open_store(f"sqlite:///{path}")
    look(store, *first, today="2026-02-27")
    look(store, *second, today="2026-03-02")
    store.close()
    return path
