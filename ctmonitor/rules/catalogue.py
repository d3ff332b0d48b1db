"""Every rule, in the order in which they are asked and printed."""

from __future__ import annotations

from functools import cache

from ctmonitor.rules import (
    clocks,
    completion,
    dates,
    eligibility,
    enrollment,
    failing,
    fate,
    held,
    leaps,
    mass,
    membership,
    outcomes,
    plans,
    results,
    reviews,
    sites,
    sponsor,
    start,
    status,
    unknown,
    verification,
    violation,
    withheld,
)
from ctmonitor.rules.rule import Rule, RuleKind

_RULES = (
    unknown.became_unknown,
    unknown.left_unknown,
    unknown.unknown_stale,
    unknown.unknown_due,
    status.status_changed,
    status.stopped,
    status.completed,
    status.resumed,
    withheld.record_revealed,
    status.why_stopped_changed,
    dates.start_slipped,
    dates.primary_completion_slipped,
    dates.completion_slipped,
    leaps.completion_moved_far,
    start.retroactive_start,
    dates.date_became_actual,
    enrollment.enrollment_changed,
    leaps.enrollment_cut,
    outcomes.primary_outcome_changed,
    outcomes.secondary_outcome_changed,
    eligibility.eligibility_changed,
    sites.sites_added,
    sites.sites_removed,
    sites.site_status_changed,
    sponsor.sponsor_changed,
    verification.verification_stale,
    completion.completion_passed_still_open,
    plans.start_passed_still_estimated,
    plans.primary_completion_passed_still_estimated,
    plans.primary_completion_due,
    plans.completion_due,
    results.results_posted,
    reviews.results_submitted,
    reviews.results_returned,
    reviews.results_withdrawn,
    reviews.results_disappeared,
    violation.violation_found,
    violation.certificate_filed,
    clocks.results_due,
    clocks.certificate_extended,
    clocks.results_overdue,
    clocks.eu_results_overdue,
    fate.record_removed,
    fate.record_returned,
    fate.record_merged,
    membership.new_in_watch,
    membership.left_watch,
    mass.mass_change,
    held.sweep_held,
    failing.delivery_failing,
)
_BY_NAME = {rule.name: rule for rule in _RULES}


def rules() -> tuple[Rule, ...]:
    """Every rule, always in the same order."""
    return _RULES


@cache
def rules_of(kind: RuleKind) -> tuple[Rule, ...]:
    """The rules of one kind, in the same order."""
    return tuple(rule for rule in _RULES if rule.kind is kind)


def rule_named(name: str) -> Rule | None:
    """The rule of that name; None when there is none."""
    return _BY_NAME.get(name)
