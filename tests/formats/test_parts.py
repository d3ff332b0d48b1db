"""A study's JSON as parts made from the catalogue."""

import msgspec
import pytest

from ctmonitor.formats.parts import UNREADABLE, Places, part_at, parts_of, sorted_bytes
from ctmonitor.records import catalogue


def test_a_part_has_an_attribute_for_every_field():
    """What a study does not say is None; what it says is as it was written."""
    study = parts_of(b'{"hasResults":false,"protocolSection":{"statusModule":{}}}')
    assert study.hasResults_ is False
    assert study.protocolSection_.statusModule_.overallStatus_ is None
    assert study.derivedSection_ is None


@pytest.mark.parametrize(
    "count", ["1.0", "1e3", "1.5", "-0.0", '"1"', "true", "null", str(2**63), str(-(2**63) - 1)]
)
def test_an_integer_is_written_as_one(count):
    """A fraction is none, even one without a remainder, and neither is what no database keeps."""
    written = b'{"protocolSection":{"designModule":{"enrollmentInfo":{"count":%s}}}}'
    with pytest.raises(UNREADABLE):
        parts_of(written % count.encode())


def test_parts_are_written_in_the_order_of_names():
    """In whatever order they were read, and without what is not said."""
    payload = b'{"protocolSection":{"statusModule":{}},"annotationSection":{},"hasResults":true}'
    written = b'{"annotationSection":{},"hasResults":true,"protocolSection":{"statusModule":{}}}'
    assert sorted_bytes(parts_of(payload)) == written


def test_the_names_of_every_part_are_in_order():
    """The encoder does not sort them, so they must stand sorted in the parts themselves."""
    paths = [path for path, field in catalogue().items() if field.type == "struct"]
    known = [
        part_at(path)
        for path in ["", *paths]
        if any(one.startswith(f"{path}.") for one in catalogue())
    ]
    for part in map(msgspec.structs.fields, known):
        names = [field.encode_name for field in part]
        assert names == sorted(names)


def test_places_gives_what_stands_there_in_lists_too():
    """Values within lists are found one by one, and what is not said is passed over."""
    study = parts_of(
        b'{"hasResults":true,"documentSection":{"largeDocumentModule":{"largeDocs":'
        b'[{"date":"2026-01-01"},{},{"date":"2026-01-02"}]}}}'
    )
    docs = "documentSection.largeDocumentModule.largeDocs"
    places = Places(
        [
            f"{docs}.date",
            f"{docs}.size",
            "resultsSection.moreInfoModule.pointOfContact.email",
            "hasResults",
        ]
    )
    assert sorted(map(str, places.values_in(study))) == ["2026-01-01", "2026-01-02", "True"]
