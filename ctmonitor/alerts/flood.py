"""Many alerts of one rule at once become one, with a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ctmonitor.alerts.alert import Alert

LONGEST_TABLE = 200
ONE_FACT_FROM = 3
"""From so many studies on, alerts that say one fact of each are told as one."""
LONGEST_HEADLINE = 100


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that is told; a summary has the members that it stands for."""

    alert: Alert
    members: tuple[Alert, ...] = ()

    @property
    def is_one_fact(self) -> bool:
        """Whether it is a summary of members that say the same, so that one line tells them all."""
        return bool(self.members) and self.alert.one_fact is not None


def fold(alerts: Sequence[Alert], *, flood_limit: int, occasion: str) -> tuple[Told, ...]:
    """Each alert by itself, but those of a rule that brings more than `flood_limit` as one.

    Those that say one fact of three studies or more are one before that, and no flood.
    `occasion` names the look that brought them (`sweep 12`); it is part of a summary's key. Those
    that are inhibited are no flood: nobody is sent them. What is told to the subscribers of one
    watch list only is counted, and summed up, list by list.
    """
    alike: dict[tuple[str | None, ...], list[Alert]] = defaultdict(list)
    told: list[Told] = []
    for alert in alerts:
        if alert.inhibited_by is None:
            alike[alert.rule, alert.watch_list, alert.one_fact].append(alert)
        else:
            told.append(Told(alert))
    floods: dict[tuple[str | None, ...], list[Alert]] = defaultdict(list)
    for (rule, watch_list, one_fact), found in alike.items():
        if one_fact is not None and len({alert.nct_id for alert in found}) >= ONE_FACT_FROM:
            told.append(Told(_summary(found, occasion, one_fact), tuple(found)))
        else:
            floods[rule, watch_list] += found
    for found in floods.values():
        if len(found) > flood_limit:
            told.append(Told(_summary(found, occasion), tuple(found)))
        else:
            told += [Told(alert) for alert in found]
    return tuple(told)


def _summary(alerts: Sequence[Alert], occasion: str, one_fact: str | None = None) -> Alert:
    rule, watch_list = alerts[0].rule, alerts[0].watch_list
    about: dict[str, Any] = {"watch_list": watch_list} if watch_list else {}
    if one_fact is not None:
        about["one_fact"] = one_fact
    on_list = f" ({watch_list})" if watch_list else ""
    studies = len({alert.nct_id for alert in alerts})
    many = f"{studies:,} {'study' if studies == 1 else 'studies'}"
    rows: list[dict[str, Any]] = [
        {"nct_id": alert.nct_id, "headline": alert.headline} for alert in alerts[:LONGEST_TABLE]
    ]
    dates = [alert.registry_date for alert in alerts if alert.registry_date]
    return Alert(
        rule=rule,
        nct_id=None,
        headline=_cut(f"{many} at once: {one_fact or rule}{on_list}"),
        severity=min((alert.severity for alert in alerts), key=lambda severity: severity.rank),
        # An occasion may bring a second flood, of others: a day whose due run is done twice.
        basis=f"summary of {len(alerts)} in {occasion}, from {alerts[0].key}",
        evidence=({**about, "studies": studies}, *rows),
        registry_date=max(dates, default=None),
    )


def _cut(headline: str) -> str:
    whole = len(headline) <= LONGEST_HEADLINE
    return headline if whole else f"{headline[: LONGEST_HEADLINE - 1].rstrip()}…"
