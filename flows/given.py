"""What the operator has given a flow to work with."""

from __future__ import annotations

import os
from argparse import Namespace

from ctmonitor.cli.call import Call


def given(*, today: str | None = None) -> Call:
    """The store, clock, tuning and ways out, by the settings of this process's environment.

    The command line joins them in the same way, so both faces mean the same by a setting.
    """
    return Call(Namespace(command=None, db=None, today=today), os.environ)


def ping_url() -> str | None:
    """The address that is asked for after each look; None where none is set."""
    with given() as call:
        url: str | None = call.settings["ping_url"]
    return url
