"""A look at the registry: what it asks for, what it takes for proven, and what it says it lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ctmonitor.errors import QuestionRefused, SourceUnreadable
from ctmonitor.jobs import planner, registry_look
from ctmonitor.sources import by_number
from ctmonitor.store.questions import recent_sweeps
from tests.jobs.asking import told, watch
from tests.jobs.days import ask, days, nct, some
from tests.registry import On, a_release, faults
from tests.sources.test_by_number import lacking, taking
from tests.sources.test_listing import EVER, remade, untagged

FRIDAY, MONDAY, TUESDAY = "2026-02-27", "2026-03-02", "2026-03-03"
FIVE = [nct(number) for number in range(1, 6)]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Pages and requests of three studies, and lists that are long from three on."""
    monkeypatch.setattr(registry_look, "WHOLE_PAGE", 3)
    monkeypatch.setattr(registry_look, "ROW_PAGE", 3)
    monkeypatch.setattr(by_number, "CAREFUL_NUMBERS", 3)
    monkeypatch.setattr(planner, "FULL_UP_TO", 3)


@pytest.fixture
def five(store):
    """A store with a list of five numbers."""
    watch(store, "five", *FIVE)
    return store


def _asked(registry) -> list[str]:
    """What was asked since the last time, in short."""
    short = {"filter.ids": "numbers", "filter.advanced": "since", "pageToken": "page"}
    found = []
    for one in registry.served.asked[registry.heard :]:
        named = [word for name, word in short.items() if name in one.query]
        whole = "" if "fields" in one.query or one.path == "/version" else " whole"
        found.append(f"{one.path.removeprefix('/studies') or ''.join(named) or 'all'}{whole}")
    registry.heard = len(registry.served.asked)
    return found


@pytest.fixture
def registry(five):
    """A registry of five studies that was looked at on Friday, all of it and the list."""
    with days(five) as shown:
        shown.heard = 0
        shown.day(FRIDAY, *some(5), whole=True)
        shown.look(watch="five")
        _asked(shown)
        yield shown


@pytest.mark.parametrize("scope", [{"whole": True}, {"watch": "five"}])
def test_an_unchanged_release_costs_one_request(registry, scope):
    """Nothing is read, and the certificate says why."""
    report = registry.look(**scope)
    assert (report.way, report.state, report.counts.received) == ("nothing-new", "finished", 0)
    assert len(_asked(registry)) == report.certificate["requests"] == 1


def test_rows_of_a_list_and_the_records_of_those_that_differ(registry):
    """The first answer tells the release too; an unchanged study costs its row alone."""
    changed = some(5, but=(1, 2, 3, 4), overall_status="TERMINATED")
    registry.show(TUESDAY, *some(4), *changed)
    report = registry.look(watch="five")
    assert (report.way, report.counts.changed, report.counts.unchanged) == ("status", 1, 4)
    assert _asked(registry) == ["numbers", "numbers", "numbers whole"]


def test_what_flips_without_a_posting_is_asked_for_when_it_is_due(store, monkeypatch):
    """An incremental look sees what was posted and, by number, what the registry turned."""
    monkeypatch.setattr(planner, "FULL_UP_TO", 0)
    monkeypatch.setattr(planner, "ROWS_UP_TO", 0)
    due = {"status_verified_date": "2024-03", "last_update_posted_date": "2024-03-20"}
    posted = {"last_update_posted_date": "2026-04-01", "why_stopped": "money"}
    with days(store) as shown:
        shown.heard = 0
        shown.day("2026-03-27", *some(2, **due), whole=True)
        shown.day("2026-03-31", *some(1, **due), *some(2, but=(1,), **posted), whole=True)
        flipped = {"overall_status": "UNKNOWN", "last_known_status": "RECRUITING", **due}
        _asked(shown)
        shown.show("2026-04-01", *some(1, **flipped), *some(2, but=(1,), **posted))
        report = shown.look(whole=True)
    assert (report.way, report.counts.changed) == ("incremental", 1)
    assert (nct(1), "became-unknown") in told(store)
    assert _asked(shown) == ["/version", "since whole", "numbers whole"]


@pytest.mark.parametrize("way", ["full", "status"])
@pytest.mark.parametrize("scope", [{"whole": True}, {"watch": "five"}])
def test_an_empty_answer_makes_nothing_missing(registry, scope, way):
    """`{"studies":[]}` is no news; a look that gets nothing else has read nothing."""
    registry.show(MONDAY, *some(5))
    registry.wrong(On(faults.empty_listing(), path="/studies", times=EVER))
    with pytest.raises(SourceUnreadable, match="did not say how many"):
        registry.look(way=way, **scope)
    registry.wrong()
    report = registry.look(way=way, **scope)
    assert (report.state, report.counts.missing) == ("finished", 0)


@pytest.mark.parametrize("way", ["full", "status"])
@pytest.mark.parametrize("scope", [{"whole": True}, {"watch": "five"}])
def test_an_answer_that_lacks_what_it_counts_makes_nothing_missing(registry, scope, way):
    """What came is kept, the look is partial, and says what did not add up."""
    registry.show(MONDAY, *some(5, overall_status="COMPLETED"))
    registry.wrong(On(lacking(1), path="/studies", times=EVER))
    report = registry.look(way=way, **scope)
    assert (report.state, report.counts.missing) == ("partial", 0)
    assert report.counts.changed > 0 and "the registry counts" in report.gaps[0]


def test_a_study_that_is_listed_but_not_given_is_a_gap(registry):
    """A row says that a study is there; its record must come, or the look is partial."""
    registry.show(MONDAY, *some(5, overall_status="COMPLETED"))
    lost = remade(lambda said: said.update(studies=said["studies"][1:], totalCount=2))
    registry.wrong(On(lost, holding="filter.ids", nth=1))
    report = registry.look(whole=True, way="status")
    assert (report.state, report.counts.missing, report.counts.changed) == ("partial", 0, 4)
    assert report.gaps[0].endswith(f"listed, but not given by number (1): {nct(1)}")


@pytest.mark.parametrize("way", ["full", "status"])
@pytest.mark.parametrize("scope", [{"whole": True}, {"watch": "five"}])
def test_without_tags_the_release_is_asked_for_before_and_after(registry, scope, way):
    """A look whose pages do not say their release is proven by /version at both ends."""
    registry.show(MONDAY, *some(5, overall_status="COMPLETED"))
    registry.wrong(On(untagged(), times=EVER))
    report = registry.look(way=way, **scope)
    assert (report.state, report.counts.changed) == ("finished", 5)
    asked = _asked(registry)
    assert asked.count("/version") == 2 and asked[-1] == "/version"


@pytest.mark.parametrize("way", ["full", "status"])
@pytest.mark.parametrize("scope", [{"whole": True}, {"watch": "five"}])
def test_without_tags_a_refresh_in_the_middle_is_still_seen(registry, scope, way):
    """Pages of two releases look like one; the release at the end tells, and all is read anew."""
    registry.registry.tokens_outlive_releases = True
    registry.show(MONDAY, *some(5))
    later = [*some(4, but=(1,), overall_status="COMPLETED"), *some(6, but=(1, 2, 3, 4))]
    registry.registry.add(a_release(TUESDAY, later))
    refreshed = replace(untagged(), before=lambda host: host.registry.advance())
    registry.wrong(On(refreshed, nth=3), On(untagged(), times=EVER))
    report = registry.look(way=way, **scope)
    assert (report.state, report.data_timestamp) == ("finished", f"{TUESDAY}T09:00:05")
    assert report.counts.changed == 3


def test_a_release_that_comes_out_during_the_last_records_is_read_too(registry):
    """Rows of one release and records of the next are no look at the next."""
    registry.show(MONDAY, *some(4), *some(5, but=(1, 2, 3, 4), overall_status="COMPLETED"))
    registry.registry.add(a_release(TUESDAY, some(5, overall_status="COMPLETED")))
    registry.wrong(On(faults.refreshed(), nth=3))
    report = registry.look(watch="five")
    assert _asked(registry)[:3] == ["numbers", "numbers", "numbers whole"]
    assert (report.data_timestamp, report.counts.changed) == (f"{TUESDAY}T09:00:05", 5)


def test_a_partial_look_at_a_later_release_makes_an_older_one_stale(registry):
    """What was half seen was seen; a server that lags behind it makes nothing missing."""
    registry.show(MONDAY, *some(6))
    registry.wrong(On(faults.lost_page(1), times=EVER))
    assert registry.look(whole=True, way="full").state == "partial"
    registry.wrong()
    registry.registry.step_back()
    report = registry.look(whole=True, way="full")
    assert (report.state, report.counts.missing) == ("stale", 0)


def test_the_deadline_of_a_look_ends_it_as_partial(registry):
    """What was read until then is kept, and the gap says how long it may take."""
    registry.show(MONDAY, *some(5, overall_status="COMPLETED"))
    registry.wrong(On(faults.too_many(900), nth=3, times=EVER))
    report = registry.look(whole=True, way="full", seconds=600.0)
    assert (report.state, report.counts.changed) == ("partial", 3)
    assert "asking it may take" in report.gaps[0]


def test_a_question_that_is_refused_is_a_gap_of_its_list(five):
    """The studies of the other lists are read; the refusal is in the registry's words."""
    ask(five, "odd", filter_advanced="AREA[Nonsense]x")
    with days(five) as shown:
        report = shown.day(FRIDAY, *some(5))
    assert (report.state, report.counts.new) == ("partial", 5)
    assert "watch list odd: the registry refused the question" in report.gaps[0]


def test_a_question_that_is_all_there_is_and_refused_is_the_askers_mistake(store):
    """Exit 2, with the registry's own words."""
    ask(store, "odd", filter_advanced="AREA[Nonsense]x")
    with days(store) as shown, pytest.raises(QuestionRefused, match="Nonsense") as found:
        shown.day(FRIDAY, *some(5), watch="odd")
    assert found.value.exit_code == 2


def test_sizes_are_learned_once(five):
    """What was refused is remembered by the certificate, and never asked for again."""
    watch(five, "many", *(nct(number) for number in range(1, 41)))
    refusal = On(taking(7), times=EVER)
    with days(five, refusal) as shown:
        shown.day(FRIDAY, *some(40), watch="many")
        counts = []
        for day in (MONDAY, TUESDAY, "2026-03-04"):
            before = len(shown.served.asked)
            report = shown.day(day, *some(40), watch="many")
            counts.append(len(shown.served.asked) - before)
    assert counts == [9, 7, 7]
    assert report.certificate["numbers_a_request"] == {"taken": 6, "refused": 12, "whole": 3}


def test_a_look_that_learned_nothing_of_sizes_hands_on_what_was_known(registry):
    """Nothing was asked by number, so the next look begins as this one would have."""
    before = registry.look(watch="five").certificate["numbers_a_request"]
    registry.show(MONDAY, *some(5))
    report = registry.look(whole=True)
    assert report.certificate["numbers_a_request"] == before
    assert before["whole"] == 3


def test_a_failed_look_in_between_does_not_hide_where_one_was_cut_off(registry):
    """Cut off, then a day on which nothing answers, then the rest, and only that."""
    registry.show(MONDAY, *some(9))
    registry.wrong(On(faults.too_many(900), nth=4, times=EVER))
    assert registry.look(whole=True, way="full", seconds=600.0).state == "partial"
    with pytest.raises(SourceUnreadable):
        registry.look(whole=True, way="full", seconds=600.0)
    registry.wrong()
    _asked(registry)
    report = registry.look(whole=True, way="full")
    assert _asked(registry) == ["/version", "page whole"]
    with registry.store.reading() as tx:
        cut_off = recent_sweeps(tx, None)[2].id
    assert report.certificate["goes_on_from"] == [cut_off]
    assert (report.state, report.expected, report.counts.received) == ("finished", 9, 9)
