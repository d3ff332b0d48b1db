"""Records over bytes that were kept."""

import pytest

from ctmonitor.formats import read_page, read_study, record_from, record_kept
from tests.builders import a_page, a_payload


@pytest.mark.parametrize(
    "record",
    [
        read_study(a_payload(nct_id_aliases=["NCT00000009", "NCT00000008"], enrollment=1)),
        read_study(a_payload(brief_title='As said in "nctIdAliases"')),
        read_page(a_page().encode()),
    ],
    ids=["with aliases", "without", "a page"],
)
def test_a_record_over_kept_bytes_is_as_one_over_their_content(record):
    """Equal to the one made of the content read whole, and to the record that was kept."""
    kept = record_kept(
        record.canonical,
        facts=record.facts,
        fingerprint=record.fingerprint,
        coverage=record.coverage,
    )
    assert (
        kept
        == record
        == record_from(
            record.content, facts=record.facts, canonical=record.canonical, coverage=record.coverage
        )
    )
    assert kept.content == record.content
