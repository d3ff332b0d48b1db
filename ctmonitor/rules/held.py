"""Looks that are too odd to be told before a person has seen them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.rules.rule import Chosen, Parameter, guard_rule
from ctmonitor.rules.telling import bounded, one_line

ODD_LOOKS = (
    "a registry has days on which it shows nothing, half of its records, an older release, or a "
    "new form of them all; a look on such a day is no news of any study. The limits of "
    "`mass-change` count here too; switched off, this rule holds no alerts"
)
_MIN_PERCENT_RECEIVED = Parameter(
    "min_percent_received",
    50.0,
    "percent",
    "the least share of the last complete look's studies that a whole listing must bring",
    0,
    100,
)
_MAX_PERCENT_MISSING = Parameter(
    "max_percent_missing",
    0.1,
    "percent",
    "the share of the last complete look's studies that may go missing at once",
    0,
    100,
)
_MAX_MISSING = Parameter(
    "max_missing", 10, "studies", "so many may always go missing at once", 0, 10**6
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A look whose alerts wait for a person, and why, in sentences.

    `data_timestamp` is the registry's word for the release looked at, None where it gave none.
    """

    sweep_id: int
    reasons: tuple[str, ...]
    data_timestamp: str | None

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError(f"sweep {self.sweep_id} is held for no reason")


@guard_rule(
    Severity.HIGH,
    source=ODD_LOOKS,
    parameters=(_MIN_PERCENT_RECEIVED, _MAX_PERCENT_MISSING, _MAX_MISSING),
)
def sweep_held(held: HeldBack, chosen: Chosen) -> Iterator[Alert]:
    """A look is too odd to be believed; its alerts wait until somebody releases or absorbs it."""
    number, reasons = held.sweep_id, held.reasons
    many = f" for {len(reasons)} reasons" if len(reasons) > 1 else ""
    ways = {
        "to_raise_its_alerts": f"ctmonitor sweeps release {number} --reason TEXT",
        "to_forget_its_alerts": f"ctmonitor sweeps absorb {number} --reason TEXT",
    }
    yield Alert(
        rule=chosen.rule,
        nct_id=None,
        headline=one_line(f"Alerts of sweep {number} are held{many}: {reasons[0]}"),
        severity=chosen.severity,
        basis=str(number),
        evidence=(
            {"sweep": number, "data_timestamp": held.data_timestamp},
            *({"reason": bounded(reason)} for reason in reasons),
            *({name: command} for name, command in ways.items()),
        ),
        registry_date=_day(held.data_timestamp),
    )


def _day(data_timestamp: str | None) -> date | None:
    return date.fromisoformat(data_timestamp[:10]) if data_timestamp else None
