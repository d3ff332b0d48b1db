"""What one person is told in one message."""

from __future__ import annotations

from datetime import datetime

import pytest

from ctmonitor.alerts import Severity
from tests.delivery.build import a_digest, a_row


def test_the_most_urgent_comes_first():
    """Rows stand by severity, then by study number, in whatever order they were given."""
    rows = (
        a_row(nct_id="NCT00000002", severity=Severity.LOW),
        a_row(nct_id="NCT00000003", severity=Severity.CRITICAL),
        a_row(nct_id="NCT00000001", severity=Severity.LOW),
    )
    digest = a_digest(*rows)
    assert [row.alert.nct_id[-1] for row in digest.rows] == ["3", "1", "2"]
    assert digest.worst is Severity.CRITICAL


@pytest.mark.parametrize(
    "wrong",
    [{"key": "ab"}, {"key": "AB" * 32}, {"made_at": datetime(2024, 11, 22)}],  # noqa: DTZ001
)
def test_a_digest_that_cannot_be_is_refused(wrong):
    """A short or unspelled key and an instant without a zone never make a digest."""
    with pytest.raises(ValueError):
        a_digest(**wrong)


def test_each_study_is_named_once():
    """Two alerts on one study and one on a sweep are about two things."""
    digest = a_digest(a_row(), a_row(rule="stopped"), a_row(nct_id=None))
    assert digest.studies == (None, "NCT04946669")
