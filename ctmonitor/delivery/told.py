"""A digest as an object of JSON, for programs; `docs/webhook.schema.json` says its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ctmonitor.delivery.digest import Digest, Occasion, Row
from ctmonitor.delivery.evidence import study_number
from ctmonitor.delivery.sheet import gist_of, link_of
from ctmonitor.delivery.words import cut

MOST_BYTES = 20_000
TYPES = {
    Occasion.RAISED: "alerts.raised",
    Occasion.REMINDER: "alerts.reminded",
    Occasion.ESCALATION: "alerts.escalated",
    Occasion.REPLAY: "alerts.replayed",
    Occasion.OPERATOR: "alerts.operator",
    Occasion.QUIET: "watch.quiet",
    Occasion.TEST: "watch.test",
}
"""What a message is about, by its occasion."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much a message may hold: alerts, pieces of evidence of each, characters in a value."""

    alerts: int
    pieces: int
    characters: int


_LIMITS = (
    _Limits(1_000, 1_000, 20_000),
    _Limits(1_000, 20, 1_000),
    _Limits(1_000, 5, 200),
    _Limits(1_000, 1, 100),
    _Limits(1_000, 0, 100),
    _Limits(25, 0, 60),
    _Limits(10, 0, 60),
    _Limits(2, 0, 60),
)


def told_of(digest: Digest) -> bytes:
    """The body of a message, of at most 20 kB: the same bytes at every try.

    Long values are cut first, then evidence is left out, then alerts; each time it says so.
    """
    for limits in _LIMITS:
        body = orjson.dumps(_message(digest, limits))
        if len(body) <= MOST_BYTES:
            break
    return body


def _message(digest: Digest, limits: _Limits) -> dict[str, Any]:
    data_date = digest.data_date
    return {
        "type": TYPES[digest.occasion],
        "timestamp": f"{digest.made_at:%Y-%m-%dT%H:%M:%SZ}",
        "data": {
            "key": digest.key,
            "summary": gist_of(digest),
            "about": digest.about,
            "watch_lists": [_text(name, 200) for name in digest.lists[:50]],
            "registry_data_date": data_date.isoformat() if data_date else None,
            "chain_head": digest.chain_head,
            "alerts": [_alert(row, limits) for row in digest.rows[: limits.alerts]],
            "alert_ids_left_out": [row.alert_id for row in digest.rows[limits.alerts :]],
        },
    }


def _alert(row: Row, limits: _Limits) -> dict[str, Any]:
    alert = row.alert
    number, day = study_number(alert.nct_id), alert.registry_date
    return {
        "id": row.alert_id,
        "key": alert.key,
        "rule": alert.rule,
        "severity": alert.severity.value,
        "nct_id": alert.nct_id,
        "brief_title": _text(row.brief_title, limits.characters),
        "headline": _text(alert.headline, max(limits.characters, 100)),
        "url": link_of(number),
        "registry_date": day.isoformat() if day else None,
        "watch_lists": [_text(name, 60) for name in row.lists[:5]],
        "evidence": [_cut(piece, limits.characters) for piece in alert.evidence[: limits.pieces]],
        "evidence_left_out": max(len(alert.evidence) - limits.pieces, 0),
    }


def _cut(value: Any, limit: int) -> Any:
    """The same value with every text in it cut."""
    if isinstance(value, str):
        return _text(value, limit)
    if isinstance(value, Mapping):
        return {_text(str(key), 200): _cut(part, limit) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(part, limit) for part in value]
    return value


def _text(text: str | None, limit: int) -> str | None:
    """A text as it was, but halves of characters, which JSON cannot hold, and what is too long."""
    if text is None:
        return None
    return cut(text.encode("utf-8", "replace").decode(), limit)
