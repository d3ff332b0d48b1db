"""A page of a browser that is let out to loopback only, and remembers all that it did."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

MAIL = "https://mail.invalid/"
"""Where a mail is shown: at an address of the web, which may do more than a file."""
ELSEWHERE = "https://elsewhere.invalid/x"
"""Where nothing of ours may lead a browser."""
NARROW, WIDE = 320, 1280
OUTLINE = """() => [...document.querySelectorAll('*')].map(
    one => [one.tagName, ...one.getAttributeNames()].join(' '))"""
STIR = """() => document.querySelectorAll('*').forEach(one =>
    ['mouseover', 'focus', 'toggle', 'animationstart'].forEach(
        kind => one.dispatchEvent(new Event(kind))))"""
CUT = """() => [...document.querySelectorAll('body, body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.right > innerWidth || box.left < 0 || one.scrollWidth > innerWidth;
}).map(one => one.tagName + ' ' + one.textContent.slice(0, 40))"""


class Window:
    """One page; `did` is what it did unasked, `asked_for` every address that it wanted."""

    def __init__(self, context: BrowserContext) -> None:
        self.did: list[str] = []
        self.asked_for: list[str] = []
        self._mail = ""
        self._sent: dict[str, Any] = {}
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        context.on("page", lambda page: self.did.append(f"opened {page.url}"))
        self.page.on("pageerror", lambda error: self.did.append(f"failed: {error}"))
        self.page.on("console", self._hear)
        self.page.on("dialog", self._dismiss)
        self.page.on("download", lambda load: self.did.append(f"saved {load.url}"))
        self.page.on("websocket", lambda socket: self.did.append(f"called {socket.url}"))

    def clear(self) -> None:
        """Forget what was, and look at nothing, in light, in a wide window."""
        self.page.goto("about:blank")
        self.look(WIDE, "light")
        self.did.clear()
        self.asked_for.clear()
        self._sent = {}

    def show(self, mail: str) -> None:
        """Open the HTML of a mail."""
        self._mail = mail
        self.page.goto(MAIL)

    def open(self, url: str, **sent: Any) -> int:
        """Open a page, by a GET unless `method`, `headers` and `post_data` say otherwise."""
        self._sent = sent
        answer = self.page.goto(url)
        self._sent = {}
        assert answer is not None
        return answer.status

    def stir(self) -> None:
        """Pass over everything on the page, and let it do what it waits to do."""
        from playwright.sync_api import Error

        try:
            self.page.evaluate(STIR)
        except Error as error:
            self.did.append(f"went away: {error}")
        self.page.wait_for_timeout(20)

    def look(self, width: int, scheme: Any) -> None:
        """Look at the page by day or by night, in a window so many pixels wide."""
        self.page.set_viewport_size({"width": width, "height": 720})
        self.page.emulate_media(color_scheme=scheme)

    def texts(self, selector: str) -> list[str]:
        """What a person reads in each of these elements."""
        return self.page.locator(selector).all_inner_texts()

    def outline(self) -> list[str]:
        """Every element with the names of its attributes, in order."""
        return self.page.evaluate(OUTLINE)

    def cut_off(self) -> list[str]:
        """What stands out of the window to a side."""
        return self.page.evaluate(CUT)

    def faults(self) -> list[str]:
        """What axe finds against the page, of any impact, as its rule and the place."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(axe_source())
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {json.dumps(node['target'])} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def _answer(self, route: Route) -> None:
        url = route.request.url
        self.asked_for.append(url)
        if url == MAIL:
            route.fulfill(body=self._mail, content_type="text/html; charset=utf-8")
        elif urlsplit(url).hostname == "127.0.0.1":
            route.continue_(**self._sent)
        else:
            self.did.append(f"went out to {url}")
            route.abort()

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.did.append(f"{message.type}: {message.text}")

    def _dismiss(self, dialog: Any) -> None:
        self.did.append(f"asked: {dialog.message}")
        dialog.dismiss()


def axe_source() -> str:
    """The script of axe-core, from the package that bears it; without it the test is skipped."""
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("no axe-playwright-python; it comes with the extra `browser`")
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")
