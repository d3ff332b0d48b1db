"""The demo as flows keeps to itself."""

from __future__ import annotations

import os
from pathlib import Path

from ctmonitor.jobs.demo import Stage
from flows.demo import settle_in


def test_the_demo_touches_nothing_of_the_users(monkeypatch):
    """Servers, databases and mail servers set for real work are not used by the demo."""
    environ = {
        "PREFECT_API_URL": "http://hospital.example/api",
        "CTMONITOR_SMTP_URL": "smtp://hospital.example",
        "HOME": "/home/somebody",
    }
    monkeypatch.setattr(os, "environ", environ)
    settle_in(Stage(Path("/made/folder"), ()))
    assert "hospital" not in str(environ) and environ["HOME"] == "/home/somebody"
    assert environ["PREFECT_HOME"] == "/made/folder/prefect"
    assert environ["CTMONITOR_DATABASE_URL"] == "sqlite:////made/folder/ctmonitor.db"
