"""Messages for chats and telephones, handed over by Apprise: one short text, one request.

What the registry says cannot act there: it names nobody, runs no command and makes no link.
"""

from __future__ import annotations

import html
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from ctmonitor.delivery.digest import Digest
from ctmonitor.delivery.reach import Reach, reaching
from ctmonitor.delivery.sheet import Entry, Limits, gist_of, sheet_of
from ctmonitor.delivery.words import cut
from ctmonitor.errors import DeliveryFailed, SettingWrong

SECONDS = 20.0
"""The longest that one message may take."""
WAIT = 10.0
"""The longest that the other side may be silent meanwhile."""
ROOM = 2_800
"""How many bytes a text has at most; Slack shows 3,000 characters and ntfy 4,096 bytes."""
_LEAST_ROOM = 900
_LIMITS = (
    Limits(10, 2, 200),
    Limits(10, 2, 80),
    Limits(10, 1, 60),
    Limits(10, 1, 30),
    Limits(5, 1, 30),
    Limits(2, 1, 30),
    Limits(1, 1, 30),
)
_KINDS = {
    "bark": "Bark",
    "discord": "Discord",
    "gchat": "Google Chat",
    "gotify": "Gotify",
    "json": "JSON",
    "mmost": "Mattermost",
    "nctalk": "Nextcloud Talk",
    "ntfy": "ntfy",
    "pbul": "Pushbullet",
    "pover": "Pushover",
    "rocket": "Rocket.Chat",
    "slack": "Slack",
    "tgram": "Telegram",
    "webex": "Webex",
    "workflow": "Microsoft Teams",
    "zulip": "Zulip",
}
_ALSO = {"wxteams": "webex", "workflows": "workflow"}
_MEND = "docs/chat.md shows one for each kind"
_LOUD = (
    "apprise",
    "charset_normalizer",
    "requests",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.util.retry",
)
_JOINER = "\u2060"
_ACTS = re.compile(
    r"(?:^|(?<=[\s(\[]))/(?=\w)"  # a command
    r"|@(?=\S)|<(?=[^\s\d=])|!(?=\w)"  # somebody is called, or markup begins
    r"|\](?=[(\[:])|:(?=//)|(?<=\w)\.(?=[^\W\d_]{2})"  # a link
)
_CODE = re.compile(r"error=(\d{3})\d{0,2}\b", re.ASCII)
_AGAIN = re.compile(r"retry after (\d{1,5})\b", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat, as Apprise writes its address; `repr` does not show it, as it holds secrets."""

    name: str
    url: str = field(repr=False)
    allow_private: bool = False

    @classmethod
    def checked(cls, name: str, url: str, *, allow_private: bool = False) -> Chat:
        """The chat, when a message to it is one request to one place; else SettingWrong."""
        made = cls(name, url, allow_private)
        why = _why_not(made.url)
        if why is None:
            with _silent():
                why = _why_not_this(_plugin(url))
        if why is not None:
            raise SettingWrong(f"chats.{name}", why, _MEND)
        return made

    @property
    def address(self) -> str:
        """What a subscriber to it is called."""
        return f"chat:{self.name}"


def send(digest: Digest, chat: Chat) -> None:
    """Hand one message over; DeliveryFailed when it was not taken, without a word of the URL."""
    ear = _Ear()
    with reaching(SECONDS, may_be_private=chat.allow_private) as reach, _silent():
        try:
            is_taken = _hand_over(digest, chat, ear)
        except ImportError:
            is_taken, reach.why = False, _NOT_INSTALLED
        except Exception:  # whatever a plugin raises, its words may hold the address
            is_taken = False
    if not is_taken:
        raise _failure(chat.address, ear, reach)


def text_of(digest: Digest, room: int, *, kind: str) -> str:
    """The text of a message: at most `room` bytes, the most urgent studies first."""
    for limits in _LIMITS[:-1]:
        text = _printed(digest, limits, kind)
        if len(text.encode()) <= room:
            return text
    return _printed(digest, _LIMITS[-1], kind)


def quiet(text: str) -> str:
    """The text with a mark of no width wherever a chat would call, run or link to something."""
    return _ACTS.sub(lambda found: found[0] + _JOINER, text)


def _printed(digest: Digest, limits: Limits, kind: str) -> str:
    sheet = sheet_of(digest, limits)
    written = _WRITTEN.get(kind, quiet)
    lines = [line for entry in sheet.entries for line in _entry(entry, kind, written)]
    if sheet.more:
        lines.append(sheet.more)
    dated = digest.data_date.isoformat() if digest.data_date else "without a date"
    lines.append(f"Registry data {dated}. Message {digest.key[:12]}.")
    return ("\n\n" if kind == "workflow" else "\n").join(lines)


def _entry(entry: Entry, kind: str, written: Callable[[str], str]) -> Iterator[str]:
    urgent = f"{entry.severity.upper()}: " if entry.severity in ("critical", "high") else ""
    who = written(entry.who)
    if entry.link and kind == "workflow":
        who = f"[{who}]({entry.link})"
    yield f"{who} {urgent}{written(entry.headline)}"
    for line in entry.lines:
        yield f"- {written(str(line))}"
    if entry.more_lines:
        yield f"- {entry.more_lines}"
    if entry.link and kind != "workflow":
        yield entry.link


def _for_slack(text: str) -> str:
    return quiet(html.escape(text, quote=False))


def _for_teams(text: str) -> str:
    """Without the marks of Markdown that a card would take away or obey."""
    return re.sub(r"([\\`*_\[\]])", r"\\\1", quiet(text))


_WRITTEN: dict[str, Callable[[str], str]] = {"slack": _for_slack, "workflow": _for_teams}
_NOT_INSTALLED = "Apprise is not installed; `pip install 'ctmonitor[chat]'` brings it"


def _hand_over(digest: Digest, chat: Chat, ear: _Ear) -> bool:
    from apprise import NotifyFormat
    from apprise.conversion import convert_between

    plugin = _plugin(chat.url)
    if _why_not(chat.url) or _why_not_this(plugin):
        return False
    plugin.logger = ear
    kind = _kind(chat.url)
    title = _title(digest, int(plugin.title_maxlen))
    body = text_of(digest, _room(plugin) - len(title.encode()), kind=kind)
    text = NotifyFormat.TEXT
    body = convert_between(text, plugin.notify_format, content=body)
    if plugin.title_maxlen <= 0:
        title = convert_between(text, plugin.notify_format, content=title)
    return bool(plugin.notify(body=body, title=title, body_format=text))


def _title(digest: Digest, width: int) -> str:
    """The message in one line; `width` is 0 where the title becomes the text's first line."""
    gist = gist_of(digest)
    for length in range(len(gist), 0, -1):
        title = quiet(cut(gist, length))
        if width <= 0 or len(title) <= width:
            return title
    return ""


def _room(plugin: Any) -> int:
    # Apprise has 1,000 for Teams, which takes 28 kB.
    return ROOM if plugin.service_name == _TEAMS else min(ROOM, int(plugin.body_maxlen))


_TEAMS = "Power Automate / Workflows (for MSTeams)"


def _kind(url: str) -> str:
    schema = url.partition("://")[0].lower()
    schema = _ALSO.get(schema, schema)
    return schema if schema in _KINDS else schema.removesuffix("s")


def _why_not(url: str) -> str | None:
    """Why the URL cannot be used, from how it is written."""
    if not url.isprintable() or " " in url or "://" not in url:
        return "url is not one address as Apprise writes them"
    if "," in url or url.count("://") > 1:
        return "url names more than one address, and half of a message would be sent twice"
    if _kind(url) not in _KINDS:
        return "url is of a kind that is not for this; these are: " + ", ".join(_KINDS.values())
    return None


def _why_not_this(plugin: Any) -> str | None:
    """Why what Apprise made of the URL cannot be used."""
    if plugin is None:
        return "Apprise does not understand its url"
    if len(plugin) != 1:
        return "url names more than one recipient; a chat has one, make a chat for each"
    if getattr(plugin, "detect_owner", False) and not getattr(plugin, "targets", ()):
        return "url names no recipient, and whoever wrote to the bot last would be it"
    if getattr(plugin, "template", None):
        return "url names a template, in which what the registry says could act"
    return None


def _plugin(url: str) -> Any:
    """What Apprise makes of a URL, held to one try, no redirect and none of its own waits."""
    from apprise import Apprise, AppriseAsset, NotifyFormat, OverflowMode, PersistentStoreMode

    asset = AppriseAsset(
        app_id="ctmonitor",
        app_desc="ctmonitor",
        app_url="https://clinicaltrials.gov/",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        storage_mode=PersistentStoreMode.MEMORY,
    )
    plugin: Any = Apprise.instantiate(url, asset=asset)
    if plugin is None:
        return None
    plugin.redirects = False
    plugin.verify_certificate = True
    plugin.retry = 0
    plugin.throttle = lambda *_asked, **_named: None
    plugin.socket_connect_timeout = plugin.socket_read_timeout = WAIT
    plugin.overflow_mode = OverflowMode.UPSTREAM
    plugin.interpret_emojis = False
    kind = _kind(url)
    plugin.notify_format = NotifyFormat.HTML if kind == "tgram" else NotifyFormat.TEXT
    if kind == "slack":
        plugin.use_blocks = False
    return plugin


class _Ear(logging.Logger):
    """Hears what a plugin would log, and tells nobody: it may hold secrets."""

    def __init__(self) -> None:
        super().__init__("ctmonitor.delivery.chat.ear", logging.WARNING)
        self.heard: list[str] = []

    def isEnabledFor(self, level: int) -> bool:
        """Whatever the operator has set for logs, a refusal is heard."""
        return level >= logging.WARNING

    def handle(self, record: logging.LogRecord) -> None:
        """Keep the words here, and hand them to nobody."""
        self.heard.append(record.getMessage())


class _Silence(logging.Filter):
    """Drops what one thread logs."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether another thread says it."""
        return record.thread != self.thread


@contextmanager
def _silent() -> Iterator[None]:
    """Meanwhile the libraries that know the URL say nothing about what this thread does."""
    silence = _Silence()
    with ExitStack() as stack:
        for name in _LOUD:
            logger = logging.getLogger(name)
            logger.addFilter(silence)
            stack.callback(logger.removeFilter, silence)
        yield


def _failure(address: str, ear: _Ear, reach: Reach) -> DeliveryFailed:
    """What is to be known of a refusal: numbers and our own words, nothing that was logged."""
    said = " ".join(ear.heard)
    found, again = _CODE.search(said), _AGAIN.search(said)
    code = int(found[1]) if found else None
    if reach.why is not None:
        why = f"it could not be reached: {reach.why}"
    elif code is None:
        why = "it could not be reached"
    else:
        why = _refusal(code)
    return DeliveryFailed(
        address,
        why,
        permanent=False,
        is_gone=code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
        retry_after=float(again[1]) if again and code == HTTPStatus.TOO_MANY_REQUESTS else None,
    )


def _refusal(code: int) -> str:
    try:
        named = f"it answered {code} {HTTPStatus(code).phrase}"
    except ValueError:
        named = f"it answered {code}"
    if code == HTTPStatus.OK:
        return f"{named}, but not that it took the message"
    if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"{named}; see whether the token still holds and may write there"
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return f"{named}; the chat or its address is no longer there"
    return named
