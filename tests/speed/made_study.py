"""The protocol and derived sections of one made study, in the shape of the registry's API v2."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.speed.plan import EXPANDED, STOPPED, Plan
from tests.speed.prose import CRITERIA, HOUSES, MEASURES, PEOPLE, PROSE, TITLES, TOWNS, pick

Tree = dict[str, Any]

_FIXED = 3_300
"""Bytes of the modules that hardly grow with a study."""
_LOCATION = 190
_CONTACT = 230
_OPEN = ("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION")
_MESHES = tuple(
    {"id": f"D{number:06d}", "term": title.partition(":")[0].partition(" for ")[2]}
    for number, title in enumerate(TITLES[:600], start=1_234)
)


def protocol_section(rng: random.Random, plan: Plan, budget: int) -> Tree:
    """All protocol modules, together about `budget` bytes."""
    texts, criteria, outcomes, places, cited = _portions(rng, max(budget - _FIXED, 900))
    section: Tree = {
        "identificationModule": _identification(rng, plan),
        "statusModule": _status(rng, plan),
        "sponsorCollaboratorsModule": _sponsor(rng, plan),
        "oversightModule": _oversight(rng, plan),
        "descriptionModule": _description(rng, texts),
        "conditionsModule": _conditions(rng, plan),
        "designModule": _design(rng, plan),
    }
    if plan.study_type != "EXPANDED_ACCESS":
        section["armsInterventionsModule"] = _arms(rng, plan, texts // 3)
        section["outcomesModule"] = _outcomes(rng, outcomes)
    section["eligibilityModule"] = _eligibility(rng, criteria)
    section["contactsLocationsModule"] = _contacts_locations(rng, plan, places)
    if cited:
        section["referencesModule"] = {"references": _references(rng, cited)}
    if rng.random() < 0.55:
        section["ipdSharingStatementModule"] = _sharing(rng)
    return section


def withheld_section(plan: Plan) -> Tree:
    """The stub that stands for a record whose posting is delayed."""
    return {
        "identificationModule": {
            "nctId": plan.nct_id,
            "orgStudyIdInfo": {"id": f"W-{plan.nct_id[-5:]}"},
            "briefTitle": "[Device study, not shown yet]",
        },
        "statusModule": {
            "overallStatus": "WITHHELD",
            "delayedPosting": True,
            "studyFirstSubmitDate": str(plan.first_posted),
            "lastUpdateSubmitDate": str(plan.last_posted),
            "lastUpdatePostDateStruct": {"date": str(plan.last_posted), "type": "ACTUAL"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "[Not shown]"}},
    }


def derived_section(rng: random.Random, plan: Plan) -> Tree:
    """What the registry works out by itself; the release date is in it."""
    misc: Tree = {"versionHolder": str(plan.released)}
    section: Tree = {"miscInfoModule": misc}
    if rng.random() < 0.02 and plan.is_ended and not plan.has_results:
        sent = plan.last_posted
        misc["submissionTracking"] = {
            "estimatedResultsFirstSubmitDate": str(sent),
            "submissionInfos": [{"releaseDate": str(sent)}],
        }
    if rng.random() < 0.8:
        section["conditionBrowseModule"] = _browse(rng, 8)
    if rng.random() < 0.48:
        section["interventionBrowseModule"] = _browse(rng, 6)
    return section


def a_location(rng: random.Random, *, status: str | None) -> Tree:
    """One place of a study, with its contacts while it is looking for people."""
    city, state, country, lat, lon = pick(rng, TOWNS)
    location: Tree = {"facility": pick(rng, HOUSES), "city": city, "country": country}
    if status is not None:
        location["status"] = status
        location["contacts"] = [a_contact(rng, "CONTACT")]
        if rng.random() < 0.4:
            lead = {"name": pick(rng, PEOPLE), "role": "PRINCIPAL_INVESTIGATOR"}
            location["contacts"].append(lead)
    if state:
        location["state"] = state
    if rng.random() < 0.8:
        location["zip"] = f"{int(rng.random() * 100_000):05d}"
    location["geoPoint"] = {
        "lat": round(lat + rng.random() / 9, 5),
        "lon": round(lon - rng.random() / 9, 5),
    }
    return location


def a_contact(rng: random.Random, role: str) -> Tree:
    """One person to ask, with made address and number."""
    number = int(rng.random() * 10_000_000)
    return {
        "name": pick(rng, PEOPLE),
        "role": role,
        "phone": f"+0-000-{number:07d}",
        "email": f"c-{number:07d}@example.org",
    }


def an_outcome(rng: random.Random, length: int) -> Tree:
    """One outcome measure of about `length` bytes."""
    outcome = {"measure": pick(rng, MEASURES), "timeFrame": f"{1 + int(rng.random() * 104)} weeks"}
    if length > 160:
        outcome["description"] = PROSE.cut(rng, length - 130)
    return outcome


def _portions(rng: random.Random, budget: int) -> tuple[int, int, int, int, int]:
    """How many bytes go to texts, criteria, outcomes, places and references."""
    weights = [
        0.32 * (0.4 + rng.random()),
        0.26 * (0.4 + rng.random()),
        0.26 * (0.4 + rng.random()),
        (0.9 if rng.random() < 0.2 else 0.1) * rng.random(),
        0.25 * rng.random() if rng.random() < 0.41 else 0.0,
    ]
    total = sum(weights)
    texts, criteria, outcomes, places, cited = (int(budget * part / total) for part in weights)
    return texts, criteria, outcomes, places, cited


def _identification(rng: random.Random, plan: Plan) -> Tree:
    title = pick(rng, TITLES)
    module: Tree = {
        "nctId": plan.nct_id,
        "orgStudyIdInfo": {"id": f"{plan.agents[0][:3].upper()}-{int(rng.random() * 9_999):04d}"},
        "organization": {"fullName": plan.sponsor, "class": "OTHER"},
        "briefTitle": title,
        "officialTitle": f"A {len(plan.arms)}-Arm Study of {title} and {plan.illness.title()}",
    }
    if rng.random() < 0.25:
        grant = f"R01-{int(rng.random() * 99_999):05d}"
        module["secondaryIdInfos"] = [{"id": grant, "type": "OTHER_GRANT"}]
    if rng.random() < 0.3:
        module["acronym"] = plan.agents[0][:5].upper()
    return module


def _status(rng: random.Random, plan: Plan) -> Tree:
    kind = "ACTUAL" if plan.is_ended else "ESTIMATED"
    primary = max(plan.completion - timedelta(days=int(200 * rng.random())), plan.start)
    begun = "ESTIMATED" if plan.start > plan.released else "ACTUAL"
    module: Tree = {
        "statusVerifiedDate": str(plan.verified)[:7],
        "overallStatus": plan.shown,
        "expandedAccessInfo": {"hasExpandedAccess": False},
        "startDateStruct": _dated(rng, plan.start, begun),
        "primaryCompletionDateStruct": {"date": str(primary), "type": kind},
        "completionDateStruct": {"date": str(plan.completion), "type": kind},
        "studyFirstSubmitDate": str(plan.first_posted - timedelta(days=6)),
        "studyFirstSubmitQcDate": str(plan.first_posted - timedelta(days=4)),
        "studyFirstPostDateStruct": _posted(plan.first_posted),
        "lastUpdateSubmitDate": str(plan.last_posted - timedelta(days=2)),
        "lastUpdatePostDateStruct": _posted(plan.last_posted),
    }
    if plan.shown == "UNKNOWN":
        module["lastKnownStatus"] = plan.submitted
    if plan.shown in STOPPED:
        module["whyStopped"] = PROSE.cut(rng, 60)
    if plan.shown in EXPANDED:
        for name in ("startDateStruct", "primaryCompletionDateStruct", "completionDateStruct"):
            del module[name]
    if plan.has_results:
        module |= results_dates(min(plan.completion + timedelta(days=360), plan.last_posted))
    return module


def results_dates(posted: date) -> Tree:
    """The dates that stand in the status module once results are shown."""
    return {
        "resultsFirstSubmitDate": str(posted - timedelta(days=60)),
        "resultsFirstSubmitQcDate": str(posted - timedelta(days=5)),
        "resultsFirstPostDateStruct": _posted(posted),
    }


def _dated(rng: random.Random, day: date, kind: str) -> Tree:
    """A day and its type, or in one record of four a month, which in old records has no type."""
    if rng.random() < 0.75:
        return {"date": str(day), "type": kind}
    month = {"date": str(day)[:7]}
    return month if day.year < 2017 else {**month, "type": kind}


def _posted(day: date) -> Tree:
    return {"date": str(day), "type": "ESTIMATED" if day.year < 2017 else "ACTUAL"}


def _sponsor(rng: random.Random, plan: Plan) -> Tree:
    sponsor = {"name": plan.sponsor, "class": "OTHER" if rng.random() < 0.7 else "INDUSTRY"}
    module: Tree = {"responsibleParty": {"type": "SPONSOR"}, "leadSponsor": sponsor}
    if rng.random() < 0.35:
        names = dict.fromkeys(pick(rng, HOUSES) for _ in range(1 + int(rng.random() * 3)))
        module["collaborators"] = [{"name": name, "class": "OTHER"} for name in names]
    return module


def _oversight(rng: random.Random, plan: Plan) -> Tree:
    is_drug = plan.study_type == "INTERVENTIONAL" and rng.random() < 0.3
    return {
        "oversightHasDmc": rng.random() < 0.4,
        "isFdaRegulatedDrug": is_drug,
        "isFdaRegulatedDevice": not is_drug and rng.random() < 0.1,
    }


def _description(rng: random.Random, budget: int) -> Tree:
    module = {"briefSummary": PROSE.cut(rng, min(200 + budget // 4, 5_000))}
    if budget > 1_500:
        module["detailedDescription"] = PROSE.cut(rng, min(budget // 2, 32_000))
    return module


def _conditions(rng: random.Random, plan: Plan) -> Tree:
    words = dict.fromkeys(pick(rng, _MESHES)["term"].lower() for _ in range(int(rng.random() * 6)))
    module: Tree = {"conditions": [plan.illness.capitalize()]}
    if words:
        module["keywords"] = list(words)
    return module


def _design(rng: random.Random, plan: Plan) -> Tree:
    count = 0 if plan.submitted == "WITHDRAWN" else int(10 + 900 * rng.random() ** 3)
    kind = "ACTUAL" if plan.is_ended else "ESTIMATED"
    enrolled = {"count": count, "type": kind}
    if plan.study_type == "EXPANDED_ACCESS":
        return {"studyType": "EXPANDED_ACCESS", "expandedAccessTypes": {"individual": True}}
    if plan.study_type == "OBSERVATIONAL":
        info: Tree = {"observationalModel": "COHORT", "timePerspective": "PROSPECTIVE"}
        return {
            "studyType": "OBSERVATIONAL",
            "patientRegistry": rng.random() < 0.2,
            "designInfo": info,
            "enrollmentInfo": enrolled,
        }
    info = {
        "allocation": "RANDOMIZED" if len(plan.arms) > 1 else "NA",
        "interventionModel": "PARALLEL" if len(plan.arms) > 1 else "SINGLE_GROUP",
        "primaryPurpose": pick(rng, ("TREATMENT", "TREATMENT", "PREVENTION", "DIAGNOSTIC")),
        "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "INVESTIGATOR"]},
    }
    return {
        "studyType": "INTERVENTIONAL",
        "phases": [pick(rng, ("NA", "PHASE1", "PHASE2", "PHASE3", "PHASE4"))],
        "designInfo": info,
        "enrollmentInfo": enrolled,
    }


def _arms(rng: random.Random, plan: Plan, budget: int) -> Tree:
    each = budget // (len(plan.arms) + len(plan.agents))
    names = [f"Drug: {agent.capitalize()}" for agent in plan.agents]
    kinds = ("EXPERIMENTAL", "PLACEBO_COMPARATOR", "ACTIVE_COMPARATOR", "OTHER")
    return {
        "armGroups": [
            {
                "label": arm,
                "type": kind,
                "description": PROSE.cut(rng, each),
                "interventionNames": names,
            }
            for arm, kind in zip(plan.arms, kinds, strict=False)
        ],
        "interventions": [
            {
                "type": "DRUG",
                "name": agent.capitalize(),
                "description": PROSE.cut(rng, each),
                "armGroupLabels": list(plan.arms),
            }
            for agent in plan.agents
        ],
    }


def _outcomes(rng: random.Random, budget: int) -> Tree:
    count = max(1, min(int(budget / (150 + 250 * rng.random())), 90))
    measured: dict[str, Tree] = {}
    for _ in range(count):
        outcome = an_outcome(rng, budget // count)
        measured[outcome["measure"]] = outcome
    outcomes = list(measured.values())
    primary = 1 + int(rng.random() * 2)
    module = {"primaryOutcomes": outcomes[:primary], "secondaryOutcomes": outcomes[primary:40]}
    module["otherOutcomes"] = outcomes[40:]
    return {name: members for name, members in module.items() if members}


def _eligibility(rng: random.Random, budget: int) -> Tree:
    chosen, refused = (CRITERIA.cut(rng, budget // 2) for _ in range(2))
    criteria = f"Inclusion Criteria:\n\n{chosen}\n\nExclusion Criteria:\n\n{refused}"
    module: Tree = {
        "eligibilityCriteria": criteria,
        "healthyVolunteers": rng.random() < 0.25,
        "sex": pick(rng, ("ALL", "ALL", "ALL", "ALL", "ALL", "FEMALE", "MALE")),
        "minimumAge": f"{pick(rng, (12, 18, 18, 18, 21, 40))} Years",
        "stdAges": ["ADULT"],
    }
    if rng.random() < 0.5:
        module["maximumAge"] = f"{pick(rng, (55, 65, 75, 80))} Years"
        module["stdAges"] = ["ADULT", "OLDER_ADULT"]
    return module


def _contacts_locations(rng: random.Random, plan: Plan, budget: int) -> Tree:
    is_open = plan.shown in _OPEN
    each = _LOCATION + (_CONTACT if is_open else 0)
    count = max(1, min(budget // each, 700))
    status = plan.shown if is_open else None
    module: Tree = {"locations": [a_location(rng, status=status) for _ in range(count)]}
    if is_open:
        module["centralContacts"] = [a_contact(rng, "CONTACT")]
    official = {"name": plan.official, "affiliation": plan.sponsor, "role": "STUDY_DIRECTOR"}
    module["overallOfficials"] = [official]
    return module


def _references(rng: random.Random, budget: int) -> list[Tree]:
    pmids = {str(int(8_000_000 + rng.random() * 30_000_000)) for _ in range(1 + budget // 330)}
    return [
        {
            "pmid": pmid,
            "type": pick(rng, ("BACKGROUND", "DERIVED", "RESULT")),
            "citation": f"{pick(rng, PEOPLE)}, et al. {PROSE.cut(rng, 200)} 2019;{pmid[:2]}",
        }
        for pmid in sorted(pmids)
    ]


def _sharing(rng: random.Random) -> Tree:
    if rng.random() < 0.7:
        return {"ipdSharing": "NO"}
    return {"ipdSharing": "YES", "description": PROSE.cut(rng, 200), "infoTypes": ["SAP", "CSR"]}


def _browse(rng: random.Random, most: int) -> Tree:
    first = int(rng.random() * (len(_MESHES) - 2 * most))
    middle = first + 1 + int(rng.random() * 2)
    module: Tree = {
        "meshes": list(_MESHES[first:middle]),
        "ancestors": list(_MESHES[middle : middle + int(rng.random() * most)]),
    }
    if rng.random() < 0.2:
        module["browseLeaves"] = [
            {"id": f"M{mesh['id'][1:]}", "name": mesh["term"], "asFound": mesh["term"].lower()}
            for mesh in module["meshes"]
        ]
        module["browseBranches"] = [{"abbrev": "All", "name": "All"}, {"abbrev": "BC", "name": "B"}]
    return module
