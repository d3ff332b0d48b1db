"""How a command line names one state of a study, and what is said of a study's numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctmonitor.cli.call import Call
    from ctmonitor.store.timeline import Moment, Numbers

_NAME = re.compile(r"([vV]?)([0-9]{1,9})")


def named(word: str, moments: Sequence[Moment], numbers: Numbers) -> Moment | None:
    """The snapshot `3` or the version `v12`; of two merged studies, of the number asked for.

    None when there is no such one; CommandWrong for a word that names neither.
    """
    found = _NAME.fullmatch(word)
    if found is None:
        raise CommandWrong(f"{word!r} is no snapshot or version; write 3, or v12 for a version")
    fitting = [
        one
        for one in moments
        if one.number == int(found[2]) and (one.version is not None) is bool(found[1])
    ]
    fitting.sort(key=lambda one: (one.nct_id != numbers.asked, one.nct_id != numbers.now))
    return fitting[0] if fitting else None


def is_name(word: str) -> bool:
    """Whether a word is the name of a snapshot or version, and no day."""
    return _NAME.fullmatch(word) is not None


def none_there(nct_id: str) -> CommandWrong:
    """What to say when nothing at all is held of a study."""
    return CommandWrong(f"{nct_id} was never seen; sweep a source that has it")


def said_of_numbers(call: Call, numbers: Numbers) -> None:
    """Tell who asks for one of several numbers that they are one study; and if it is gone."""
    from ctmonitor.store import fates

    if numbers.former:
        aliases = ", ".join(alias for alias, _ in numbers.former)
        call.say(f"{aliases} was merged into {numbers.now}; their histories are told as one")
    with call.store.reading() as tx:
        absent = fates.absent(tx, [numbers.now])
    for one in absent:
        since = f"not found in the registry since the release of {one.missing_release}"
        if one.removed_on is not None:
            call.say(f"{one.nct_id} is {since}, and removed on {one.removed_on}; its history stays")
        elif one.missing_release is not None:
            call.say(f"{one.nct_id} is {since}; a later release must lack it, too, to remove it")
