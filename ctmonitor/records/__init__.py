"""What the registry says about a study."""

from ctmonitor.records.dates import PartialDate, end_of_month_after
from ctmonitor.records.facts import NCT_ID, Facts
from ctmonitor.records.fields import Field, catalogue, field_at, field_named
from ctmonitor.records.record import Record
from ctmonitor.records.statuses import ENDED, LAPSING, STOPPED, DateType, OverallStatus

__all__ = [
    "ENDED",
    "LAPSING",
    "NCT_ID",
    "STOPPED",
    "DateType",
    "Facts",
    "Field",
    "OverallStatus",
    "PartialDate",
    "Record",
    "catalogue",
    "end_of_month_after",
    "field_at",
    "field_named",
]
