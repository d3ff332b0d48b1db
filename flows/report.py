"""A sweep's report as Prefect's page shows it: a page of Markdown and a table of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ctmonitor.cli.call import counted
from ctmonitor.jobs.sweep import Report
from ctmonitor.store.alerts import Raised

MOST_ROWS = 200
_COUNTED = ("received", "new", "changed", "unchanged", "older", "missing", "rejected")


def page_of(report: Report) -> str:
    """The report as Markdown; text from outside stands in code, so that it cannot be markup."""
    plain = report.plain()
    lines = [
        f"# Sweep {report.sweep} of {_code(report.source)}",
        "",
        "**Complete.**" if report.is_complete else "**Partial:** not everything could be read.",
        "",
        "| studies | |",
        "|---|---:|",
        *(f"| {name} | {plain[name]:,} |" for name in _COUNTED),
        "",
        f"{plain['changes']:,} changes kept, {plain['alerts']:,} alerts raised, "
        f"in {report.seconds:.1f} s. Data of {report.data_timestamp or 'a day not told'}.",
    ]
    if report.gaps:
        lines += ["", "What was not read:", "", *(f"- {_code(gap)}" for gap in report.gaps)]
    return "\n".join(lines)


def rows_of(raised: Sequence[Raised]) -> list[dict[str, Any]]:
    """The alerts as rows of a table, never too many for a page, which reads cells as Markdown."""
    return [
        {
            "alert": one.id,
            "severity": str(one.alert.severity),
            "study": one.alert.nct_id or "several",
            "rule": one.alert.rule,
            "headline": _code(one.alert.headline),
        }
        for one in raised[:MOST_ROWS]
    ]


def summary_of(report: Report) -> str:
    """The report in one sentence, for the state of a run."""
    counts = report.counts
    told = (
        f"Sweep {report.sweep}: {counted(counts.received, 'study', 'studies')} read, "
        f"{counts.new:,} new, "
        f"{counts.changed:,} changed, {counts.rejected:,} rejected; "
        f"{counted(counts.alerts, 'alert', 'alerts')}"
    )
    return told if report.is_complete else f"{told}; not everything was read: {report.gaps[0]}"


def described(report: Report) -> str:
    """The sentence, as Prefect's page may show it: nothing from outside becomes Markdown."""
    return _code(summary_of(report))


def count_of(raised: Sequence[Raised], report: Report) -> str:
    """How many of a sweep's alerts its table shows."""
    shown = min(len(raised), MOST_ROWS)
    return f"{shown:,} of the {len(raised):,} alerts of sweep {report.sweep}"


def _code(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"`{shown.replace('`', chr(39))}`"
