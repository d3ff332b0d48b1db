"""A back-test tells what live told, or would have told, and changes nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ctmonitor.alerts import Alert, Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.backtest import Backtest, Found, Period, backtest
from ctmonitor.jobs.due import raise_due
from ctmonitor.jobs.settle import absorb
from ctmonitor.rules import RuleKind, Tuning
from ctmonitor.store import Store, fates, subscribing
from ctmonitor.store.questions import Filter, alerts_raised, recent_sweeps
from ctmonitor.store.values import json_text
from ctmonitor.watches import Cadence
from tests.builders import a_page, a_payload
from tests.jobs.asking import ANN, NOW, subscribe, watch
from tests.looks import Given, clock_on, look

FIRST, LAST = "2026-02-20", "2026-03-12"
PERIOD = Period(date.fromisoformat(FIRST), date.fromisoformat(LAST))
ASKABLE = (RuleKind.CHANGE, RuleKind.STATE, RuleKind.CALENDAR)
FEWER = {
    "primary-completion-slipped": {"min_days": 100},
    "enrollment-changed": {"min_percent": 10.0},
    "unknown-due": {"days_ahead": 10},
    "results-overdue": {"grace_days": 45, "severity": "critical"},
    "stopped": {"enabled": False},
    "completion-due": {"enabled": True},
    "more-than-ever": {"field": "enrollment", "condition": "crosses", "threshold": 104},
    "long-not-updated": {
        "field": "last_update_posted_date",
        "condition": "older-than",
        "days": 9,
    },
}
OPEN = {
    "overall_status": "RECRUITING",
    "status_verified_date": "2024-03",
    "completion_date": "2026-02-28",
    "start_date": "2025-01-05",
    "start_date_type": "ESTIMATED",
    "primary_completion_date": "2026-02-10",
    "primary_completion_date_type": "ESTIMATED",
    "enrollment": 100,
    "enrollment_type": "ESTIMATED",
    "lead_sponsor": "Acme",
}
OWED = {
    "overall_status": "COMPLETED",
    "study_type": "INTERVENTIONAL",
    "start_date": "2019-01",
    "primary_completion_date": "2025-02-05",
    "is_fda_regulated_drug": True,
    "phases": ["PHASE3"],
}
SITE = {"facility": "North Hospital", "city": "Bonn", "country": "Germany"}


def _of(number: int, day: str, base: dict[str, object], **more: object) -> bytes:
    said = {**base, "data_date": day, "last_update_posted_date": day, **more}
    return a_payload(nct_id=f"NCT{number:08d}", **said)


def _days() -> dict[str, list[Given]]:
    """What each look of the period is given: studies that slip, stop, flap, lapse and come late."""
    second, third, fourth = "2026-02-26", "2026-03-03", "2026-03-09"
    slipped = {**OPEN, "primary_completion_date": "2026-05-31"}
    later = {**slipped, "primary_completion_date": "2028-12-31", "enrollment": 105}
    unknown = {**OPEN, "overall_status": "UNKNOWN", "last_known_status": "RECRUITING"}
    stopped = {**slipped, "overall_status": "TERMINATED", "why_stopped": "Slow", "enrollment": 20}
    page = {"overall_status": "COMPLETED", "status_verified_date": "2026-03"}
    whole = a_page(nct_id="NCT00000009", overall_status="UNKNOWN", status_verified_date="2021-06")
    return {
        FIRST: [
            *(_of(number, FIRST, OPEN) for number in range(1, 5)),
            _of(5, FIRST, OWED),
            _of(6, FIRST, unknown),
            a_page(nct_id="NCT00000007", overall_status="UNKNOWN", status_verified_date="2021-06"),
        ],
        second: [
            whole[: whole.index("Status: ")],
            _of(1, second, slipped),
            _of(2, second, slipped, locations=[SITE]),
            _of(3, second, OPEN),
            _of(6, second, OPEN, status_verified_date="2026-02"),
        ],
        third: [
            whole,
            _of(1, third, later),
            _of(2, third, stopped),
            _of(3, third, {**OPEN, "enrollment": 130}),
            _of(8, third, unknown),
            a_page(nct_id="NCT00000004", **page, last_update_posted_date=third),
        ],
        fourth: [
            _of(1, fourth, slipped),
            _of(2, fourth, OPEN),
            _of(5, fourth, OWED, has_results=True),
            _of(7, fourth, OPEN),
            _of(8, fourth, OPEN, lead_sponsor="Beta"),
        ],
    }


def _live(store: Store, tuning: Tuning) -> None:
    """Let the days of the period come and go: a look on some, a due run on each."""
    given, day = _days(), PERIOD.since
    while day <= PERIOD.until:
        if str(day) in given:
            look(store, *given[str(day)], today=str(day), tuning=tuning)
        raise_due(store, tuning=tuning, flood_limit=1_000, clock=clock_on(str(day)))
        day += timedelta(days=1)


def _raised(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as tx:
        every = alerts_raised(tx, Filter())
    return sorted((one.raised_at[:10], one.alert.key, *_said(one.alert)) for one in every)


def _told(store: Store, tuning: Tuning) -> list[tuple[object, ...]]:
    """What back-tests of every rule that is switched on tell, as `_raised` gives it."""
    asked = [rule for rule in tuning.rules if rule.kind in ASKABLE]
    on = [rule for rule in asked if tuning.of(rule).enabled]
    found = [one for rule in on for one in _backtest(store, rule.name, tuning).found]
    return sorted((str(one.day), one.alert.key, *_said(one.alert)) for one in found)


def _said(alert: Alert) -> tuple[object, ...]:
    return alert.rule, alert.headline, str(alert.severity), json_text(alert.evidence)


def _backtest(
    store: Store,
    rule: str,
    tuning: Tuning = Tuning(),  # noqa: B008
    *,
    period: Period = PERIOD,
    flood_limit: int = 1_000,
) -> Backtest:
    with store.reading() as tx:
        return backtest(
            tx,
            tuning.rule_named(rule),
            period,
            tuning=tuning,
            flood_limit=flood_limit,
            clock=clock_on(LAST),
        )


def test_a_backtest_tells_what_live_told(store):
    """Of every rule the very alerts, on the days on which they were raised."""
    _live(store, Tuning())
    raised = _raised(store)
    assert len({rule for _, _, rule, *_ in raised}) >= 15
    assert _told(store, Tuning()) == raised


def test_a_backtest_tells_what_live_would_have_told(store, plain):
    """Asked otherwise than live was, it tells what live asked so tells."""
    fewer = Tuning.read(FEWER)
    _live(store, Tuning())
    _live(plain, fewer)
    own = {rule.name for rule in fewer.own}
    assert own <= {rule for _, _, rule, *_ in _raised(plain)}
    assert _told(store, fewer) == _raised(plain)


def test_nothing_is_raised_or_written(store):
    """A back-test reads."""
    look(store, _of(1, FIRST, OPEN), today=FIRST)
    assert _backtest(store, "verification-stale").found
    with store.reading() as tx:
        assert alerts_raised(tx, Filter()) == []


def test_what_was_due_before_is_told_apart(store):
    """It comes on the first day, when a rule that is armed then is first asked."""
    look(store, _of(1, FIRST, OPEN), _of(2, FIRST, OPEN, completion_date="2026-02-05"), today=FIRST)
    found = _backtest(store, "completion-passed-still-open", period=_period("2026-03-10")).found
    assert [(one.alert.nct_id, str(one.day), one.was_due) for one in found] == [
        ("NCT00000002", "2026-03-10", True),
        ("NCT00000001", "2026-03-31", False),
    ]


def test_one_that_was_gone_on_its_day_is_not_due(store):
    """The registry showed no such record any more."""
    look(store, _of(1, FIRST, OPEN), _of(2, FIRST, OPEN), today=FIRST)
    with store.writing() as tx:
        fates.miss(tx, ["NCT00000001"], "2026-03-30", clock_on("2026-03-30").at())
        fates.miss(tx, ["NCT00000002"], "2026-04-01", clock_on("2026-04-01").at())
    found = _backtest(store, "completion-passed-still-open", period=_period(FIRST)).found
    assert [one.alert.nct_id for one in found] == ["NCT00000002"]


def test_a_state_that_ended_before_its_day_tells_nothing(store):
    """What would have fallen due had the study stayed so did not."""
    look(store, _of(1, FIRST, OPEN), today=FIRST)
    look(store, _of(1, "2026-03-31", {**OPEN, "completion_date": "2027-01"}), today="2026-03-31")
    assert _backtest(store, "completion-passed-still-open", period=_period(FIRST)).found == ()


def test_mails_are_counted_by_look_and_subscriber(store):
    """One for each look that told of something its subscriber hears."""
    watch(store)
    watch(store, "one", "NCT00000001")
    subscribe(store)
    subscribe(store, "one", address="bob@clinic.example", rules=("start-slipped",))
    subscribe(store, "one", address="cay@clinic.example")
    _live(store, Tuning())
    mails = _backtest(store, "primary-completion-slipped").mails
    assert [(str(mail.day), mail.address[:3], mail.alerts) for mail in mails] == [
        *[("2026-02-26", "ann", 2), ("2026-02-26", "cay", 1)],
    ]


def test_what_leaves_at_one_hour_is_one_mail(store):
    """Looks of one week fill one digest of a subscriber who wants one a week."""
    watch(store)
    weekly = {"cadence": Cadence.parse("weekly mon 08:00"), "min_severity": Severity.LOW}
    with store.writing() as tx:
        subscribing.subscribe(tx, ANN, "everything", rules=(), at=NOW, **weekly)
    _live(store, Tuning())
    mails = [mail.alerts for mail in _backtest(store, "enrollment-changed").mails]
    found = [one for one in _backtest(store, "enrollment-changed").found if _is_heard(one)]
    assert (len(mails), sum(mails)) == (2, len(found))


def _is_heard(one: Found) -> bool:
    return one.alert.inhibited_by is None


def test_a_flood_is_one_line_of_a_mail(store):
    """More alerts of a look than the limit are a summary, as live."""
    watch(store)
    subscribe(store)
    slipped = {**OPEN, "primary_completion_date": "2026-05-31"}
    look(store, *(_of(number, FIRST, OPEN) for number in range(1, 61)), today=FIRST)
    look(store, *(_of(number, LAST, slipped) for number in range(1, 61)), today=LAST)
    found = _backtest(store, "primary-completion-slipped", flood_limit=59)
    assert (len(found.found), [mail.alerts for mail in found.mails]) == (60, [1])


def test_what_is_inhibited_is_in_no_mail(store):
    """A weightier rule tells it, in the past as live."""
    watch(store)
    subscribe(store)
    look(store, _of(1, FIRST, OPEN), today=FIRST)
    look(store, _of(1, LAST, {**OPEN, "enrollment": 20}), today=LAST)
    found = _backtest(store, "enrollment-changed")
    assert [one.alert.inhibited_by for one in found.found] == ["enrollment-cut"]
    assert found.mails == ()
    assert len(_backtest(store, "enrollment-cut").mails) == 1


def test_what_an_operator_let_go_of_is_in_no_mail(store):
    """The alerts of an absorbed look are counted, and mailed to nobody."""
    watch(store)
    subscribe(store)
    many = {**OPEN, "overall_status": "COMPLETED", "data_date": LAST}
    look(store, *(_of(number, FIRST, OPEN) for number in range(1, 401)), today=FIRST)
    same = {"last_update_posted_date": FIRST}
    look(store, *(_of(number, LAST, many, **same) for number in range(1, 401)), today=LAST)
    with store.reading() as tx:
        [sweep] = [one for one in recent_sweeps(tx, 1) if one.state == "held"]
    absorb(store, sweep.id, reason="a bad day", who="ann", clock=clock_on(LAST))
    found = _backtest(store, "completed")
    assert (len(found.found), all(one.is_untold for one in found.found)) == (400, True)
    assert found.mails == ()


@pytest.mark.parametrize("name", ["record-removed", "left-watch", "mass-change", "sweep-held"])
def test_a_rule_without_history_is_refused(store, name):
    """Of what it is asked about, no states are kept."""
    with pytest.raises(CommandWrong, match="back-test a rule of kind change, state or calendar"):
        _backtest(store, name)


def _period(since: str, until: str = "2026-06-30") -> Period:
    return Period(date.fromisoformat(since), date.fromisoformat(until))
