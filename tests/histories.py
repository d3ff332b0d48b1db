"""Made record histories, as the registry's site shows them: a listing, or one version."""

from __future__ import annotations

from typing import Any

import orjson

from ctmonitor.formats import Piece
from ctmonitor.formats.history import Told, Version, read_history
from tests.builders import NUMBER, a_study


def an_entry(version: int, date: str, status: str = "RECRUITING", **more: Any) -> dict[str, Any]:
    """One entry of a listing; `moduleLabels` and others by the site's own names."""
    entry = {"version": version, "date": date, "status": status, "studyType": "INTERVENTIONAL"}
    return entry | {"moduleLabels": ["Study Status"] if version else []} | more


def a_listing(*entries: dict[str, Any], **study: Any) -> dict[str, Any]:
    """A listing with today's record beside it, made of fields by our names."""
    history = {"changes": list(entries), "outcomesUpdateCount": 0}
    return {"study": a_study(**study), "topics": {}, "history": history}


def a_version(version: int, submitted: str, **study: Any) -> dict[str, Any]:
    """One version by itself, with its content made of fields by our names."""
    fields = {"overall_status": "RECRUITING", "last_update_submit_date": submitted, **study}
    return {"studyVersion": version, "study": a_study(**fields)}


def told(tree: Any, *, nct_id: str | None = None, source: str = "a file") -> Told:
    """What a history tells when it is read."""
    payload = tree if isinstance(tree, bytes) else orjson.dumps(tree)
    return read_history(Piece(source, "the whole file", payload), nct_id)


def versions(*trees: dict[str, Any], source: str = "a file") -> list[tuple[Version, str]]:
    """The versions in these histories, each with its source, as the store takes them."""
    return [(one, source) for tree in trees for one in told(tree, nct_id=NUMBER).versions]
