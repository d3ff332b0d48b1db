"""A sweep's report as Prefect's page shows it: a page of Markdown and a table of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ctmonitor.cli.call import counted
from ctmonitor.jobs.sweep import Report
from ctmonitor.store.alerts import Raised

MOST_ROWS = 200
LONGEST_CELL = 200
_NAMES = {"held": "Held", "stale": "Stale"}
_ENDED = {
    "Completed": "**Complete.**",
    "Partial": "**Partial:** not everything could be read.",
    "Held": "**Held:** too odd to be told before somebody has looked.",
    "Stale": "**Stale:** an older release is on show; nothing was read.",
}
_COUNTED = ("received", "new", "changed", "unchanged", "older", "missing", "rejected")


def name_of(report: Report) -> str:
    """How the state of a run is called that ended with this report."""
    return _NAMES.get(report.state, "Completed" if report.is_complete else "Partial")


def page_of(report: Report) -> str:
    """The report as Markdown; text from outside stands in code, so that it cannot be markup."""
    plain = report.plain()
    lines = [
        f"# Sweep {report.sweep} of {_code(_scope(report))}",
        "",
        _ENDED[name_of(report)],
        "",
        *_how(report),
        "| studies | |",
        "|---|---:|",
        *(f"| {name} | {plain[name]:,} |" for name in _COUNTED),
        "",
        f"{counted(plain['changes'], 'change', 'changes')} kept, "
        f"{counted(plain['alerts'], 'alert', 'alerts')} raised, "
        f"in {report.seconds:.1f} s. Data of {report.data_timestamp or 'a day not told'}.",
    ]
    if report.held:
        lines += ["", "Why its alerts wait:", "", *(f"- {_code(why)}" for why in report.held)]
        lines += ["", "What you can do:", "", *(f"- {_code(act)}" for act in _acts(report))]
    if report.gaps:
        lines += ["", "What was not read:", "", *(f"- {_code(gap)}" for gap in report.gaps)]
    return "\n".join(lines + _certified(report))


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
    counts, why = report.counts, report.certificate.get("why")
    if report.way == "nothing-new":
        return f"Sweep {report.sweep}: nothing new, {why}"
    if report.state == "stale":
        return f"Sweep {report.sweep}: nothing read, {why}"
    told = (
        f"Sweep {report.sweep}: {counted(counts.received, 'study', 'studies')} read, "
        f"{counts.new:,} new, "
        f"{counts.changed:,} changed, {counts.rejected:,} rejected; "
        f"{counted(counts.alerts, 'alert', 'alerts')}"
    )
    if report.held:
        release, absorb = _acts(report)
        why = report.held[0]
        return f"{told}; held: {why}. `{release}` raises its alerts, `{absorb}` forgets them"
    return told if report.is_complete else f"{told}; not everything was read: {report.gaps[0]}"


def described(report: Report) -> str:
    """The sentence, as Prefect's page may show it: nothing from outside becomes Markdown."""
    return _code(summary_of(report))


def count_of(raised: Sequence[Raised], report: Report) -> str:
    """How many of a sweep's alerts its table shows."""
    shown = min(len(raised), MOST_ROWS)
    return f"{shown:,} of the {counted(len(raised), 'alert', 'alerts')} of sweep {report.sweep}"


def _scope(report: Report) -> str:
    return str(report.certificate.get("scope", report.source))


def _how(report: Report) -> list[str]:
    if not report.way:
        return []
    return [f"Way: **{report.way}**, {_code(report.certificate['why'])}.", ""]


def _acts(report: Report) -> list[str]:
    """The commands that settle a held look."""
    return [f"ctmonitor sweeps {act} {report.sweep} --reason ..." for act in ("release", "absorb")]


def _certified(report: Report) -> list[str]:
    """The certificate of a look at the registry as a table; lists are counted."""
    if not report.certificate:
        return []
    rows = {"expected": report.expected, "received": report.counts.received, **report.certificate}
    told = [f"| {name.replace('_', ' ')} | {_cell(value)} |" for name, value in rows.items()]
    return ["", "## Certificate", "", "| | |", "|---|---|", *told]


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "-" if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | dict):
        shown = orjson.dumps(value).decode()
        value = shown if len(shown) <= LONGEST_CELL else f"{len(value):,}"
    return _code(str(value).replace("|", "/"))


def _code(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"`{shown.replace('`', chr(39))}`"
