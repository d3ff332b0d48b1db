"""What the obvious rules read a study by: a plain dict of its fields, dates as they are written."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

State = dict[str, Any]

OPEN = ("RECRUITING", "NOT_YET_RECRUITING", "ACTIVE_NOT_RECRUITING", "ENROLLING_BY_INVITATION")
STOPPED = ("SUSPENDED", "TERMINATED", "WITHDRAWN")
EVENTS = "unposted_annotation.unposted_events"
INFOS = "misc_info.submission_tracking.submission_infos"
NOTICES = "violation_annotation.violation_events"
ENDED = ("COMPLETED", "TERMINATED", "WITHDRAWN", "NO_LONGER_AVAILABLE", "APPROVED_FOR_MARKETING")


def first(written: str) -> date:
    """The first day that a date can mean."""
    return date.fromisoformat(f"{written}-01-01"[:10])


def last(written: str) -> date:
    """The last day that a date can mean."""
    if len(written) == 4:
        return date(int(written), 12, 31)
    if len(written) == 7:
        year, month = int(written[:4]), int(written[5:])
        return date(year, month, monthrange(year, month)[1])
    return date.fromisoformat(written)


def days_moved(before: str | None, after: str | None) -> int:
    """How far a date moved; 0 where it only became more or less exact, came or went."""
    if before is None or after is None or before.startswith(after) or after.startswith(before):
        return 0
    return (last(after) - last(before)).days


def month_end_after(written: str, years: int) -> date:
    """The last day of the month of a date, some years later."""
    day = last(written)
    return last(f"{day.year + years:04}-{day.month:02}")


def years_after(day: date, years: int) -> date:
    """The same day some years later, 28 February for a 29th that is not there."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + years, day.month, 28 if is_leap_day and years % 4 else day.day)


def day_after(written: str, days: int) -> date:
    """Some days after the last that a date can mean."""
    return last(written) + timedelta(days)


def said(text: str | None) -> object:
    """What a text says: its numbers and its letters, whatever its case and its looks."""
    if text is None:
        return None
    text = re.sub(r"</?[a-z]+>", "", text)
    numbers = re.findall(r"\d+(?:[.,]\d+)*", text)
    return numbers, "".join(re.findall(r"[^\W_]|[<>=≤≥±%/+~]", text.casefold()))


def changed(before: State, after: State, field: str) -> bool:
    """Whether a field is not what it was."""
    return before.get(field) != after.get(field)


def is_silent(before: State, after: State) -> bool:
    """Whether no update was posted between the two, as far as the record tells."""
    posted = before.get("last_update_posted_date")
    return posted is not None and posted == after.get("last_update_posted_date")


def sponsors_word(state: State) -> str | None:
    """The status that the sponsor gave: behind UNKNOWN, the last known one."""
    status = state.get("overall_status")
    return state.get("last_known_status") if status == "UNKNOWN" else status


def is_start_past(state: State) -> bool:
    """Whether the start date was past when the record was released, or last updated."""
    known = [
        last(state[name]) for name in ("data_date", "last_update_posted_date") if name in state
    ]
    return "start_date" in state and bool(known) and last(state["start_date"]) <= max(known)


def is_under_way(state: State) -> bool:
    """Whether the record shows that the study had started: by its status, or an actual date."""
    status = sponsors_word(state)
    if status not in (None, "NOT_YET_RECRUITING", "WITHDRAWN", "WITHHELD"):
        return True
    is_plan = state.get("start_date_type") == "ESTIMATED"
    return status != "WITHDRAWN" and not is_plan and is_start_past(state)


def is_under_review(state: State) -> bool:
    """Whether results were sent to the registry, and not taken back since.

    The registry says so in two places; the second counts where the first says nothing.
    """
    if sent := state.get(EVENTS):
        return sent[-1]["type"] != "UNRELEASE"
    sent = state.get(INFOS) or [{"unreleaseDate": "of none"}]
    return not ({"unreleaseDate", "unreleaseDateUnknown"} & sent[-1].keys())


def is_probably_applicable(state: State) -> bool:
    """FDAAA TrialsTracker's test."""
    phases = state.get("phases") or []
    return (
        state.get("study_type") == "INTERVENTIONAL"
        and bool(state.get("is_fda_regulated_drug") or state.get("is_fda_regulated_device"))
        and (not phases or any(phase not in ("EARLY_PHASE1", "PHASE1") for phase in phases))
        and state.get("design_info.primary_purpose") != "DEVICE_FEASIBILITY"
        and state.get("overall_status") != "WITHDRAWN"
        and "start_date" in state
        and last(state["start_date"]) >= date(2017, 1, 18)
    )


def is_eu_trial(state: State) -> bool:
    """Whether it is interventional and bears a number of an EU register."""
    numbers = state.get("secondary_id_infos") or []
    is_numbered = any(one.get("type") in ("EUDRACT_NUMBER", "CTIS") for one in numbers)
    return state.get("study_type") == "INTERVENTIONAL" and is_numbered
