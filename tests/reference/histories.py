"""Histories of made studies, each likely to concern one rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.reference import calendar, changes
from tests.reference.evaluator import History
from tests.reference.plain import EVENTS, INFOS, NOTICES, OPEN, STOPPED, State

BEGINNINGS = (date(2023, 12, 20), date(2025, 1, 10), date(2027, 11, 28))
"""Leap days lie ahead of each: of it, a year or two back, or on the day itself."""
GAPS = (1, 1, 2, 3, 7, 28, 29, 30, 31, 45)
STATUSES = (
    *OPEN,
    *STOPPED,
    *("COMPLETED", "UNKNOWN", "WITHHELD", "AVAILABLE", "NO_LONGER_AVAILABLE"),
    *("TEMPORARILY_NOT_AVAILABLE", "APPROVED_FOR_MARKETING", None),
)
TYPES = ("ACTUAL", "ESTIMATED", None)
PLACES = (("Lyon", "France"), ("Turin", "Italy"), ("Oslo", "Norway"))
HOUSES = ("Alpha Hospital", "Northern Institute of Sleep", "Kidney Ward 7", "Jumping Frog")
MEASURES = ("Overall survival", "Pain on a scale of 10", "Falls", "Days until the fever ends")
FRAMES = ("1 week", "2 weeks", "up to 1.5 years", None)
WORDS = (
    "Too few took part",
    "Waiting for a new supply",
    "No supply in 2024",
    "Age > 18 and >= 40 kg",
)
LOOKS: tuple[Callable[[str], str], ...] = (
    str,
    str,
    str.upper,
    lambda text: f"{text}.",
    lambda text: f"* {text}",
    lambda text: f"**{text}**",
    lambda text: text.replace(" ", "  \n"),
    lambda text: f"<b>{text}</b>",
)


def _written(texts: tuple[str | None, ...]) -> st.SearchStrategy[str | None]:
    """One of some texts, as somebody may write it."""

    def dressed(text: str | None, dress: Callable[[str], str]) -> str | None:
        return None if text is None else dress(text)

    return st.builds(dressed, st.sampled_from(texts), st.sampled_from(LOOKS))


def _one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def _partial(day: date, length: int) -> str:
    return day.isoformat()[:length]


@st.composite
def _mostly(draw: Any, usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> Any:
    return draw(other if draw(st.integers(0, 9)) == 9 else usual)


@st.composite
def _dates(draw: Any, beginning: date, years: tuple[int, ...]) -> str | None:
    """A date some years before the history, to the day, the month or the year; often at an end."""
    back = draw(st.sampled_from(years))
    near = beginning.replace(year=beginning.year - back) + timedelta(draw(st.integers(-70, 100)))
    month_ends = near.replace(day=1) - timedelta(1)
    leap = date(near.year - near.year % 4, 2, 29)
    day = draw(st.sampled_from((near, near, near, near, month_ends, leap)))
    return draw(st.sampled_from((_partial(day, 10), _partial(day, 10), _partial(day, 7), None)))


@st.composite
def _sites(draw: Any) -> list[dict[str, Any]] | None:
    listed = []
    places = st.tuples(st.sampled_from(HOUSES), st.sampled_from(PLACES))
    for house, (city, country) in draw(st.lists(places, max_size=4, unique=True)):
        words = house.split()
        name = draw(st.sampled_from((house, house, house.upper(), " ".join(reversed(words)))))
        site = {"facility": name, "city": city, "country": country}
        status = draw(_one_of("RECRUITING", "COMPLETED", None))
        listed.append(site | ({"status": status} if status else {}))
    return listed or None


@st.composite
def _outcomes(draw: Any) -> list[dict[str, Any]] | None:
    listed = []
    for measure in draw(st.lists(st.sampled_from(MEASURES), max_size=3, unique=True)):
        parts = {
            "measure": draw(_written((measure,))),
            "timeFrame": draw(_written(FRAMES)),
            "description": draw(_written((*WORDS[:1], None, None))),
        }
        listed.append({name: value for name, value in parts.items() if value is not None})
    return listed or None


@st.composite
def _events(draw: Any) -> list[dict[str, Any]] | None:
    """The turns of a review so far; a later look may know more of them, or correct a day."""
    course = ("RELEASE", "RESET", "RELEASE", "UNRELEASE", "RELEASE")
    listed: list[dict[str, Any]] = []
    for place, type_ in enumerate(course[: draw(st.integers(0, len(course)))]):
        day = {"date": f"2023-0{place + 1}-{draw(_one_of('14', '14', '14', '15'))}"}
        is_known = type_ != "UNRELEASE" or draw(st.booleans())
        listed.append({"type": type_, **(day if is_known else {"dateUnknown": True})})
    return listed or None


@st.composite
def _infos(draw: Any) -> list[dict[str, Any]] | None:
    turns = ({}, {"resetDate": "2023-07-01"}, {"unreleaseDate": "2023-08-01"})
    more = (*turns, {"unreleaseDateUnknown": True}, {"resetDate": "2023-07-02"})
    count = draw(st.integers(0, 3))
    return [
        {"releaseDate": f"2023-0{place + 1}-20", **draw(st.sampled_from(more))}
        for place in range(count)
    ] or None


def _notices() -> st.SearchStrategy[Any]:
    types = ("VIOLATION_IDENTIFIED", "CORRECTION_CONFIRMED", "PENALTY_IMPOSED")
    notice = st.builds(
        lambda type_, day: {"type": type_, "issuedDate": day},
        st.sampled_from(types),
        _one_of("2023-01-05", "2023-01-06"),
    )
    return st.lists(notice, max_size=3).map(lambda listed: listed or None)


def _numbered() -> st.SearchStrategy[Any]:
    kinds = _one_of("EUDRACT_NUMBER", "CTIS", "REGISTRY")
    return st.one_of(st.none(), kinds.map(lambda type_: [{"id": "made 1", "type": type_}]))


def fields(beginning: date) -> dict[str, st.SearchStrategy[Any]]:
    """What each field may say in a history that begins on a day; None leaves it out."""
    dates = {
        "status_verified_date": _dates(beginning, (1, 2)),
        "start_date": _dates(beginning, (0, 0, 1, beginning.year - 2017)),
        "primary_completion_date": _dates(beginning, (0, 1, 3)),
        "completion_date": _dates(beginning, (0, 1, 3)),
        "study_first_posted_date": _dates(beginning, (0, 1)),
        "last_update_posted_date": _one_of("2022-05-05", "2022-05-05", "2023-01-02", None),
        "results_first_posted_date": _one_of("2023-05-05", None),
        "disp_first_submit_date": _one_of("2022-05-05", "2022-05-06", None),
    }
    return {
        **dates,
        **{name: _one_of(*TYPES) for name in TYPED},
        "overall_status": st.sampled_from(STATUSES),
        "last_known_status": _one_of(*OPEN, None),
        "why_stopped": _written((*WORDS, None)),
        "enrollment": _one_of(0, 10, 59, 60, 61, 120, 1000, None),
        "primary_outcomes": _outcomes(),
        "secondary_outcomes": _outcomes(),
        "minimum_age": _one_of("18 Years", "18 years", "12 Years", None),
        "maximum_age": _one_of("65 Years", None),
        "sex": _one_of("ALL", "FEMALE", None),
        "healthy_volunteers": _one_of(True, False, None),
        "gender_based": _one_of(True, False, None),
        "eligibility_criteria": _written((*WORDS, None)),
        "gender_description": _written((*WORDS, None)),
        "study_population": _written((*WORDS, None)),
        "sampling_method": _one_of("NON_PROBABILITY_SAMPLE", "PROBABILITY_SAMPLE", None),
        "locations": _sites(),
        "lead_sponsor": _written(("Alpha Pharma", "Beta Biotech 2", None)),
        "has_results": _one_of(True, False, None),
        EVENTS: _events(),
        INFOS: _infos(),
        "fdaaa801_violation": _one_of(True, False, None),
        NOTICES: _notices(),
        "study_type": _one_of("INTERVENTIONAL", "INTERVENTIONAL", "OBSERVATIONAL"),
        "phases": _one_of(["PHASE3"], ["PHASE1", "PHASE2"], ["PHASE1"], None),
        "is_fda_regulated_drug": _one_of(True, True, False),
        "is_fda_regulated_device": _one_of(True, None),
        "design_info.primary_purpose": _one_of("DEVICE_FEASIBILITY", None),
        "secondary_id_infos": _numbered(),
    }


TYPED = (
    "start_date_type",
    "primary_completion_date_type",
    "completion_date_type",
    "enrollment_type",
)
STATUS = ("overall_status", "last_known_status")
STARTS = (*STATUS, "start_date", "start_date_type", "last_update_posted_date")
REVIEW = (EVENTS, INFOS, "has_results")
BOUND = (
    *("overall_status", "start_date", "primary_completion_date", "disp_first_submit_date"),
    *("has_results", "study_type", "phases", "is_fda_regulated_drug", EVENTS),
)
CONCERNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(changes.STATUS_RULES, STATUS),
    "unknown-stale": STATUS,
    "why-stopped-changed": ("why_stopped",),
    "start-slipped": STARTS,
    "primary-completion-slipped": ("primary_completion_date", "completion_date"),
    "completion-slipped": ("completion_date", "primary_completion_date"),
    "completion-moved-far": ("completion_date", "primary_completion_date", "overall_status"),
    "retroactive-start": (*STARTS, "study_first_posted_date"),
    "date-became-actual": ("start_date", "completion_date", *TYPED[:3]),
    "enrollment-changed": ("enrollment", "enrollment_type"),
    "enrollment-cut": ("enrollment", "overall_status"),
    "primary-outcome-changed": ("primary_outcomes", *STARTS),
    "secondary-outcome-changed": ("secondary_outcomes", *STARTS),
    "eligibility-changed": (*changes.ELIGIBLE, *changes.ELIGIBLE_IN_WORDS),
    **dict.fromkeys(
        ("sites-added", "sites-removed", "site-status-changed"),
        ("locations", "last_update_posted_date", "overall_status"),
    ),
    "sponsor-changed": ("lead_sponsor", "last_update_posted_date"),
    "results-posted": ("has_results", "results_first_posted_date", EVENTS),
    "results-disappeared": ("has_results", "results_first_posted_date"),
    **dict.fromkeys(("results-submitted", "results-returned", "results-withdrawn"), REVIEW),
    "violation-found": ("fdaaa801_violation", NOTICES),
    "certificate-filed": ("disp_first_submit_date", "completion_date"),
    "unknown-due": (*STATUS, "status_verified_date", "completion_date"),
    "verification-stale": ("overall_status", "status_verified_date"),
    "completion-passed-still-open": ("overall_status", "completion_date"),
    "start-passed-still-estimated": ("overall_status", "start_date", "start_date_type"),
    "primary-completion-passed-still-estimated": (
        "overall_status",
        "primary_completion_date",
        "primary_completion_date_type",
    ),
    "primary-completion-due": (
        "overall_status",
        "primary_completion_date",
        "primary_completion_date_type",
    ),
    "completion-due": ("overall_status", "completion_date", "completion_date_type"),
    **dict.fromkeys(("results-due", "certificate-extended", "results-overdue"), BOUND),
    "eu-results-overdue": (
        *("overall_status", "completion_date", "study_type", "secondary_id_infos", "has_results"),
    ),
}
"""Of each rule, the fields that bear on it."""

_OPEN_PLAN = {
    "overall_status": ("RECRUITING",),
    "start_date_type": ("ESTIMATED",),
    "primary_completion_date_type": ("ESTIMATED",),
}
_BOUND = {
    "overall_status": ("COMPLETED",),
    "study_type": ("INTERVENTIONAL",),
    "phases": (["PHASE3"],),
    "is_fda_regulated_drug": (True,),
    "has_results": (None,),
    "secondary_id_infos": ([{"id": "made 1", "type": "CTIS"}],),
}
USUAL: dict[str, dict[str, tuple[Any, ...]]] = {
    **dict.fromkeys(calendar.RULES, _OPEN_PLAN),
    "eu-results-overdue": _BOUND,
    "results-due": {**_BOUND, "disp_first_submit_date": (None,), EVENTS: (None,)},
    "results-overdue": {**_BOUND, "disp_first_submit_date": (None,), EVENTS: (None,)},
    "certificate-extended": {**_BOUND, "disp_first_submit_date": ("2022-05-05",), EVENTS: (None,)},
    "became-unknown": {"overall_status": ("UNKNOWN", "RECRUITING")},
    "left-unknown": {"overall_status": ("UNKNOWN", "RECRUITING")},
    "unknown-stale": {"overall_status": ("UNKNOWN", "RECRUITING")},
    "stopped": {"overall_status": (*STOPPED, "RECRUITING")},
    "completed": {"overall_status": ("COMPLETED", "RECRUITING")},
    "resumed": {"overall_status": ("SUSPENDED", "RECRUITING")},
    "record-revealed": {"overall_status": ("WITHHELD", "RECRUITING")},
    "site-status-changed": {
        "overall_status": ("RECRUITING",),
        "last_update_posted_date": (None,),
        "locations": tuple(
            [{"facility": "Alpha", "city": "Lyon", "country": "France", "status": status}]
            for status in ("RECRUITING", "COMPLETED")
        ),
    },
    "primary-outcome-changed": {"overall_status": ("RECRUITING",)},
    "secondary-outcome-changed": {"overall_status": ("RECRUITING",)},
}
"""What a field mostly says in the histories made for a rule."""
YEARS: dict[str, dict[str, tuple[int, ...]]] = {
    "unknown-due": {"status_verified_date": (2,), "completion_date": (1,)},
    "verification-stale": {"status_verified_date": (1,)},
    "completion-due": {"completion_date": (0,)},
    "primary-completion-due": {"primary_completion_date": (0,)},
    "completion-passed-still-open": {"completion_date": (0,)},
    "results-due": {"primary_completion_date": (1,)},
    "results-overdue": {"primary_completion_date": (1,)},
    "certificate-extended": {"primary_completion_date": (3,)},
    "eu-results-overdue": {"completion_date": (1,)},
}
"""How many years before the history a date mostly lies."""


@st.composite
def histories(draw: Any, rule: str, beginning: date) -> History:
    """Some looks at one study whose fields that bear on a rule move, and a few others with them."""
    say = fields(beginning)
    for name, usual in USUAL.get(rule, {}).items():
        say[name] = _mostly(st.sampled_from(usual), say[name])
    for name, years in YEARS.get(rule, {}).items():
        say[name] = _mostly(_dates(beginning, years), say[name])
    others = draw(st.lists(st.sampled_from(sorted(say)), max_size=3, unique=True))
    concerns = CONCERNS[rule]
    moving = tuple(dict.fromkeys((*concerns, *others)))
    day = beginning + timedelta(draw(st.integers(0, 20)))
    said: dict[str, Any] = {name: draw(say[name]) for name in moving}
    found: History = [(day, _state(said, day))]
    for _ in range(draw(st.integers(1, 5))):
        day += timedelta(draw(st.sampled_from(GAPS)))
        moved = draw(st.sets(st.sampled_from(concerns), min_size=1, max_size=3))
        moved |= draw(st.sets(st.sampled_from(moving), max_size=2))
        said |= {name: draw(say[name]) for name in sorted(moved)}
        found.append((day, _state(said, day)))
    return found


def _state(said: dict[str, Any], day: date) -> State:
    """What is said, and by which release; what is not said is not in it."""
    return {"data_date": str(day)} | {
        name: value for name, value in said.items() if value is not None
    }


@st.composite
def tables(draw: Any) -> dict[str, dict[str, Any]]:
    """How an operator may have tuned the calendar rules, and a few numbers of the others."""
    table: dict[str, dict[str, Any]] = {name: {"enabled": True} for name in calendar.QUIET}
    for rule in draw(st.lists(st.sampled_from(sorted(calendar.RULES)), max_size=4, unique=True)):
        [number] = calendar.NUMBERS[rule]
        chosen = {number: draw(_one_of(0, 1, 20, 45, 90))}
        table[rule] = {**table.get(rule, {}), **chosen, "enabled": draw(_one_of(True, True, False))}
    for rule in draw(st.lists(st.sampled_from(sorted(changes.NUMBERS)), max_size=2, unique=True)):
        [number] = changes.NUMBERS[rule]
        table[rule] = {number: draw(_one_of(1, 20, 50, 100))}
    return table
