"""A year of a registry in some days: studies that go, merge, come to light, join and leave."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_study
from tests.cli.conftest import Said, Terminal
from tests.jobs.days import lacking, nct, some
from tests.registry import On, Registry, Served, a_release, serving
from tests.registry.faults import Script, empty_listing

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
ONE, TWO, THREE, FOUR = (nct(number) for number in range(1, 5))
STUB = {"overall_status": "WITHHELD", "brief_title": "[Trial of device that is not approved]"}
SHOWN = {
    "overall_status": "RECRUITING",
    "brief_title": "A made device",
    "lead_sponsor": "Acme Devices",
    "study_type": "INTERVENTIONAL",
    "primary_completion_date": "2027-01",
    "enrollment": 120,
    "last_update_posted_date": "2026-03-02",
}


class Life:
    """A user of the command line, day after day, and the registry that they watch."""

    def __init__(self, terminal: Terminal, served: Served) -> None:
        self.terminal = terminal
        self.served = served

    def __call__(self, *words: str) -> Said:
        """Run one command on the day of the release on show."""
        return self.terminal(*words, ctgov_url=self.served.url, ctgov_rate="10000")

    def ask(self, *words: str) -> Any:
        """What a command prints as JSON; it must end well."""
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return said.json

    def day(self, day: str, *studies: dict[str, Any]) -> None:
        """Bring out a release."""
        self.served.registry.add(a_release(day, studies))
        self.served.registry.advance()

    def sweep(self, *words: str) -> Said:
        """Look on the day of the release."""
        today = self.served.registry.current.data_timestamp[:10]
        return self("sweep", *words, "--today", today)

    def follow(self, day: str, *studies: dict[str, Any], words: tuple[str, ...] = ()) -> Said:
        """Bring out a release, and look at it."""
        self.day(day, *studies)
        return self.sweep(*words)

    def hear(self, name: str) -> None:
        """Let messages about a list come into a folder."""
        assert self("subscribe", "add", f"file:{self.mail}", "--watch", name).code == 0

    def on_list(self, name: str) -> list[str]:
        """The studies on a watch list."""
        return [one["nct_id"] for one in self.ask("watch", "show", name)["studies"]]

    @property
    def mail(self) -> Path:
        """Where messages come."""
        return self.terminal.folder / "mail"

    def messages(self) -> list[str]:
        """Every message that came, in order."""
        return [path.read_text() for path in sorted(self.mail.iterdir())]

    def told(self) -> list[tuple[str | None, str]]:
        """Study and rule of every alert, the first first."""
        alerts = sorted(self.ask("alerts"), key=lambda one: one["id"])
        return [(one["nct_id"], one["rule"]) for one in alerts]


@pytest.fixture
def life(upgraded_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Life]:
    """A new user, and a registry that shows nothing yet."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    (tmp_path / "mail").mkdir()
    with serving(Registry(a_release("2026-02-01", []))) as served:
        yield Life(Terminal(tmp_path, capsys), served)


def test_a_study_goes_and_comes_back(life: Life) -> None:
    """Missing is a count, removed one message, back again another; its history stays."""
    life("watch", "add", "mine", "--nct", ONE, TWO, THREE)
    life.hear("mine")
    life.follow(FRIDAY, *some(3))
    assert "1 missing" in life.follow(MONDAY, *some(3, but=(2,))).out
    assert life.messages() == []
    assert (
        f"{TWO} is not found in the registry since the release of 2026-03-02"
        in life("show", TWO).err
    )
    life.follow(TUESDAY, *some(3, but=(2,)))
    assert life.told() == [(TWO, "record-removed")] and len(life.messages()) == 1
    assert "0 missing; 0 alerts" not in life.follow(WEDNESDAY, *some(3, but=(2,))).out
    assert life.ask("show", TWO)["protocolSection"]["statusModule"]["overallStatus"] == "RECRUITING"
    assert len(life.ask("history", TWO)["snapshots"]) == 1
    assert "removed" in life("history", TWO).err
    life.follow("2026-03-05", *some(3))
    assert life.told()[1:] == [(TWO, "record-returned")] and len(life.messages()) == 2
    assert life("verify").code == 0


def test_a_study_is_merged(life: Life) -> None:
    """Who watches the old number hears of it once, and then of the study that stays."""
    life("watch", "add", "mine", "--nct", ONE)
    life.hear("mine")
    life.follow(FRIDAY, *some(2))
    merged = a_study(nct_id=TWO, nct_id_aliases=[ONE], overall_status="RECRUITING")
    stopped = {**SHOWN, "overall_status": "TERMINATED", "why_stopped": "Slow accrual"}
    life.follow(MONDAY, merged)
    life.follow(TUESDAY, a_study(nct_id=TWO, nct_id_aliases=[ONE], **stopped))
    assert life.told()[0] == (ONE, "record-merged") and (TWO, "stopped") in life.told()
    assert (len(life.messages()), (ONE, "record-removed") in life.told()) == (2, False)
    assert life.on_list("mine") == [ONE, TWO]
    numbers = {one["nct_id"] for one in life.ask("history", ONE)["snapshots"] if "nct_id" in one}
    assert numbers <= {ONE, TWO} and life("history", ONE).code == 0


def test_a_withheld_record_comes_to_light(life: Life) -> None:
    """Everything fills up at once: one alert in one message."""
    life("watch", "add", "mine", "--nct", ONE)
    life.hear("mine")
    life.follow(FRIDAY, a_study(nct_id=ONE, **STUB))
    life.follow(MONDAY, a_study(nct_id=ONE, **SHOWN))
    assert life.told() == [(ONE, "record-revealed")]
    [message] = life.messages()
    assert (
        "Now RECRUITING; was WITHHELD" in message
        and "enrollment" not in message.partition("\n\n")[0]
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--watch", "open"), "new to us"),
        ((), "status changed from COMPLETED to RECRUITING"),
        (("ctgov",), "status changed from COMPLETED to RECRUITING"),
    ],
)
def test_a_question_is_followed(life: Life, words: tuple[str, ...], why: str) -> None:
    """Saved after a preview; who joins and leaves is told with the reason, to its subscribers."""
    life.day(FRIDAY, *some(3), a_study(nct_id=FOUR, overall_status="COMPLETED"))
    said = life("watch", "add", "open", "--query", "AREA[OverallStatus]RECRUITING")
    assert said.code == 0 and "3" in said.out
    life("watch", "add", "other", "--nct", FOUR)
    life.hear("open")
    life.sweep(*words)
    assert life.messages() == []
    posted = {"last_update_posted_date": MONDAY}
    turned = [
        a_study(nct_id=nct(n), overall_status=to, **posted)
        for n, to in ((1, "COMPLETED"), (4, "RECRUITING"))
    ]
    life.follow(MONDAY, *turned, *some(3, but=(1,)), words=words)
    [message] = life.messages()
    assert "Left open: status changed from RECRUITING to COMPLETED" in message
    assert f"New on open: {why}" in message
    assert life.on_list("open") == [TWO, THREE, FOUR]


@pytest.mark.parametrize("act", ["release", "absorb"])
def test_a_bad_day_waits_for_the_operator(life: Life, act: str) -> None:
    """Exit code 5 and the commands to give; what was accepted is held no more."""
    life("watch", "add", "everything", "--all")
    life.hear("everything")
    life.follow(FRIDAY, *some(40))
    gone = some(40, but=tuple(range(1, 15)), overall_status="COMPLETED")
    held = life.follow(MONDAY, *gone, words=("ctgov", "--way", "full"))
    assert held.code == 5 and "held: 14 of 40 studies missing at once" in held.err
    assert f"ctmonitor sweeps {act} 2" in held.err
    assert life.told() == [(None, "sweep-held")] and len(life.messages()) == 1
    said = life("sweeps", act, "2", "--reason", "seen on their site")
    assert (said.code, said.out.endswith("; 14 studies missing\n")) == (0, True)
    assert len(life.messages()) == (2 if act == "release" else 1)
    after = life.follow(TUESDAY, *gone, words=("ctgov", "--way", "full"))
    told = 1 if act == "release" else 0
    assert (after.code, life.told().count((ONE, "record-removed"))) == (0, told)


def test_a_registry_that_shows_nothing_is_no_news(life: Life) -> None:
    """On the next day everything is as it was, and nobody but the operator heard of it."""
    life("watch", "add", "mine", "--nct", ONE, TWO, THREE)
    life.hear("mine")
    life.follow(FRIDAY, *some(3))
    life.day(MONDAY, *some(3))
    life.served.script = Script((On(lacking(ONE, TWO, THREE).fault, path="/studies", times=9),))
    assert life.sweep().code == 5
    life.served.script = Script((On(empty_listing(), path="/studies", times=99),))
    assert life.sweep().code == 4
    life.served.script = Script(())
    assert life.follow(TUESDAY, *some(3)).code == 0
    assert life.told() == [(None, "sweep-held")] and life.messages() == []


def test_an_older_release_is_told_the_second_time(life: Life) -> None:
    """Nothing is read from it; the sentence says which release it shows."""
    life("watch", "add", "everything", "--all")
    life.hear("everything")
    life.follow(FRIDAY, *some(3))
    life.follow(MONDAY, *some(3))
    life.served.registry.step_back()
    said = [life.sweep() for _ in range(3)]
    assert [one.code for one in said] == [5, 5, 5]
    assert "older than 2026-03-02" in said[0].out + said[0].err
    assert len(life.messages()) == 1
