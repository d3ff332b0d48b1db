"""One sweep in which very much changes: everything is kept, and nobody's inbox is filled.

`STUDIES=5000 make soak` takes a smaller one.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from email import message_from_bytes, policy
from typing import Any

import orjson
import pytest

from tests.builders import a_study
from tests.soak.post_office import begun, post_office

pytestmark = pytest.mark.soak
STUDIES = int(os.environ.get("STUDIES", "100000"))
BEFORE = {
    "overall_status": "RECRUITING",
    "why_stopped": None,
    "enrollment": 100,
    "primary_completion_date": "2030-01-15",
    "official_title": "What the sponsor called it",
}
AFTER = {
    "overall_status": "SUSPENDED",
    "why_stopped": "The drug did not come, and nobody could say when it would. " * 30,
    "enrollment": 40,
    "primary_completion_date": "2031-01-15",
    "official_title": "What the sponsor calls it now, at length. " * 20,
}
WISHES = {
    "all": 'watch = ["everything", "some"]',
    "high": 'watch = "everything"\nmin_severity = "high"',
    "stops": 'watch = "everything"\nrules = ["stopped"]',
    "now": 'watch = "everything"\ncadence = "now"',
}
PATIENT = ("all", "high", "stops")
"""Who hears at once gets a message a study where an operator lifts the limit on floods."""
HTML_BYTES = 80_000


class _Flood:
    """A monitor that sweeps a registry in which every study is changed."""

    def __init__(self, folder, url, office, wishes, readers, flood_limit) -> None:
        self.folder = folder
        self.environ = {
            "CTMONITOR_DATABASE_URL": url,
            "CTMONITOR_SMTP_URL": office.url,
            "CTMONITOR_FLOOD_LIMIT": str(flood_limit),
        }
        named = [(f"{name}{n}@example.org", name) for name in wishes for n in range(readers)]
        self.addresses = [address for address, _ in named]
        people = (
            f'[[subscribers]]\naddress = "{address}"\n{wishes[name]}\n' for address, name in named
        )
        # The whole registry that changes in one day is, rightly, not believed at first.
        guard = "[rules.sweep-held]\nenabled = false\n"
        (folder / "ctmonitor.toml").write_text(guard + "".join(people), encoding="utf-8")

    def run(self, *words: str) -> float:
        """Run a command to its good end; gives the seconds."""
        started = time.monotonic()
        code = begun(self.folder, self.environ, *words).wait(3_000)
        assert code == 0, (self.folder / "begun").read_text()[-2_000:]
        return time.monotonic() - started

    def ask(self, *words: str) -> Any:
        """What a command says as JSON."""
        self.run(*words, "--json")
        return json.loads((self.folder / "begun").read_bytes())

    def sweep(self, day: date, studies: int, fields: Mapping[str, Any]) -> float:
        """Sweep a release in which every study has these fields; gives the seconds."""
        with (self.folder / f"{day}.ndjson").open("wb") as out:
            for number in range(studies):
                study = a_study(
                    nct_id=_number(number),
                    data_date=day,
                    brief_title=f"The {number}th study",
                    enrollment_type="ESTIMATED",
                    primary_completion_date_type="ESTIMATED",
                    last_update_posted_date=day,
                    **fields,
                )
                out.write(orjson.dumps(study) + b"\n")
        return self.run("sweep", f"{day}.ndjson", "--today", str(day), "--no-dispatch")


def _number(number: int) -> str:
    return f"NCT{10_000_000 + number}"


def _html_bytes(content: bytes) -> int:
    letter = message_from_bytes(content, policy=policy.default)
    body = letter.get_body(("html",))
    assert body is not None
    return len(body.get_content().encode())


def _swept(flood: _Flood, studies: int) -> tuple[float, float]:
    """Sweep the registry before and after; gives the seconds of the second, and of the mails."""
    flood.run("watch", "add", "everything", "--all")
    flood.run("watch", "add", "some", "--nct", *map(_number, range(0, 1_000, 7)))
    flood.run("subscribe", "apply")
    flood.sweep(date(2026, 3, 2), studies, BEFORE)
    swept = flood.sweep(date(2026, 3, 3), studies, AFTER)
    return swept, flood.run("dispatch")


def _listed(flood: _Flood, field: str) -> Counter[tuple[str, Any, Any]]:
    """The changes of one field that the monitor lists."""
    rows = flood.ask("changes", "--field", field)
    return Counter((row["nct_id"], row["before"], row["after"]) for row in rows)


@pytest.mark.parametrize(
    ("wishes", "share", "readers", "flood_limit"),
    [(WISHES, 1, 25, 1_000), ({name: WISHES[name] for name in PATIENT}, 10, 4, 10_000_000)],
    ids=["summed up", "with no limit"],
)
def test_a_flood_is_kept_whole_and_told_in_one_mail(
    kind, store_url, tmp_path, capsys, wishes, share, readers, flood_limit
):
    """Five fields of every study change: each is listed, and each reader gets one small mail."""
    studies = STUDIES // share
    with post_office(tmp_path) as office:
        flood = _Flood(tmp_path, store_url, office, wishes, readers, flood_limit)
        swept, sent = _swept(flood, studies)
        lost = {
            name: Counter((_number(n), BEFORE[name], AFTER[name]) for n in range(studies))
            - _listed(flood, name)
            for name in AFTER
        }
        sweeps = flood.ask("sweeps")
        is_intact = flood.ask("verify")["intact"]
        mails = office.mails()
    sizes = [_html_bytes(mail.content) for mail in mails]
    with capsys.disabled():
        print(
            f"\n{kind}: {len(AFTER) * studies:,} changes in {swept:.0f} s, "
            f"{sum(map(len, lost.values()))} lost, {sweeps[0]['alerts']:,} alerts; "
            f"{len(mails)} mails to {len(wishes) * readers} readers in {sent:.0f} s, HTML of at "
            f"most {max(sizes):,} bytes, the whole of at most "
            f"{max(len(mail.content) for mail in mails):,}"
        )
    assert {name: len(rows) for name, rows in lost.items() if rows} == {}
    assert [sweep["state"] for sweep in sweeps] == ["finished", "finished"] and is_intact
    assert sorted(mail.address for mail in mails) == sorted(flood.addresses)
    assert max(sizes) <= HTML_BYTES
