"""Twelve secrets go through whatever can fail, and are found nowhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
import pytest
from _pytest.mark import ParameterSet

from ctmonitor.cli import main
from ctmonitor.store import open_store
from ctmonitor.store.schema import deliveries, destinations
from tests.builders import a_study
from tests.soak.canaries import CANARIES, heard, mistakes, parrots, whsec

MAIL, HOOK, CHAT = "reader@example.org", "webhook:main", "chat:team"
NOBODY = 1
"""A port at which nobody listens."""
SAYING = (
    ("settings",),
    ("settings", "--json"),
    ("subscribe", "list"),
    ("subscribe", "list", "--json"),
    ("dispatch", "--list"),
    ("dispatch", "--list", "--json"),
    ("status", "--json"),
    ("verify", "--json"),
)
"""The commands that show what is set and what is kept."""


def _long(*codes: int) -> list[ParameterSet]:
    """What differs too little to be tried at every change."""
    return [pytest.param(code, marks=pytest.mark.soak) for code in codes]


class _Watched:
    """A monitor all of whose settings are secrets; everything that it says is kept."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capfd = capfd
        self.said: list[tuple[str, str]] = []
        self.url = f"sqlite:///{folder / 'store.db'}"

    def settings(self, mail: int, http: int) -> dict[str, str]:
        """The environment, with these ports for what is outside."""
        secrets = f"{whsec('webhook-secret')} {whsec('old-webhook-secret')}"
        (self.folder / "hook").write_text(secrets)
        (self.folder / "password").write_text(CANARIES["smtp-password"])
        (self.folder / "ctmonitor.toml").write_text(
            f'[webhooks.main]\nurl = "http://127.0.0.1:{http}/{CANARIES["webhook-url"]}"\n'
            f'secret_file = "{self.folder / "hook"}"\nallow_private = true\n'
            f'[chats.team]\nurl_env = "CHAT"\nallow_private = true\n'
        )
        return {
            "CTMONITOR_CONFIG": str(self.folder / "ctmonitor.toml"),
            "CTMONITOR_DATABASE_URL": self.url,
            "CTMONITOR_SMTP_URL": f"smtp://user@127.0.0.1:{mail}",
            "CTMONITOR_SMTP_PASSWORD_FILE": str(self.folder / "password"),
            "CTMONITOR_OPERATOR": f"{CANARIES['operator']}@example.org",
            "CTMONITOR_PING_URL": f"http://127.0.0.1:{http}/{CANARIES['ping-url']}",
            "CTMONITOR_WEB_URL": "https://monitor.example",
            "CTMONITOR_WEB_SECRET": f"{CANARIES['web-secret']} {CANARIES['old-web-secret']}",
            "CHAT": f"json://127.0.0.1:{http}/{CANARIES['chat-url']}",
        }

    def run(self, environ: Mapping[str, str], *words: str) -> tuple[int, str]:
        """Run one command; gives its code, and what it said."""
        code = main(words, environ)
        out, err = self.capfd.readouterr()
        self.said.append((" ".join(words), out + err))
        return code, out + err

    def owe(self) -> None:
        """Let each way out be owed a message, now, whatever was tried before."""
        past = "2000-01-01T00:00:00.000000Z"
        owed = {"state": "owed", "tries": 0, "claimed_until": None, "next_try_at": past}
        store = open_store(self.url)
        with store.writing() as tx:
            tx.connection.execute(deliveries.update().values(**owed))
            tx.connection.execute(destinations.delete())
        store.close()

    def begin(self, environ: Mapping[str, str]) -> None:
        """Watch, subscribe every way out, and find something worth telling."""
        assert self.run(environ, "watch", "add", "everything", "--all")[0] == 0
        for address in (MAIL, HOOK, CHAT):
            words = ("subscribe", "add", address, "--watch", "everything")
            assert self.run(environ, *words)[0] == 0, self.said[-1]
        for day, status in (("2026-03-02", "RECRUITING"), ("2026-03-03", "SUSPENDED")):
            study = a_study(nct_id="NCT10000000", data_date=day, overall_status=status)
            (self.folder / "release.ndjson").write_bytes(orjson.dumps(study) + b"\n")
            release = str(self.folder / "release.ndjson")
            words = ("sweep", release, "--today", day, "--no-dispatch", "--verbose")
            assert self.run(environ, *words)[0] == 0, self.said[-1]

    def leaks(self) -> Iterator[tuple[str, set[str]]]:
        """Where a secret stands that should not, and which."""
        for words, said in self.said:
            yield words, heard(said.encode())
        for path in self.folder.glob("store.db*"):
            yield path.name, heard(path.read_bytes())


@pytest.fixture
def watched(tmp_path, capfd, upgraded_file) -> _Watched:
    """A monitor that has something to tell."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    monitor = _Watched(tmp_path, capfd)
    monitor.begin(monitor.settings(NOBODY, NOBODY))
    return monitor


def _found(watched: _Watched) -> dict[str, set[str]]:
    return {where: which for where, which in watched.leaks() if which}


@pytest.mark.parametrize("code", [None, 500, *_long(301, 401, 410)])
def test_no_way_out_that_fails_tells_a_secret(watched, code):
    """Servers that are not there, and servers that refuse and repeat all they were told."""
    with parrots(code or 500) as (mail, http):
        environ = watched.settings(*((NOBODY, NOBODY) if code is None else (mail, http)))
        for more in ((), ("--json",), ("--verbose",)):
            watched.owe()
            _, said = watched.run(environ, "dispatch", *more)
            assert all(address in said for address in (MAIL, HOOK, CHAT)), (more, watched.said[-3:])
        for address in (MAIL, HOOK, CHAT):
            assert watched.run(environ, "subscribe", "test", address, "--verbose")[0] != 0
        release = str(watched.folder / "release.ndjson")
        watched.run(environ, "sweep", release, "--today", "2026-03-04", "--verbose")
        watched.run(environ, "sweep", "nothing.ndjson", "--today", "2026-03-05", "--verbose")
        for words in SAYING:
            watched.run(environ, *words)
    # The operator is somebody who is written to: an address, which the outbox must know.
    found = {where: which - {"operator"} for where, which in _found(watched).items()}
    assert {where: which for where, which in found.items() if which} == {}
    shown = [said for words, said in watched.said if words.startswith("settings")]
    assert heard("".join(shown).encode()) == set()


def test_no_wrong_setting_is_repeated_with_its_secret(watched):
    """Whatever is mistyped, neither the refusal nor what is shown holds the secret."""
    environ = watched.settings(NOBODY, NOBODY)
    for name, wrong in mistakes().items():
        for words in (("settings",), ("dispatch", "--verbose"), ("subscribe", "test", MAIL)):
            _, said = watched.run({**environ, **wrong}, *words)
            watched.said[-1] = (f"{name}: {' '.join(words)}", said)
    for name, wrong in mistakes().items():
        url = wrong.get("CTMONITOR_DATABASE_URL")
        if url:
            _, said = watched.run(environ, "status", "--db", url, "--verbose")
            watched.said[-1] = (f"{name}: --db", said)
    assert _found(watched) == {}


def _torn(folder: Path) -> dict[str, str]:
    """Ways to write the file of settings wrongly, with a secret in it."""
    chat, hook = CANARIES["chat-url"], CANARIES["webhook-url"]
    good, wrong = folder / "good", folder / "wrong"
    good.write_text(whsec("webhook-secret"))
    wrong.write_text(CANARIES["webhook-secret"])
    main, sign = "[webhooks.main]\nurl", f'secret_file = "{good}"\n'
    return {
        "no end": f'smtp_password = "{CANARIES["smtp-password"]}\n',
        "no quotes": f"smtp_password = {CANARIES['smtp-password']}\n",
        "escape": f'smtp_password = "\\{CANARIES["smtp-password"]}"\n',
        "other key": f'smtp_pasword = "{CANARIES["smtp-password"]}"\n',
        "a list": f'web_secret = ["{CANARIES["web-secret"]}"]\n',
        "twice": f'smtp_password = "{CANARIES["smtp-password"]}"\n' * 2,
        "short": f'web_secret = "{CANARIES["web-secret"][:28]}"\n',
        "chat of no kind": f'[chats.team]\nurl = "nothing://{chat}"\n',
        "chat of no URL": f'[chats.team]\nurl = "{chat}"\n',
        "chat over http": f'[chats.team]\nurl = "https://127.0.0.1/{chat}"\n',
        "chat, other key": f'[chats.team]\ntoken = "{chat}"\n',
        "hook over http": f'{main} = "http://x.example/{hook}"\n{sign}',
        "hook of no URL": f'{main} = "{hook}"\n{sign}',
        "hook, its secret": f'{main} = "https://x/"\nsecret = "{whsec("old-webhook-secret")}"\n',
        "hook, wrong secret": f'{main} = "https://x/"\nsecret_file = "{wrong}"\n',
        "hook, with a user": f'{main} = "https://u:{hook}@x.example/"\n{sign}',
    }


def test_no_wrong_file_is_repeated_with_its_secret(watched):
    """A file of settings that cannot be read, or says what cannot be, keeps its secrets."""
    environ = watched.settings(NOBODY, NOBODY)
    folder = watched.folder
    for name, text in _torn(folder).items():
        (folder / "ctmonitor.toml").write_text(text)
        refused = False
        for words in (("settings",), ("subscribe", "test", HOOK), ("dispatch", "--verbose")):
            code, said = watched.run(environ, *words)
            watched.said[-1] = (f"{name}: {' '.join(words)}", said)
            refused |= code != 0
        assert refused, name
    assert _found(watched) == {}
