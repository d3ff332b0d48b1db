"""One call of a command: its arguments, its settings, and ways to speak."""

from __future__ import annotations

import argparse
import csv
import getpass
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import orjson

from ctmonitor.errors import CommandWrong, SettingWrong
from ctmonitor.records.dates import LAST_YEAR
from ctmonitor.settings import Settings, read_settings

if TYPE_CHECKING:
    from ctmonitor.delivery import Outlets
    from ctmonitor.jobs.clock import Clock
    from ctmonitor.rules import Tuning
    from ctmonitor.sources.ctgov import Registry
    from ctmonitor.store import Store

LONGEST = 70
LONGEST_LAST = 200
"""Characters of a cell that a table shows; the whole of it is in JSON and CSV."""

_NOWHERE = ("sqlite:", "sqlite://", "sqlite:///", "sqlite:///:memory:")
FIRST_YEAR = 1900
LONGEST_RETURN_NAME = 30
"""Of an address that mails come back to: with the key behind it, it must be no more than 64."""
"""No register of trials is older, and days long before have no place in every time zone."""


class Call:
    """What a command works with; closes what it opened."""

    def __init__(self, args: argparse.Namespace, environ: Mapping[str, str]) -> None:
        self.args = args
        self.environ = environ
        self._opened = ExitStack()

    def __enter__(self) -> Call:
        # A wrong setting is said whatever the command: it would bite another day. Only what checks
        # the whole file says all of them.
        if not (self.args.command == "rules" and self.args.name == "check"):
            _ = self.settings
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    @cached_property
    def settings(self) -> Settings:
        """The operator's settings, read once."""
        return read_settings(self.environ)

    @property
    def database_url(self) -> str:
        """Where the store is: by option, by setting, or a file in the user's data folder."""
        url = self.args.db or self.settings["database_url"]
        if url in _NOWHERE:
            why = "it names no file, so that nothing would be kept"
            raise SettingWrong("CTMONITOR_DATABASE_URL", why, "give sqlite:///path/to/file.db")
        if url:
            return str(url)
        return f"sqlite:///{self.data_folder / 'ctmonitor.db'}"

    @property
    def data_folder(self) -> Path:
        """The user's own folder for what we keep."""
        from platformdirs import user_data_path

        return user_data_path("ctmonitor")

    @cached_property
    def store(self) -> Store:
        """The store, opened when first asked for."""
        from ctmonitor.store import open_store

        store = open_store(self.database_url)
        self._opened.callback(store.close)
        return store

    @cached_property
    def clock(self) -> Clock:
        """Our clock, on the day that `--today` names."""
        from ctmonitor.jobs.clock import Clock

        today = getattr(self.args, "today", None)
        return Clock(zone=self.settings["zone"], day=a_day(today) if today else None)

    @cached_property
    def tuning(self) -> Tuning:
        """How the operator tuned the rules."""
        from ctmonitor.rules import Tuning

        return Tuning.read(self.settings.rules)

    @cached_property
    def outlets(self) -> Outlets:
        """The ways out, as they are set."""
        from ctmonitor.cli.ways_out import chats_in, webhooks_in
        from ctmonitor.delivery import Links, Outlets, ReturnAddress, SmtpServer

        settings = self.settings
        url, base, secret = settings["smtp_url"], settings["web_url"], settings["web_secret"]
        return Outlets(
            smtp=SmtpServer.parse(url, settings["smtp_password"]) if url else None,
            sender=settings["mail_from"],
            webhooks=webhooks_in(settings.ways_out["webhooks"], self.environ),
            chats=chats_in(settings.ways_out["chats"], self.environ),
            links=Links(base, secret) if base and secret else None,
            returns=ReturnAddress(self.return_address, secret) if self.return_address else None,
        )

    @property
    def return_address(self) -> str | None:
        """Where mails come back to; SettingWrong for one that cannot be signed, or is too long."""
        address: str | None = self.settings["bounce_address"]
        if address and not self.settings["web_secret"]:
            why, mend = "nothing is there to sign it by", "set CTMONITOR_WEB_SECRET_FILE, too"
            raise SettingWrong("CTMONITOR_BOUNCE_ADDRESS", why, mend)
        if address and len(address.rpartition("@")[0]) > LONGEST_RETURN_NAME:
            why = f"its name is longer than {LONGEST_RETURN_NAME} characters"
            raise SettingWrong("CTMONITOR_BOUNCE_ADDRESS", why, "give one like bounces@example.org")
        return address

    @cached_property
    def registry(self) -> Registry:
        """The registry's API, to be asked in the manners that are set."""
        from ctmonitor.sources.client import Client, Manners
        from ctmonitor.sources.ctgov import Registry

        settings = self.settings
        client = Client(
            Manners(
                url=settings["ctgov_url"],
                rate=settings["ctgov_rate"],
                contact=settings["contact"],
                request_seconds=settings["ctgov_request_seconds"],
                look_seconds=settings["ctgov_look_seconds"],
                tries=settings["ctgov_tries"],
            )
        )
        self._opened.callback(client.close)
        return Registry(client)

    @property
    def flood_limit(self) -> int:
        """How many alerts of one rule in one look are told one by one."""
        return int(self.settings["flood_limit"])

    @property
    def operator(self) -> str | None:
        """The address that is told of what ails the monitor itself; None where none is set."""
        from ctmonitor.delivery import check_address

        address = self.settings["operator"]
        try:
            return check_address(address) if address else None
        except CommandWrong:
            mend = "give a mailbox such as ops@hospital.example, or another way out"
            raise SettingWrong("CTMONITOR_OPERATOR", "it is no address", mend) from None

    @property
    def who(self) -> str:
        """The person who called, as the system knows them."""
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a container's user need not have a name
            name = f"user {os.getuid()}"
        return one_line(name.encode(errors="replace").decode())

    def say(self, sentence: str) -> None:
        """A remark for people, on stderr; nothing when they asked for quiet."""
        if not self.args.quiet:
            sys.stderr.write(f"{one_line(sentence)}\n")

    def give(self, text: str) -> None:
        """A line of what was asked for, on stdout; nothing in it can steer a terminal."""
        sys.stdout.write(f"{one_line(text)}\n")

    def give_json(self, value: Any) -> None:
        """A value as JSON on stdout; nothing in it can steer a terminal."""
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        shown = _harmless(text) if sys.stdout.isatty() else text
        sys.stdout.write(f"{_spelled(shown)}\n")

    def give_csv(self, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows as CSV on stdout; text that a spreadsheet would take for a formula is quoted."""
        shown = one_line if sys.stdout.isatty() else str
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        for row in rows:
            cells = [_cell(row.get(name)) for name in names]
            writer.writerow([shown(one) if isinstance(one, str) else one for one in cells])

    def give_table(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows in columns, for reading; only the last column has room for a whole sentence."""
        last = len(names) - 1
        texts = [
            [_shown(cell, LONGEST_LAST if at == last else LONGEST) for at, cell in enumerate(row)]
            for row in rows
        ]
        widths = [
            max(len(name), *(len(row[at]) for row in texts)) if texts else len(name)
            for at, name in enumerate(names)
        ]
        for row in (names, *texts):
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.give(line.rstrip())


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 study`, `2,000 studies`."""
    return f"{number:,} {one if number == 1 else many}"


def one_line(text: str) -> str:
    """The text with a space for everything that cannot be seen, so that it stays one line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def a_day(text: str) -> date:
    """The day that someone wrote; CommandWrong for anything but YYYY-MM-DD."""
    from ctmonitor.records import PartialDate

    try:
        written = PartialDate.parse(text)
        if written.day is None:
            raise ValueError
    except ValueError:
        raise CommandWrong(f"{text!r} is not a day; write it as 2026-03-02") from None
    return _in_our_times(text, written.first)


def an_instant(text: str, clock: Clock, *, is_end: bool) -> datetime:
    """The instant in `2026-03-02` (its start, or its end) or `2026-03-02T09:00:00Z`."""
    if "T" not in text:
        day = a_day(text)
        return clock.end_of(day) if is_end else clock.start_of(day)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        wanted = "write it as 2026-03-02 or 2026-03-02T09:00:00Z"
        raise CommandWrong(f"{text!r} is not a day or an instant; {wanted}") from None
    _in_our_times(text, instant.date())
    return instant if instant.tzinfo else instant.replace(tzinfo=clock.zone)


def _in_our_times(text: str, day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CommandWrong(f"{text!r} is no day from {FIRST_YEAR} to {LAST_YEAR}; write such a one")
    return day


def a_number(text: str) -> str:
    """The study number that someone wrote; CommandWrong for anything else."""
    from ctmonitor.records import NCT_ID

    number = text.strip().upper()
    if not NCT_ID.fullmatch(number):
        raise CommandWrong(f"{text!r} is not a study number; write NCT and eight digits")
    return number


def numbers_in(path: str) -> list[str]:
    """The study numbers in a file: any separators; CommandWrong where a word is none."""
    try:
        words = Path(path).read_text(encoding="utf-8-sig").replace(",", " ").split()
    except (OSError, UnicodeDecodeError):
        raise CommandWrong(f"{path} cannot be read; name a text file of study numbers") from None
    return [a_number(word.strip("\"';")) for word in words]


def _harmless(text: str) -> str:
    """JSON with `\\u1234` for what cannot be seen; JSON itself lets some control signs through."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text
    )


def _spelled(text: str) -> str:
    """JSON with `\\u1234` for what the terminal's encoding cannot write."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in text)
    return text


def _cell(value: Any) -> Any:
    from ctmonitor.delivery.table import harmless

    if isinstance(value, dict | list):
        value = orjson.dumps(value).decode()
    return harmless(value) if isinstance(value, str) else value


def _shown(value: Any, longest: int) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    text = one_line(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
