"""`ctmonitor sweep` tells a watchman outside how it went."""

from __future__ import annotations

from pathlib import Path

from tests.builders import a_payload
from tests.cli.conftest import Terminal
from tests.delivery.test_ping import watchman


def test_a_good_sweep_pings(terminal: Terminal) -> None:
    """Once a sweep, also when nothing was new."""
    path = terminal.file(a_payload())
    with watchman() as (url, heard):
        codes = [terminal("sweep", path, ping_url=f"{url}/x").code for _ in range(2)]
    assert (codes, heard) == ([0, 0], ["/x", "/x"])


def test_a_sweep_that_failed_or_is_partial_pings_fail(terminal: Terminal) -> None:
    """Whether nothing could be read, or only a part of it."""
    broken = Path(terminal.file(b"PK\x03\x04")).rename(terminal.folder / "broken.zip")
    good = terminal.file(a_payload())
    with watchman() as (url, heard):
        codes = [terminal("sweep", str(broken), ping_url=url).code]
        codes.append(terminal("sweep", good, str(broken), ping_url=url).code)
    assert (codes, heard) == ([4, 5], ["/fail", "/fail"])


def test_a_watchman_out_of_reach_is_only_a_remark(terminal: Terminal) -> None:
    """The sweep ends as it would have; the address is not said."""
    url = "http://127.0.0.1:9/a-secret"
    said = terminal("sweep", terminal.file(a_payload()), ping_url=url)
    assert said.code == 0
    assert "CTMONITOR_PING_URL: it could not be reached" in said.err
    assert "a-secret" not in said.err + said.out
