"""The bulk download: every study of a release as one member of a zip, whole or from some byte on.

Seen of the real one: the name, the type, one JSON file a study. That it has ranges and the tag of
the release is how the server in front of it serves files.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

import orjson

from tests.registry.messages import Answer, Asked, NotCopied, Refused
from tests.registry.releases import Release, number_of

PATH = "/studies/download"
_NAME = "ctg-studies.json.zip"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)", re.ASCII)


def download(release: Release, asked: Asked) -> Answer:
    """The archive, or the part of it that a request asks for."""
    if asked.query.get("format") != "json.zip":
        raise NotCopied("any download but that of json.zip")
    for name in asked.query:
        if "." in name:
            raise Refused(f"Invalid prefix in parameter name: {name}")
    whole = archive_of(release)
    headers = (
        ("Content-Disposition", f'attachment; filename="{_NAME}"'),
        ("Accept-Ranges", "bytes"),
        ("Last-Modified", last_modified(release)),
    )
    span = _RANGE.fullmatch(asked.headers.get("range", ""))
    wanted = asked.headers.get("if-range")
    if span is None or wanted not in (None, f'"{release.etag}"', last_modified(release)):
        return Answer(200, whole, "application/zip", headers)
    begin, end = int(span[1]), min(int(span[2] or len(whole)), len(whole) - 1)
    if begin > end:
        said = ("Content-Range", f"bytes */{len(whole)}")
        return Answer(416, b"", "text/html", (*headers, said))
    said = ("Content-Range", f"bytes {begin}-{end}/{len(whole)}")
    return Answer(206, whole[begin : end + 1], "application/zip", (*headers, said))


@lru_cache(maxsize=4)
def archive_of(release: Release) -> bytes:
    """A release as one zip: `NCT000012/NCT00001234.json` and so on, in its order."""
    day = datetime.fromisoformat(release.data_timestamp)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for study in release.studies:
            number = number_of(study)
            name = f"{number[:-2]}/{number}.json"
            member = zipfile.ZipInfo(name, day.timetuple()[:6])
            archive.writestr(member, orjson.dumps(study), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def last_modified(release: Release) -> str:
    """When the archive was made, as a header says it."""
    day = datetime.fromisoformat(release.data_timestamp).replace(tzinfo=UTC)
    return format_datetime(day, usegmt=True)
