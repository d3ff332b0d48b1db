"""What one person is told in one message: alerts, and what a reader needs to trust them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery.tokens import Links

_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Occasion(StrEnum):
    """Why a message is sent; the first word of what is said of one that is no first telling."""

    RAISED = "raised"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    REPLAY = "replay"
    OPERATOR = "operator"
    QUIET = "quiet"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Row:
    """One alert in a digest; `lists` names the watch lists that brought it.

    `alert_id` is its number in the store, None where the store does not know it.
    """

    alert: Alert
    brief_title: str | None = None
    lists: tuple[str, ...] = ()
    alert_id: int | None = None


def ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows with the most urgent first, and by study number within one severity."""
    return tuple(
        sorted(
            rows,
            key=lambda row: (row.alert.severity.rank, row.alert.nct_id or "", row.alert.rule),
        )
    )


@dataclass(frozen=True, slots=True)
class Digest:
    """One message owed to one address.

    `key` is the outbox's idempotency key: a repeat has the same, and so the same Message-ID.
    `data_date` is the registry's own date of the data, None when it did not say; `chain_head`
    is the hash that ends the store's chain of what was kept. The rows put themselves in order.
    `about` says of a message that is no first telling what it is. By `links`, `subscriber_id`
    may act without logging in; `asks_for_marks` says that they are reminded of what has no mark.
    """

    key: str
    address: str
    lists: tuple[str, ...]
    rows: tuple[Row, ...]
    made_at: datetime
    data_date: date | None
    chain_head: str
    occasion: Occasion = Occasion.RAISED
    about: str | None = None
    subscriber_id: int | None = None
    links: Links | None = None
    asks_for_marks: bool = False

    def __post_init__(self) -> None:
        if _KEY.fullmatch(self.key) is None:
            raise ValueError("the key of a digest is 64 hexadecimal digits")
        if self.made_at.utcoffset() != timedelta(0):
            raise ValueError("a digest is made at an instant in UTC")
        if not self.rows:
            raise ValueError("a digest tells at least one alert")
        object.__setattr__(self, "rows", ordered(self.rows))

    @property
    def may_unsubscribe(self) -> bool:
        """Whether it comes because somebody subscribed."""
        return self.occasion not in (Occasion.OPERATOR, Occasion.TEST)

    @property
    def worst(self) -> Severity:
        """The severity of the most urgent alert."""
        return self.rows[0].alert.severity

    @property
    def studies(self) -> tuple[str | None, ...]:
        """The numbers of the studies it tells of, each once; None stands for a whole sweep."""
        return tuple(dict.fromkeys(row.alert.nct_id for row in self.rows))
