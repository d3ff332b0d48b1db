"""The catalogue of the registry's fields."""

from collections import Counter
from pathlib import Path

import pytest

from ctmonitor.records import catalogue, field_at, field_named
from tests.records.make_catalogue import lines

DESCRIBED = Path(__file__).parents[3] / "shared" / "ctgov" / "studies-metadata.json"


def test_every_name_is_one_fields_alone():
    """No two fields share our name for them."""
    assert max(Counter(field.name for field in catalogue().values()).values()) == 1


@pytest.mark.skipif(not DESCRIBED.exists(), reason="the registry's description is not here")
def test_the_catalogue_is_what_the_registry_describes():
    """The file is what the generator prints from the registry's own description."""
    kept = Path("ctmonitor/records/fields.tsv").read_text(encoding="utf-8")
    assert "".join(f"{line}\n" for line in lines(str(DESCRIBED))) == kept


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("protocolSection.statusModule.overallStatus", "overall_status"),
        ("protocolSection.statusModule.lastUpdatePostDateStruct.date", "last_update_posted_date"),
        ("protocolSection.designModule.enrollmentInfo.count", "enrollment"),
        ("protocolSection.sponsorCollaboratorsModule.leadSponsor.name", "lead_sponsor"),
        ("protocolSection.contactsLocationsModule.locations.status", "locations.status"),
        ("resultsSection.participantFlowModule.groups", "participant_flow.groups"),
    ],
)
def test_names_are_the_fields_own_words(path, name):
    """Our names are the registry's, in snake case, without what only nests them."""
    assert field_at(path).name == name


@pytest.mark.parametrize(
    "asked",
    [
        "overall_status",
        "overallStatus",
        "OverallStatus",
        "Overall Status",
        "protocolSection.statusModule.overallStatus",
    ],
)
def test_a_field_is_found_by_any_of_its_names(asked):
    """People may name a field as we do, as the registry does, or as its page does."""
    found = field_named(asked)
    assert found is not None and found.name == "overall_status"


def test_a_field_that_nobody_knew_gets_a_name():
    """What a later release adds is compared too, under a name made from its own."""
    field = field_at("protocolSection.statusModule.brandNewThing")
    assert (field.name, field.type, field.is_noise) == ("brand_new_thing", "any", False)


def test_below_noise_everything_is_noise():
    """What the catalogue does not know inherits the marks of what it lies in."""
    field = field_at("derivedSection.miscInfoModule.modelPredictions.bmiLimits.minBmi")
    assert field.is_noise and field.is_registrys
