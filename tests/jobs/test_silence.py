"""An explanation of a silence names what kept the rule from telling."""

from __future__ import annotations

import pytest

from ctmonitor.jobs.due import raise_due
from ctmonitor.jobs.settle import absorb
from ctmonitor.jobs.silence import explain_silence
from ctmonitor.rules import RuleKind, Tuning, rules
from ctmonitor.store import Store, fates
from ctmonitor.store.questions import recent_sweeps
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import ANN, subscribe, watch
from tests.looks import TODAY, clock_on, look, studies

FIRST = "2026-02-20"
OPEN = {
    "overall_status": "RECRUITING",
    "status_verified_date": "2025-06",
    "completion_date": "2027-01",
    "primary_completion_date": "2026-06-30",
    "eligibility_criteria": "Adults of 18 years and more.",
    "enrollment": 100,
    "last_update_posted_date": FIRST,
}
SITE = {"facility": "North Hospital", "city": "Bonn", "country": "Germany"}


def _twice(store: Store, *, posted: str = TODAY, **then: object) -> None:
    """A study seen twice; the second time something is otherwise."""
    look(store, a_payload(**OPEN), today=FIRST)
    look(store, a_payload(**{**OPEN, "last_update_posted_date": posted, **then}))


def _why(
    store: Store, rule: str, *about: str, today: str = TODAY, nct_id: str = NUMBER, **tuned: object
) -> list[str]:
    """The sentences of some steps, or of all, about one rule's silence on a study."""
    tuning = Tuning.read({rule: tuned} if tuned else {})
    asked = tuning.rule_named(rule)
    assert asked is not None
    with store.reading() as tx:
        found = explain_silence(tx, nct_id, asked, tuning=tuning, clock=clock_on(today))
    return [step.says for step in found.steps if not about or step.about in about]


def test_a_study_never_seen_is_said_so(store):
    """With how many of its records could not be read."""
    look(store, b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}, "a": ')
    [says] = _why(store, "stopped", "unseen")
    assert says == (
        f"{NUMBER} was never seen: no look brought it; 1 of its records could not be read."
    )


def test_a_merged_study_names_the_one_it_leads_to(store):
    """That is the number to ask about."""
    look(store, a_payload(**OPEN))
    with store.writing() as tx:
        fates.merge(tx, [(NUMBER, "NCT00000002")], clock_on(TODAY).at())
    assert "merged into NCT00000002" in _why(store, "stopped", "merged")[0]


def test_a_study_that_is_gone_is_not_due(store):
    """Missing until another release confirms it, then removed."""
    look(store, a_payload(**OPEN), today=FIRST)
    with store.writing() as tx:
        fates.miss(tx, [NUMBER], "2026-03-01", clock_on("2026-03-01").at())
    assert "is missing" in _why(store, "unknown-due", "missing")[0]
    with store.writing() as tx:
        fates.remove(tx, NUMBER, clock_on(TODAY).today)
    assert "is removed, proven on 2026-03-02" in _why(store, "unknown-due", "removed")[0]


@pytest.mark.parametrize(
    ("rule", "tuned", "says"),
    [
        ("stopped", {"enabled": False}, "stopped is switched off"),
        ("completion-due", {}, "completion-due is asked only where an operator switches it on"),
    ],
    ids=["off", "quiet"],
)
def test_a_rule_that_is_not_asked_says_so(store, rule, tuned, says):
    """Switched off, or not switched on."""
    look(store, a_payload(**OPEN))
    assert _why(store, rule, "off", **tuned)[0].startswith(says)


def test_what_it_told_is_named_with_who_heard(store):
    """It was no silence: the alert, its day, and to whom it went."""
    watch(store)
    subscribe(store)
    _twice(store, primary_completion_date="2026-09-30")
    told, look_again = _why(store, "primary-completion-slipped", "told")
    assert told.startswith("It told on 2026-03-02, as alert 1: Primary completion date 92 days")
    assert look_again.endswith("Told, as alert 1.")
    assert ANN in _why(store, "primary-completion-slipped", "owed")[0]


def test_a_first_sight_is_no_change(store):
    """A study that was seen in one state only cannot have changed."""
    look(store, a_payload(**OPEN), today=FIRST)
    assert (
        "since 2026-02-20: a first sight is no change" in _why(store, "stopped", "first sight")[0]
    )


def test_fields_that_stayed_are_named(store):
    """Nothing of what the rule asks about changed."""
    _twice(store, enrollment=200)
    [says] = _why(store, "stopped", "unchanged")
    assert says == (
        "Of what it asks about (overall_status), nothing changed in its 2 states, "
        "the first of 2026-02-20."
    )


@pytest.mark.parametrize(
    ("rule", "then", "tuned", "why"),
    [
        (
            "primary-completion-slipped",
            {"primary_completion_date": "2026-07-10"},
            {"min_days": 30},
            "Below what it is tuned to tell: min_days is 30 (days).",
        ),
        ("enrollment-cut", {"enrollment": 60}, {}, "min_percent is 50.0 (percent)."),
        ("status-changed", {"overall_status": "TERMINATED"}, {}, "Told by stopped instead."),
        (
            "eligibility-changed",
            {"eligibility_criteria": "Adults of 18 years and  more"},
            {},
            "Cosmetic: the words are the same.",
        ),
        ("completion-slipped", {"completion_date": "2026-12"}, {}, "That is not what it asks:"),
        (
            "sites-added",
            {"locations": [SITE], "posted": FIRST},
            {},
            "The registry changed it by itself; the sponsor sent nothing.",
        ),
        (
            "primary-completion-slipped",
            {"overall_status": "WITHHELD", "primary_completion_date": "2026-09-30"},
            {},
            "status-changed speaks alone of this look",
        ),
    ],
    ids=["days", "percent", "another", "cosmetic", "otherwise", "registry", "alone"],
)
def test_a_change_says_why_it_was_not_told(store, rule, then, tuned, why):
    """Judged again as looks judge: below a parameter, another's to tell, or no matter at all."""
    _twice(store, **then)
    [says] = _why(store, rule, "untold", **tuned)
    assert says.startswith("On 2026-03-02, in snapshot 2: ")
    assert why in says


def test_what_a_parameter_let_through_is_told_when_it_is_lower(store):
    """What would be told as the rule is tuned now, and was not then, is said."""
    look(store, a_payload(**OPEN), today=FIRST)
    then = {"primary_completion_date": "2026-07-10", "last_update_posted_date": TODAY}
    fewer = Tuning.read({"primary-completion-slipped": {"min_days": 30}})
    look(store, a_payload(**{**OPEN, **then}), tuning=fewer)
    [says] = _why(store, "primary-completion-slipped", "untold")
    assert says.endswith("would have told; when this was seen it was asked otherwise.")


def test_a_look_that_was_held_or_let_go_is_the_reason(store):
    """First the alert waits, then it is forgotten, with the operator's reason."""
    then = {**OPEN, "overall_status": "COMPLETED"}
    look(store, *studies(400, **OPEN), today=FIRST)
    look(store, *studies(400, **then))
    assert "is held, so that it waits" in _why(store, "completed", "waits")[0]
    with store.reading() as tx:
        [sweep] = recent_sweeps(tx, 1)
    absorb(store, sweep.id, reason="a bad day", who="ann", clock=clock_on(TODAY))
    [says] = _why(store, "completed", "untold")
    assert says.endswith("was absorbed, and its alerts forgotten: a bad day.")


def test_a_state_rule_was_asked_at_first_sight(store):
    """How the study stood then is why it was silent."""
    look(store, a_payload(**OPEN), today=FIRST)
    [says] = _why(store, "unknown-stale", "first sight")
    assert "was seen first on 2026-02-20, in sweep 1, as RECRUITING" in says


@pytest.mark.parametrize(
    ("rule", "then", "about", "says"),
    [
        ("unknown-due", {"status_verified_date": None}, "no day", "not say status_verified_date"),
        ("unknown-due", {"overall_status": "UNKNOWN"}, "inhibited", "Inhibited by UNKNOWN: "),
        ("results-due", {}, "no day", "is_probably_applicable False"),
        ("unknown-due", {}, "to come", "due on 2027-06-30"),
        ("verification-stale", {"status_verified_date": "2024-06"}, "due", "was no due run yet"),
    ],
    ids=["fact", "inhibited", "unbound", "to come", "due"],
)
def test_a_calendar_rule_says_what_its_day_waits_for(store, rule, then, about, says):
    """A fact that is missing, what inhibits it, the day to come, or the next due run."""
    look(store, a_payload(**{**OPEN, **then}), today=FIRST)
    [found] = _why(store, rule, about)
    assert says in found


def test_a_day_to_come_says_from_when_it_is_told(store):
    """Days ahead of it, as the rule is tuned."""
    look(store, a_payload(**OPEN), today=FIRST)
    [says] = _why(store, "unknown-due", "to come", days_ahead=60)
    assert says.endswith("it is told from 2027-05-01 on, and not before.")


def test_a_day_that_was_told_names_its_alert(store):
    """The fact was raised before, and is told once."""
    look(store, a_payload(**OPEN), today=FIRST)
    raise_due(store, tuning=Tuning(), flood_limit=9, clock=clock_on("2026-07-01"))
    says = _why(store, "verification-stale", "told", today="2026-07-02")
    assert says[-1].endswith("; told, as alert 1.")


def test_a_day_that_is_past_says_so(store):
    """A rule that speaks ahead of a day does not speak after it."""
    look(store, a_payload(**OPEN), today=FIRST)
    [says] = _why(store, "completion-due", "past", today="2027-03-02", enabled=True)
    assert "and 2027-03-02 is too late" in says


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_rule_can_be_asked_of_every_study(store, rule):
    """Whatever its kind: what it asks, when, and that it never told anything of this one."""
    look(store, a_payload(**OPEN), today=FIRST)
    says = _why(store, rule.name, enabled=True)
    assert says[0].startswith(f"{rule.name} asks: {rule.question}")
    assert any(one.startswith(f"A rule of kind {rule.kind}: it is asked ") for one in says)
    assert f"It never told anything of {NUMBER}." in says
    is_of_study = rule.kind in (RuleKind.CHANGE, RuleKind.STATE, RuleKind.CALENDAR)
    assert (says[-1] != f"It never told anything of {NUMBER}.") is is_of_study
