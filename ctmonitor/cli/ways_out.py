"""The webhooks and chats that `ctmonitor.toml` names, with what their files and variables hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ctmonitor.delivery import Chat, Webhook, is_name
from ctmonitor.errors import SettingWrong

PLACES = ("", "_file", "_env")
"""Where a text may stand: in the table itself, in a file, in a variable of the environment."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, and where else its texts may stand."""

    where: str
    said: Mapping[str, Any] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)

    def text(self, key: str, *, places: tuple[str, ...] = PLACES) -> str:
        """The text of a key; SettingWrong, which never repeats it, unless it is given once."""
        given = [place for place in places if f"{key}{place}" in self.said]
        names = " or ".join(f"{key}{place}" for place in places)
        if len(given) != 1:
            raise SettingWrong(self.where, f"{names} must be given, and only one", f"write {names}")
        name = self.said[f"{key}{given[0]}"]
        if not isinstance(name, str) or not name:
            raise SettingWrong(self.where, f"{key}{given[0]} is not a text", f"write {names}")
        return {"": self._itself, "_file": self._in_file, "_env": self._in_variable}[given[0]](name)

    def flag(self, key: str) -> bool:
        """Whether something is said to be true; false when nothing is said."""
        value = self.said.get(key, False)
        if not isinstance(value, bool):
            raise SettingWrong(self.where, f"{key} is not true or false", f"write {key} = true")
        return value

    def check_keys(self, *known: str) -> None:
        """SettingWrong for a key that means nothing here."""
        unknown = sorted(self.said.keys() - set(known))
        if unknown:
            why = f"there is no key {unknown[0][:40]!r}"
            raise SettingWrong(self.where, why, f"the keys are {', '.join(known)}")

    def _itself(self, text: str) -> str:
        return text

    def _in_file(self, path: str) -> str:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            mend = "name a readable file of UTF-8 text"
            raise SettingWrong(self.where, f"{path} cannot be read", mend) from None

    def _in_variable(self, name: str) -> str:
        text = self.environ.get(name, "").strip()
        if not text:
            raise SettingWrong(self.where, f"{name} is not set", f"set the variable {name}")
        return text


def webhooks_in(tables: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Webhook]:
    """The webhooks by name; SettingWrong for the first that is not right."""
    return {name: _webhook(name, _table("webhooks", name, tables, environ)) for name in tables}


def chats_in(tables: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Chat]:
    """The chats by name; SettingWrong for the first that is not right."""
    return {name: _chat(name, _table("chats", name, tables, environ)) for name in tables}


def _chat(name: str, table: _Table) -> Chat:
    table.check_keys("url", "url_file", "url_env", "allow_private")
    return Chat.checked(name, table.text("url"), allow_private=table.flag("allow_private"))


def _webhook(name: str, table: _Table) -> Webhook:
    table.check_keys("url", "url_file", "url_env", "secret_file", "secret_env", "allow_private")
    return Webhook.checked(
        name,
        table.text("url"),
        table.text("secret", places=("_file", "_env")),
        allow_private=table.flag("allow_private"),
    )


def _table(kind: str, name: str, tables: Mapping[str, Any], environ: Mapping[str, str]) -> _Table:
    where, said = f"{kind}.{name[:40]}", tables[name]
    if not is_name(name):
        raise SettingWrong(where, "it cannot be called so", "call it by a-z, 0-9 and -")
    if not isinstance(said, Mapping):
        raise SettingWrong(where, "it is not a table", f"write [{where}]")
    return _Table(where, said, environ)
