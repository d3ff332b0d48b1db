"""What was posted: a few bytes of a form, in either of the two codings a mail program may use."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_BYTES = 4_096


class TooLong(Exception):
    """More was posted than a form of ours can hold."""


async def body_of(request: Request) -> bytes:
    """The body of a request; TooLong as soon as it is more than it may be."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or len(said) > 9 or int(said) > MOST_BYTES:
        raise TooLong
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLong
    return body


def holds(body: bytes, kind: str, field: str, value: str) -> bool:
    """Whether a form, coded as its content type says, has a field with a value."""
    if kind.partition(";")[0].strip().lower() == "multipart/form-data":
        return (field, value) in _parts(body, kind)
    try:
        return (field, value) in parse_qsl(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        return False


def _parts(body: bytes, kind: str) -> list[tuple[str, str]]:
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    return [
        (
            str(part.get_param("name", "", header="content-disposition")),
            str(part.get_payload()).strip(),
        )
        for part in message.iter_parts()
    ]
