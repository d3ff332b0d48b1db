"""What a client asked and what it is answered, before either meets a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    number: int
    """The first request a server gets is 1."""
    path: str
    """Below the API's base: `/studies`."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """By names in small letters."""
    at: float = 0.0
    """Seconds of a clock that never goes back."""
    target: str = ""
    """The path and query as they were sent."""

    def takes(self, coding: str) -> bool:
        """Whether the client can read that content coding."""
        named = self.headers.get("accept-encoding", "").split(",")
        return any(name.strip().partition(";")[0] == coding for name in named)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a code, a body and what is said about it."""

    code: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Refused(Exception):
    """The request cannot be answered; the registry says why in one plain sentence."""

    def __init__(self, sentence: str, *, code: int = 400) -> None:
        super().__init__(sentence)
        self.code = code


class NotCopied(Refused):
    """The real registry can do this and the stand-in cannot."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The stand-in does not know {what}", code=501)


def sentence(code: int, words: str) -> Answer:
    """A refusal in the registry's way: plain text, not JSON."""
    return Answer(code, words.encode(), "text/plain; charset=UTF-8")
