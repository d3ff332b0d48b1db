"""How many take part, or are to."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.records import DateType, Facts
from ctmonitor.rules.rule import Chosen, Inhibition, Parameter, change_rule
from ctmonitor.rules.telling import by, of_change, told

ENROLLMENT = (
    "42 CFR 11.64(a)(1)(ii): the actual enrollment is to be sent together with the actual primary "
    "completion date, where the rule probably applies"
)
_CUT = Inhibition("enrollment-cut", "the cut is told there")
_MIN_PERCENT = Parameter(
    "min_percent",
    0.0,
    "percent",
    "the least difference that is told, of the earlier count; the turn to ACTUAL always is",
    0,
    1000,
)


@change_rule(
    Severity.NORMAL,
    source=ENROLLMENT,
    fields=("enrollment", "enrollment_type"),
    parameters=(_MIN_PERCENT,),
    inhibited_by=(_CUT,),
)
def enrollment_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The number enrolled, or whether it is planned or actual, changed."""
    count, type_ = told(difference, "enrollment"), told(difference, "enrollment_type")
    change = count or type_
    if change is None:
        return
    percent = _percent(count.before, count.after) if count else 0.0
    is_now_actual = type_ is not None and type_.after == DateType.ACTUAL
    is_enough = percent is None or abs(percent) >= chosen.numbers["min_percent"]
    if not (is_enough or is_now_actual):
        return
    by_how_much = f" ({percent:+.0f} %)" if percent else ""
    before, after = _shown(difference.before), _shown(difference.after)
    headline = f"Enrollment {after}; was {before}{by_how_much}{by(change)}"
    also = (type_.plain(),) if count and type_ else ()
    yield of_change(chosen, difference, change, headline, also=also)


def _percent(before: int | None, after: int | None) -> float | None:
    """The difference in percent of the earlier count; None where that cannot be said."""
    if not before or after is None:
        return None
    return 100 * (after - before) / before


def _shown(facts: Facts) -> str:
    if facts.enrollment is None:
        return "not given"
    return f"{facts.enrollment} {facts.enrollment_type or ''}".rstrip()
