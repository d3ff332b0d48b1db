"""`ctmonitor watch`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ctmonitor.store import open_store, watching
from tests.builders import a_study
from tests.cli.conftest import Said, Terminal
from tests.registry import Registry, a_release, serving
from tests.registry.server import Served

SNEEZING = [
    a_study(
        nct_id=f"NCT{number:08d}",
        brief_title=f"Hay fever in town {number}",
        overall_status="RECRUITING",
        lead_sponsor="Acme Pharma" if number % 2 else "University of Bonn",
    )
    for number in range(1, 14)
]
OTHER = a_study(nct_id="NCT00000099", brief_title="\x1b[2JAsthma", lead_sponsor="Acme Pharma")


@pytest.fixture(scope="module")
def served():
    """A registry with thirteen studies of hay fever and one of asthma."""
    with serving(Registry(a_release("2026-03-02", [*SNEEZING, OTHER]))) as served:
        yield served


def _asking(terminal: Terminal, served: Served, *words: str) -> Said:
    return terminal("watch", "add", *words, ctgov_url=served.url, ctgov_rate="50")


def test_a_list_is_made_grown_shown_and_removed(terminal: Terminal) -> None:
    """A list holds the numbers it was given, each once."""
    terminal("watch", "add", "mine", "--nct", "NCT00000001", "nct00000002")
    made = terminal.ask("watch", "add", "mine", "--nct", "NCT00000002", "NCT00000003")
    assert made == {"name": "mine", "all": False, "question": None, "studies": 3}
    terminal("watch", "remove", "mine", "--nct", "NCT00000001")
    shown = terminal.ask("watch", "show", "mine")
    assert [one["nct_id"] for one in shown["studies"]] == ["NCT00000002", "NCT00000003"]
    assert terminal("watch", "remove", "mine").code == 0
    assert terminal.ask("watch", "list") == []


def test_numbers_come_from_a_file_in_any_shape(terminal: Terminal) -> None:
    """Lines, commas, quotes and a byte-order mark are all read."""
    path = terminal.folder / "numbers.csv"
    path.write_text('\ufeff"NCT00000001",NCT00000002\r\nnct00000003;\n', encoding="utf-8")
    assert terminal.ask("watch", "add", "mine", "--from", str(path))["studies"] == 3


def test_a_name_may_be_of_any_letters(terminal: Terminal) -> None:
    """Spaces, quotes and other alphabets make a name."""
    name = "Größe 'β'; DROP TABLE members --"
    terminal("watch", "add", name, "--all")
    made = {"name": name, "all": True, "question": None, "studies": 0}
    assert terminal.ask("watch", "list") == [made]


@pytest.mark.parametrize(
    "words",
    [
        ["add", "mine"],
        ["add", "mine", "--all", "--nct", "NCT00000001"],
        ["add", "mine", "--nct", "NCT1"],
        ["add", "mine", "--from", "/nonexistent"],
        ["add", "mine", "--from", "/"],
        ["add", " ", "--all"],
        ["add", "a\x1b[31m", "--all"],
        ["add", "a\udcff", "--all"],
        ["add", "mine", "--all", "--sponsor", "Acme"],
        ["add", "mine", "--nct", "NCT00000001", "--condition", "hay fever"],
        ["add", "mine", "--nct", "NCT00000001", "--preview"],
        ["add", "mine", "--all", "--offline"],
        ["add", "mine", "--condition", "hay fever", "--preview", "--offline"],
        ["add", "mine", "--condition", "hay fever", "--condition", "asthma"],
        ["add", "mine", "--condition", ""],
        ["add", "mine", "--condition", "(hay fever"],
        ["add", "mine", "--url", "https://clinicaltrials.gov/search?colour=red"],
        ["add", " ", "--condition", "hay fever"],
        ["show", "nonsense"],
        ["remove", "nonsense"],
        ["nonsense"],
        [],
    ],
    ids=ascii,
)
def test_a_wrong_wish_is_refused(terminal: Terminal, words: list[str]) -> None:
    """Nothing is made of what cannot be."""
    said = terminal("watch", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert terminal.ask("watch", "list") == []


def test_a_file_with_one_wrong_number_adds_none(terminal: Terminal) -> None:
    """A list is never half what a file says."""
    path = terminal.folder / "numbers.txt"
    path.write_text("NCT00000001\nNCT0000002\n")
    said = terminal("watch", "add", "mine", "--from", str(path))
    assert said.code == 2
    assert "'NCT0000002'" in said.err
    assert terminal.ask("watch", "list") == []


def test_a_list_of_everything_is_no_list_of_numbers(terminal: Terminal) -> None:
    """What a list is, it stays."""
    terminal("watch", "add", "all", "--all")
    assert terminal("watch", "add", "all", "--nct", "NCT00000001").code == 2


def test_a_preview_shows_how_many_match_and_which(terminal: Terminal, served: Served) -> None:
    """The count, the first ten in a table, and nothing is kept."""
    said = _asking(terminal, served, "sneezing", "--condition", "hay fever", "--preview")
    first, names, *rows, more = said.out.splitlines()
    assert (said.code, first) == (0, "condition: hay fever: 13 studies match now")
    assert names.split() == ["nct_id", "overall_status", "brief_title"]
    assert rows[0].split(maxsplit=2) == ["NCT00000001", "RECRUITING", "Hay fever in town 1"]
    assert (len(rows), more) == (10, "and 3 more")
    assert "sneezing was not kept" in said.err
    assert terminal.ask("watch", "list") == []


def test_a_preview_as_json(terminal: Terminal, served: Served) -> None:
    """The question in the registry's own parameters, the count and the first studies."""
    words = ("bonn", "--condition", "hay fever", "--sponsor", "Bonn", "--preview", "--json")
    told = _asking(terminal, served, *words).json
    assert told["question"] == {
        "said": "condition: hay fever; sponsor or collaborator: Bonn",
        "asked": {"query.cond": "hay fever", "query.spons": "Bonn"},
    }
    assert (told["matches"], told["saved"], len(told["first"])) == (6, False, 6)
    assert told["first"][0] == {
        "nct_id": "NCT00000002",
        "overall_status": "RECRUITING",
        "brief_title": "Hay fever in town 2",
    }


def test_a_question_is_tried_and_kept(terminal: Terminal, served: Served) -> None:
    """Its studies come with the first sweep; until then the list says so."""
    said = _asking(terminal, served, "acme", "--sponsor", "Acme Pharma")
    wanted = "sponsor or collaborator: Acme Pharma"
    assert said.out == f"Watch list acme made: {wanted}; 8 studies match now\n"
    shown = terminal.ask("watch", "show", "acme")
    assert shown["question"] == {"said": wanted, "asked": {"query.spons": "Acme Pharma"}}
    assert (shown["asked_release"], shown["studies"]) == (None, [])
    assert "not asked yet" in terminal("watch", "show", "acme").out


def test_every_way_to_ask_narrows_the_others(terminal: Terminal, served: Served) -> None:
    """An expression, a pasted search, a sponsor and a condition: what answers all of them."""
    url = "https://clinicaltrials.gov/search?term=town&viewType=Table"
    words = ("--url", url, "--query", "1 OR 2 OR 3", "--sponsor", "Acme", "--condition", "fever")
    told = _asking(terminal, served, "few", *words, "--json").json
    assert [one["nct_id"][-1] for one in told["first"]] == ["1", "3"]
    assert told["question"]["asked"]["query.term"] == "(1 OR 2 OR 3) AND (town)"
    assert (told["saved"], told["matches"]) == (True, 2)


def test_a_question_the_registry_refuses_is_not_kept(terminal: Terminal, served: Served) -> None:
    """The registry's own words say what is wrong with it."""
    said = _asking(terminal, served, "wrong", "--query", "AREA[Nonsense]x")
    assert (said.code, said.out) == (2, "")
    assert "Unknown area name: `Nonsense`" in said.err
    assert terminal.ask("watch", "list") == []


def test_a_registry_out_of_reach_keeps_nothing(terminal: Terminal, served: Served) -> None:
    """The sentence says how to keep the question all the same."""
    words = ("watch", "add", "mine", "--condition", "hay fever")
    said = terminal(*words, ctgov_url=f"{served.url}/nowhere")
    assert (said.code, said.out) == (4, "")
    assert "nothing was kept; --offline keeps a question that was not tried" in said.err
    assert terminal.ask("watch", "list") == []


def test_a_question_can_be_kept_without_asking(terminal: Terminal) -> None:
    """Nobody is asked, and the list says that it was not."""
    words = ("watch", "add", "mine", "--condition", "hay fever", "--offline")
    said = terminal(*words, ctgov_url="http://127.0.0.1:9")
    made = "Watch list mine made: condition: hay fever; not asked yet, the next sweep does\n"
    assert (said.code, said.out) == (0, made)


def test_a_question_without_an_answer_is_kept_and_said(terminal: Terminal, served: Served) -> None:
    """A study may come to answer it."""
    said = _asking(terminal, served, "rare", "--condition", "hiccups")
    assert said.out.endswith("0 studies match now\n")
    assert "No study matches now" in said.err
    assert [one["name"] for one in terminal.ask("watch", "list")] == ["rare"]


def test_more_than_twenty_thousand_matches_are_said(
    terminal: Terminal, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a question is kept, with a remark."""
    monkeypatch.setattr("ctmonitor.cli.watch.MANY", 12)
    said = _asking(terminal, served, "many", "--condition", "hay fever")
    assert said.code == 0
    assert "More than 12 studies match" in said.err


def test_a_title_cannot_steer_the_terminal(terminal: Terminal, served: Served) -> None:
    """What the registry sends is text."""
    said = _asking(terminal, served, "x", "--query", "Asthma", "--preview")
    assert "Asthma" in said.out
    assert "\x1b" not in said.out


def test_lists_are_shown_with_their_questions(terminal: Terminal, served: Served) -> None:
    """Beside lists of numbers, which have none."""
    terminal("watch", "add", "mine", "--nct", "NCT00000001")
    _asking(terminal, served, "sneezing", "--condition", "hay fever")
    _answer(terminal, "sneezing", "NCT00000001", "NCT00000002")
    names, mine, sneezing = terminal("watch", "list").out.splitlines()
    assert names.split() == ["name", "studies", "question"]
    assert mine.split() == ["mine", "1", "-"]
    assert sneezing.split(maxsplit=2) == ["sneezing", "2", "condition: hay fever"]


def test_an_answered_question_is_shown_with_its_studies(terminal: Terminal, served: Served) -> None:
    """And with the release that they answered in."""
    _asking(terminal, served, "sneezing", "--condition", "hay fever")
    _answer(terminal, "sneezing", "NCT00000001")
    first, _, row = terminal("watch", "show", "sneezing").out.splitlines()
    said = "sneezing: condition: hay fever; 1 study in the release of 2026-03-02T09:00:05"
    assert (first, row.split()) == (said, ["NCT00000001", "-", "-"])


def test_what_a_list_follows_is_not_changed(terminal: Terminal, served: Served) -> None:
    """Numbers cannot be added or taken off, and another question is refused."""
    _asking(terminal, served, "sneezing", "--condition", "hay fever")
    number = ("sneezing", "--nct", "NCT00000001")
    for words in (("add", *number), ("remove", *number)):
        assert terminal("watch", *words).code == 2
    said = _asking(terminal, served, "sneezing", "--condition", "asthma")
    assert (said.code, "choose another name" in said.err) == (2, True)
    assert _asking(terminal, served, "sneezing", "--condition", "hay fever").code == 0


def _answer(terminal: Terminal, name: str, *nct_ids: str) -> None:
    store = open_store(f"sqlite:///{terminal.folder / 'store.db'}")
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    with store.writing() as tx:
        watching.answered(tx, name, frozenset(nct_ids), "2026-03-02T09:00:05", at)
    store.close()
