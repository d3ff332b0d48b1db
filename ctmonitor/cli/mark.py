"""Write down what you did about an alert: seen, acknowledged, snoozed, assigned, or a comment."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call
from ctmonitor.cli.options import a_count
from ctmonitor.errors import CommandWrong

EXAMPLE = 'ctmonitor mark 12 comment "asked the sponsor on Monday"'
ACTS = ("seen", "acknowledged", "snoozed", "assigned", "comment")
NEEDS_NO_NOTE = ("seen", "acknowledged")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `mark` takes."""
    parser.add_argument("alert", metavar="ALERT", type=a_count, help="the alert's id")
    parser.add_argument("act", choices=ACTS)
    parser.add_argument("note", nargs="*", metavar="NOTE", help="until when, to whom, or what")


def run(call: Call) -> int:
    """Write the mark; the alert itself never changes."""
    from ctmonitor.store import alerts, journal

    note = " ".join(call.args.note)
    if call.args.act not in NEEDS_NO_NOTE and not note:
        raise CommandWrong(f"{call.args.act} needs a note: until when, to whom, or what")
    at = call.clock.now()
    who = call.who
    with call.store.writing() as tx:
        if not alerts.alerts_by_id(tx, [call.args.alert]):
            raise CommandWrong(
                f"there is no alert {call.args.alert}; `ctmonitor alerts` lists them"
            )
        alerts.mark(tx, call.args.alert, call.args.act, by=who, note=note, at=at)
        detail = {"alert": call.args.alert, "act": call.args.act, "note": note}
        journal.note(tx, "marked an alert", detail, who=who, at=at)
    if call.args.json:
        call.give_json({"alert": call.args.alert, "act": call.args.act, "by": who, "note": note})
    else:
        call.give(f"Alert {call.args.alert}: {call.args.act}")
    return 0
