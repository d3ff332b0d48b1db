"""Every session that a page shows is what the program prints."""

from __future__ import annotations

import pytest

from tests.documentation.reading import PAGES, name_of
from tests.documentation.sessions import is_ours, plain, replay, steps_in

SESSIONS = [page for page in PAGES if any(map(is_ours, steps_in(page)))]


@pytest.mark.parametrize("page", SESSIONS, ids=name_of)
def test_sessions_are_real(page):
    """Each command on a page, in order and from an empty store, prints what the page shows."""
    steps = steps_in(page)
    for shown, printed in zip(steps, replay(steps), strict=True):
        assert plain(shown) == plain(printed)


def test_sessions_are_found():
    """The README and the pages by task show sessions."""
    wanted = {
        "README.md",
        "docs/registry.md",
        "docs/sweep.md",
        "docs/watch-and-mail.md",
        "docs/ask.md",
        "docs/prove.md",
        "docs/operate.md",
    }
    assert wanted <= {name_of(page) for page in SESSIONS}
