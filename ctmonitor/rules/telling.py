"""How a rule's alert is put together: headline, basis, evidence, day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ctmonitor.alerts import Alert
from ctmonitor.changes import Change, Difference, MadeBy
from ctmonitor.records import Facts
from ctmonitor.rules.rule import Chosen

HEADLINE_LENGTH = 100
LONGEST_EVIDENCE = 10_000
"""Characters of a text in an alert; the registry's own limit for a reason to stop is 250."""

BASIS_MARK = "\x1f"


def told(difference: Difference, field: str) -> Change | None:
    """The change of one field, unless it is noise; None when the field stayed."""
    change = difference.of(field)
    return None if change is None or change.is_noise else change


def of_change(
    chosen: Chosen,
    difference: Difference,
    change: Change,
    headline: str,
    *,
    also: tuple[dict[str, Any], ...] = (),
) -> Alert:
    """The alert about one change; `also` is what else a reader needs to believe it."""
    return Alert(
        rule=chosen.rule,
        nct_id=difference.after.nct_id,
        headline=one_line(headline),
        severity=chosen.severity,
        basis=f"{change.field}{BASIS_MARK}{bounded(change.after)}",
        evidence=tuple(
            {name: bounded(value) for name, value in piece.items()}
            for piece in (change.plain(), *also)
        ),
        registry_date=_registry_date(difference),
    )


def of_facts(
    chosen: Chosen, facts: Facts, headline: str, *, basis: str, evidence: dict[str, Any]
) -> Alert:
    """The alert about how a study stands, resting on named facts."""
    return Alert(
        rule=chosen.rule,
        nct_id=facts.nct_id,
        headline=one_line(headline),
        severity=chosen.severity,
        basis=basis,
        evidence=(evidence,),
        registry_date=facts.registry_date,
    )


def at_snapshot(alert: Alert, number: int) -> Alert:
    """The alert of a change rule, tied to the snapshot in which the change was found.

    Without it, a field that changes there, back and there again would be told only once.
    """
    return replace(alert, basis=f"{alert.basis}{BASIS_MARK}{number}")


def said(facts: Facts, *fields: str) -> dict[str, str]:
    """The named facts as plain text, without those that the registry does not say."""
    values = ((field, getattr(facts, field)) for field in fields)
    return {field: str(value) for field, value in values if value is not None}


def by(change: Change) -> str:
    """What a headline adds when the sponsor sent nothing."""
    return " (by the registry itself)" if change.made_by is MadeBy.REGISTRY else ""


def days(count: int) -> str:
    """`1 day`, `31 days`."""
    return "1 day" if count == 1 else f"{count} days"


def one_line(text: str, longest: int = HEADLINE_LENGTH) -> str:
    """The text on one line, cut with an ellipsis to what fits a headline."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def bounded(value: Any) -> Any:
    """The value, or the beginning of a text that no database and no mail should repeat."""
    if not isinstance(value, str) or len(value) <= LONGEST_EVIDENCE:
        return value
    return f"{value[: LONGEST_EVIDENCE - 1]}…"


def _registry_date(difference: Difference) -> date | None:
    before, after = difference.before, difference.after
    posted = after.last_update_posted_date
    if posted is not None and posted != before.last_update_posted_date:
        return posted.last
    return after.data_date
