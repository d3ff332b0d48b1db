"""Digests made for one test: only what the test cares about is said."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery import Digest, Row, message_of

SENDER = "ctmonitor <ctmonitor@hospital.example>"
FLIP = {
    "field": "overall_status",
    "item": None,
    "kind": "changed",
    "before": "RECRUITING",
    "after": "UNKNOWN",
    "made_by": "registry",
}


def a_row(**wanted: Any) -> Row:
    """One flip to UNKNOWN, unless told otherwise."""
    brief_title = wanted.pop("brief_title", "Bananas for Hiccups")
    lists = wanted.pop("lists", ("Oncology",))
    alert_id = wanted.pop("alert_id", None)
    facts = {
        "rule": "became-unknown",
        "nct_id": "NCT04946669",
        "headline": "Now UNKNOWN; was RECRUITING",
        "severity": Severity.HIGH,
        "basis": "UNKNOWN",
        "evidence": (FLIP,),
    }
    return Row(Alert(**{**facts, **wanted}), brief_title, lists, alert_id)


def a_digest(*rows: Row, **wanted: Any) -> Digest:
    """One message to one address; one row when none is given."""
    facts = {
        "key": "ab" * 32,
        "address": "ann@clinic.example",
        "lists": ("Oncology",),
        "made_at": datetime(2024, 11, 22, 8, 15, tzinfo=UTC),
        "data_date": date(2024, 11, 20),
        "chain_head": "0123456789abcdef",
    }
    return Digest(rows=rows or (a_row(),), **{**facts, **wanted})


def many(count: int, **wanted: Any) -> tuple[Row, ...]:
    """So many alerts, each on a study of its own."""
    return tuple(a_row(nct_id=f"NCT{number:08}", **wanted) for number in range(1, count + 1))


def read_back(raw: bytes) -> EmailMessage:
    """The mail as a mail program reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def the_mail(*rows: Row, **wanted: Any) -> EmailMessage:
    """A digest as mail, through bytes and back."""
    return read_back(message_of(a_digest(*rows, **wanted), SENDER).as_bytes())


def body(mail: EmailMessage, kind: str) -> str:
    """The `plain` or the `html` body."""
    return mail.get_body((kind,)).get_content()
