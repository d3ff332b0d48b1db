"""Changes that the registry makes to many studies at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.records import field_named
from ctmonitor.rules.rule import Chosen, Parameter, sweep_rule
from ctmonitor.rules.telling import BASIS_MARK, one_line

SEEN = (
    "the registry now and then rewrites one field of most records in one release (numbers padded, "
    "places renamed, terms of a new year); no sponsor did anything"
)
_MAX_PERCENT = Parameter(
    "max_percent", 30.0, "percent", "the share of the studies compared that is still usual", 0, 100
)
_MIN_STUDIES = Parameter(
    "min_studies", 100, "studies", "the fewest compared from which a share says anything", 1, 10**6
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one sweep counted: studies compared and, by field, those that the registry changed.

    `registry_changed` counts a study once a field, over every change that the registry made
    itself and that is not noise.
    """

    compared: int
    registry_changed: Mapping[str, int]
    data_date: date | None


def unusual(tally: Tally, chosen: Chosen) -> Iterator[tuple[str, int]]:
    """The fields that changed in more than the usual share of enough studies, with how many."""
    if tally.compared < chosen.numbers["min_studies"]:
        return
    for name, count in sorted(tally.registry_changed.items()):
        if _percent(tally, count) > chosen.numbers["max_percent"]:
            yield name, count


def sentence(tally: Tally, name: str, count: int) -> str:
    """`Study Type changed by the registry in 412 of 1,000 studies (41.2 %)`."""
    field = field_named(name)
    said = f"{field.label if field else name} changed by the registry"
    return f"{said} in {count:,} of {tally.compared:,} studies ({_percent(tally, count):.1f} %)"


@sweep_rule(Severity.HIGH, source=SEEN, parameters=(_MAX_PERCENT, _MIN_STUDIES))
def mass_change(tally: Tally, chosen: Chosen) -> Iterator[Alert]:
    """The registry changed one field in an unusual share of all studies at once."""
    for name, count in unusual(tally, chosen):
        evidence = {
            "field": name,
            "studies_changed": count,
            "studies_compared": tally.compared,
            "percent": round(_percent(tally, count), 1),
            "data_date": str(tally.data_date) if tally.data_date else None,
        }
        yield Alert(
            rule=chosen.rule,
            nct_id=None,
            headline=one_line(sentence(tally, name, count)),
            severity=chosen.severity,
            basis=f"{name}{BASIS_MARK}{tally.data_date}",
            evidence=(evidence,),
            registry_date=tally.data_date,
        )


def _percent(tally: Tally, count: int) -> float:
    return 100 * count / tally.compared
