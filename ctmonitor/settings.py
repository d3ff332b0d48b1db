"""What an operator may set: by environment, by a file for secrets, or in `ctmonitor.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ctmonitor.errors import SettingWrong

PREFIX = "CTMONITOR_"
CONFIG_FILE = "ctmonitor.toml"
WAYS_OUT = ("webhooks", "chats")
LONGEST_SHOWN = 80
SHORTEST_SECRET = 32
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"([1-9][0-9]{0,5})([mhd])", re.ASCII)
_PASSWORD_OPTION = re.compile(r"([?&][^=&]*passw[^=&]*=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set; `read` turns its text into a value or raises ValueError."""

    name: str
    meaning: str
    default: str | None
    read: Callable[[str], Any]
    mend: str
    is_secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it; with `_FILE` behind, the file that holds it."""
        return f"{PREFIX}{self.name.upper()}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, read once, with where each came from."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    rules: Mapping[str, Any] = field(default_factory=dict)
    subscribers: Sequence[Any] = ()
    """The tables of who hears what, as they stand in the file."""
    ways_out: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The tables of `webhooks` and of `chats` by name, as they stand in the file."""

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def plain(self) -> list[dict[str, Any]]:
        """All settings in words, secrets masked."""
        return [
            {
                "name": one.name,
                "variable": one.variable,
                "value": _masked(one, self.values[one.name]),
                "origin": self.origins[one.name],
                "meaning": one.meaning,
            }
            for one in SETTINGS
        ]


def read_settings(environ: Mapping[str, str], *, folder: Path | None = None) -> Settings:
    """The settings in an environment and in the file it names; SettingWrong for a wrong one.

    Without `CTMONITOR_CONFIG`, a `ctmonitor.toml` in `folder` (the working folder) is read.
    """
    table, path = _table(environ, folder or Path())
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for one in SETTINGS:
        text, origin = _text(one, environ, table, path)
        origins[one.name] = origin
        values[one.name] = None if text is None else _value(one, text, origin)
    rules, people = table.pop("rules", {}), table.pop("subscribers", [])
    ways_out = {name: table.pop(name, {}) for name in WAYS_OUT}
    unknown = sorted(set(table) - {one.name for one in SETTINGS})
    if unknown:
        raise SettingWrong(f"{path}: {unknown[0]}", "there is no such setting", _known())
    if not isinstance(rules, dict):
        raise SettingWrong(f"{path}: rules", "it is not a table", "write [rules.NAME]")
    for name, those in ways_out.items():
        if not isinstance(those, dict):
            raise SettingWrong(f"{path}: {name}", "it is not a table", f"write [{name}.NAME]")
    if not isinstance(people, list):
        mend = "write [[subscribers]]"
        raise SettingWrong(f"{path}: subscribers", "it is not a list of tables", mend)
    return Settings(values, origins, rules, people, ways_out)


def _table(environ: Mapping[str, str], folder: Path) -> tuple[dict[str, Any], Path]:
    named = environ.get(f"{PREFIX}CONFIG")
    path = Path(named) if named else folder / CONFIG_FILE
    if not named and not _is_there(path):
        return {}, path
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), path
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        mend = "name a readable TOML file"
        raise SettingWrong(f"{PREFIX}CONFIG", f"{path}: {why}", mend) from None
    except tomllib.TOMLDecodeError as problem:
        raise SettingWrong(str(path), f"it is not TOML: {problem}", "mend that line") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or lists without end
        raise SettingWrong(str(path), "it is not TOML that can be read", "mend it") from None


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that this user may not look into
        return False


def _text(
    one: Setting, environ: Mapping[str, str], table: Mapping[str, Any], path: Path
) -> tuple[str | None, str]:
    file = environ.get(f"{one.variable}_FILE")
    if environ.get(one.variable):
        return environ[one.variable], one.variable
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip(), f"{one.variable}_FILE"
        except (OSError, UnicodeDecodeError):
            mend = "name a readable file of UTF-8 text"
            raise SettingWrong(f"{one.variable}_FILE", f"{file} cannot be read", mend) from None
    if one.name in table:
        value = table[one.name]
        if isinstance(value, dict | list):
            raise SettingWrong(f"{path}: {one.name}", "it is not a single value", one.mend)
        return str(value), str(path)
    return one.default, "default"


def _value(one: Setting, text: str, origin: str) -> Any:
    try:
        return one.read(text)
    except ValueError as problem:
        shown = "" if one.is_secret else f" ({_without_password(text)[:LONGEST_SHOWN]!r})"
        is_itself = origin in ("default", one.variable)
        name = one.variable if is_itself else f"{one.variable} (from {origin})"
        raise SettingWrong(name, f"{problem}{shown}", one.mend) from None


def _known() -> str:
    names = ", ".join(one.name for one in SETTINGS)
    return f"the settings are {names}, and the tables rules, subscribers, {', '.join(WAYS_OUT)}"


def _masked(one: Setting, value: Any) -> Any:
    if value is None:
        return None
    if one.is_secret:
        return "********"
    return _without_password(str(value)) if isinstance(value, str) else value


def _without_password(text: str) -> str:
    """A URL with its password masked, before the host or among the options; else as it is."""
    scheme, separator, rest = text.partition("://")
    if not separator:  # one that was meant to be a URL, perhaps
        before, at, host = text.rpartition("@")
        return f"{before.partition(':')[0]}:********@{host}" if at and ":" in before else text
    rest = _PASSWORD_OPTION.sub(r"\1********", rest)
    user, at, host = rest.rpartition("@")
    if at and ":" in user:
        rest = f"{user.partition(':')[0]}:********@{host}"
    return f"{scheme}://{rest}"


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("it is not an http address")
    return text.rstrip("/")


def _rate(text: str) -> float:
    rate = _number(text)
    if not 0 < rate <= 10_000:
        raise ValueError("it is not between 0 and 10,000")
    return rate


def _seconds(text: str) -> float:
    seconds = _number(text)
    if not 0 < seconds <= 604_800:
        raise ValueError("it is not between 0 and 604,800")
    return seconds


def _span(text: str) -> timedelta:
    """`90m`, `24h` or `2d`, from a minute to 60 days."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError("it is not a span of time")
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not timedelta(minutes=1) <= span <= timedelta(days=60):
        raise ValueError("it is not between 1 minute and 60 days")
    return span


def _secrets(text: str) -> str:
    """One or more secrets, with white space between them: the first signs, each is accepted."""
    words = text.split()
    if not words or any(len(one) < SHORTEST_SECRET for one in words):
        raise ValueError(f"it is shorter than {SHORTEST_SECRET} characters")
    return " ".join(words)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("it is not a number") from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError("it is not a whole number from 1")
    return int(text)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("it is not a time zone") from None


def _address(text: str) -> str:
    if "@" not in text or any(sign in text for sign in "\r\n"):
        raise ValueError("it is not an e-mail address")
    return text


SETTINGS = (
    Setting(
        "database_url",
        "where the store is: sqlite:///path/to/file.db or postgresql://user@host/database",
        None,
        str,
        "give sqlite:///path/to/file.db or postgresql://user@host/database",
        is_secret=False,
    ),
    Setting(
        "ctgov_url",
        "base address of the registry's API",
        "https://clinicaltrials.gov/api/v2",
        _url,
        "give an address like https://clinicaltrials.gov/api/v2",
    ),
    Setting(
        "ctgov_rate",
        "requests a second to the registry",
        "1",
        _rate,
        "give a number such as 1",
    ),
    Setting(
        "ctgov_request_seconds",
        "the longest that one request to the registry may take",
        "120",
        _seconds,
        "give a number of seconds such as 120",
    ),
    Setting(
        "ctgov_look_seconds",
        "the longest that all requests of one look may take, with the waits between them",
        "14400",
        _seconds,
        "give a number of seconds such as 14400",
    ),
    Setting(
        "ctgov_tries",
        "how often a request is made before it is given up",
        "6",
        _count,
        "give a whole number such as 6",
    ),
    Setting("contact", "who to write to about our requests, named to the registry", None, str, ""),
    Setting(
        "smtp_url",
        "the mail server: smtp://host:25, smtp://user@host:587 or smtps://user@host",
        None,
        str,
        "give smtp://host:25, smtp://user@host:587 or smtps://user@host",
    ),
    Setting("smtp_password", "the password for the mail server", None, str, "", is_secret=True),
    Setting(
        "mail_from",
        "the address that mails come from",
        "ctmonitor@localhost",
        _address,
        "give an address like monitor@example.org",
    ),
    Setting(
        "bounce_address",
        "where mails come back to that cannot be delivered; each gets +KEY behind the name",
        None,
        _address,
        "give an address like bounces@example.org, and set web_secret",
    ),
    Setting(
        "zone",
        "the time zone of `today` and of dates in questions",
        "UTC",
        _zone,
        "give a name such as Europe/Berlin",
    ),
    Setting(
        "flood_limit",
        "more alerts of one rule than this in one look become one summary",
        "1000",
        _count,
        "give a whole number such as 1000",
    ),
    Setting(
        "operator",
        "where the operator is told of what goes wrong; best by another way than the subscribers",
        None,
        str,
        "",
        is_secret=True,
    ),
    Setting(
        "sweep_interval",
        "how often you sweep; `ctmonitor status` fails after twice as long, weekends not counted",
        "24h",
        _span,
        "give a span such as 90m, 24h or 7d",
    ),
    Setting(
        "ping_url",
        "an address that is asked for after each good sweep, and with /fail behind it after others",
        None,
        _url,
        "give an address like https://hc-ping.com/your-check",
        is_secret=True,
    ),
    Setting(
        "web_url",
        "the address at which the readers of mails reach `ctmonitor web`",
        None,
        _url,
        "give an address like https://monitor.hospital.example",
    ),
    Setting(
        "web_secret",
        "signs links and return addresses in mails; of several, the first signs, each is accepted",
        None,
        _secrets,
        "make one with `openssl rand -hex 32`, and keep it in the file that "
        "CTMONITOR_WEB_SECRET_FILE names",
        is_secret=True,
    ),
    Setting("config", f"path of the TOML file; default {CONFIG_FILE} if there", None, str, ""),
)
