"""How mails look: to everybody, by day and by night, on a telephone and on a desk."""

from __future__ import annotations

import pytest

from tests.browser.mails import ARABIC, BASE, HEBREW, MAILS, html_of_mail
from tests.browser.window import MAIL, NARROW, WIDE
from tests.delivery.build import a_row

VIEWS = [(width, scheme) for width in (NARROW, WIDE) for scheme in ("light", "dark")]
DIFFERENT = VIEWS[1:3]
"""Both widths and both schemes in half the time, for what is long or has nothing of its own."""
ADDRESSES = "those => those.map(one => one.href)"
COLORS = """() => [...document.querySelectorAll('body, a, del, h1, .small, .critical')].map(
    one => getComputedStyle(one).color + getComputedStyle(document.body).backgroundColor)"""
LEFT_TO_RIGHT = """() => [...document.querySelectorAll('ul > li')].flatMap(one => {
    const parts = [...one.querySelectorAll('bdi, del, ins')].map(part => {
        const box = part.getClientRects()[0];
        return [box.top, box.left];
    });
    return parts.length > 1 ? [parts] : [];
})"""


def test_the_window_sees_what_is_wrong_with_a_page(window):
    """Gray on white, no language and what stands out to a side are found: else all else is vain."""
    heading = "<h1 style='color: #ccc; width: 2000px'>Hard to read</h1>"
    window.show(f"<!DOCTYPE html><title>x</title><main>{heading}</main>")
    assert {fault.split(":")[0] for fault in window.faults()} == {"color-contrast", "html-has-lang"}
    assert window.cut_off() != []


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_can_be_read_by_everybody(window, name):
    """Axe finds nothing, by day or night, narrow or wide; nothing stands out to a side."""
    window.show(MAILS[name])
    for view in VIEWS if name != "fifty rows" else DIFFERENT:
        window.look(*view)
        assert (view, window.faults(), window.cut_off()) == (view, [], [])
    assert (window.asked_for, window.did) == ([MAIL], []), "it fetched something"


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_leads_to_the_registry_and_to_us(window, name):
    """A browser resolves every link to a page of a study, or to one of ours."""
    window.show(MAILS[name])
    links = window.page.eval_on_selector_all("a", ADDRESSES)
    ours = (f"{BASE}/unsubscribe/", f"{BASE}/acknowledge/", "https://clinicaltrials.gov/study/NCT")
    assert [link for link in links if not link.startswith(ours)] == []
    assert window.page.locator("[href]:not(a), [src], [action], [style]").count() == 0
    assert links or name == "an operator's"


def test_by_night_a_mail_is_dark(window):
    """Ground and letters change, those of links, of old values and of warnings too."""
    window.show(MAILS["each severity"])
    by_day = window.page.evaluate(COLORS)
    window.look(WIDE, "dark")
    by_night = window.page.evaluate(COLORS)
    assert len(by_day) > 10
    assert all(day != night for day, night in zip(by_day, by_night, strict=True))


@pytest.mark.parametrize("item", [ARABIC, HEBREW], ids=["Arabic", "Hebrew"])
def test_what_is_written_from_right_to_left_moves_nothing_beside_it(window, item):
    """What it was stands before what it is, and a number stays behind its name."""
    turned = {"field": "enrollment", "item": item, "before": "12", "after": "13"}
    renamed = {"field": "lead_sponsor", "before": item, "after": item[::-1]}
    dated = {"name": item, "date": "2026-03-01"}
    window.show(html_of_mail(a_row(evidence=(turned, renamed, dated))))
    places = window.page.evaluate(LEFT_TO_RIGHT)
    assert [len(parts) for parts in places] == [3, 3, 2]
    assert places == [sorted(parts) for parts in places]
