"""One browser and one page of it for all of these tests; without either they are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ctmonitor.store import Store
from tests.browser.window import Window
from tests.web.serving import Site, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser, until the last test here; its loop would disturb the other tests after that."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="no playwright; it comes with the extra `browser`"
    )
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is in PATH")
    with sync_api.sync_playwright() as playwright:
        # Without its sandbox it starts for root and in containers; it is shown only our pages.
        try:
            opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except sync_api.Error as error:
            pytest.skip(f"{path} does not start: {str(error).splitlines()[0]}")
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def only_window(browser: Browser) -> Window:
    """The window that all tests look through, one after the other."""
    return Window(browser.new_context())


@pytest.fixture
def window(only_window: Window) -> Window:
    """The window, as if it were new."""
    only_window.clear()
    return only_window


@pytest.fixture
def kind() -> str:
    """A browser sees the same whatever the database is."""
    return "sqlite"


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """The pages, served."""
    with served(store) as opened:
        yield opened
