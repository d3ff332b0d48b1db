"""How mails look: to everybody, by day and by night, on a telephone and on a desk."""

from __future__ import annotations

import pytest

from tests.browser.mails import BASE, MAILS
from tests.browser.window import MAIL, NARROW, WIDE

VIEWS = [(width, scheme) for width in (NARROW, WIDE) for scheme in ("light", "dark")]
COLORS = """() => [...document.querySelectorAll('body, a, del, h1, .small, .critical')].map(
    one => getComputedStyle(one).color + getComputedStyle(document.body).backgroundColor)"""


ADDRESSES = "those => those.map(one => one.href)"


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_can_be_read_by_everybody(window, name):
    """Axe finds nothing, by day or night, narrow or wide; nothing stands out to a side."""
    window.show(MAILS[name])
    # Axe takes its time with a long page, and fifty rows look like one, four times over.
    for view in VIEWS if name != "fifty rows" else VIEWS[1:3]:
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
