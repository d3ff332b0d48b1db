"""Who hears what, as `ctmonitor.toml` says it: checked whole, then made so in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ctmonitor.alerts import Severity
from ctmonitor.delivery import check_address
from ctmonitor.errors import CommandWrong, SettingWrong
from ctmonitor.jobs.clock import Clock
from ctmonitor.rules import Tuning
from ctmonitor.store import Store, journal, subscribing
from ctmonitor.watches import Cadence, spans

TABLE = "subscribers"
ESCALATE_HOURS = 72
"""After so many hours without a mark, unless somebody says otherwise."""
_MEND = "`ctmonitor subscribe add --help` says what each key may be"


@dataclass(frozen=True, slots=True)
class Wished:
    """One subscriber as a table says it: what they hear, and how they are told."""

    address: str
    watch: tuple[str, ...]
    rules: tuple[str, ...]
    min_severity: Severity
    cadence: Cadence
    manner: Mapping[str, Any]

    def plain(self, watch: str) -> dict[str, Any]:
        """The wish about one list, in plain values."""
        return {
            "address": self.address,
            "watch": watch,
            "rules": sorted(self.rules),
            "min_severity": str(self.min_severity),
            "cadence": str(self.cadence),
            **self.manner,
        }


def read_wishes(tables: Sequence[Any], tuning: Tuning) -> tuple[Wished, ...]:
    """The subscribers in the tables of a file; SettingWrong names every fault at once."""
    found, faults = [], []
    for number, table in enumerate(tables, start=1):
        wrong = [f"{TABLE} {number}: {fault}" for fault in _faults(table, tuning)]
        faults += wrong
        if not wrong:
            found.append(_wished(table))
    addresses = [one.address for one in found]
    twice = sorted({one for one in addresses if addresses.count(one) > 1})
    faults += [f"{TABLE}: {address} stands there twice" for address in twice]
    if faults:
        raise SettingWrong(TABLE, "; ".join(faults), _MEND)
    return tuple(found)


def apply_wishes(
    store: Store, wishes: Sequence[Wished], *, who: str, usual_zone: str, clock: Clock
) -> list[dict[str, Any]]:
    """Let each subscriber of the file hear what it says, and no other list; gives what changed.

    Subscribers that the file does not name stay as they are.
    """
    at, changed = clock.now(), []
    with store.writing() as tx:
        before = {(one.address, one.watch_list): one for one in subscribing.wishes(tx)}
        for one in wishes:
            for watch in one.watch:
                old = before.get((one.address, watch))
                if old is None or _differs(one, old):
                    subscribing.subscribe(
                        tx,
                        one.address,
                        watch,
                        rules=one.rules,
                        min_severity=one.min_severity,
                        cadence=one.cadence,
                        at=at,
                    )
                    subscribing.set_manner(
                        tx, one.address, _whole(one), usual_zone=usual_zone, at=at
                    )
                    changed.append(("subscribed", one.plain(watch)))
            for address, watch in before:
                if address == one.address and watch not in one.watch:
                    subscribing.unsubscribe(tx, address, watch)
                    changed.append(("unsubscribed", {"address": address, "watch": watch}))
        for act, detail in changed:
            journal.note(tx, act, {**detail, "by": "ctmonitor.toml"}, who=who, at=at)
    return [{"act": act, **detail} for act, detail in changed]


def cadence_of(text: object) -> Cadence:
    """The cadence in a word; ValueError for any other."""
    if not isinstance(text, str):
        raise ValueError("it is not a text; write run, now, 'daily HH:MM' or 'weekly mon HH:MM'")
    return Cadence.parse(text)


def _differs(one: Wished, old: subscribing.Wish) -> bool:
    now = (
        one.cadence == Cadence.parse(old.cadence),
        one.min_severity is old.min_severity,
        set(one.rules) == set(old.rules),
        all(getattr(old, name) == value for name, value in _whole(one).items()),
    )
    return not all(now)


def _whole(one: Wished) -> dict[str, Any]:
    """How a subscriber is told, with nothing left of what a file said before."""
    names = [name for name in subscribing.MANNER if name != "zone"]
    return {**dict.fromkeys(names), **one.manner}


def _faults(table: object, tuning: Tuning) -> Iterator[str]:
    if not isinstance(table, Mapping):
        yield "it is not a table; write [[subscribers]]"
        return
    for key in sorted(table.keys() - _READ.keys()):
        yield f"there is no key {key[:40]!r}; there are {', '.join(_READ)}"
    for key in ("address", "watch"):
        if key not in table:
            yield f"{key} is not given"
    for key in table.keys() & _READ.keys():
        try:
            _READ[key](table[key])
        except (ValueError, CommandWrong) as problem:
            yield f"{key}: {problem}"
    for name in table.get("rules", ()) if isinstance(table.get("rules"), list) else ():
        if tuning.rule_named(str(name)) is None:
            yield f"rules: there is no rule {str(name)[:40]!r}"


def _wished(table: Mapping[str, Any]) -> Wished:
    read = {key: _READ[key](value) for key, value in table.items()}
    escalates = {"escalate_hours": ESCALATE_HOURS} if "escalate_to" in read else {}
    manner = {**escalates, **{name: read[name] for name in subscribing.MANNER if name in read}}
    if "quiet_hours" in read:
        manner["quiet"] = read["quiet_hours"] or None
    return Wished(
        address=read["address"],
        watch=read["watch"],
        rules=read.get("rules", ()),
        min_severity=read.get("min_severity", Severity.LOW),
        cadence=read.get("cadence", Cadence()),
        manner=manner,
    )


def _words(value: object) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words) or not words:
        raise ValueError("it is not a name, or a list of names")
    return tuple(words)


def _severity(value: object) -> Severity:
    if value not in [str(one) for one in Severity]:
        raise ValueError(f"it is not one of {', '.join(Severity)}")
    return Severity(str(value))


def _address(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it is not an address")
    return check_address(value)


def _zone(value: object) -> str:
    try:
        return str(ZoneInfo(str(value)))
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{str(value)[:40]!r} is not a time zone") from None


def _hours(value: object) -> str:
    spans(str(value))
    return str(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10_000:
        raise ValueError("it is not a whole number from 1 to 10,000")
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "address": _address,
    "watch": _words,
    "rules": _words,
    "min_severity": _severity,
    "cadence": cadence_of,
    "zone": _zone,
    "quiet_hours": _hours,
    "breaks_quiet": lambda value: str(_severity(value)),
    "repeat_days": _count,
    "escalate_to": _address,
    "escalate_hours": _count,
}
"""What each key of a table is read by; ValueError or CommandWrong for what it may not be."""
