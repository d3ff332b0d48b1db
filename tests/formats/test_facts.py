"""What a record's facts say of results on their way, and of trials in the EU."""

from __future__ import annotations

from typing import Any

import pytest

from ctmonitor.formats import facts_of
from tests.builders import a_record

SENT = {"type": "RELEASE", "date": "2026-01-05"}
RETURNED = {"type": "RESET", "date": "2026-02-05"}
TAKEN_BACK = {"type": "UNRELEASE", "dateUnknown": True}
EVENTS = "unposted_annotation.unposted_events"
INFOS = "misc_info.submission_tracking.submission_infos"


@pytest.mark.parametrize(
    ("fields", "is_pending"),
    [
        ({}, False),
        ({EVENTS: [SENT]}, True),
        ({EVENTS: [SENT, RETURNED]}, True),
        ({EVENTS: [SENT, TAKEN_BACK]}, False),
        ({EVENTS: [SENT, TAKEN_BACK, SENT]}, True),
        ({INFOS: [{"releaseDate": "2026-01-05", "resetDate": "2026-02-05"}]}, True),
        ({INFOS: [{"releaseDate": "2026-01-05", "unreleaseDate": "2026-02-05"}]}, False),
        ({INFOS: [{"releaseDate": "2026-01-05", "unreleaseDateUnknown": True}]}, False),
        # Where both speak, the annotation is the later word.
        ({EVENTS: [SENT, TAKEN_BACK], INFOS: [{"releaseDate": "2026-01-05"}]}, False),
    ],
)
def test_results_are_pending_until_they_are_taken_back(fields: dict[str, Any], is_pending: bool):
    """Sent or returned, they are under way; so both ways of reading a record say."""
    record = a_record(**fields)
    assert record.facts.is_results_pending is is_pending
    assert facts_of(record.content).is_results_pending is is_pending


@pytest.mark.parametrize(
    ("fields", "is_annotated"),
    [
        ({}, False),
        ({EVENTS: [SENT, RETURNED]}, True),
        ({EVENTS: [SENT, TAKEN_BACK]}, False),
        ({INFOS: [{"releaseDate": "2026-01-05"}]}, False),
    ],
)
def test_an_annotation_is_told_from_what_the_tracking_says(fields, is_annotated):
    """Both ways of reading a record know which of the two places speaks of a review."""
    record = a_record(**fields)
    assert record.facts.is_review_annotated is is_annotated
    assert facts_of(record.content).is_review_annotated is is_annotated


@pytest.mark.parametrize(
    ("study_type", "types", "is_eu"),
    [
        ("INTERVENTIONAL", ["EUDRACT_NUMBER"], True),
        ("INTERVENTIONAL", ["REGISTRY", "CTIS"], True),
        ("INTERVENTIONAL", ["REGISTRY"], False),
        ("OBSERVATIONAL", ["CTIS"], False),
        ("INTERVENTIONAL", None, False),
    ],
)
def test_a_trial_in_the_eu_bears_a_number_of_its_register(study_type, types, is_eu):
    """An interventional study with a number of EudraCT or CTIS."""
    infos = types and [{"id": str(at), "type": one} for at, one in enumerate(types)]
    record = a_record(study_type=study_type, secondary_id_infos=infos)
    assert record.facts.is_eu_trial is is_eu
    assert facts_of(record.content).is_eu_trial is is_eu
