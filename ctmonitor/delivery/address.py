"""Where a message can go: a mailbox, or a folder that keeps each message as a file."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from ctmonitor.delivery.words import cut, one_line
from ctmonitor.errors import CommandWrong

# `=?` is allowed in an atom, and yet makes mail programs read an encoded word.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}\Z)(?!.*=\?){_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.ASCII)
_FILE = "file:"


def check_address(address: str) -> str:
    """The address as it is kept: a bare `name@host`, or `file:` and an absolute folder.

    Raises CommandWrong with the sentence that mends it.
    """
    if address != one_line(address):
        raise _wrong(address, "it has spaces around it, or characters that cannot be seen")
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() == "file":
        return _checked_folder(address, rest)
    if colon and scheme.lower() == "mailto":
        return _checked_mailbox(address, unquote(rest))
    return _checked_mailbox(address, address)


def is_folder(address: str) -> bool:
    """Whether a checked address is a folder."""
    return address.startswith(_FILE)


def folder_of(address: str) -> Path:
    """The folder of a checked `file:` address."""
    return Path(address.removeprefix(_FILE))


def _checked_folder(address: str, path: str) -> str:
    path = path.removeprefix("//") if path.startswith(("///", "//~")) else path
    if not path or path.startswith("//"):
        raise _wrong(address, "it names no folder of this machine")
    try:
        return f"{_FILE}{Path(path).expanduser().absolute()}"
    except RuntimeError as problem:
        raise _wrong(address, "nobody's home folder is known by that name") from problem


def _checked_mailbox(address: str, mailbox: str) -> str:
    local, at, domain = mailbox.rpartition("@")
    if not at:
        raise _wrong(address, "it has no @")
    if _LOCAL.fullmatch(local) is None:
        raise _wrong(address, "the part before the @ is not plain ASCII letters, digits and signs")
    host = _ascii_host(domain)
    if host is None or _DOMAIN.fullmatch(host) is None:
        raise _wrong(address, "the part after the @ is not the name of a mail host")
    return f"{local}@{host}"


def _ascii_host(domain: str) -> str | None:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def _wrong(address: str, why: str) -> CommandWrong:
    shown = cut(one_line(address), 80)
    return CommandWrong(
        f"{shown!r} is no address: {why}; give one like ann@hospital.example or file:folder"
    )
