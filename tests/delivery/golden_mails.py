"""Twelve mails as they are sent, to be read and compared: `python -m tests.delivery.golden_mails`
writes them anew.
"""

from __future__ import annotations

import email
import email.policy
from datetime import date
from pathlib import Path

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery import Digest, Links, Occasion, Row, message_of
from tests.delivery.build import FLIP, SENDER, a_digest, a_row, many

FOLDER = Path(__file__).parent / "golden"
LINKS = Links("https://monitor.hospital.example", "s" * 32)
SLIP = {
    "field": "primary_completion_date",
    "item": None,
    "kind": "changed",
    "before": "2026-03",
    "after": "2027-09",
    "made_by": "sponsor",
}
STOPPED = {**FLIP, "after": "TERMINATED", "made_by": "sponsor"}


def _stopped(number: str = "NCT99000001", **wanted: object) -> Row:
    return a_row(
        rule="stopped",
        nct_id=number,
        headline="Stopped: now TERMINATED; was RECRUITING",
        severity=Severity.CRITICAL,
        evidence=(STOPPED, {"field": "why_stopped", "before": None, "after": "Too few bananas"}),
        registry_date=date(2024, 11, 19),
        alert_id=4,
        **wanted,
    )


def _slipped(number: str = "NCT99000002", **wanted: object) -> Row:
    return a_row(
        rule="primary-completion-slip",
        nct_id=number,
        headline="Primary completion moved by 18 months, to 2027-09",
        severity=Severity.NORMAL,
        evidence=(SLIP,),
        alert_id=5,
        **{"brief_title": "Naps Before Noon", **wanted},
    )


def _due(number: str = "NCT99000003", **wanted: object) -> Row:
    return a_row(
        rule="unknown-due",
        nct_id=number,
        headline="Turns UNKNOWN on 2024-12-31 unless it is verified before",
        severity=Severity.HIGH,
        evidence=({"name": "status_verified_date", "date": "2022-12"},),
        alert_id=6,
        **wanted,
    )


def _quiet() -> Row:
    said = "All quiet since 2024-11-15: 214 studies on 2 watch lists watched, and nothing to tell."
    return Row(Alert("all-quiet", None, said, Severity.LOW, "week"))


def _broken() -> Row:
    said = "ann@clinic.example is suspended: 550 5.1.1 no such user"
    why = {"why": "since 2024-11-20"}
    return Row(Alert("delivery-failing", None, said, Severity.HIGH, "ann", (why,)), alert_id=9)


def _mine(*rows: Row, **wanted: object) -> Digest:
    return a_digest(*rows, links=LINKS, subscriber_id=7, **wanted)


MAILS = {
    "one-critical": _mine(_stopped()),
    "one-flip": a_digest(),
    "several": _mine(_stopped(), _slipped(), _due(), a_row(nct_id="NCT99000002")),
    "three-lists": _mine(
        _slipped(lists=("Oncology", "Lung", "Bonn")), lists=("Oncology", "Lung", "Bonn")
    ),
    "beyond-fifty": _mine(*many(53)),
    "strange-names": _mine(
        _slipped(brief_title="<b>Zürich</b> =?utf-8?q?x 漢字 \u202e", lists=("Ärzte & Co",)),
        lists=("Ärzte & Co",),
    ),
    "reminder": _mine(_due(), occasion=Occasion.REMINDER, about="reminder 2", asks_for_marks=True),
    "escalation": _mine(
        _stopped(),
        occasion=Occasion.ESCALATION,
        about="escalation: nobody has marked it; first told to ann@clinic.example",
        asks_for_marks=True,
    ),
    "replay": _mine(
        _slipped(), occasion=Occasion.REPLAY, about="replay of message 3, made 2024-11-20"
    ),
    "operator": a_digest(
        _broken(), lists=(), occasion=Occasion.OPERATOR, about="operator", data_date=None
    ),
    "all-quiet": _mine(_quiet(), occasion=Occasion.QUIET, lists=("Oncology", "Lung")),
    "test": a_digest(
        Row(Alert("test", None, "Alerts of ctmonitor reach you here", Severity.LOW, "now")),
        lists=(),
        occasion=Occasion.TEST,
        data_date=None,
        chain_head="",
    ),
}


def printed(digest: Digest) -> str:
    """The headers, and each part as it is read: what arrives, decoded."""
    raw = message_of(digest, SENDER).as_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    lines = [f"{name}: {value}" for name, value in mail.items()]
    for part in mail.walk():
        if not part.is_multipart():
            lines += ["", f"===== {part.get_content_type()} {part.get_filename() or ''}".rstrip()]
            lines += part.get_content().splitlines()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, digest in MAILS.items():
        (FOLDER / f"{name}.txt").write_text(printed(digest), encoding="utf-8")
