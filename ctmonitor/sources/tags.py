"""ETags: what one says of a release, and whether two are of the same file."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?"?[^"/]*/[^"/]*/([0-9a-z]+)(?:-+gzip|;gzip)?"?', re.ASCII)
_FIRST_YEAR: Final = 2000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def release_in(tag: str | None) -> str | None:
    """The instant of a release, in UTC, from the ETag of an answer; None when it tells none.

    Its third part is that instant in base-36 milliseconds: `"5a4d1c7/0.34.1/mtmq3wmo"`.
    """
    found = _TAG.fullmatch((tag or "").strip())
    if found is None or len(found[1]) > 10:
        return None
    try:
        instant = _EPOCH + timedelta(milliseconds=int(found[1], 36))
    except OverflowError:
        return None
    return f"{instant:%Y-%m-%dT%H:%M:%S}" if instant.year >= _FIRST_YEAR else None


def is_strong(tag: str | None) -> bool:
    """Whether files with this tag are equal to the byte."""
    return tag is not None and len(tag) > 2 and tag.startswith('"') and tag.endswith('"')


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two tags are there and mean the same content."""
    return bool(one) and bool(other) and _bare(one) == _bare(other)


def _bare(tag: str | None) -> str:
    return (tag or "").strip().removeprefix("W/").strip('"')
