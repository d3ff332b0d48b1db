"""The mail that arrives, read back from its bytes."""

from __future__ import annotations

import csv
import os
import random
from datetime import date

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.delivery import Digest, Links, Occasion, message_of
from ctmonitor.delivery.table import COLUMNS
from tests.delivery.build import FLIP, SENDER, a_digest, a_row, body, many, read_back, the_mail

LINKS = Links("https://monitor.hospital.example", "s" * 32)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "Precedence",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


def test_text_comes_first_then_html():
    """A mail is multipart/alternative with the text before the HTML, and nothing else."""
    mail = the_mail()
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_the_headers_are_these():
    """A mail on one study bears exactly the headers that programs sort and thread by."""
    mail = the_mail(links=LINKS, subscriber_id=7)
    assert mail.keys() == HEADERS
    mail = the_mail()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "list"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Date"].datetime == a_digest().made_at
    assert mail["List-Id"] == "Oncology <oncology.ctmonitor.hospital.example>"
    assert mail["List-Unsubscribe"] == (
        "<mailto:ctmonitor@hospital.example?subject=unsubscribe%20oncology>"
    )


def test_every_attempt_is_the_same_mail():
    """A second attempt has the same bytes, and its Message-ID is the outbox's key."""
    first, second = (message_of(a_digest(), SENDER).as_bytes() for _ in range(2))
    assert first == second
    assert read_back(first)["Message-ID"] == f"<{'ab' * 32}@hospital.example>"


def test_mails_on_one_study_are_one_thread():
    """The same study to the same address has one root; another address has another."""
    first, later = the_mail(), the_mail(a_row(rule="left-unknown"), key="cd" * 32)
    other = the_mail(address="bob@clinic.example")
    assert first["References"] == first["In-Reply-To"] == later["References"]
    assert first["Message-ID"] != later["Message-ID"]
    assert other["References"] != first["References"]
    assert the_mail(*many(2))["References"] is None


@pytest.mark.parametrize(
    ("digest", "subject"),
    [
        (a_digest(), "[ctmonitor] NCT04946669 now UNKNOWN (was RECRUITING)"),
        (
            a_digest(a_row(severity=Severity.CRITICAL)),
            "[ctmonitor] NCT04946669 now UNKNOWN (was RECRUITING), critical",
        ),
        (
            a_digest(a_row(evidence=(), headline="Results are overdue")),
            "[ctmonitor] NCT04946669: Results are overdue",
        ),
        (
            a_digest(a_row(evidence=({**FLIP, "before": None},))),
            "[ctmonitor] NCT04946669 now UNKNOWN",
        ),
        (
            a_digest(*many(6), a_row(severity=Severity.CRITICAL)),
            "[ctmonitor] Oncology: 7 alerts, 1 critical (22 Nov)",
        ),
        (
            a_digest(*many(1200), lists=("Lung", "Skin", "Bone")),
            "[ctmonitor] Lung and 2 more: 1,200 alerts (22 Nov)",
        ),
        (
            a_digest(a_row(), a_row(rule="stopped")),
            "[ctmonitor] Oncology: 2 alerts on NCT04946669 (22 Nov)",
        ),
        (a_digest(*many(2), lists=()), "[ctmonitor] 2 alerts (22 Nov)"),
        (
            a_digest(a_row(nct_id=None, headline="1,204 studies moved", evidence=())),
            "[ctmonitor] 1,204 studies moved",
        ),
    ],
)
def test_the_subject_says_it_all(digest, subject):
    """One alert is said in full, several are counted, and only the urgent is called so."""
    assert read_back(message_of(digest, SENDER).as_bytes())["Subject"] == subject


def test_a_long_subject_keeps_the_number_whole():
    """However long names and headlines are, 78 characters hold the study's number."""
    told = the_mail(a_row(headline="very " * 99, evidence=(), severity=Severity.CRITICAL))
    several = the_mail(a_row(), a_row(rule="x"), lists=("Liver " * 50, "Skin"))
    assert len(told["Subject"]) <= 78 and len(several["Subject"]) <= 78
    assert "NCT04946669" in told["Subject"] and "NCT04946669" in several["Subject"]
    assert told["Subject"].endswith("…, critical")


@pytest.mark.parametrize("text", ["=?utf-8?q?x", "=?utf-8?q?x?=", "a =?utf-8?b?eA==?= b"])
def test_what_looks_encoded_is_shown_as_written(text):
    """Text in the shape of an encoded word reaches the reader as the registry wrote it."""
    mail = the_mail(a_row(headline=text, evidence=()))
    assert mail["Subject"] == f"[ctmonitor] NCT04946669: {text}"


def test_the_text_is_narrow():
    """The text names fifty alerts with old and new value, rule and list, within 78 columns."""
    text = body(the_mail(*many(50, brief_title="Long words " * 20)), "plain")
    assert max(map(len, text.splitlines())) <= 78
    assert text.count("Overall Status: RECRUITING -> UNKNOWN") == 50
    assert text.count("https://clinicaltrials.gov/study/NCT") == 50


def test_what_does_not_fit_is_attached_as_a_table():
    """Fifty alerts are shown in either body; the table has them all, and no formula."""
    mail = the_mail(*many(462, brief_title="=1+1", headline="+cmd|x"))
    assert mail.get_content_type() == "multipart/mixed"
    for kind in ("plain", "html"):
        assert "and 412 more, in the attached alerts.csv" in body(mail, kind)
    [table] = mail.iter_attachments()
    assert (table.get_content_type(), table.get_filename()) == ("text/csv", "alerts.csv")
    [head, *rows] = csv.reader(table.get_content().removeprefix("\ufeff").splitlines())
    assert len(rows) == 462 and tuple(head) == COLUMNS
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert rows[0][:4] == ["high", "NCT00000001", "'=1+1", "became-unknown"]
    assert rows[0][5:8] == ["Overall Status", "RECRUITING", "UNKNOWN"]


def test_fifty_need_no_table():
    """A message that shows all has nothing attached."""
    assert list(the_mail(*many(50)).iter_attachments()) == []


def test_one_click_stops_the_one_list_or_all():
    """Both headers of RFC 8058, with a link that our own pages take, and the mail way as before."""
    one, several = (
        the_mail(links=LINKS, subscriber_id=7, lists=names)
        for names in (("Oncology",), ("Oncology", "Lung"))
    )
    for mail, name in ((one, "Oncology"), (several, None)):
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        url, by_mail = mail["List-Unsubscribe"].split(", ")
        assert url == f"<{LINKS.unsubscribe(7, name)}>"
        assert by_mail.startswith("<mailto:")


def test_either_body_has_the_links_that_stop_it():
    """Each list by itself, and all; in the text each link is whole on a line of its own."""
    mail = the_mail(links=LINKS, subscriber_id=7, lists=("Oncology", "Lung"))
    lines = body(mail, "plain").splitlines()
    for name in ("Oncology", "Lung", None):
        url = LINKS.unsubscribe(7, name)
        assert url in lines and f'href="{url}"' in body(mail, "html")


def test_who_is_reminded_can_say_that_it_is_in_hand():
    """By a link for each alert of which they would be; who is not reminded needs none."""
    rows = [a_row(alert_id=12), a_row(nct_id="NCT00000001", alert_id=13)]
    low = a_row(nct_id="NCT00000002", alert_id=14, severity=Severity.NORMAL)
    asked = the_mail(*rows, low, links=LINKS, subscriber_id=7, asks_for_marks=True)
    for alert_id in (12, 13):
        url = LINKS.acknowledge(7, alert_id)
        assert url in body(asked, "plain").split() and f'href="{url}"' in body(asked, "html")
    assert body(asked, "plain").count("/acknowledge/") == 2
    assert "acknowledge" not in body(the_mail(*rows, links=LINKS, subscriber_id=7), "plain")


@pytest.mark.parametrize(
    ("occasion", "about", "subject", "said"),
    [
        (
            Occasion.REMINDER,
            "reminder 2",
            "Reminder: NCT04946669 now",
            "Reminder 2: this is still so,",
        ),
        (Occasion.ESCALATION, "escalation: nobody did", "Unmarked: NCT0", "Nobody did."),
        (
            Occasion.REPLAY,
            "replay of message 3",
            "Replay: NCT04946669",
            "This is a replay of message 3.",
        ),
        (Occasion.TEST, None, "Test: NCT04946669", "This is a test."),
    ],
)
def test_what_is_no_first_telling_says_so(occasion, about, subject, said):
    """In its subject and at its top."""
    mail = the_mail(occasion=occasion, about=about)
    assert mail["Subject"].startswith(f"[ctmonitor] {subject}")
    assert len(mail["Subject"]) <= 78
    assert said in " ".join(body(mail, "plain").split())
    assert said in " ".join(body(mail, "html").split())


@pytest.mark.parametrize("occasion", [Occasion.OPERATOR, Occasion.TEST])
def test_what_nobody_subscribed_to_cannot_be_unsubscribed(occasion):
    """The operator is told by a setting, and a test comes once."""
    mail = the_mail(occasion=occasion, links=LINKS, subscriber_id=7)
    assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is None
    assert "unsubscribe" not in body(mail, "plain")


def test_the_footer_says_why_and_how_old():
    """Every body ends with the reason, the data's age, the chain head, the way out, the advice."""
    mail = the_mail(data_date=date(2024, 11, 20))
    for kind in ("plain", "html"):
        text = " ".join(body(mail, kind).split())
        assert "you subscribed to Oncology, and these rules spoke: became-unknown." in text
        assert "Registry data of 2024-11-20, 2 days old when this was made" in text
        assert "Chain head: 0123456789ab (" in text
        assert "ctmonitor subscribe remove ann@clinic.example" in text
        assert "not medical advice" in text


def test_a_list_with_a_strange_name_has_a_plain_id():
    """A List-Id is ASCII and tells apart names that differ only in what ASCII cannot say."""
    first, second = (the_mail(lists=(name,))["List-Id"] for name in ("Zürich\r\nBcc: x", "Zurich"))
    assert first.isascii() and first.startswith("<z-rich-bcc-x-")
    assert second == "Zurich <zurich.ctmonitor.hospital.example>"


POISON = [
    *("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0", "\x1b[31m"),
    *("\u202e", "\u2066", "\u200f", "\ud800", "\udfff", "\ufeff", "\U000e0041", "\ufffe"),
    *("Bcc: eve@x.example", "=?utf-8?q?x", "=?utf-8?b?eA==?=", "?=", "\r\n.\r\n", "\r\n\r\n", ": "),
    *("<script>", "{{ 7*7 }}", "{% raw %}", "&amp;", "'\"><img src=x>", "javascript:x", "%0d%0a"),
    *("é", "漢字", "😀", "e\u0301" * 20, "a" * 3000, " " * 90, "--=_abab", "plain words", "\t"),
]


def hostile(seed: int) -> Digest:
    """A digest whose every text from outside tries to break the mail."""
    choice = random.Random(seed)

    def text() -> str:
        return "".join(choice.choices(POISON, k=choice.randint(1, 6)))

    row = a_row(
        headline=text(),
        brief_title=text(),
        lists=(text(),),
        rule=text(),
        evidence=({**FLIP, "before": text(), "after": text(), "item": text()}, {text(): text()}),
        nct_id=choice.choice(["NCT04946669", text(), None]),
    )
    return a_digest(row, lists=(text(),), chain_head=text())


def assert_harmless(raw: bytes) -> None:
    """The mail parses, has no header of the attacker's, no long line, a clean subject."""
    mail = read_back(raw)
    assert set(mail.keys()) <= set(HEADERS) and len(set(mail.keys())) == len(mail.keys())
    assert not any(part.defects for part in mail.walk())
    assert max(map(len, raw.split(b"\r\n"))) <= 998 and raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"") and raw.count(b"\n") == raw.count(b"\r\n")
    assert len(mail["Subject"]) <= 78
    assert not any(
        c in mail["Subject"] for poison in POISON[:19] for c in poison if c not in "[31m"
    )
    html = body(mail, "html")
    assert (
        "<script>" not in html and "<img" not in html and "49" not in html.replace("04946669", "")
    )


def test_hostile_text_stays_text():
    """Nothing a registry can write adds a header, markup, a long line or a hidden character.

    CTMONITOR_HOSTILE_MAILS says how many mails to try; 10,000 take less than a minute.
    """
    for seed in range(int(os.environ.get("CTMONITOR_HOSTILE_MAILS", "300"))):
        assert_harmless(message_of(hostile(seed), SENDER).as_bytes())
