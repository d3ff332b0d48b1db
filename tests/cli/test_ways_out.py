"""Webhooks and chats of `ctmonitor.toml`: their secrets stand elsewhere, and are never shown."""

from __future__ import annotations

import base64
import sqlite3

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal
from tests.delivery.receiver import a_receiver

SECRET = f"whsec_{base64.b64encode(b'a secret of at least 24 bytes').decode()}"


def write(terminal: Terminal, *lines: str) -> dict[str, str]:
    """The file that says so, and the secret's, as settings of a command."""
    (terminal.folder / "secret").write_text(SECRET)
    path = terminal.folder / "ctmonitor.toml"
    path.write_text("\n".join(lines))
    return {"config": str(path)}


def a_hook(terminal: Terminal, url: str) -> dict[str, str]:
    """A file with the webhook `safety`, inside the network."""
    secret = f'secret_file = "{terminal.folder / "secret"}"'
    return write(terminal, "[webhooks.safety]", f'url = "{url}"', secret, "allow_private = true")


def test_a_webhook_is_subscribed_and_told_like_anybody(told: Terminal) -> None:
    """The store, the lists and the journal know its name, and nothing else of it."""
    with a_receiver() as receiver:
        settings = a_hook(told, f"{receiver.url}/path-of-secrets")
        told("watch", "add", "all", "--all", **settings)
        said = told("subscribe", "add", "webhook:safety", "--watch", "all", **settings)
        assert said.out == "webhook:safety hears about all\n"
        newest = told.file(a_study(overall_status="COMPLETED", data_date="2026-03-05"))
        assert told("sweep", newest, "--today", "2026-03-05", **settings).code == 0
        shown = told("subscribe", "list", **settings).out + told("settings", **settings).out
    assert len(receiver.came) == 1
    dump = "".join(sqlite3.connect(told.folder / "store.db").iterdump())
    for hidden in ("path-of-secrets", SECRET, SECRET[6:20]):
        assert hidden not in shown + dump


def test_a_chat_is_subscribed_and_told_like_anybody(told: Terminal) -> None:
    """Its address, which holds its secret, stays in the file."""
    with a_receiver(200) as receiver:
        url = receiver.url.replace("http://", "json://") + "/path-of-secrets"
        settings = write(told, "[chats.team]", f'url = "{url}"', "allow_private = true")
        told("watch", "add", "all", "--all", **settings)
        said = told("subscribe", "add", "chat:team", "--watch", "all", **settings)
        assert said.out == "chat:team hears about all\n", said.err
        newest = told.file(a_study(overall_status="COMPLETED", data_date="2026-03-05"))
        assert told("sweep", newest, "--today", "2026-03-05", **settings).code == 0
    [(path, _, body)] = receiver.came
    assert path == "/path-of-secrets" and b"COMPLETED" in body
    dump = "".join(sqlite3.connect(told.folder / "store.db").iterdump())
    assert "path-of-secrets" not in dump


def test_a_chat_inside_the_network_is_refused(told: Terminal) -> None:
    """Unless the operator allows it; it hears nothing."""
    with a_receiver(200) as receiver:
        url = receiver.url.replace("http://", "json://")
        settings = write(told, "[chats.team]", f'url = "{url}/path-of-secrets"')
        said = told("subscribe", "test", "chat:team", **settings)
    assert (said.code, receiver.came) == (7, [])
    assert "inside a private network" in said.err and "path-of-secrets" not in said.err


def test_a_name_that_stands_for_nothing_is_refused(told: Terminal) -> None:
    """Before anything is owed to it."""
    told("watch", "add", "all", "--all")
    said = told("subscribe", "add", "webhook:safety", "--watch", "all")
    assert said.code == 2
    assert "write [webhooks.safety] in ctmonitor.toml" in said.err


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (['webhooks = "x"'], "it is not a table"),
        (["[webhooks]", "safety = 1"], "it is not a table"),
        (["[webhooks.Safety]"], "it cannot be called so"),
        (["[webhooks.safety]", 'url = "https://path-of-secrets/"'], "secret_file or secret_env"),
        (["[webhooks.safety]", 'secret_env = "X"'], "url or url_file or url_env must be given"),
        (["[chats.team]", 'url = "mailto://path-of-secrets"'], "url is of a kind"),
        (["[chats.team]", "name = 1"], "there is no key 'name'"),
        (["[webhooks.safety]", "url = 7", 'secret_env = "X"'], "url is not a text"),
        (
            ["[webhooks.safety]", 'url = "https://path-of-secrets/"', 'url_env = "X"'],
            "url or url_file or url_env must be given, and only one",
        ),
        (
            ["[webhooks.safety]", 'url = "https://path-of-secrets/"', 'secret_env = "NOT_SET"'],
            "NOT_SET is not set",
        ),
        (
            ["[webhooks.safety]", 'url = "https://path-of-secrets/"', 'secret_file = "/none"'],
            "/none cannot be read",
        ),
        (["[webhooks.safety]", 'secret = "path-of-secrets"'], "there is no key 'secret'"),
        (
            ["[webhooks.safety]", 'url = "http://path-of-secrets/"', "secret_file = SECRET"],
            "url is not an https address",
        ),
        (
            [
                "[webhooks.safety]",
                'url = "https://host/"',
                "secret_file = SECRET",
                "allow_private = 1",
            ],
            "allow_private is not true or false",
        ),
    ],
)
def test_a_table_that_is_not_right_is_refused_with_the_sentence_that_mends_it(told, lines, why):
    """It names the table and the key, and repeats no text that may be secret."""
    secret = f'"{told.folder / "secret"}"'
    settings = write(told, *(line.replace("SECRET", secret) for line in lines))
    said = told("dispatch", **settings)
    assert (said.code, why in said.err) == (3, True), said.err
    assert "path-of-secrets" not in said.err
