"""The results section of one made study: flow, baseline, outcome measures, adverse events."""

from __future__ import annotations

import random
from typing import Any

from tests.speed.plan import Plan
from tests.speed.prose import MEASURES, PEOPLE, PROSE, pick

Tree = dict[str, Any]

_FIXED = 1_500
_MEASUREMENT = 48
_STAT = 62
_ORGANS = (
    "Blood and lymphatic system disorders",
    "Cardiac disorders",
    "Eye disorders",
    "Gastrointestinal disorders",
    "Infections and infestations",
    "Nervous system disorders",
)


def results_section(rng: random.Random, plan: Plan, budget: int) -> Tree:
    """All five modules, together about `budget` bytes, most of it outcome measures."""
    rest = max(budget - _FIXED, 1_500)
    return {
        "participantFlowModule": _flow(rng, plan),
        "baselineCharacteristicsModule": _baseline(rng, plan, rest // 12),
        "outcomeMeasuresModule": {"outcomeMeasures": _measures(rng, plan, rest * 6 // 10)},
        "adverseEventsModule": _adverse(rng, plan, rest * 3 // 10),
        "moreInfoModule": {
            "certainAgreement": {"piSponsorEmployee": False, "restrictiveAgreement": False},
            "pointOfContact": {
                "title": pick(rng, PEOPLE),
                "organization": plan.sponsor,
                "email": f"c-{plan.nct_id[3:]}@example.org",
                "phone": f"+0-000-{plan.nct_id[4:]}",
            },
        },
    }


def _groups(rng: random.Random, plan: Plan, prefix: str) -> list[Tree]:
    return [
        {"id": f"{prefix}{number:03d}", "title": arm, "description": PROSE.cut(rng, 120)}
        for number, arm in enumerate(plan.arms)
    ]


def _counts(rng: random.Random, groups: list[Tree], name: str) -> list[Tree]:
    return [{"groupId": group["id"], name: str(int(rng.random() * 300))} for group in groups]


def _flow(rng: random.Random, plan: Plan) -> Tree:
    groups = _groups(rng, plan, "FG")
    milestones = [
        {"type": kind, "achievements": _counts(rng, groups, "numSubjects")}
        for kind in ("STARTED", "COMPLETED", "NOT COMPLETED")
    ]
    return {"groups": groups, "periods": [{"title": "Overall Study", "milestones": milestones}]}


def _baseline(rng: random.Random, plan: Plan, budget: int) -> Tree:
    groups = _groups(rng, plan, "BG")
    each = 160 + _MEASUREMENT * 3 * len(groups)
    measures = [
        {
            "title": title,
            "paramType": "COUNT_OF_PARTICIPANTS",
            "unitOfMeasure": "Participants",
            "classes": [{"categories": _categories(rng, groups, ("First", "Second", "Third"))}],
        }
        for title in ("Sex", "Age, Categorical", "Region", "Race", "Ethnicity")[
            : max(1, min(budget // each, 5))
        ]
    ]
    denoms = [{"units": "Participants", "counts": _counts(rng, groups, "value")}]
    return {"groups": groups, "denoms": denoms, "measures": measures}


def _categories(rng: random.Random, groups: list[Tree], titles: tuple[str, ...]) -> list[Tree]:
    return [{"title": title, "measurements": _counts(rng, groups, "value")} for title in titles]


def _measures(rng: random.Random, plan: Plan, budget: int) -> list[Tree]:
    """Measures of one to a few dozen classes each, until the bytes are used up."""
    groups = _groups(rng, plan, "OG")
    size = 700 + 260 * len(groups)
    each = 45 + 2 * _MEASUREMENT * len(groups)
    measures = []
    while budget > 0 or not measures:
        classes = 1 + int(rng.random() ** 3 * min(max(budget - size, 0) // each, 40))
        measures.append(_measure(rng, groups, classes=classes, is_first=not measures))
        budget -= size + classes * each
    return measures


def _measure(rng: random.Random, groups: list[Tree], *, classes: int, is_first: bool) -> Tree:
    measure: Tree = {
        "type": "PRIMARY" if is_first else "SECONDARY",
        "title": pick(rng, MEASURES),
        "description": PROSE.cut(rng, 200),
        "reportingStatus": "POSTED",
        "paramType": "MEAN",
        "dispersionType": "Standard Deviation",
        "unitOfMeasure": "score on a scale",
        "timeFrame": f"{1 + int(rng.random() * 104)} weeks",
        "groups": groups,
        "denoms": [{"units": "Participants", "counts": _counts(rng, groups, "value")}],
        "classes": [
            {"title": f"Week {4 * number}", "categories": [{"measurements": _spreads(rng, groups)}]}
            for number in range(1, classes + 1)
        ],
    }
    if len(groups) > 1 and rng.random() < 0.4:
        measure["analyses"] = [_analysis(rng, groups)]
    return measure


def _spreads(rng: random.Random, groups: list[Tree]) -> list[Tree]:
    return [
        {
            "groupId": group["id"],
            "value": str(int(rng.random() * 5_000) / 10),
            "spread": str(int(rng.random() * 900) / 100),
        }
        for group in groups
    ]


def _analysis(rng: random.Random, groups: list[Tree]) -> Tree:
    return {
        "groupIds": [group["id"] for group in groups[:2]],
        "paramType": "Mean Difference",
        "paramValue": str(int(rng.random() * 900) / 100),
        "statisticalMethod": pick(rng, ("ANCOVA", "t-test, 2 sided", "Chi-squared", "Log Rank")),
        "pValue": f"0.{int(rng.random() * 9_999):04d}",
        "testedNonInferiority": False,
        "nonInferiorityType": "SUPERIORITY",
    }


def _adverse(rng: random.Random, plan: Plan, budget: int) -> Tree:
    groups = _groups(rng, plan, "EG")
    at_risk = 20 + int(rng.random() * 300)
    shown = [
        {
            **group,
            "deathsNumAffected": 0,
            "deathsNumAtRisk": at_risk,
            "seriousNumAffected": int(rng.random() * at_risk / 4),
            "seriousNumAtRisk": at_risk,
            "otherNumAffected": int(rng.random() * at_risk),
            "otherNumAtRisk": at_risk,
        }
        for group in groups
    ]
    count = max(2, budget // (165 + _STAT * len(groups)))
    found = [_adverse_kind(rng, groups, number=number, at_risk=at_risk) for number in range(count)]
    return {
        "frequencyThreshold": "5",
        "timeFrame": f"{1 + int(rng.random() * 52)} weeks",
        "eventGroups": shown,
        "seriousEvents": found[: count // 2],
        "otherEvents": found[count // 2 :],
    }


def _adverse_kind(rng: random.Random, groups: list[Tree], *, number: int, at_risk: int) -> Tree:
    affected = int(at_risk * rng.random() ** 3)
    return {
        "term": f"{pick(rng, MEASURES)[10:40].strip().capitalize()} {number}",
        "organSystem": pick(rng, _ORGANS),
        "sourceVocabulary": "Made terms (1.0)",
        "assessmentType": "SYSTEMATIC_ASSESSMENT",
        "stats": [
            {"groupId": group["id"], "numAffected": affected, "numAtRisk": at_risk}
            for group in groups
        ],
    }
