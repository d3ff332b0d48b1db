"""`ctmonitor count`."""

from __future__ import annotations

import csv
import io

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal

BONN, ACME = "University of Bonn", "=Acme Pharma"


@pytest.fixture
def counting(terminal: Terminal) -> Terminal:
    """A terminal whose store saw three studies twice: one turned UNKNOWN, of one a date slipped."""
    one = {"nct_id": "NCT00000001", "lead_sponsor": BONN, "overall_status": "RECRUITING"}
    two = {"nct_id": "NCT00000002", "lead_sponsor": ACME, "overall_status": "RECRUITING"}
    two |= {"completion_date": "2027-01", "last_update_posted_date": "2026-01-05"}
    three = {"nct_id": "NCT00000003", "lead_sponsor": ACME}
    terminal.sweep(*map(_posted, (one, two, three)), today="2026-01-10")
    later = two | {"completion_date": "2027-06", "last_update_posted_date": "2026-02-01"}
    unknown = one | {"overall_status": "UNKNOWN", "last_known_status": "RECRUITING"}
    terminal.sweep(*map(_posted, (unknown, later, three)), today="2026-02-10")
    return terminal


def _posted(fields: dict[str, str]) -> dict[str, object]:
    return a_study(**{"last_update_posted_date": "2026-01-02", **fields})


def test_studies_are_counted_by_status_on_a_day(counting: Terminal) -> None:
    """As we knew it at its end; what says no status is counted, too."""
    before, after = (counting.ask("count", "--as-of", day) for day in ("2026-02-09", "2026-02-10"))
    assert before == {
        "on": "2026-02-09",
        "clock": "seen",
        "by": "status",
        "studies": 3,
        "counts": [{"status": "RECRUITING", "studies": 2}, {"status": None, "studies": 1}],
    }
    assert {"status": "UNKNOWN", "studies": 1} in after["counts"]


def test_before_the_first_look_there_is_nothing_to_count(counting: Terminal) -> None:
    """No study, by no sponsor."""
    assert counting.ask("count", "--as-of", "2026-01-09", "--by", "sponsor")["counts"] == []


def test_the_registrys_own_day_can_be_asked(counting: Terminal) -> None:
    """One record was posted on 5 January: on the 4th it said nothing that we saw."""
    counts = [
        counting.ask("count", "--as-registered", day)["studies"]
        for day in ("2026-01-01", "2026-01-04", "2026-01-05")
    ]
    assert counts == [0, 2, 3]


def test_a_list_is_counted_by_itself(counting: Terminal) -> None:
    """Of its studies only, whatever is asked."""
    counting("watch", "add", "mine", "--nct", "NCT00000002", "--nct", "NCT00000003")
    counts = counting.ask("count", "--watch", "mine", "--by", "sponsor")["counts"]
    assert counts == [{"sponsor": ACME, "studies": 2}]
    assert counting.ask("count", "--flips", "--watch", "mine") == []
    assert len(counting.ask("count", "--slips", "--watch", "mine")) == 1


def test_people_see_a_table_and_its_sum(counting: Terminal) -> None:
    """The most first; the sum is a remark beside it."""
    said = counting("count", "--as-of", "2026-01-10")
    assert said.out.splitlines() == ["status      studies", "RECRUITING  2", "-           1"]
    assert said.err == "3 studies on 2026-01-10, as we knew it\n"


def test_turns_to_unknown_are_counted_by_sponsor(counting: Terminal) -> None:
    """Within the days that are named, both included."""
    assert counting.ask("count", "--flips") == [{"sponsor": BONN, "flips": 1}]
    february = ("--since", "2026-02-10", "--until", "2026-02-10")
    assert counting.ask("count", "--flips", *february) == [{"sponsor": BONN, "flips": 1}]
    assert counting.ask("count", "--flips", "--since", "2026-02-11") == []
    assert "1 turn to UNKNOWN" in counting("count", "--flips").err


def test_slips_are_listed_with_their_days(counting: Terminal) -> None:
    """With what the date was and is, and whose study it is."""
    [slip] = counting.ask("count", "--slips", "--sponsor", "acme")
    assert (slip["nct_id"], slip["field"]) == ("NCT00000002", "completion_date")
    assert (slip["before"], slip["after"], slip["days_later"]) == ("2027-01", "2027-06", 150)
    assert counting.ask("count", "--slips", "--sponsor", "bonn") == []


def test_slips_are_told_by_the_registrys_days(counting: Terminal) -> None:
    """Posted on 1 February, seen on the 10th."""
    posted = ("--slips", "--registered", "--since", "2026-02-01", "--until", "2026-02-01")
    assert len(counting.ask("count", *posted)) == 1
    assert counting.ask("count", "--slips", "--until", "2026-02-01") == []
    assert "2026-02-10  NCT00000002  completion_date" in counting("count", "--slips").out


@pytest.mark.parametrize(
    ("words", "column"),
    [
        (("--by", "sponsor"), "sponsor"),
        (("--slips",), "sponsor"),
        (("--flips", "--since", "2027-01-01"), None),
    ],
)
def test_csv_is_safe_in_a_spreadsheet(
    counting: Terminal, words: tuple[str, ...], column: str | None
) -> None:
    """A sponsor's name is no formula; nothing found is a line of names."""
    rows = list(csv.DictReader(io.StringIO(counting("count", *words, "--csv").out)))
    names = {row[column] for row in rows} if column else set()
    assert names - {BONN} == ({f"'{ACME}"} if column else set())


@pytest.mark.parametrize(
    "words",
    [
        ("--flips", "--slips"),
        ("--as-of", "2026-02-01", "--as-registered", "2026-02-01"),
        ("--flips", "--as-of", "2026-02-01"),
        ("--flips", "--sponsor", "Acme"),
        ("--slips", "--by", "sponsor"),
        ("--since", "2026-02-01"),
        ("--sponsor", "Acme"),
        ("--as-of", "yesterday"),
        ("--as-registered", "2026-02"),
        ("--flips", "--registered", "--since", "2026-02-01T09:00:00Z"),
        ("--watch", "nothing"),
        ("--by", "phase"),
    ],
    ids=" ".join,
)
def test_what_means_nothing_is_refused(counting: Terminal, words: tuple[str, ...]) -> None:
    """Exit code 2 and one sentence, rather than an answer to another question."""
    said = counting("count", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
