"""Each calendar rule, asked of a study as it stands: what falls due, and while it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from tests.reference.plain import (
    ENDED,
    OPEN,
    State,
    day_after,
    is_eu_trial,
    is_probably_applicable,
    is_under_review,
    last,
    month_end_after,
    sponsors_word,
    years_after,
)

Numbers = Mapping[str, float]
Due = tuple[date, date, date] | None
"""The day of the fact, and the first and the last day on which it is told."""
REPORTING = (*OPEN, "SUSPENDED", "TERMINATED", "COMPLETED")
OVER = (*ENDED, "UNKNOWN")


def ahead_of(due: date, n: Numbers, until: date = date.max) -> Due:
    """From some days ahead of a due day on."""
    return due, due - timedelta(n["days_ahead"]), until


def after(due: date, n: Numbers) -> Due:
    """From some days after a due day on."""
    return due, due + timedelta(n["grace_days"]), date.max


def unknown_due(s: State, n: Numbers) -> Due:
    if s.get("overall_status") == "UNKNOWN" or sponsors_word(s) not in OPEN:
        return None
    if "status_verified_date" not in s:
        return None
    unverified = month_end_after(s["status_verified_date"], 2)
    ended = [day_after(s["completion_date"], 1)] if "completion_date" in s else []
    return ahead_of(max([unverified, *ended]), n)


def verification_stale(s: State, n: Numbers) -> Due:
    if s.get("overall_status", "UNKNOWN") in OVER or "status_verified_date" not in s:
        return None
    return ahead_of(month_end_after(s["status_verified_date"], 1), n)


def completion_passed_still_open(s: State, n: Numbers) -> Due:
    if s.get("overall_status") not in OPEN or "completion_date" not in s:
        return None
    return ahead_of(day_after(s["completion_date"], 31), n)


def is_plan_of(s: State, name: str) -> bool:
    """Whether a date is given as a plan by a study of which something is to be heard."""
    is_plan = name in s and s.get(f"{name}_type") == "ESTIMATED"
    return is_plan and s.get("overall_status") in REPORTING


def passed_still_estimated(name: str) -> Callable[[State, Numbers], Due]:
    """The rule over a plan that passed more than 30 days ago."""
    return lambda s, n: after(day_after(s[name], 31), n) if is_plan_of(s, name) else None


def primary_completion_due(s: State, n: Numbers) -> Due:
    name = "primary_completion_date"
    if not is_plan_of(s, name) or s["overall_status"] in OVER:
        return None
    return ahead_of(last(s[name]), n, until=last(s[name]))


def completion_due(s: State, n: Numbers) -> Due:
    if s.get("overall_status") not in OPEN or "completion_date" not in s:
        return None
    return ahead_of(last(s["completion_date"]), n, until=last(s["completion_date"]))


def results_are_due_on(s: State) -> date | None:
    """One year after the primary completion date, three where a delay is certified."""
    is_settled = s.get("has_results") or is_under_review(s)
    if is_settled or not is_probably_applicable(s) or "primary_completion_date" not in s:
        return None
    is_certified = "disp_first_submit_date" in s
    return years_after(last(s["primary_completion_date"]), 3 if is_certified else 1)


def results_due(s: State, n: Numbers) -> Due:
    due = results_are_due_on(s)
    return ahead_of(due, n, until=due) if due and "disp_first_submit_date" not in s else None


def certificate_extended(s: State, n: Numbers) -> Due:
    due = results_are_due_on(s)
    return ahead_of(due, n, until=due) if due and "disp_first_submit_date" in s else None


def results_overdue(s: State, n: Numbers) -> Due:
    due = results_are_due_on(s)
    return after(due + timedelta(1), n) if due else None


def eu_results_overdue(s: State, n: Numbers) -> Due:
    is_settled = s.get("has_results") or s.get("overall_status") == "WITHDRAWN"
    if is_settled or not is_eu_trial(s) or "completion_date" not in s:
        return None
    return after(years_after(last(s["completion_date"]), 1) + timedelta(1), n)


RULES: dict[str, Callable[[State, Numbers], Due]] = {
    "unknown-due": unknown_due,
    "verification-stale": verification_stale,
    "completion-passed-still-open": completion_passed_still_open,
    "start-passed-still-estimated": passed_still_estimated("start_date"),
    "primary-completion-passed-still-estimated": passed_still_estimated("primary_completion_date"),
    "primary-completion-due": primary_completion_due,
    "completion-due": completion_due,
    "results-due": results_due,
    "certificate-extended": certificate_extended,
    "results-overdue": results_overdue,
    "eu-results-overdue": eu_results_overdue,
}
NUMBERS: dict[str, Numbers] = {
    "unknown-due": {"days_ahead": 30},
    "verification-stale": {"days_ahead": 0},
    "completion-passed-still-open": {"days_ahead": 0},
    "start-passed-still-estimated": {"grace_days": 0},
    "primary-completion-passed-still-estimated": {"grace_days": 0},
    "primary-completion-due": {"days_ahead": 30},
    "completion-due": {"days_ahead": 30},
    "results-due": {"days_ahead": 60},
    "certificate-extended": {"days_ahead": 60},
    "results-overdue": {"grace_days": 30},
    "eu-results-overdue": {"grace_days": 0},
}
QUIET = ("primary-completion-due", "completion-due")
