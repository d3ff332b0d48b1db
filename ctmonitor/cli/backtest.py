"""Try a rule on the past: what it would have told, of which studies, in how many mails."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, a_day, counted
from ctmonitor.errors import CommandWrong, SettingWrong

if TYPE_CHECKING:
    from ctmonitor.jobs.backtest import Backtest
    from ctmonitor.rules import Rule, Tuning

EXAMPLE = "ctmonitor backtest primary-completion-slipped --since 2026-01-01 --set min_days=90"
COLUMNS = (
    *("day", "nct_id", "rule", "severity", "headline", "registry_date", "sweep"),
    *("was_due", "held", "inhibited_by"),
)
MOST_SHOWN = 200
"""Alerts that a person is shown; programs get all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `backtest` takes."""
    parser.add_argument("rule", metavar="RULE", help="the rule's name")
    parser.add_argument(
        "--since", metavar="DATE", required=True, help="the first day on which it is asked"
    )
    parser.add_argument("--until", metavar="DATE", help="the last such day; default today")
    parser.add_argument(
        "--set",
        metavar="PARAMETER=VALUE",
        action="append",
        default=[],
        help="ask it with this, instead of as it is tuned (again for more)",
    )
    parser.add_argument("--csv", action="store_true", help="print the alerts as CSV")


def run(call: Call) -> int:
    """Ask the past, print; nothing is raised."""
    from ctmonitor.jobs.backtest import Period, backtest

    rule, tuning = _tuned(call)
    since = a_day(call.args.since)
    until = a_day(call.args.until) if call.args.until else call.clock.today
    if until < since:
        raise CommandWrong(f"--until {until} is before --since {since}; give a later day")
    with call.store.reading() as tx:
        found = backtest(
            tx,
            rule,
            Period(since, until),
            tuning=tuning,
            flood_limit=call.flood_limit,
            clock=call.clock,
        )
    if call.args.json:
        call.give_json(found.plain())
    elif call.args.csv:
        call.give_csv(COLUMNS, [one.plain() for one in found.found])
    else:
        _give(call, found)
    return 0


def _tuned(call: Call) -> tuple[Rule, Tuning]:
    """The rule, and the operator's tuning with what was set beside it."""
    from ctmonitor.rules import Tuning

    name = call.args.rule
    rule = call.tuning.rule_named(name)
    if rule is None:
        raise CommandWrong(f"there is no rule {name!r}; `ctmonitor rules` shows them")
    table = call.settings.rules
    chosen = {**table.get(name, {}), **dict(map(_set, call.args.set))}
    try:
        tuning = Tuning.read({**table, name: chosen})
    except SettingWrong as wrong:
        raise CommandWrong(f"--set: {str(wrong).removeprefix('rules: ')}") from wrong
    return tuning.rule_named(name) or rule, tuning


def _set(text: str) -> tuple[str, Any]:
    """A parameter and its value, as a line of the settings file would say them."""
    name, is_set, value = text.partition("=")
    if not is_set:
        raise CommandWrong(f"--set {text}: write it as parameter=value, such as min_days=90")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def _give(call: Call, found: Backtest) -> None:
    for line in _lines(found):
        call.give(line)
    if not found.found:
        return
    call.give("")
    names = ("month", "alerts", "studies", "mails")
    call.give_table(names, [[month[name] for name in names] for month in found.months])
    call.give("")
    shown = [one.plain() for one in found.found[:MOST_SHOWN]]
    names = ("day", "nct_id", "severity", "headline")
    call.give_table(names, [[row[name] for name in names] for row in shown])
    more = len(found.found) - len(shown)
    if more:
        call.say(f"{counted(more, 'more alert', 'more alerts')}; --json and --csv give them all")


def _lines(found: Backtest) -> Iterator[str]:
    period = found.period
    alerts = counted(len(found.found), "alert", "alerts")
    about = f" about {counted(found.study_count, 'study', 'studies')}" if found.found else ""
    mails = counted(len(found.mails), "mail", "mails")
    to = f" to {counted(found.subscriber_count, 'subscriber', 'subscribers')}"
    yield (
        f"{found.rule.name} would have raised {alerts}{about} between {period.since} and "
        f"{period.until}: {mails}{to if found.mails else ''}"
    )
    yield f"  asked with {_asked_with(found)}"
    one = found.plain()
    for name, meaning in _REMARKS:
        if one[name]:
            yield f"  {one[name]:,} of these {meaning.format(since=period.since)}"


_REMARKS: Sequence[tuple[str, str]] = (
    ("was_due", "had been due before {since}, and come on that day because nobody asked before"),
    ("inhibited", "would be mailed to nobody, as a weightier rule told the same"),
    ("held", "are of looks whose alerts are held or forgotten, and in no mail"),
)


def _asked_with(found: Backtest) -> str:
    numbers = (f"{name} {value}" for name, value in found.chosen.numbers.items())
    written = [f"as {found.rule.written}"] if found.rule.written else []
    return ", ".join([f"severity {found.chosen.severity}", *numbers, *written])
