"""Each change rule, asked of a study before and after one look: how many facts it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.reference.lists import (
    has_other_outcomes,
    is_new_notice,
    last_turn,
    sites_in_common,
    sites_new,
)
from tests.reference.plain import (
    ENDED,
    NOTICES,
    OPEN,
    STOPPED,
    State,
    changed,
    days_moved,
    first,
    is_silent,
    is_start_past,
    is_under_way,
    last,
    said,
)

Numbers = Mapping[str, float]
DATES = ("start_date", "primary_completion_date", "completion_date")
ELIGIBLE_IN_WORDS = (
    "minimum_age",
    "maximum_age",
    "eligibility_criteria",
    "gender_description",
    "study_population",
)
ELIGIBLE = ("sex", "gender_based", "healthy_volunteers", "sampling_method")


def teller_of_the_status(b: State, a: State) -> str | None:
    """The one rule that tells a change of status, as the page of rules puts it."""
    before, after = b.get("overall_status"), a.get("overall_status")
    if before == after:
        return None
    if before == "WITHHELD":
        return "record-revealed"
    if after == "WITHHELD":
        return "status-changed"
    if after in STOPPED:
        return "stopped"
    if after == "UNKNOWN":
        return "became-unknown"
    if before == "UNKNOWN":
        return "left-unknown"
    if after == "COMPLETED":
        return "completed"
    is_closed = before in (*STOPPED, *ENDED, "TEMPORARILY_NOT_AVAILABLE")
    return "resumed" if is_closed and after in (*OPEN, "AVAILABLE") else "status-changed"


def status_rule(name: str) -> Callable[[State, State, Numbers], int]:
    """The rule of that name, one of those of which exactly one tells a change of status."""
    return lambda b, a, n: teller_of_the_status(b, a) == name


def why_stopped_changed(b: State, a: State, n: Numbers) -> int:
    is_other = said(b.get("why_stopped")) != said(a.get("why_stopped"))
    return is_other and not changed(b, a, "overall_status")


def slipped(field: str) -> Callable[[State, State, Numbers], int]:
    """The rule that tells a date which moved to a later day."""
    return lambda b, a, n: days_moved(b.get(field), a.get(field)) >= n["min_days"]


def completion_moved_far(b: State, a: State, n: Numbers) -> int:
    return any(abs(days_moved(b.get(date), a.get(date))) >= n["min_days"] for date in DATES[1:])


def retroactive_start(b: State, a: State, n: Numbers) -> int:
    moved = days_moved(b.get("start_date"), a.get("start_date"))
    if not moved or not is_start_past(b):
        return False
    was_plan = b.get("start_date_type") == "ESTIMATED"
    is_plan = a.get("start_date_type") == "ESTIMATED"
    is_no_start_of_a_plan = not was_plan or is_under_way(b)
    is_rewritten = is_no_start_of_a_plan and (is_plan or not was_plan)
    is_across = is_no_start_of_a_plan and crosses_registration(b, a)
    return is_across or (is_rewritten and abs(moved) >= n["min_days"])


def crosses_registration(b: State, a: State) -> bool:
    """Whether the start lay on one side of the day of registration, and now is on the other."""
    if "study_first_posted_date" not in b:
        return False
    before, after, posted = b["start_date"], a["start_date"], b["study_first_posted_date"]
    was_late, is_late = last(before) < first(posted), last(after) < first(posted)
    was_timely, is_timely = first(before) >= last(posted), first(after) >= last(posted)
    return (was_late and is_timely) or (was_timely and is_late)


def date_became_actual(b: State, a: State, n: Numbers) -> int:
    return sum(
        a.get(f"{date}_type") == "ACTUAL" != b.get(f"{date}_type") and date in a for date in DATES
    )


def enrollment_changed(b: State, a: State, n: Numbers) -> int:
    if changed(b, a, "enrollment_type") and a.get("enrollment_type") == "ACTUAL":
        return True
    if not changed(b, a, "enrollment"):
        return changed(b, a, "enrollment_type") and n["min_percent"] <= 0
    before, after = b.get("enrollment"), a.get("enrollment")
    if not before or after is None:
        return True  # no percentage says how much
    return 100 * abs(after - before) >= n["min_percent"] * before


def enrollment_cut(b: State, a: State, n: Numbers) -> int:
    before, after = b.get("enrollment"), a.get("enrollment")
    if not before or after is None:
        return False
    return after < before and 100 * (before - after) >= n["min_percent"] * before


def outcome_changed(field: str) -> Callable[[State, State, Numbers], int]:
    """The rule that tells other outcomes once the study was under way."""
    return lambda b, a, n: is_under_way(b) and has_other_outcomes(b.get(field), a.get(field))


def eligibility_changed(b: State, a: State, n: Numbers) -> int:
    is_reworded = any(said(b.get(name)) != said(a.get(name)) for name in ELIGIBLE_IN_WORDS)
    return is_reworded or any((b.get(name) or None) != (a.get(name) or None) for name in ELIGIBLE)


def sites_added(b: State, a: State, n: Numbers) -> int:
    return not is_silent(b, a) and bool(sites_new(b.get("locations"), a.get("locations")))


def sites_removed(b: State, a: State, n: Numbers) -> int:
    return not is_silent(b, a) and bool(sites_new(a.get("locations"), b.get("locations")))


def site_status_changed(b: State, a: State, n: Numbers) -> int:
    pairs = sites_in_common(b.get("locations"), a.get("locations"))
    turns = [(one.get("status"), other.get("status")) for one, other in pairs]
    return not is_silent(b, a) and any(one and other and one != other for one, other in turns)


def sponsor_changed(b: State, a: State, n: Numbers) -> int:
    return said(b.get("lead_sponsor")) != said(a.get("lead_sponsor"))


def results_posted(b: State, a: State, n: Numbers) -> int:
    is_shown = a.get("has_results") and not b.get("has_results")
    is_dated = "results_first_posted_date" in a and "results_first_posted_date" not in b
    return bool(is_shown or is_dated)


def results_disappeared(b: State, a: State, n: Numbers) -> int:
    return bool(b.get("has_results")) and not a.get("has_results")


def turn_of_review(turn: str) -> Callable[[State, State, Numbers], int]:
    """The rule that tells the last turn of a review, where it is such a turn."""
    return lambda b, a, n: last_turn(b, a) == turn


def violation_found(b: State, a: State, n: Numbers) -> int:
    is_marked = bool(a.get("fdaaa801_violation")) and not b.get("fdaaa801_violation")
    return is_marked or is_new_notice(b.get(NOTICES), a.get(NOTICES))


def certificate_filed(b: State, a: State, n: Numbers) -> int:
    return "disp_first_submit_date" in a and "disp_first_submit_date" not in b


STATUS_RULES = (
    "became-unknown",
    "left-unknown",
    "status-changed",
    "stopped",
    "completed",
    "resumed",
    "record-revealed",
)
RULES: dict[str, Callable[[State, State, Numbers], int]] = {
    **{name: status_rule(name) for name in STATUS_RULES},
    "why-stopped-changed": why_stopped_changed,
    "start-slipped": slipped("start_date"),
    "primary-completion-slipped": slipped("primary_completion_date"),
    "completion-slipped": slipped("completion_date"),
    "completion-moved-far": completion_moved_far,
    "retroactive-start": retroactive_start,
    "date-became-actual": date_became_actual,
    "enrollment-changed": enrollment_changed,
    "enrollment-cut": enrollment_cut,
    "primary-outcome-changed": outcome_changed("primary_outcomes"),
    "secondary-outcome-changed": outcome_changed("secondary_outcomes"),
    "eligibility-changed": eligibility_changed,
    "sites-added": sites_added,
    "sites-removed": sites_removed,
    "site-status-changed": site_status_changed,
    "sponsor-changed": sponsor_changed,
    "results-posted": results_posted,
    "results-submitted": turn_of_review("RELEASE"),
    "results-returned": turn_of_review("RESET"),
    "results-withdrawn": turn_of_review("UNRELEASE"),
    "results-disappeared": results_disappeared,
    "violation-found": violation_found,
    "certificate-filed": certificate_filed,
}
NUMBERS: dict[str, Numbers] = {
    "start-slipped": {"min_days": 1},
    "primary-completion-slipped": {"min_days": 1},
    "completion-slipped": {"min_days": 1},
    "completion-moved-far": {"min_days": 730},
    "retroactive-start": {"min_days": 7},
    "enrollment-changed": {"min_percent": 0},
    "enrollment-cut": {"min_percent": 50},
}
INHIBITED_BY: dict[str, tuple[str, ...]] = {
    "start-slipped": ("stopped", "completed", "retroactive-start"),
    "primary-completion-slipped": ("stopped", "completed", "completion-moved-far"),
    "completion-slipped": ("stopped", "completed", "completion-moved-far"),
    "completion-moved-far": ("stopped", "completed"),
    "enrollment-changed": ("enrollment-cut",),
    "enrollment-cut": ("stopped",),
    "site-status-changed": ("stopped", "completed"),
    "results-submitted": ("results-posted",),
    "results-returned": ("results-posted",),
    "results-withdrawn": ("results-posted",),
}
