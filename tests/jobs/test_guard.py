"""Looks on a bad day of the registry: held, told to the operator, released or absorbed."""

from __future__ import annotations

import pytest

from ctmonitor.cli.shape import sweep_object
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.settle import absorb, release, take_over_abandoned
from ctmonitor.store import fates, holding, looks, watching
from ctmonitor.store.questions import recent_sweeps
from tests.jobs.asking import ANN, alerts_waiting, owed, subscribe, told, watch
from tests.jobs.days import ask, days, lacking, members, nct, some
from tests.looks import clock_on
from tests.registry import On
from tests.registry.faults import empty_listing

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
EVERYTHING = {"whole": True, "way": "full"}
HELD = [(None, "sweep-held")]
GONE = tuple(range(1, 13))
USUAL = some(40)
BAD_DAYS = {
    "nothing": ([], "no study was received; the last complete look had 40"),
    "fewer than half": (
        some(8),
        "8 studies received, 20.0 % of the last complete look's 40",
    ),
    "many gone": (
        some(40, but=GONE, overall_status="COMPLETED"),
        "12 of 40 studies missing at once; up to 10 are usual",
    ),
}
EACH = pytest.mark.parametrize(("shown", "why"), BAD_DAYS.values(), ids=BAD_DAYS)
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.fixture
def watched(store):
    """A store whose operator, Ann, watches everything; Bob has a list of one study."""
    watch(store)
    subscribe(store)
    watch(store, "one", nct(20))
    subscribe(store, "one", address="bob@clinic.example")
    return store


def _release(store, number):
    return release(
        store, number, reason="it is so", who="ann", flood_limit=1_000, clock=clock_on(WEDNESDAY)
    )


def _absorb(store, number):
    return absorb(store, number, reason="a bad day", who="ann", clock=clock_on(WEDNESDAY))


SETTLING = pytest.mark.parametrize("settle", [_release, _absorb])


def _missing(store):
    """How many studies are missing, and how many of them removed."""
    with store.reading() as tx:
        held = fates.absent(tx, [nct(number) for number in range(1, 200)])
    return len([one for one in held if one.missing_release]), len(
        [one for one in held if one.removed_on]
    )


def _last(store):
    """The release of the last look that was accepted."""
    with store.reading() as tx:
        last = looks.before(tx, "ctgov", "ctgov").last
    return last.release[:10] if last else None


def _stop_after(batches):
    """A progress that breaks a look off after so many batches."""
    left = iter(range(batches - 1))

    def progress(_):
        if next(left, None) is None:
            raise KeyboardInterrupt

    return progress


@EACH
def test_a_bad_day_is_held(watched, shown, why):
    """Nothing goes missing, nothing is told but that, and only to who watches everything."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        report = registry.day(MONDAY, *shown, **EVERYTHING)
    assert (report.state, report.held[0]) == ("held", why)
    assert (report.is_complete, _missing(watched), _last(watched)) == (True, (0, 0), FRIDAY)
    assert owed(watched) == [(ANN, HELD, ["everything"])]


def test_only_the_first_lacking_studies_are_printed(store):
    """A whole registry may be; all of them are kept for whoever accepts the look."""
    with days(store) as registry:
        registry.day(FRIDAY, *some(250), **EVERYTHING)
        report = registry.day(MONDAY, **EVERYTHING)
    with store.reading() as tx:
        [held, _] = [sweep_object(one) for one in recent_sweeps(tx, 2)]
    for certificate in (report.plain()["certificate"], held["certificate"]):
        assert (len(certificate["lacking"]), certificate["lacking_count"]) == (200, 250)
    assert _absorb(store, report.sweep).missing == 250


def test_a_mass_change_is_held(store):
    """More than 30 % of the studies changed in one field by the registry itself."""
    subscribed = {"study_type": "INTERVENTIONAL", "last_update_posted_date": "2026-01-05"}
    with days(store) as registry:
        registry.day(FRIDAY, *some(120, **subscribed), **EVERYTHING)
        changed = some(120, **subscribed | {"study_type": "OBSERVATIONAL"})
        report = registry.day(
            MONDAY, *changed[:40], *some(120, but=tuple(range(1, 41)), **subscribed), **EVERYTHING
        )
    assert report.state == "held" and "in 40 of 120 studies (33.3 %)" in report.held[0]
    assert _last(store) == FRIDAY


@pytest.mark.parametrize("shown", [some(40), some(40, but=GONE[:10]), some(45, but=(1,))])
def test_a_usual_day_is_not_held(watched, shown):
    """As many as before, up to ten fewer, or more."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        assert registry.day(MONDAY, *shown, **EVERYTHING).state == "finished"


def test_the_next_day_is_held_against_the_last_accepted_one(watched):
    """A day as bad as the one before is held too; a good one is news again."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        states = [
            registry.day(day, *shown, **EVERYTHING).state
            for day, shown in ((MONDAY, some(8)), (TUESDAY, some(8)), (WEDNESDAY, some(39)))
        ]
    assert states == ["held", "held", "finished"]
    assert (_missing(watched), _last(watched)) == ((1, 0), WEDNESDAY)


def test_one_release_is_told_once(watched):
    """However often it is looked at; the next bad release is told again."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        registry.day(MONDAY, **EVERYTHING)
        assert [registry.look(**EVERYTHING).state for _ in range(2)] == ["held", "held"]
        assert told(watched) == HELD
        registry.day(TUESDAY, **EVERYTHING)
    assert told(watched) == HELD * 2


def test_a_registry_that_recovers_is_believed(watched):
    """The same release with all its studies, an hour later, is a look like any other."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        registry.wrong(On(empty_listing(), path="/studies", times=99))
        registry.show(MONDAY, *some(40, overall_status="COMPLETED"))
        registry.wrong(
            On(lacking(*(nct(number) for number in range(1, 41))).fault, path="/studies")
        )
        assert registry.look(**EVERYTHING).state == "held"
        report = registry.look(**EVERYTHING)
    assert (report.state, report.counts.changed, _missing(watched)) == ("finished", 40, (0, 0))


@EACH
def test_memberships_and_numbers_stay_as_they_were(store, shown, why):
    """A held look moves nobody; also where the scope is lists and not the whole registry."""
    ask(store, "open", filter_overallStatus="RECRUITING")
    subscribe(store, "open")
    watch(store, "few", *(nct(number) for number in range(1, 41)))
    with days(store) as registry:
        registry.day(FRIDAY, *USUAL)
        report = registry.day(MONDAY, *shown)
    assert report.state == "held" and why in report.held
    assert len(members(store, "open")) == 40 and owed(store) == []


def test_a_question_that_lost_most_of_its_answer_is_held(store):
    """Though all its studies are there: a search that fails is no news of theirs."""
    ask(store, "open", filter_overallStatus="RECRUITING")
    subscribe(store, "open")
    with days(store) as registry:
        registry.day(FRIDAY, *some(30), watch="open")
        lost = lacking(*(nct(number) for number in range(1, 21)))
        registry.wrong(On(lost.fault, path="/studies", holding="overallStatus"))
        report = registry.day(MONDAY, *some(30), watch="open")
    said = "10 studies answer the question of watch list open; in the last complete look 30 did"
    assert (report.state, report.held) == ("held", (said,))
    assert len(members(store, "open")) == 30 and owed(store) == []


def test_a_list_that_was_made_shorter_is_not_held(store):
    """Who drops most numbers from a list asked for fewer."""
    watch(store, "few", *(nct(number) for number in range(1, 41)))
    with days(store) as registry:
        registry.day(FRIDAY, *USUAL, watch="few")
        with store.writing() as tx:
            watching.drop_members(tx, "few", [nct(number) for number in range(1, 36)])
        assert registry.day(MONDAY, *USUAL, watch="few").state == "finished"


def test_a_look_that_was_cut_off_counts_with_the_one_that_goes_on(watched):
    """What both saw is what the next is held against."""
    many = some(700)
    with days(watched) as registry:
        registry.show(FRIDAY, *many)
        with pytest.raises(KeyboardInterrupt):
            registry.look(**EVERYTHING, progress=_stop_after(2))
        assert registry.look(**EVERYTHING).counts.received == 700
        report = registry.day(MONDAY, *many[:300], **EVERYTHING)
    assert "300 studies received, 42.9 % of the last complete look's 700" in report.held


@SETTLING
def test_what_a_held_look_lacked_is_missing_once_it_is_accepted(watched, settle):
    """No later look is held for it; removal takes another release, and the registry's word."""
    shown = BAD_DAYS["many gone"][0]
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        held = registry.day(MONDAY, *shown, **EVERYTHING)
        assert settle(watched, held.sweep).missing == 12
        assert (_missing(watched), _last(watched)) == ((12, 0), MONDAY)
        report = registry.day(TUESDAY, *shown, **EVERYTHING)
    assert (report.state, report.counts.missing, _missing(watched)) == ("finished", 12, (12, 12))


@SETTLING
def test_what_was_seen_since_is_not_missing(watched, settle):
    """Whoever settles an old look does not undo what a newer one saw."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        held = registry.day(MONDAY, *some(8), **EVERYTHING)
        registry.day(TUESDAY, *some(39), **EVERYTHING)
        assert settle(watched, held.sweep).missing == 0
    assert _missing(watched) == (1, 0) and _last(watched) == TUESDAY


def test_released_alerts_are_raised_once(watched):
    """All that waited, to those who wanted it; a second release is refused."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        held = registry.day(MONDAY, *BAD_DAYS["many gone"][0], **EVERYTHING)
        assert (alerts_waiting(watched), told(watched)) == (28, HELD)
        assert dict(_release(watched, held.sweep).by_rule) == {"completed": 28}
        with pytest.raises(CommandWrong, match="is released, not held"):
            _release(watched, held.sweep)
        registry.look(**EVERYTHING)
    assert (alerts_waiting(watched), len(told(watched))) == (0, 29)
    assert ("bob@clinic.example", [(nct(20), "completed")], ["one"]) in owed(watched)


def test_absorbed_alerts_are_never_raised(watched):
    """What was kept of the studies stays, so that no later look tells it."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        held = registry.day(MONDAY, *BAD_DAYS["many gone"][0], **EVERYTHING)
        assert dict(_absorb(watched, held.sweep).by_rule) == {"completed": 28}
        registry.day(TUESDAY, *some(40, overall_status="COMPLETED"), **EVERYTHING)
    assert (alerts_waiting(watched), told(watched)[:1]) == (0, HELD)
    assert {nct_id for nct_id, _ in told(watched)[1:]} == {nct(number) for number in GONE}


@SETTLING
def test_a_crash_while_settling_loses_and_doubles_nothing(watched, settle, monkeypatch):
    """It is one transaction: all of it, or nothing and the look is held as before."""

    def crash(*_, **__):
        raise KeyboardInterrupt

    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        held = registry.day(MONDAY, *BAD_DAYS["many gone"][0], **EVERYTHING)
    with monkeypatch.context() as patch:
        patch.setattr(holding, "set_state", crash)
        with pytest.raises(KeyboardInterrupt):
            settle(watched, held.sweep)
    assert (alerts_waiting(watched), _missing(watched), told(watched)) == (28, (0, 0), HELD)
    assert settle(watched, held.sweep).alerts == 28


def test_a_held_look_is_not_taken_over(watched):
    """Its process ended as it should; its alerts wait for a person."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        registry.day(MONDAY, *BAD_DAYS["many gone"][0], **EVERYTHING)
    assert take_over_abandoned(watched, flood_limit=1_000, clock=clock_on("2026-04-01")) == 0
    assert (alerts_waiting(watched), told(watched)) == (28, HELD)


def test_an_older_release_is_not_read(watched):
    """One request, no study, and nothing of before is changed."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        registry.day(MONDAY, *some(40, overall_status="COMPLETED"), **EVERYTHING)
        registry.registry.step_back()
        before = len(registry.served.asked)
        report = registry.look(**EVERYTHING)
        assert len(registry.served.asked) == before + 1
    assert (report.state, report.is_complete, report.counts.received) == ("stale", False, 0)
    assert (_last(watched), _missing(watched)) == (MONDAY, (0, 0))


def test_an_older_release_is_told_at_the_second_look(watched):
    """One may be a server that lags; more of the same is no more news, until it ended."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        registry.day(MONDAY, *USUAL, **EVERYTHING)
        registry.registry.step_back()
        counts = [(registry.look(**EVERYTHING), told(watched).count(HELD[0]))[1] for _ in range(4)]
        registry.registry.advance()
        registry.look(**EVERYTHING)
        registry.registry.step_back()
        counts += [(registry.look(**EVERYTHING), told(watched).count(HELD[0]))[1] for _ in range(2)]
    assert counts == [0, 1, 1, 1, 1, 2]


def test_a_held_release_is_the_latest_that_was_seen(watched):
    """The one before it is older, though the one before it is the last that was accepted."""
    with days(watched) as registry:
        registry.day(FRIDAY, *USUAL, **EVERYTHING)
        registry.day(MONDAY, *some(8), **EVERYTHING)
        registry.registry.step_back()
        assert registry.look(**EVERYTHING).state == "stale"


def _rewritten(count, *, of, **more):
    """Studies of which the registry itself rewrote the type of some."""
    posted = {"last_update_posted_date": "2026-01-05", **more}
    return [
        *some(count, study_type="OBSERVATIONAL", **posted),
        *some(of, but=tuple(range(1, count + 1)), study_type="INTERVENTIONAL", **posted),
    ]


def test_a_bad_day_that_was_broken_off_is_held_too(watched):
    """What a look found before it was interrupted is no more news for that."""
    with days(watched) as registry:
        registry.day(FRIDAY, *_rewritten(0, of=300), **EVERYTHING)
        registry.show(MONDAY, *_rewritten(300, of=300, overall_status="COMPLETED"))
        with pytest.raises(KeyboardInterrupt):
            registry.look(**EVERYTHING, progress=_stop_after(1))
        assert ({rule for _, rule in told(watched)}, alerts_waiting(watched)) == (
            {"mass-change", "sweep-held"},
            300,
        )
        assert registry.look(**EVERYTHING).state == "held"
    assert (_last(watched), alerts_waiting(watched)) == (FRIDAY, 300)


def test_a_bad_day_whose_process_died_is_held_too(watched, monkeypatch):
    """Whoever takes the look over tells the operator, and nobody else."""
    with days(watched) as registry:
        registry.day(FRIDAY, *_rewritten(0, of=300), **EVERYTHING)
        registry.show(MONDAY, *_rewritten(300, of=300, overall_status="COMPLETED"))
        with monkeypatch.context() as patch:
            patch.setattr("ctmonitor.jobs.sweep._Sweep._finish", lambda *_: None)
            registry.look(**EVERYTHING)
    late = clock_on("2026-04-01")
    monkeypatch.setattr("ctmonitor.jobs.settle.is_gone", lambda _: True)
    assert take_over_abandoned(watched, flood_limit=1_000, clock=late) == 1
    assert (told(watched), alerts_waiting(watched)) == (HELD, 300)
    assert _release(watched, 2).alerts == 300


def test_the_rest_of_a_look_is_judged_with_what_came_before(watched):
    """A change of some is not one of most because only the rest of the studies was left."""
    with days(watched) as registry:
        registry.day(FRIDAY, *_rewritten(0, of=620), **EVERYTHING)
        registry.show(MONDAY, *_rewritten(100, of=620))
        with pytest.raises(KeyboardInterrupt):
            registry.look(**EVERYTHING, progress=_stop_after(2))
        report = registry.look(**EVERYTHING)
    assert (report.state, report.certificate["seen_before"]) == ("finished", 500)
