"""How the core's values are written into columns, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa

from ctmonitor.records import DateType, Facts, OverallStatus, PartialDate
from ctmonitor.store.schema.columns import Status, TypeOfDate, nct_code

STATUSES = ("overall_status", "last_known_status")
DATES = (
    "status_verified_date",
    "start_date",
    "primary_completion_date",
    "completion_date",
    "results_first_posted_date",
    "study_first_posted_date",
    "last_update_posted_date",
)
TYPES = (
    "start_date_type",
    "primary_completion_date_type",
    "completion_date_type",
    "enrollment_type",
)
PLAIN = (
    "brief_title",
    "why_stopped",
    "enrollment",
    "lead_sponsor",
    "study_type",
    "has_results",
    "is_probably_applicable",
    "is_certified",
    "is_results_pending",
    "is_eu_trial",
    "is_partial",
)
TRACKED = (
    *STATUSES,
    *DATES[:4],
    *TYPES,
    "enrollment",
    "lead_sponsor",
)
"""The fields whose spans `states` keeps."""

DUE = (
    "unknown_due_on",
    "results_due_on",
    "eu_results_due_on",
    "verification_due_on",
    "start_passed_on",
    "primary_completion_passed_on",
    "completion_passed_on",
)
"""The days on which something falls due, as facts lead to them."""


T = TypeVar("T")
AT_ONCE = 500
"""Values that one statement names; databases allow some tens of thousands, and plan few better."""


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values, some at a time, for statements that name them one by one."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def listed(words: Sequence[str], *, is_sqlite: bool) -> sa.Select[Any]:
    """Any number of words to look among; of single parameters a database takes only so many.

    As one parameter they also cost less than one by one, a tenth where they are hundreds.
    """
    text = sa.literal(json_text(list(words)), sa.Text)
    if is_sqlite:
        return sa.select(sa.func.json_each(text).table_valued("value").c.value)
    found = sa.func.json_array_elements_text(sa.cast(text, sa.JSON))
    return sa.select(found.table_valued("value").c.value)


def listed_numbers(nct_ids: Sequence[str], *, is_sqlite: bool) -> sa.Select[Any]:
    """Any number of study numbers to look among, as `listed` does with words."""
    return listed_ids([nct_code(nct_id) for nct_id in nct_ids], is_sqlite=is_sqlite)


def listed_ids(ids: Iterable[int], *, is_sqlite: bool) -> sa.Select[Any]:
    """Any number of row numbers to look among, as `listed` does with words."""
    among = listed([str(id_) for id_ in ids], is_sqlite=is_sqlite).subquery()
    return sa.select(sa.cast(among.c.value, sa.BigInteger))


def instant(moment: datetime) -> str:
    """An aware instant as text in UTC that sorts as it should."""
    in_utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{in_utc.isoformat(timespec='microseconds')}Z"


def moment(text: str) -> datetime:
    """The instant that `instant` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def day(value: date | None) -> str | None:
    """A day as text."""
    return None if value is None else value.isoformat()


def day_of(text: str | None) -> date | None:
    """The day that `day` wrote."""
    return None if text is None else date.fromisoformat(text)


def json_text(value: Any) -> str:
    """A plain value as JSON text, its keys in order."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def json_value(text: str | None) -> Any:
    """The value that `json_text` wrote."""
    return None if text is None else orjson.loads(text)


def columns_of(facts: Facts) -> dict[str, Any]:
    """The columns of `studies` that hold a study's facts and its due days, but for its sponsor."""
    row: dict[str, Any] = {name: getattr(facts, name) for name in PLAIN if name != "lead_sponsor"}
    for name in (*STATUSES, *DATES, *TYPES):
        value = getattr(facts, name)
        row[name] = None if value is None else str(value)
    for name in ("data_date", *DUE):
        row[name] = day(getattr(facts, name))
    return row


def codes_of(facts: Facts) -> dict[str, Any]:
    """The same columns as `columns_of` gives, as they are kept: a study is first seen only once,
    but there are many of them.
    """
    row: dict[str, Any] = {name: getattr(facts, name) for name in PLAIN if name != "lead_sponsor"}
    for name in STATUSES:
        row[name] = Status.codes.get(getattr(facts, name))
    for name in TYPES:
        row[name] = TypeOfDate.codes.get(getattr(facts, name))
    for name in (*DATES, "data_date", *DUE):
        one = getattr(facts, name)
        row[name] = None if one is None else _code(one)
    return row


def _code(one: PartialDate | date) -> int:
    return one.year * 10_000 + (one.month or 0) * 100 + (one.day or 0)


def facts_in(row: Any) -> Facts:
    """The facts that a row of `studies` holds, its sponsor named `lead_sponsor`."""
    values: dict[str, Any] = {name: row[name] for name in PLAIN}
    for name in STATUSES:
        values[name] = None if row[name] is None else OverallStatus(row[name])
    for name in DATES:
        values[name] = None if row[name] is None else PartialDate.parse(row[name])
    for name in TYPES:
        values[name] = None if row[name] is None else DateType(row[name])
    return Facts(nct_id=row["nct_id"], data_date=day_of(row["data_date"]), **values)
