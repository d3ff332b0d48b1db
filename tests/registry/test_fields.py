"""Names of fields, and the part of a study that is asked for."""

import json
from pathlib import Path

import pytest

from ctmonitor.records import catalogue
from tests.builders import a_study
from tests.registry.fields import asked_fields, piece_of, projected, values_at
from tests.registry.messages import Refused

DESCRIBED = Path(__file__).parents[3] / "shared" / "ctgov" / "studies-metadata.json"
STUDY = a_study(
    brief_title="One",
    overall_status="RECRUITING",
    locations=[{"city": "Basel", "country": "Switzerland"}, {"country": "France"}],
)


def part(*names):
    return projected(STUDY, asked_fields(names))


def test_a_piece_and_a_path_name_the_same():
    """A field is asked for by its piece name or by where it stands."""
    by_path = part("protocolSection.statusModule.overallStatus")
    assert part("OverallStatus") == by_path
    assert by_path == {"protocolSection": {"statusModule": {"overallStatus": "RECRUITING"}}}


def test_a_branch_brings_all_below_it():
    """A module is given whole, also when a field of it is asked for as well."""
    whole = {"nctId": "NCT00000001", "briefTitle": "One"}
    for asked in (["IdentificationModule", "NCTId"], ["NCTId", "IdentificationModule"]):
        assert part(*asked) == {"protocolSection": {"identificationModule": whole}}


def test_members_of_lists_are_cut_one_by_one():
    """A member without the field stays, empty."""
    cut = part("LocationCity")["protocolSection"]["contactsLocationsModule"]
    assert cut == {"locations": [{"city": "Basel"}, {}]}


def test_what_a_study_lacks_leaves_its_parent_empty():
    """A field that is not there is no fault; a module that is not there is left out."""
    assert part("WhyStopped", "EnrollmentCount") == {"protocolSection": {"statusModule": {}}}


def test_an_unknown_name_is_refused():
    """The refusal names what is wrong."""
    with pytest.raises(Refused, match="contains invalid field name: 'StudyDesign'"):
        part("NCTId", "StudyDesign")


def test_values_are_found_through_lists():
    """Every value below a path comes, lists opened."""
    path = "protocolSection.contactsLocationsModule.locations"
    assert list(values_at(STUDY, path)) == ["Basel", "Switzerland", "France"]


@pytest.mark.skipif(not DESCRIBED.exists(), reason="the registry's description is not here")
def test_pieces_are_named_as_the_registry_names_them():
    """Every field the registry describes has the registry's piece name here."""

    def walk(nodes, above=""):
        for node in nodes:
            path = f"{above}.{node['name']}".lstrip(".")
            yield path, node["piece"]
            yield from walk(node.get("children", ()), path)

    described = dict(walk(json.loads(DESCRIBED.read_text(encoding="utf-8"))))
    ours = {path: piece_of(field) for path, field in catalogue().items() if path in described}
    assert ours == described
