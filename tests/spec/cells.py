"""Lists in one cell of a table: members after `; `, each written as a reader would say it.

primary_outcomes    Survival (2 years); Pain (1 week): on a scale
locations           Alpha, Lyon, France; Beta, Turin, Italy: RECRUITING
unposted_events     RELEASE 2026-01-23; UNRELEASE unknown
submission_infos    2026-01-23; 2026-03-02 reset 2026-04-01; 2026-05-04 unrelease unknown
violation_events    VIOLATION_IDENTIFIED 2026-02-02
removed_countries   France; Italy
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_OUTCOME = re.compile(
    r"(?P<measure>[^(:]+?)(?: \((?P<timeFrame>[^)]+)\))?(?:: (?P<description>.+))?"
)
_TURNS = {"reset": "resetDate", "unrelease": "unreleaseDate", "mcp": "mcpReleaseN"}


def members(name: str, cell: str) -> list[Any] | None:
    """The list that a cell of the column `name` stands for; None where the column is no list."""
    read = _READ.get(name)
    return None if read is None else [read(member) for member in cell.split("; ")]


def _outcome(member: str) -> dict[str, str]:
    said = _OUTCOME.fullmatch(member)
    if said is None:
        raise ValueError(f"no outcome is written so: {member!r}")
    return {name: value for name, value in said.groupdict().items() if value is not None}


def _site(member: str) -> dict[str, str]:
    place, _, status = member.partition(": ")
    facility, city, country = place.split(", ")
    site = {"facility": facility, "city": city, "country": country}
    return {**site, "status": status} if status else site


def _turn(member: str) -> dict[str, Any]:
    type_, day = member.split()
    return {"type": type_, **({"dateUnknown": True} if day == "unknown" else {"date": day})}


def _submission(member: str) -> dict[str, Any]:
    released, *more = member.split()
    info: dict[str, Any] = {"releaseDate": released}
    for word, day in zip(more[::2], more[1::2], strict=True):
        if day == "unknown":
            info[f"{_TURNS[word]}Unknown"] = True
        else:
            info[_TURNS[word]] = int(day) if word == "mcp" else day
    return info


def _notice(member: str) -> dict[str, str]:
    type_, day = member.split()
    return {"type": type_, "issuedDate": day}


_READ: dict[str, Callable[[str], Any]] = {
    "primary_outcomes": _outcome,
    "secondary_outcomes": _outcome,
    "locations": _site,
    "unposted_events": _turn,
    "submission_infos": _submission,
    "violation_events": _notice,
    "removed_countries": str,
}
