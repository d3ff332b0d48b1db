"""All alerts of a message as CSV, for a spreadsheet: what does not fit a mail is attached so."""

from __future__ import annotations

import csv
import io

from ctmonitor.delivery.digest import Digest, Row
from ctmonitor.delivery.evidence import line_of, study_number
from ctmonitor.delivery.sheet import link_of
from ctmonitor.delivery.words import cut, one_line

MOST_BYTES = 5_000_000
"""Many mail servers refuse more than ten million, and on its way this grows by a third."""
COLUMNS = (
    "severity",
    "study",
    "title",
    "rule",
    "headline",
    "what",
    "was",
    "now",
    "registry_date",
    "watch_lists",
    "link",
)
_LONGEST = 500
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for the beginning of a formula; the last four are full-width."""


def table_of(digest: Digest) -> bytes:
    """A row for each alert, as UTF-8 with the mark by which spreadsheets know it."""
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(COLUMNS)
    for place, row in enumerate(digest.rows):
        if written.tell() > MOST_BYTES // 2 and len(written.getvalue().encode()) > MOST_BYTES:
            sheet.writerow(
                [f"and {len(digest.rows) - place:,} more; `ctmonitor alerts` lists them"]
            )
            break
        sheet.writerow([harmless(cut(one_line(cell), _LONGEST)) for cell in _cells(row)])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def harmless(text: str) -> str:
    """The text, with a ' before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _cells(row: Row) -> tuple[str, ...]:
    alert = row.alert
    line = line_of(alert.evidence[0], _LONGEST) if alert.evidence else None
    return (
        alert.severity.value,
        alert.nct_id or "",
        row.brief_title or "",
        alert.rule,
        alert.headline,
        line.label if line else "",
        (line.was or "") if line else "",
        line.now if line else "",
        alert.registry_date.isoformat() if alert.registry_date else "",
        "; ".join(row.lists),
        link_of(study_number(alert.nct_id)) or "",
    )
