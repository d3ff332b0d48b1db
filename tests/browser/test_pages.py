"""How the pages look, and how a person uses them: by mouse, by keyboard, twice."""

from __future__ import annotations

import pytest

from tests.browser.mails import ARABIC, UNBROKEN
from tests.browser.test_mails import COLORS, DIFFERENT, VIEWS
from tests.browser.window import NARROW
from tests.jobs.asking import ANN, subscribe, watch
from tests.web.serving import LISTS

FORM = {"content-type": "application/x-www-form-urlencoded"}
YES = {"method": "POST", "headers": FORM, "post_data": "List-Unsubscribe=One-Click"}
NO = {**YES, "post_data": "List-Unsubscribe=Perhaps"}
TOO_LONG = {**YES, "post_data": "x" * 9_000}
OUTLINE = "() => getComputedStyle(document.activeElement).outlineStyle"


def seen_by_everybody(window, views=VIEWS):
    """What is against the page as it stands, in each of the views."""
    found = []
    for view in views:
        window.look(*view)
        found += [(view, fault) for fault in window.faults() + window.cut_off()]
    return found


def test_the_page_of_a_list_can_be_read_by_everybody(window, site):
    """Before and after: axe finds nothing, and nothing is cut off, whatever the list is called."""
    name = f"{ARABIC} {UNBROKEN}"
    watch(site.store, name)
    subscribe(site.store, name)
    for sent in ({}, YES):
        assert window.open(site.stop_url(name), **sent) == 200
        assert seen_by_everybody(window) == []
    assert window.did == []


def test_the_page_of_an_alert_can_be_read_by_everybody(window, site):
    """Before and after it is taken in hand."""
    for sent in ({}, YES):
        assert window.open(site.in_hand_url(), **sent) == 200
        assert seen_by_everybody(window) == []
    assert window.did == []


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/nothing", {}, 404),
        ("", NO, 400),
        ("", {"method": "PUT"}, 405),
        ("", TOO_LONG, 413),
    ],
    ids=["not found", "not meant", "not this way", "too long"],
)
def test_a_refusal_can_be_read_by_everybody(window, site, path, sent, status):
    """Whoever is told no can read why."""
    assert window.open(site.stop_url() + path, **sent) == status
    assert seen_by_everybody(window, DIFFERENT) == []
    # The browser itself notes on its console that an answer was none of the good ones.
    assert [one for one in window.did if f"status of {status}" not in one] == []


def test_a_fault_of_ours_can_be_read_by_everybody(window, site):
    """It is a page like any other."""
    with site.store.writing() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE subscribers RENAME TO gone")
    assert window.open(site.stop_url()) == 500
    assert seen_by_everybody(window, DIFFERENT) == []


def test_by_night_a_page_is_dark(window, site):
    """The ground and the letters change."""
    window.open(site.stop_url())
    by_day = window.page.evaluate(COLORS)
    window.look(NARROW, "dark")
    by_night = window.page.evaluate(COLORS)
    assert all(day != night for day, night in zip(by_day, by_night, strict=True))


def test_a_press_of_the_button_stops_a_list(window, site):
    """To look changes nothing; to press does, and the page says so, then and later."""
    window.open(site.stop_url("everything"))
    window.page.reload()
    assert (site.lists(), site.acts()) == (sorted(LISTS), [])
    window.page.get_by_role("button", name="Stop them").click()
    assert window.texts("h1") == ["Stopped"]
    assert site.lists() == [LISTS[1]]
    window.open(site.stop_url("everything"))
    assert (window.texts("h1"), window.page.get_by_role("button").count()) == (["Stopped"], 0)
    assert (site.acts(), window.did) == ([(ANN, "unsubscribed")], [])


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_keyboard_is_enough(window, site, key):
    """The first stop of the tabulator is the button, it is seen to be, and a key presses it."""
    window.open(site.stop_url())
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("() => document.activeElement.innerText") == "Stop them"
    assert window.page.evaluate(OUTLINE) == "solid"
    window.page.keyboard.press(key)
    window.page.wait_for_selector("h1:text('Stopped')")
    assert (site.lists(), window.did) == ([], [])


def test_an_alert_is_taken_in_hand_by_keyboard(window, site):
    """It is marked once, however often the page is opened after that."""
    for _ in range(2):
        window.open(site.in_hand_url())
        window.page.keyboard.press("Tab")
        window.page.keyboard.press("Enter")
        window.page.wait_for_selector("h1:text('In hand')")
    assert (site.marks(), window.did) == ([(1, "acknowledged", ANN)], [])


def test_without_scripts_the_page_works_all_the_same(browser, site):
    """A browser that runs none stops a list as well."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.stop_url())
    page.click("button")
    assert page.inner_text("h1") == "Stopped"
    context.close()
    assert site.lists() == []
