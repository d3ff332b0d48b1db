"""The HTML of made mails, one of each kind that looks different."""

from __future__ import annotations

from datetime import date
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery import Links, Occasion, Row
from tests.delivery.build import a_row, body, many, the_mail

BASE = "https://monitor.hospital.example"
LINKS = Links(BASE, "s" * 32)
ARABIC = "تجربة الموز لعلاج الفواق"
HEBREW = "ניסוי בננות 12 לשיהוקים (שלב 3)"
UNBROKEN = "Methylbananoylhiccupthreonyl" * 8


def html_of_mail(*rows: Row, **wanted: Any) -> str:
    """The HTML as it arrives, with all the links that a mail may have."""
    mail = the_mail(*rows, **{"links": LINKS, "subscriber_id": 7, **wanted})
    return body(mail, "html")


def of_a_text(text: str, number: str = "NCT00000001") -> Row:
    """An alert with this text wherever the registry or an operator may have put it."""
    evidence = (
        {"field": "lead_sponsor", "item": text, "before": "The Banana Board", "after": text},
        {"field": "why_stopped", "label": text, "before": text, "after": None},
        {"name": text, "date": text, "said": text},
        {"nct_id": text, "headline": text},
        text,
    )
    said = {"evidence": evidence, "headline": text, "brief_title": text, "lists": (text,)}
    return a_row(nct_id=number, alert_id=4, **said)


def _of_each_severity() -> str:
    rows = [
        a_row(nct_id=f"NCT0000000{number}", severity=severity, alert_id=number)
        for number, severity in enumerate(Severity)
    ]
    why = "It was raised 3 days ago, and nobody marked it"
    return html_of_mail(*rows, occasion=Occasion.REMINDER, about=why, asks_for_marks=True)


def _of_the_operator() -> str:
    broken = Alert("delivery-failing", None, "ann@clinic.example is paused", Severity.HIGH, "ann")
    held = Alert("sweep-held", None, "The sweep holds 9 of 10 studies back", Severity.LOW, "9")
    rows = (Row(broken, alert_id=9), Row(held, alert_id=10))
    return html_of_mail(*rows, occasion=Occasion.OPERATOR, lists=(), data_date=None)


def _all_quiet() -> str:
    said = "All quiet since 2024-11-15: 214 studies on 2 watch lists watched, and nothing to tell."
    row = Row(Alert("all-quiet", None, said, Severity.LOW, "week"))
    return html_of_mail(row, occasion=Occasion.QUIET, lists=("Oncology", "Lung"))


MAILS = {
    "one row": html_of_mail(a_row(registry_date=date(2024, 11, 19))),
    "fifty rows": html_of_mail(*many(50), lists=tuple(f"List {number}" for number in range(12))),
    "a hostile title": html_of_mail(of_a_text("<h1 id=x>{{ 6*7 }}</td></table><script>alert(1)")),
    "right to left": html_of_mail(of_a_text(ARABIC), of_a_text(HEBREW), lists=(ARABIC, HEBREW)),
    "no place to break": html_of_mail(
        of_a_text(UNBROKEN), a_row(nct_id="W" * 60), a_row(nct_id=None), lists=(UNBROKEN, "x" * 200)
    ),
    "each severity": _of_each_severity(),
    "an operator's": _of_the_operator(),
    "all quiet": _all_quiet(),
    "a test": html_of_mail(occasion=Occasion.TEST),
}
