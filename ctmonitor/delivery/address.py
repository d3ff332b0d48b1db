"""Where a message can go: a mailbox, a webhook or a chat by its name, or a folder of files."""

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
_NAMED = ("webhook", "chat")
"""What is reached by a name that stands in `ctmonitor.toml`, where its secrets are."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)


def check_address(address: str) -> str:
    """The address as it is kept: `name@host`, `webhook:NAME`, `chat:NAME`, or `file:` and a folder.

    Raises CommandWrong with the sentence that mends it.
    """
    if address != one_line(address):
        raise _wrong(address, "it has spaces around it, or characters that cannot be seen")
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() == "file":
        return _checked_folder(address, rest)
    if colon and scheme.lower() == "mailto":
        return _checked_mailbox(address, unquote(rest))
    if colon and scheme.lower() in _NAMED:
        return f"{scheme.lower()}:{_checked_name(address, rest)}"
    return _checked_mailbox(address, address)


def name_in(address: str, kind: str) -> str | None:
    """The name in a checked `webhook:` or `chat:` address; None in one of another kind."""
    found, _, name = address.partition(":")
    return name if found == kind else None


def is_name(text: str) -> bool:
    """Whether a webhook or a chat can be called so."""
    return _NAME.fullmatch(text) is not None


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


def _checked_name(address: str, name: str) -> str:
    if not is_name(name):
        raise _wrong(address, "a name is made of a-z, 0-9 and -, and stands in ctmonitor.toml")
    return name


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
