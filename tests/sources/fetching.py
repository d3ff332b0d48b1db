"""An archive on loopback that comes in several pieces, and how it is fetched."""

from __future__ import annotations

import math
import random
import zipfile
from functools import cache

import pytest

from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.download import download
from tests.builders import a_study
from tests.registry.asking import a_registry
from tests.sources.asking import a_client

EVER = math.inf
PIECE = 2**16


@cache
def studies():
    """Enough of them, so little alike, that an archive comes in several pieces."""
    rng = random.Random(3)
    return [
        a_study(nct_id=f"NCT{number:08d}", acronym=rng.randbytes(16_000).hex())
        for number in range(1, 21)
    ]


def big():
    """A registry whose archive has some 380 kB, and another such one a day later."""
    return a_registry(*studies())


def whole(opened):
    """Refuse what is no whole archive, with another reader than the program's own."""
    try:
        zipfile.ZipFile(opened)
    except zipfile.BadZipFile:
        raise SourceUnreadable("it", "it is cut off") from None


def fetch(served, folder, *, bounds=None, progress=None, check=whole, clock=None, **manners):
    with a_client(served.url, clock, **manners) as client:
        return download(client, folder, check=check, bounds=bounds, progress=progress)


def refused(served, folder, **how):
    """The sentence that a download ends with."""
    with pytest.raises(SourceUnreadable) as found:
        fetch(served, folder, **how)
    return str(found.value).replace(f":{served.port}", "").replace(str(folder), "FOLDER")


def ranges(served):
    """From where on each request asked."""
    return [asked.headers.get("range", "") for asked in served.asked]


def bodies(served):
    """About how many bytes of bodies were sent: a head has less than 500."""
    return sum(count for _, count in served.sent)
