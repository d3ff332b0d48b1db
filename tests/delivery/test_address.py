"""Where a message can go."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctmonitor.delivery import check_address
from ctmonitor.errors import CommandWrong


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ann.B+ct@Clinic.Example", "Ann.B+ct@clinic.example"),
        ("mailto:a%2Bb@c.example", "a+b@c.example"),
        ("ann@localhost", "ann@localhost"),
        ("ann@spital-zürich.example", "ann@xn--spital-zrich-klb.example"),
        ("file:/var/mails", "file:/var/mails"),
        ("file:///var/my mails", "file:/var/my mails"),
        ("file:mails", f"file:{Path.cwd()}/mails"),
    ],
)
def test_an_address_is_kept_in_one_form(given, kept):
    """The host in small ASCII letters, the folder absolute; kept forms stay as they are."""
    assert check_address(given) == kept
    assert check_address(kept) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ann",
        "ann@",
        "@clinic.example",
        "a b@clinic.example",
        "ann@clinic.example ",
        "ann@clinic.example\r\nBcc: eve@x.example",
        "mailto:ann@clinic.example%0D%0ABcc:x",
        "mailto:ann@clinic.example?cc=x",
        "ann@clinic.example,eve@x.example",
        "Ann <ann@clinic.example>",
        "änn@clinic.example",
        "ann@@clinic.example",
        ".ann@clinic.example",
        "=?utf-8?q?eve=40x.example?=@clinic.example",
        "ann@-clinic.example",
        "ann@clinic..example",
        "ann\u202e@clinic.example",
        "https://clinic.example/hook",
        f"{'a' * 65}@clinic.example",
        "file:",
        "file:\0",
        "file://elsewhere/mails",
    ],
)
def test_a_wrong_address_is_refused_with_what_mends_it(given):
    """The refusal is one line that shows how an address looks."""
    with pytest.raises(CommandWrong, match=r"ann@hospital\.example or file:folder$") as refusal:
        check_address(given)
    assert str(refusal.value).isprintable()
