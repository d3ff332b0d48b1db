"""Take in a mail that came back, as the mail server hands it over."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ctmonitor.cli.call import Call
from ctmonitor.errors import CommandWrong, SettingWrong

EXAMPLE = "ctmonitor bounce < returned.eml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `bounce` takes."""
    parser.add_argument("mails", nargs="*", metavar="FILE", help="mails; without, one from stdin")
    parser.add_argument("--to", metavar="ADDRESS", help="where it came to; else its headers say")


def run(call: Call) -> int:
    """Say what became of each mail; one that is none of ours changes nothing."""
    from ctmonitor.delivery.bounce import read_return
    from ctmonitor.jobs.bounces import take_in

    secret = call.settings["web_secret"]
    if not secret:
        why = "without it no return address is known as ours"
        raise SettingWrong("CTMONITOR_WEB_SECRET", why, "set it as it was when the mails left")
    found = []
    for raw in _mails(call.args.mails):
        returned = read_return(raw, secret, call.args.to)
        taken = None
        if returned is not None:
            taken = take_in(
                call.store,
                returned,
                operator=call.operator,
                tuning=call.tuning,
                clock=call.clock,
            )
        why = "it came to no address of ours" if returned is None else returned.why
        found.append(
            {
                "address": taken.address if taken else None,
                "state": taken.state if taken else "nothing to do",
                "why": why,
            }
        )
    if call.args.json:
        call.give_json(found)
    else:
        for one in found:
            who = f"{one['address']}: " if one["address"] else ""
            call.give(f"{who}{one['state']} ({one['why']})")
    return 0


def _mails(names: list[str]) -> list[bytes]:
    if not names:
        return [sys.stdin.buffer.read()]
    try:
        return [Path(name).read_bytes() for name in names]
    except OSError as problem:
        raise CommandWrong(f"{problem.filename}: {problem.strerror}") from None
