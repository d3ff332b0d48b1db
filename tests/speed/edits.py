"""What happens to a made study between two releases: a sponsor's edits and the registry's flips.

An edit changes the protocol section in place and says whether it found something to change.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.speed.made_study import a_contact, a_location, an_outcome, results_dates
from tests.speed.plan import LAPSING, is_lapsed, plan_of
from tests.speed.prose import CRITERIA, PROSE, pick
from tests.speed.results_section import results_section

Tree = dict[str, Any]
Edit = Callable[[Tree, random.Random, date], bool]

_NEXT_STATUS = {
    "NOT_YET_RECRUITING": ("RECRUITING", "WITHDRAWN"),
    "RECRUITING": ("ACTIVE_NOT_RECRUITING", "COMPLETED", "SUSPENDED", "TERMINATED"),
    "ENROLLING_BY_INVITATION": ("ACTIVE_NOT_RECRUITING", "COMPLETED"),
    "ACTIVE_NOT_RECRUITING": ("COMPLETED", "TERMINATED"),
    "SUSPENDED": ("RECRUITING", "TERMINATED"),
    "AVAILABLE": ("NO_LONGER_AVAILABLE",),
}
_STOPPED = ("SUSPENDED", "TERMINATED", "WITHDRAWN")


def mark_as_sent(study: Tree, released: date) -> None:
    """Give a study the dates of a submission that this release is the first to show."""
    status = study["protocolSection"]["statusModule"]
    status["lastUpdateSubmitDate"] = str(released - timedelta(days=1))
    status["lastUpdatePostDateStruct"] = {"date": str(released), "type": "ACTUAL"}
    if "statusVerifiedDate" in status:
        status["statusVerifiedDate"] = str(released)[:7]


def settle(study: Tree, released: date) -> list[str]:
    """Undo an UNKNOWN that a new submission ends."""
    status = study["protocolSection"]["statusModule"]
    if status["overallStatus"] != "UNKNOWN" or _is_due(status, released):
        return []
    status["overallStatus"] = status.pop("lastKnownStatus")
    return ["left-unknown"]


def flip(study: Tree, released: date) -> list[str]:
    """Turn a study to UNKNOWN when it is due; the protocol section is copied, not changed."""
    status = study["protocolSection"]["statusModule"]
    if status["overallStatus"] not in LAPSING or not _is_due(status, released):
        return []
    shown = {"overallStatus": "UNKNOWN", "lastKnownStatus": status["overallStatus"]}
    study["protocolSection"] = {**study["protocolSection"], "statusModule": {**status, **shown}}
    return ["became-unknown"]


def _is_due(status: Tree, released: date) -> bool:
    return is_lapsed(
        status.get("lastKnownStatus", status["overallStatus"]),
        verified=date.fromisoformat(f"{status['statusVerifiedDate'][:7]}-01"),
        completion=date.fromisoformat(status["completionDateStruct"]["date"]),
        released=released,
    )


def _overall_status(study: Tree, rng: random.Random, released: date) -> bool:
    status = study["protocolSection"]["statusModule"]
    choices = _NEXT_STATUS.get(status.get("lastKnownStatus", status["overallStatus"]))
    if choices is None:
        return False
    status.pop("lastKnownStatus", None)
    status.pop("whyStopped", None)
    status["overallStatus"] = pick(rng, choices)
    if status["overallStatus"] in _STOPPED:
        status["whyStopped"] = PROSE.cut(rng, 60)
    if status["overallStatus"] == "COMPLETED":
        status["completionDateStruct"] = {
            "date": str(released - timedelta(days=9)),
            "type": "ACTUAL",
        }
    return True


def _primary_completion_date(study: Tree, rng: random.Random, released: date) -> bool:
    status = study["protocolSection"]["statusModule"]
    struct = status.get("primaryCompletionDateStruct")
    if struct is None or struct.get("type") == "ACTUAL":
        return False
    later = date.fromisoformat(struct["date"]) + timedelta(days=30 + int(400 * rng.random()))
    struct["date"] = str(later)
    end = date.fromisoformat(status["completionDateStruct"]["date"])
    status["completionDateStruct"]["date"] = str(max(later, end))
    return True


def _enrollment(study: Tree, rng: random.Random, released: date) -> bool:
    enrolled = study["protocolSection"].get("designModule", {}).get("enrollmentInfo")
    if enrolled is None:
        return False
    enrolled["count"] += 1 + int(rng.random() * 200)
    return True


def _locations(study: Tree) -> list[Tree]:
    located: list[Tree] = (
        study["protocolSection"].get("contactsLocationsModule", {}).get("locations", [])
    )
    return located


def _location_added(study: Tree, rng: random.Random, released: date) -> bool:
    located = _locations(study)
    if not located:
        return False
    added = a_location(rng, status=located[0].get("status"))
    located.insert(int(rng.random() * len(located)), added)
    return True


def _location_dropped(study: Tree, rng: random.Random, released: date) -> bool:
    located = _locations(study)
    if len(located) < 2:
        return False
    del located[int(rng.random() * len(located))]
    return True


def _locations_reordered(study: Tree, rng: random.Random, released: date) -> bool:
    located = _locations(study)
    if len(located) < 2:
        return False
    located.append(located.pop(0))
    return True


def _contact(study: Tree, rng: random.Random, released: date) -> bool:
    contacts = study["protocolSection"].get("contactsLocationsModule", {}).get("centralContacts")
    if not contacts:
        return False
    contacts[0] = a_contact(rng, "CONTACT")
    return True


def _primary_outcome(study: Tree, rng: random.Random, released: date) -> bool:
    outcomes = study["protocolSection"].get("outcomesModule", {}).get("primaryOutcomes")
    if not outcomes:
        return False
    outcomes[0]["description"] = an_outcome(rng, 300)["description"]
    return True


def _eligibility(study: Tree, rng: random.Random, released: date) -> bool:
    module = study["protocolSection"].get("eligibilityModule")
    if module is None:
        return False
    module["eligibilityCriteria"] += f"\n{CRITERIA.cut(rng, 90)}"
    return True


def _results(study: Tree, rng: random.Random, released: date) -> bool:
    status = study["protocolSection"]["statusModule"]
    if study["hasResults"] or status["overallStatus"] != "COMPLETED":
        return False
    plan = plan_of(int(rng.random() * 1_000), seed=0, rng=rng, released=released)
    study["resultsSection"] = results_section(rng, plan, 8_000 + int(60_000 * rng.random()))
    study["hasResults"] = True
    status |= results_dates(released)
    return True


EDITS: dict[str, Edit] = {
    "overall-status": _overall_status,
    "primary-completion-date": _primary_completion_date,
    "enrollment": _enrollment,
    "location-added": _location_added,
    "location-dropped": _location_dropped,
    "locations-reordered": _locations_reordered,
    "contact": _contact,
    "primary-outcome": _primary_outcome,
    "eligibility-criteria": _eligibility,
    "results": _results,
}
"""A sponsor's edits by name."""
