"""What the operator has given a flow to work with."""

from __future__ import annotations

import os
from argparse import Namespace

from ctmonitor.cli.call import Call


def given(*, today: str | None = None) -> Call:
    """The store, clock, tuning and ways out, by the settings of this process's environment.

    The command line joins them in the same way, so both faces mean the same by a setting.
    """
    return Call(Namespace(db=None, today=today), os.environ)
