"""Say why an alert was raised and who was told of it, or why a rule kept silent about a study."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, a_number, one_line
from ctmonitor.cli.options import a_count
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.jobs.explain import Explanation

EXAMPLE = "ctmonitor explain NCT04946669 --rule unknown-due"
WIDTH = 100
INDENT = len("  first sight  ")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes."""
    parser.add_argument(
        "what", metavar="ALERT|NCT", help="an alert's id; or a study's number, with --rule"
    )
    # Another name than the filter of `alerts` has, whose word it may follow.
    parser.add_argument(
        "--rule", dest="asked_rule", metavar="RULE", help="the rule that kept silent of the study"
    )
    parser.add_argument("--today", metavar="DATE", help="the date to believe in")


def run(call: Call) -> int:
    """Ask, print the chain of reasons."""
    found = _silence(call) if call.args.asked_rule else _alert(call)
    if call.args.json:
        call.give_json(found.plain())
    else:
        for line in _lines(found):
            call.give(line)
    return 0


def _alert(call: Call) -> Explanation:
    from ctmonitor.jobs.explain import explain_alert

    what = call.args.what
    try:
        alert_id = a_count(what)
    except argparse.ArgumentTypeError:
        raise CommandWrong(
            f"{what!r} is no alert's id; give one, or a study's number with --rule RULE"
        ) from None
    with call.store.reading() as tx:
        return explain_alert(tx, alert_id, tuning=call.tuning, clock=call.clock)


def _silence(call: Call) -> Explanation:
    from ctmonitor.jobs.silence import explain_silence

    nct_id, name = a_number(call.args.what), call.args.asked_rule
    rule = call.tuning.rule_named(name)
    if rule is None:
        raise CommandWrong(f"there is no rule {name!r}; `ctmonitor rules` shows them")
    with call.store.reading() as tx:
        return explain_silence(tx, nct_id, rule, tuning=call.tuning, clock=call.clock)


def _lines(found: Explanation) -> Iterator[str]:
    yield one_line(found.title)
    for step in found.steps:
        lines = textwrap.wrap(
            one_line(step.says), WIDTH - INDENT, break_on_hyphens=False, break_long_words=False
        )
        yield f"  {step.about}".ljust(INDENT) + (lines[0] if lines else "")
        yield from (" " * INDENT + line for line in lines[1:])
