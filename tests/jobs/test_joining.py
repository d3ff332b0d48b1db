"""Watch lists that follow a question: who joins and who leaves, and why."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.builders import a_study
from tests.jobs.asking import every_alert, number_held, owed, subscribe, told, watch
from tests.jobs.days import ask, days, lacking, members, nct, some
from tests.registry import On
from tests.registry.faults import ended_early

ONE, TWO, THREE, FOUR = (nct(number) for number in range(1, 5))
FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
RECRUITING = {"filter_overallStatus": "RECRUITING"}
LOOKS = {
    "its own": {"watch": "open"},
    "its own, as rows": {"watch": "open", "way": "status"},
    "all lists": {},
    "everything": {"whole": True, "way": "full"},
    "everything, as rows": {"whole": True, "way": "status"},
    "what was posted": {"whole": True, "way": "incremental"},
}
EACH = pytest.mark.parametrize("how", LOOKS.values(), ids=LOOKS)
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.fixture
def lists(store):
    """A store whose list "open" asks for recruiting studies; Ann hears of it, Bob of others."""
    ask(store, "open", **RECRUITING)
    ask(store, "shut", filter_overallStatus="SUSPENDED")
    subscribe(store, "open")
    subscribe(store, "shut", address="bob@clinic.example")
    return store


def _all(*turns, **fields):
    """Four recruiting studies, of which some turned to COMPLETED, all posted on Monday."""
    fields = {"last_update_posted_date": "2026-03-02", **fields}
    left = [a_study(nct_id=nct(n), overall_status="COMPLETED", **fields) for n in turns]
    return [*some(4, but=turns, **fields), *left]


def _reasons(store, *nct_ids):
    """What was told of joining and leaving, without the date."""
    return [
        one.alert.headline
        for one in sorted(every_alert(store, *nct_ids), key=lambda one: one.id)
        if one.alert.rule in ("new-in-watch", "left-watch")
    ]


@EACH
def test_the_first_answer_is_where_a_list_begins(lists, how):
    """Nothing joins by it, and nobody is told."""
    with days(lists) as registry:
        registry.day(FRIDAY, *_all(1), **how)
    assert members(lists, "open") == [TWO, THREE, FOUR]
    assert (told(lists), owed(lists)) == ([], [])


@EACH
def test_who_joins_and_leaves_is_told_with_the_turn(lists, how):
    """In whatever look the question is asked; of the leaver, the change itself is told too."""
    with days(lists) as registry:
        registry.day(FRIDAY, *_all(1), **LOOKS["everything"])
        registry.day(MONDAY, *_all(2), **how)
    assert members(lists, "open") == [ONE, THREE, FOUR]
    joined = "New on open: status changed from COMPLETED to RECRUITING"
    left = "Left open: status changed from RECRUITING to COMPLETED"
    assert sorted(_reasons(lists, ONE, TWO)) == [left, joined]
    rules = {(ONE, "new-in-watch"), (TWO, "left-watch"), (TWO, "completed")}
    assert [(who, set(heard)) for who, heard, _ in owed(lists)] == [("ann@clinic.example", rules)]


@EACH
def test_the_same_answer_is_no_news(lists, how):
    """Neither when everything else changes."""
    with days(lists) as registry:
        registry.day(FRIDAY, *_all(1), **LOOKS["everything"])
        registry.day(MONDAY, *_all(1, brief_title="Another title"), **how)
    assert _reasons(lists, ONE, TWO, THREE, FOUR) == []


def test_a_study_new_to_us_is_read_whole(lists):
    """It is kept, so that its next change is seen."""
    with days(lists) as registry:
        registry.day(FRIDAY, *some(2), watch="open")
        registry.day(MONDAY, *some(3), watch="open", way="status")
        registry.day(TUESDAY, *some(3, brief_title="Another title"), watch="open")
    assert _reasons(lists, THREE) == ["New on open: new to us"]
    assert number_held(lists, THREE) == 2


def test_a_study_may_match_without_a_turn(store):
    """Then the reason is that it matches now, or no longer does."""
    ask(store, "named", query_titles="Wanted")
    with days(store) as registry:
        registry.day(FRIDAY, *some(1), *some(2, but=(1,), brief_title="Wanted"), whole=True)
        registry.day(MONDAY, *some(1, brief_title="Wanted"), *some(2, but=(1,)), watch="named")
    assert _reasons(store, ONE, TWO) == [
        "New on named: matches now",
        "Left named: no longer matches",
    ]


def test_the_turn_may_have_been_seen_by_another_look(lists):
    """What changed since the last answer is the reason, whichever look kept it."""
    watch(lists, "few", ONE)
    with days(lists) as registry:
        registry.day(FRIDAY, *_all(), whole=True)
        registry.day(MONDAY, *_all(1), watch="few")
        registry.look(watch="open")
    assert _reasons(lists, ONE) == ["Left open: status changed from RECRUITING to COMPLETED"]


def test_a_study_that_left_is_read_once_more(lists):
    """Its turn is a change like any other, told to who watched it until then."""
    with days(lists) as registry:
        registry.day(FRIDAY, *_all(), watch="open")
        registry.day(MONDAY, *_all(1), watch="open")
        registry.day(TUESDAY, *_all(1, brief_title="Another title"), watch="open")
    assert owed(lists) == [
        ("ann@clinic.example", [(ONE, "completed"), (ONE, "left-watch")], ["open"])
    ]
    assert number_held(lists, ONE) == 2


@pytest.mark.parametrize("how", [LOOKS["its own"], LOOKS["everything"]])
def test_a_short_answer_moves_nobody(lists, how):
    """The next whole answer does."""
    few = some(700, but=tuple(range(1, 6)))
    with days(lists) as registry:
        registry.day(FRIDAY, *some(700), **how)
        registry.wrong(On(ended_early(), path="/studies", times=99))
        assert registry.day(MONDAY, *few, **how).state == "partial"
        assert len(members(lists, "open")) == 700
        registry.wrong()
        suspended = some(5, overall_status="SUSPENDED")
        registry.day(TUESDAY, *few, *suspended, **how)
    assert len(members(lists, "open")) == 695


def test_a_look_that_does_not_know_every_answer_keeps_the_lists(lists):
    """Two lists in one look, of which one's answer is short: neither moves."""
    with days(lists) as registry:
        registry.day(FRIDAY, *_all())
        short = On(ended_early(), path="/studies", times=99, holding="SUSPENDED")
        registry.wrong(short)
        suspended = some(1500, but=(1, 2, 3, 4), overall_status="SUSPENDED")
        report = registry.day(MONDAY, *_all(1), *suspended)
    assert (report.state, members(lists, "open")) == ("partial", [ONE, TWO, THREE, FOUR])
    assert _reasons(lists, ONE) == []


def test_numbers_and_questions_are_looked_at_together(lists):
    """One look over all lists; a study on two of them is read once."""
    watch(lists, "few", ONE, nct(9))
    with days(lists) as registry:
        first = registry.day(FRIDAY, *_all(1), *some(9, but=tuple(range(1, 9))))
        second = registry.day(MONDAY, *_all(2), *some(9, but=tuple(range(1, 9))))
    assert (first.counts.received, second.counts.received) == (5, 5)
    assert sorted(_reasons(lists, ONE, TWO)) == [
        "Left open: status changed from RECRUITING to COMPLETED",
        "New on open: status changed from COMPLETED to RECRUITING",
    ]


@pytest.mark.parametrize("how", [LOOKS["its own"], LOOKS["all lists"]])
def test_a_question_may_have_no_answer(lists, how):
    """At first, later, and again at first: none of it is a bad day of the registry."""
    with days(lists) as registry:
        states = [
            registry.day(day, *_all(*gone), **how).state
            for day, gone in (
                ("2026-02-26", (1, 2, 3, 4)),
                (FRIDAY, ()),
                (MONDAY, (1, 2, 3, 4)),
                (TUESDAY, (1, 2, 3, 4)),
                (WEDNESDAY, (1, 2, 3)),
            )
        ]
    assert states == ["finished"] * 5 and members(lists, "open") == [FOUR]
    assert Counter(rule for _, rule in told(lists))["new-in-watch"] == 5


def test_many_may_leave_a_list_one_after_another(lists):
    """A list is held against what it listed, not against what was read because it left."""
    with days(lists) as registry:
        registry.day(FRIDAY, *some(9), watch="open")
        shown = [*some(4), *some(9, but=(1, 2, 3, 4), overall_status="COMPLETED")]
        states = [registry.day(day, *shown, watch="open").state for day in (MONDAY, TUESDAY)]
    assert states == ["finished"] * 2 and len(members(lists, "open")) == 4


def test_a_study_that_was_merged_leaves_for_that(lists):
    """If the one it leads to is no answer; else it neither leaves nor joins."""
    with days(lists) as registry:
        registry.day(FRIDAY, *some(4), watch="open")
        heir = a_study(nct_id=TWO, nct_id_aliases=[ONE], overall_status="RECRUITING")
        shut = a_study(nct_id=FOUR, nct_id_aliases=[THREE], overall_status="COMPLETED")
        registry.day(MONDAY, heir, shut, watch="open")
    assert members(lists, "open") == [TWO]
    assert sorted(_reasons(lists, ONE, TWO, THREE, FOUR)) == [
        f"Left open: merged into {FOUR}",
        "Left open: status changed from RECRUITING to COMPLETED",
    ]


def test_an_answer_that_lost_a_study_by_mistake_only_says_that(lists):
    """The record is there and says nothing of why; it comes back as it went."""
    with days(lists) as registry:
        registry.day(FRIDAY, *some(4), watch="open")
        registry.wrong(On(lacking(ONE).fault, path="/studies", holding="overallStatus"))
        registry.day(MONDAY, *some(4), watch="open")
        registry.day(TUESDAY, *some(4), watch="open")
    assert _reasons(lists, ONE) == ["Left open: no longer matches", "New on open: matches now"]


def test_what_only_an_incremental_look_does_not_find_stays(lists):
    """It lists nothing, so that it can call nothing missing or gone."""
    with days(lists) as registry:
        registry.day(FRIDAY, *some(4), **LOOKS["everything"])
        registry.day(MONDAY, *some(4, but=(1,)), **LOOKS["what was posted"])
        assert members(lists, "open") == [ONE, TWO, THREE, FOUR]
        registry.day(TUESDAY, *some(4, but=(1,)), **LOOKS["everything"])
        registry.day(WEDNESDAY, *some(4, but=(1,)), **LOOKS["everything"])
    assert members(lists, "open") == [TWO, THREE, FOUR]
    assert _reasons(lists, ONE) == ["Left open: removed from the registry"]
