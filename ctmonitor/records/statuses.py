"""The registry's words for how a study stands, spelled as the registry spells them.

Source: https://clinicaltrials.gov/api/v2/studies/enums and
https://clinicaltrials.gov/policy/protocol-definitions#OverallStatus
"""

from __future__ import annotations

from enum import StrEnum


class OverallStatus(StrEnum):
    """The overall recruitment status as shown; UNKNOWN and WITHHELD are the registry's own."""

    ACTIVE_NOT_RECRUITING = "ACTIVE_NOT_RECRUITING"
    COMPLETED = "COMPLETED"
    ENROLLING_BY_INVITATION = "ENROLLING_BY_INVITATION"
    NOT_YET_RECRUITING = "NOT_YET_RECRUITING"
    RECRUITING = "RECRUITING"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"
    WITHDRAWN = "WITHDRAWN"
    AVAILABLE = "AVAILABLE"
    NO_LONGER_AVAILABLE = "NO_LONGER_AVAILABLE"
    TEMPORARILY_NOT_AVAILABLE = "TEMPORARILY_NOT_AVAILABLE"
    APPROVED_FOR_MARKETING = "APPROVED_FOR_MARKETING"
    WITHHELD = "WITHHELD"
    UNKNOWN = "UNKNOWN"


class DateType(StrEnum):
    """Whether a date has happened or is planned."""

    ACTUAL = "ACTUAL"
    ESTIMATED = "ESTIMATED"


LAPSING = frozenset(
    {
        OverallStatus.RECRUITING,
        OverallStatus.NOT_YET_RECRUITING,
        OverallStatus.ACTIVE_NOT_RECRUITING,
        OverallStatus.ENROLLING_BY_INVITATION,
    }
)
"""The submitted statuses that the registry turns to UNKNOWN when nobody verifies them."""

STOPPED = frozenset({OverallStatus.SUSPENDED, OverallStatus.TERMINATED, OverallStatus.WITHDRAWN})
"""The statuses for which a sponsor says why the study stopped."""

ENDED = frozenset(
    {
        OverallStatus.COMPLETED,
        OverallStatus.TERMINATED,
        OverallStatus.WITHDRAWN,
        OverallStatus.NO_LONGER_AVAILABLE,
        OverallStatus.APPROVED_FOR_MARKETING,
    }
)
"""The statuses after which nothing more is expected of recruitment."""
