"""Messages for chats and telephones, handed over by Apprise: one short text, one request.

What the registry says cannot act there: it names nobody, runs no command and makes no link.
"""

from __future__ import annotations

import html
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any

from ctmonitor.alerts import Severity
from ctmonitor.delivery.digest import Digest, Row
from ctmonitor.delivery.evidence import line_of, study_number
from ctmonitor.delivery.hushed import hushed
from ctmonitor.delivery.reach import Reach, reaching
from ctmonitor.delivery.sheet import Limits, gist_of, link_of
from ctmonitor.delivery.words import answered, counted, cut, one_line
from ctmonitor.errors import DeliveryFailed, SettingWrong

SECONDS = 20.0
"""The longest that one message may take."""
WAIT = 10.0
"""The longest that the other side may be silent meanwhile."""
ROOM = 2_800
"""How many bytes a text has at most; Slack shows 3,000 characters and ntfy 4,096 bytes."""
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
_ALSO = ("https", "workflows", "wxteams")
"""What else a URL may begin with: some chats hand out one that Apprise knows as it is."""
_NOT_UNDERSTOOD = "Apprise does not understand its url"
_OTHER_KIND = "url is of a kind that is not for this; these are: " + ", ".join(_KINDS.values())
_MEND = "docs/chat.md shows one for each kind"
_URGENT = (Severity.CRITICAL, Severity.HIGH)
_JOINER = "\u2060"
_ACTS = re.compile(
    r"(?:^|(?<=[\s(\[]))/(?=\w)"  # a command
    r"|@(?=\S)|<(?=[^\s\d=])|&(?=#?\w+;)"  # somebody is called, or markup begins
    r"|\](?=[(\[])|:(?=//)|(?<=\w)[.。．｡](?=[^\W\d_]{2})"  # a link
)
_NO_REQUEST = "it could not be reached"
_TROUBLES = (
    ("SSLError", f"{_NO_REQUEST}: its certificate is not trusted, or TLS could not be set up"),
    ("imed out", f"it was silent for longer than {WAIT:g} seconds"),
    ("refused", f"{_NO_REQUEST}: nobody listens there"),
    ("resolve", f"{_NO_REQUEST}: its name is not known"),
)
"""What the words of an exception are a sign of."""
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
        _usable(made)
        return made

    @property
    def address(self) -> str:
        """What a subscriber to it is called."""
        return f"chat:{self.name}"


def send(digest: Digest, chat: Chat) -> None:
    """Hand one message over; DeliveryFailed when it was not taken, without a word of the URL."""
    ear = _Ear()
    try:
        plugin = _usable(chat)
    except SettingWrong as problem:
        raise DeliveryFailed(chat.address, str(problem), permanent=False) from None
    plugin.logger = ear
    title, body = _words_for(plugin, digest)
    with reaching(SECONDS, may_be_private=chat.allow_private) as reach, hushed():
        try:
            is_taken = plugin.notify(body=body, title=title, body_format=_text())
        except Exception:  # a plugin may raise anything, and its words hold the address
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
    rows = digest.rows[: limits.rows]
    lines = [line for row in rows for line in _told(row, limits, kind)]
    left_out = len(digest.rows) - len(rows)
    if left_out:
        lines.append(f"and {left_out:,} more; `ctmonitor alerts` lists them")
    dated = f"of {digest.data_date.isoformat()}" if digest.data_date else "without a date"
    lines.append(f"Registry data {dated}. Message {digest.key[:12]}.")
    return ("\n\n" if kind == "workflow" else "\n").join(lines)


def _told(row: Row, limits: Limits, kind: str) -> Iterator[str]:
    """One alert in a few lines; its link is made of the study's number, and of nothing else."""
    alert, written = row.alert, _WRITTEN.get(kind, quiet)
    number = study_number(alert.nct_id)
    link = link_of(number)
    who = f"{number} " if number else ""
    if link and kind == "workflow":
        who, link = f"[{number}]({link}) ", None
    urgent = f"{alert.severity.value.upper()}: " if alert.severity in _URGENT else ""
    headline = one_line(alert.headline).removeprefix(number or "").lstrip(" :,")
    yield f"{who}{urgent}{written(cut(headline, limits.characters))}"
    for piece in alert.evidence[: limits.lines]:
        yield f"- {written(str(line_of(piece, limits.characters)))}"
    if len(alert.evidence) > limits.lines:
        yield f"- and {counted(len(alert.evidence) - limits.lines, 'more line')} of evidence"
    if link:
        yield link


def _for_slack(text: str) -> str:
    return html.escape(quiet(text), quote=False)


def _for_teams(text: str) -> str:
    """Without the marks of Markdown that a card would take away or obey."""
    return re.sub(r"([\\`*_\[\]])", r"\\\1", quiet(text))


_WRITTEN: dict[str, Callable[[str], str]] = {"slack": _for_slack, "workflow": _for_teams}


def _words_for(plugin: Any, digest: Digest) -> tuple[str, str]:
    """The title and the text, in what the plugin is to be given."""
    from apprise.conversion import convert_between

    convert: Any = convert_between
    kind, width, into = _kind(plugin), int(plugin.title_maxlen), plugin.notify_format
    title = _title(digest, width)
    # What Apprise has for Teams, which takes 28 kB, is far less.
    room = ROOM if kind == "workflow" else min(ROOM, int(plugin.body_maxlen))
    body = text_of(digest, room - len(title.encode()), kind=kind)
    if width <= 0:
        # It becomes the first line of the text; elsewhere the plugin writes it as it must.
        title = convert(_text(), into, title)
    return title, convert(_text(), into, body)


def _text() -> Any:
    from apprise import NotifyFormat

    return NotifyFormat.TEXT


def _title(digest: Digest, width: int) -> str:
    """The message in one line; `width` is 0 where the title becomes the text's first line."""
    gist = gist_of(digest)
    for length in range(len(gist), 0, -1):
        title = quiet(cut(gist, length))
        if width <= 0 or len(title) <= width:
            return title
    return ""


def _kind(plugin: Any) -> str:
    """Which kind of chat it is, however its URL was written; empty for any other."""
    names = [plugin.protocol, plugin.secure_protocol]
    known = {name for some in names for name in ([some] if isinstance(some, str) else some or ())}
    return next((kind for kind in _KINDS if kind in known), "")


def _why_not(url: str) -> str | None:
    """Why the URL cannot be used, from how it is written."""
    if not url.isprintable() or " " in url or "://" not in url:
        return "url is not one address as Apprise writes them"
    if "," in url or url.count("://") > 1:
        return "url names more than one address, and half of a message would be sent twice"
    schema = url.partition("://")[0].lower()
    if not {schema, schema.removesuffix("s")} & {*_KINDS, *_ALSO}:
        return _OTHER_KIND
    return None


def _why_not_this(plugin: Any) -> str | None:
    """Why what Apprise made of the URL cannot be used."""
    if plugin is None:
        return _NOT_UNDERSTOOD
    if not _kind(plugin):
        return _OTHER_KIND
    # What Apprise counts for Webex is one whatever its rooms.
    targets = getattr(plugin, "targets", None) or ()
    if len(plugin) != 1 or len(targets) > 1:
        return "url names more than one recipient; a chat has one, make a chat for each"
    if getattr(plugin, "detect_owner", False) and not targets:
        return "url names no recipient, and whoever wrote to the bot last would be it"
    if getattr(plugin, "template", None):
        return "url names a template, in which what the registry says could act"
    return None


def _usable(chat: Chat) -> Any:
    """What Apprise makes of the chat, or SettingWrong without a word of its URL."""
    why, mend, plugin = _why_not(chat.url), _MEND, None
    if why is None and not _is_installed():
        why, mend = "Apprise is not installed", "`pip install 'ctmonitor[chat]'` brings it"
    if why is None:
        with hushed():
            try:
                plugin = _plugin(chat.url)
                why = _why_not_this(plugin)
            except Exception:  # what a plugin says of a wrong URL may repeat it
                why = _NOT_UNDERSTOOD
    if why is not None:
        raise SettingWrong(f"chats.{chat.name}", why, mend)
    return plugin


@cache
def _is_installed() -> bool:
    """Whether Apprise is there; its kinds are read here, while Python may find fault with them."""
    with warnings.catch_warnings(), hushed():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            from apprise import Apprise
        except ImportError:
            return False
        Apprise.instantiate("json://localhost")
    return True


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
    kind = _kind(plugin)
    plugin.notify_format = NotifyFormat.HTML if kind == "tgram" else NotifyFormat.TEXT
    if kind == "slack":
        plugin.use_blocks = False
    return plugin


class _Ear(logging.Logger):
    """Hears what a plugin would log, and tells nobody: it may hold secrets."""

    def __init__(self) -> None:
        super().__init__("ctmonitor.delivery.chat.ear")
        self.refusals = ""
        self.troubles = ""

    def isEnabledFor(self, level: int) -> bool:
        """Whatever the operator has set for logs, a refusal is heard."""
        return level >= logging.DEBUG

    def handle(self, record: logging.LogRecord) -> None:
        """Keep what says how it went; other words may be those of the registry."""
        said = record.getMessage()
        if record.levelno >= logging.WARNING:
            self.refusals += f"{said}\n"
        elif said.startswith("Socket Exception"):
            self.troubles += f"{said}\n"


def _failure(address: str, ear: _Ear, reach: Reach) -> DeliveryFailed:
    """What is to be known of a refusal: numbers and our own words, nothing that was logged."""
    codes, again = _CODE.findall(ear.refusals), _AGAIN.search(ear.refusals)
    code = int(codes[-1]) if codes else None
    if reach.why is not None:
        why = f"{_NO_REQUEST}: {reach.why}"
    elif code is not None:
        why = _refusal(code)
    else:
        why = next((why for sign, why in _TROUBLES if sign in ear.troubles), _NO_REQUEST)
    return DeliveryFailed(
        address,
        why,
        permanent=False,
        is_gone=code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
        retry_after=float(again[1]) if again and code == HTTPStatus.TOO_MANY_REQUESTS else None,
    )


def _refusal(code: int) -> str:
    named = answered(code)
    if code == HTTPStatus.OK:
        return f"{named}, but not that it took the message"
    if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"{named}; see whether the token still holds and may write there"
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return f"{named}; the chat or its address is no longer there"
    return named
