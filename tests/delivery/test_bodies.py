"""The HTML that mail programs show, and how much of it."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.delivery import html_of, text_of
from tests.delivery.build import FLIP, a_digest, a_row, many

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """The tags of a page; any that is not closed in its turn is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]


def test_the_text_reads_like_this():
    """A reader sees what turned, on which study, by which rule, and what to believe it by."""
    assert (
        text_of(a_digest())
        == """\
NCT04946669 now UNKNOWN (was RECRUITING)

high: 1 alert
-------------

NCT04946669  Bananas for Hiccups
https://clinicaltrials.gov/study/NCT04946669
  Now UNKNOWN; was RECRUITING
    Overall Status: RECRUITING -> UNKNOWN (by the registry)
  (rule became-unknown; watch list Oncology)

----------------------------------------
You get this because you subscribed to Oncology, and these rules spoke:
became-unknown.
Registry data of 2024-11-20, 2 days old when this was made at 2024-11-22 08:15
UTC.
Chain head: 0123456789ab (`ctmonitor verify` proves what is kept).
To stop: unsubscribe in your mail program, or have `ctmonitor subscribe remove
ann@clinic.example` run.
This is not medical advice. Ask a doctor before you decide anything about
treatment, and trust the registry's own page over this message.
"""
    )


@pytest.mark.parametrize(
    ("data_date", "said"),
    [
        (date(2024, 11, 22), "of the same day when"),
        (date(2024, 11, 23), "of the same day when"),
        (date(2024, 11, 21), "1 day old when"),
        (None, "did not date its data"),
    ],
)
def test_the_age_of_the_data_is_said(data_date, said):
    """The age is counted in days to the making; a day ahead by the time zone is the same day."""
    assert said in " ".join(text_of(a_digest(data_date=data_date)).split())


def test_the_page_can_be_heard():
    """It names its language and title, has one heading, and a table with caption and scopes."""
    page = Outline(html_of(a_digest(*many(3))))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("caption")) == 1
    assert [cell["scope"] for cell in page.all("th")] == ["col"] * 2 + ["rowgroup"] + ["row"] * 3
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")


def test_nothing_is_fetched():
    """The page loads nothing and links only to the registry's own page of a study."""
    html = html_of(a_digest(a_row(nct_id="NCT0494666/../x"), *many(2)))
    assert not re.search(r"src=|url\(|@import|<link|<img|<script|<iframe|\son\w+=", html)
    links = [link["href"] for link in Outline(html).all("a")]
    assert links == [f"https://clinicaltrials.gov/study/NCT0000000{n}" for n in (1, 2)]


def test_markup_from_outside_is_text():
    """Tags and template signs in a title or a value are shown, never obeyed."""
    html = html_of(a_digest(a_row(brief_title="<b>{{ 6*7 }}</b>", headline="</td><h1>x")))
    assert "&lt;b&gt;{{ 6*7 }}&lt;/b&gt;" in html
    assert len(Outline(html).all("h1")) == 1


def test_was_and_now_are_words():
    """What went and what came is said in words too, not by looks alone."""
    html = html_of(a_digest(a_row(severity=Severity.CRITICAL)))
    said = 'was <del dir="auto">RECRUITING</del>, now <ins dir="auto">UNKNOWN</ins>'
    assert said in " ".join(html.split())
    assert 'class="critical">critical: 1 alert</th>' in html


@pytest.mark.parametrize("value", ["x", "long words " * 300, "'&<" * 900, "漢字" * 900])
def test_five_hundred_alerts_fit(value):
    """500 alerts make at most 80 kB; 50 are shown, long values are cut, the rest is counted."""
    evidence = tuple({**FLIP, "item": value, "before": f"{value}{n}"} for n in range(30))
    rows = many(500, evidence=evidence, brief_title=value, headline=value, lists=(value,) * 40)
    html = html_of(a_digest(*rows, lists=(value,) * 40))
    shown = len(Outline(html).all("tr")) - 2
    assert len(html.encode()) <= 80_000
    assert shown == 50 or value != "x"
    assert f"and {500 - shown} more, in the attached alerts.csv" in html


def test_the_text_says_all_of_the_fifty_it_shows():
    """However much stands behind each; only what a mail server would refuse is cut."""
    whole = text_of(a_digest(*many(50, evidence=(FLIP,) * 60)))
    cut = text_of(a_digest(*many(1_000, evidence=(FLIP,) * 2_001, brief_title="word " * 99)))
    assert whole.count("RECRUITING -> UNKNOWN") == 50 * 60
    assert cut.count("study/NCT") == 50 and "more lines of evidence" in cut
    assert len(cut.encode()) <= 1_000_000


def test_a_study_stands_once_in_each_severity():
    """What is most urgent comes first, and all of one study and severity together."""
    rows = [
        a_row(rule="b", nct_id="NCT00000002"),
        a_row(rule="a", nct_id="NCT00000002"),
        a_row(rule="c", nct_id="NCT00000001", severity=Severity.CRITICAL),
        a_row(rule="d", nct_id="NCT00000002", severity=Severity.CRITICAL),
    ]
    heads = [
        line
        for line in text_of(a_digest(*rows)).splitlines()
        if line.startswith(("critical", "high", "NCT0"))
    ]
    assert heads == [
        "critical: 2 alerts",
        "NCT00000001  Bananas for Hiccups",
        "NCT00000002  Bananas for Hiccups",
        "high: 2 alerts",
        "NCT00000002  Bananas for Hiccups",
    ]


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1])
def test_every_color_can_be_read(mode):
    """In light and in dark, every text color has a contrast of 4.5 to 1 or more."""
    style = html_of(a_digest()).split("<style>")[1].split("</style>")[0].split("@media")[mode]
    ground = luminance(re.search(r"background: (#\w{6})", style)[1])
    colors = re.findall(r"[ {]color: (#\w{6})", style)
    assert len(colors) >= 4
    for color in colors:
        low, high = sorted((luminance(color), ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5, color
