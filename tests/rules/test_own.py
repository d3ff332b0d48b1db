"""Rules that operators write themselves."""

from datetime import date, timedelta
from typing import Any

import pytest

from ctmonitor.alerts import Alert, Severity
from ctmonitor.rules import Tuning, at_snapshot, forecast, judge_difference, judge_due
from ctmonitor.rules.own import is_own, own_faults, own_rule
from tests.rules.made import Fields, a_difference, facts

NAME = "my-rule"
NORTH = {"facility": "North", "city": "Bonn", "country": "Germany", "status": "RECRUITING"}
SOUTH = {"facility": "South", "city": "Lyon", "country": "France", "status": "RECRUITING"}
CROSSES = {"field": "enrollment", "condition": "crosses", "threshold": 1000}
CHANGED = {"field": "lead_sponsor", "condition": "changed"}
OLD = {"field": "status_verified_date", "condition": "older-than", "days": 30}


def tuning_of(table: Fields) -> Tuning:
    """The tuning in which this own rule is asked."""
    rule, chosen = own_rule(NAME, table)
    return Tuning({NAME: chosen}, (rule,))


def told(before: Fields, after: Fields, table: Fields) -> list[Alert]:
    """What the own rule tells of a change."""
    found = judge_difference(a_difference(before, after), tuning_of(table))
    return [alert for alert in found if alert.rule == NAME]


def due(today: str, table: Fields, **fields: Any) -> list[Alert]:
    """What the own rule tells of a study on a day."""
    found = judge_due(facts(**fields), date.fromisoformat(today), tuning_of(table))
    return [alert for alert in found if alert.rule == NAME]


def faults(**table: Any) -> list[str]:
    """What is wrong with the table of an own rule."""
    return list(own_faults(NAME, table))


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        (999, 1000, True),
        (1000, 999, True),
        (1000, 1001, False),
        (998, 999, False),
        (None, 2000, False),
        (2000, None, False),
    ],
)
def test_a_number_crosses_where_its_side_changes(before, after, is_told):
    """The threshold belongs to the upper side; without two numbers nothing is crossed."""
    assert bool(told({"enrollment": before}, {"enrollment": after}, CROSSES)) is is_told


@pytest.mark.parametrize(("direction", "after"), [("up", 1500), ("down", 500)])
def test_only_the_chosen_direction_is_told(direction, after):
    """A crossing the other way is no matter of the rule."""
    table = CROSSES | {"direction": direction}
    there, back = {"enrollment": 2000 - after}, {"enrollment": after}
    assert told(there, back, table)
    assert not told(back, there, table)


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("2027-05", "2027-07", True),
        ("2027-08-01", "2027-06-29", True),
        ("2027-06", "2027-06-10", False),
        ("2027-05", "2027-06-29", False),
    ],
)
def test_a_date_crosses_by_its_last_day(before, after, is_told):
    """A month stands for its last day, and a day within the same month did not move."""
    table = {"field": "completion_date", "condition": "crosses", "threshold": date(2027, 6, 30)}
    assert bool(told({"completion_date": before}, {"completion_date": after}, table)) is is_told


def test_a_change_of_words_is_told_and_one_of_spaces_is_not():
    """White space and markup are not what a rule is asked for."""
    table = {"field": "eligibility_criteria", "condition": "changed"}
    before = {"eligibility_criteria": "Adults with asthma"}
    assert told(before, {"eligibility_criteria": "Children with asthma"}, table)
    assert not told(before, {"eligibility_criteria": "Adults  with\nasthma"}, table)


def test_the_members_of_a_list_are_one_alert():
    """However many members changed in one look, one alert counts them and bears each."""
    gone = [site | {"status": "WITHDRAWN"} for site in (NORTH, SOUTH)]
    table = {"field": "locations", "condition": "changed"}
    (alert,) = told({"locations": [NORTH, SOUTH]}, {"locations": gone}, table)
    assert alert.headline == "Location changed: 2 members"
    assert [piece.get("item") for piece in alert.evidence] == [
        "North, Bonn, Germany",
        "South, Lyon, France",
        None,
    ]


def test_a_member_that_comes_brings_its_fields():
    """A new site in France is a country that changed to France; one in Germany is not."""
    table = {"field": "locations.country", "condition": "changed-to", "value": "france"}
    assert told({"locations": [NORTH]}, {"locations": [NORTH, SOUTH]}, table)
    assert not told({"locations": [SOUTH]}, {"locations": [NORTH, SOUTH]}, table)


def test_a_member_that_goes_takes_its_fields():
    """A site that is no longer listed no longer says its country."""
    table = {"field": "locations.country", "condition": "changed-from", "value": "France"}
    assert told({"locations": [NORTH, SOUTH]}, {"locations": [NORTH]}, table)
    assert not told({"locations": [NORTH]}, {"locations": [NORTH, SOUTH]}, table)


@pytest.mark.parametrize("condition", ["changed-to", "changed-from"])
def test_a_word_is_entered_or_left(condition):
    """The registry's word is told where the field comes to say it, or no longer does."""
    table = {"field": "overall_status", "condition": condition, "value": "RECRUITING"}
    one, other = {"overall_status": "NOT_YET_RECRUITING"}, {"overall_status": "RECRUITING"}
    before, after = (one, other) if condition == "changed-to" else (other, one)
    assert told(before, after, table)
    assert not told(after, before, table)


def test_a_truth_is_no_number():
    """A truth that comes to be is told; what was not said is not false."""
    table = {"field": "is_fda_regulated_drug", "condition": "changed-to", "value": True}
    assert told({"is_fda_regulated_drug": False}, {"is_fda_regulated_drug": True}, table)
    table["value"] = False
    assert not told({"is_fda_regulated_drug": True}, {}, table)


def test_a_text_matches_only_when_it_did_not_before():
    """A pattern is told when the text comes to hold it, in upper or lower case."""
    table = {"field": "brief_summary", "condition": "matches", "pattern": "interim*analysis"}
    plain = {"brief_summary": "A trial of a drug."}
    match = {"brief_summary": "A trial with an Interim safety\nANALYSIS."}
    still = {"brief_summary": "One interim analysis is planned now."}
    assert told(plain, match, table)
    assert not told(match, still, table)
    assert not told(match, plain, table)


def test_noise_is_never_told():
    """What moves by itself is not told, though it is within the field that is asked about."""
    table = {"field": "references", "condition": "changed"}
    derived = {"pmid": "1", "type": "DERIVED", "citation": "One."}
    assert not told({}, {"references": [derived]}, table)
    assert told({}, {"references": [derived | {"type": "BACKGROUND"}]}, table)


def test_a_date_is_older_from_the_day_after():
    """On the thirtieth day a date is thirty days old; on the next it is older."""
    verified = {"status_verified_date": "2026-01-10"}
    assert not due("2026-02-09", OLD, **verified)
    (alert,) = due("2026-02-10", OLD, **verified)
    assert alert.headline == "Record Verification Date 2026-01-10 is more than 30 days ago"


def test_an_old_date_is_one_fact_until_it_moves():
    """The key stays from day to day, and is another when the date is another."""
    days = ("2026-03-05", "2026-01"), ("2026-04-05", "2026-01"), ("2026-04-05", "2026-02")
    one, same, other = (due(day, OLD, status_verified_date=said)[0].key for day, said in days)
    assert one == same != other


def test_an_old_date_is_forecast():
    """The day on which an own rule will speak is among the forecasts."""
    study, today = facts(status_verified_date="2026-01-10"), date(2026, 1, 20)
    (one,) = (one for one in forecast(study, today, tuning_of(OLD)) if one.rule == NAME)
    assert one.due_on == date(2026, 2, 10) == today + timedelta(days=one.days_left)


SCOPES = [
    ({"sponsor": "Acme*"}, {"lead_sponsor": "ACME Pharma"}, {"lead_sponsor": "New Acme"}),
    ({"status": ["RECRUITING"]}, {"overall_status": "RECRUITING"}, {"overall_status": "COMPLETED"}),
    ({"study_type": "OBSERVATIONAL"}, {"study_type": "OBSERVATIONAL"}, {}),
    ({"nct": ["NCT00000002"]}, {"nct_id": "NCT00000002"}, {"nct_id": "NCT00000003"}),
]


@pytest.mark.parametrize(("scope", "inside", "outside"), SCOPES)
def test_a_change_outside_of_the_scope_is_not_told(scope, inside, outside):
    """Each key of a scope narrows the studies that the rule is about."""
    table = CROSSES | {"scope": scope}
    assert told({"enrollment": 1, **inside}, {"enrollment": 2000, **inside}, table)
    assert not told({"enrollment": 1, **outside}, {"enrollment": 2000, **outside}, table)


@pytest.mark.parametrize(("scope", "inside", "outside"), SCOPES)
def test_a_day_outside_of_the_scope_is_neither_told_nor_forecast(scope, inside, outside):
    """A scope narrows what falls due, and what is foretold."""
    table = OLD | {"scope": scope}
    verified = {"status_verified_date": "2026-01-10"}
    assert due("2026-05-01", table, **verified, **inside)
    assert not due("2026-05-01", table, **verified, **outside)
    days = forecast(facts(**verified, **outside), date(2026, 1, 1), tuning_of(table))
    assert NAME not in {one.rule for one in days}


def test_a_rule_for_a_watch_list_is_told_to_its_subscribers():
    """An alert of a rule that names a watch list is marked with it."""
    table = CROSSES | {"scope": {"watch": "oncology"}}
    (alert,) = told({"enrollment": 1}, {"enrollment": 2000}, table)
    assert alert.watch_list == "oncology"


def test_a_severity_is_chosen_and_normal_without():
    """The alert has the severity that is written, or is normal."""
    found = [
        told({"enrollment": 1}, {"enrollment": 2000}, CROSSES | more)[0].severity
        for more in ({}, {"severity": "critical"})
    ]
    assert found == [Severity.NORMAL, Severity.CRITICAL]


def test_a_rule_that_is_switched_off_is_silent():
    """What is not enabled is not asked."""
    assert not told({"enrollment": 1}, {"enrollment": 2000}, CROSSES | {"enabled": False})


def test_the_same_change_in_another_look_is_another_fact():
    """A crossing that comes again later is told again; in one look it has one key."""
    (one,), (same,) = (told({"enrollment": 1}, {"enrollment": 2000}, CROSSES) for _ in "ab")
    assert one.key == same.key
    assert at_snapshot(one, 2).key != at_snapshot(one, 3).key


def test_a_question_is_made_where_none_is_written():
    """A rule without a question is explained by its condition."""
    assert own_rule(NAME, CROSSES)[0].question == "Enrollment Count crosses 1000."
    assert own_rule(NAME, CROSSES | {"question": "Big now?"})[0].question == "Big now?"


def test_what_is_written_makes_a_rule_another():
    """A rule with another scope differs from what was asked before."""
    one, other = (own_rule(NAME, OLD | more)[0] for more in ({}, {"scope": {"sponsor": "A*"}}))
    assert one.written != other.written


def test_a_table_with_a_field_is_an_own_rule():
    """Without a field it is tuned, or a slip of the pen."""
    assert is_own(NAME, CROSSES)
    assert not is_own(NAME, {"severity": "high"})
    assert not is_own(NAME, "field")


def test_every_fault_is_told_at_once():
    """Unknown keys, words, fields and names are all named, each with what would do."""
    said = list(
        own_faults(
            "stopped",
            {
                "field": "enrolment",
                "condition": "cross",
                "severity": "loud",
                "enabled": 1,
                "treshold": 3,
                "scope": {"status": "OPEN", "nct": "NCT1", "sponsors": "A"},
            },
        )
    )
    begins = (
        "'stopped' is a rule of the catalogue",
        "stopped.field: there is no field 'enrolment'",
    )
    assert [one.startswith(two) for one, two in zip(said, begins, strict=False)] == [True, True]
    assert [one.partition(":")[0] for one in said[2:]] == [
        "stopped.condition",
        "stopped.severity",
        "stopped.enabled",
        "stopped.treshold",
        "stopped.scope.status",
        "stopped.scope.nct",
        "stopped.scope.sponsors",
    ]
    assert "did you mean threshold?" in said[5]


@pytest.mark.parametrize("name", ["My-Rule", "a--b", "-a", "", "a b", "check", "a" * 61, "über"])
def test_names_are_kebab_case(name):
    """A name that could not be typed as a rule's, or is a word of the commands, is refused."""
    assert len(list(own_faults(name, CROSSES))) == 1


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ({"field": "enrollment", "condition": "crosses"}, "threshold: it is missing"),
        ({"field": "enrollment"}, "condition: it is missing"),
        ({"field": "locations", "condition": "changed-to", "value": "x"}, "locations.facility"),
        ({"field": "brief_title", "condition": "crosses", "threshold": 3}, "no number and no date"),
        ({"field": "enrollment", "condition": "matches", "pattern": "a"}, "no text"),
        ({"field": "large_docs.date", "condition": "older-than", "days": 3}, "counted only from"),
        ({"field": "last_update_posted_date", "condition": "changed"}, "by itself"),
        (CHANGED | {"threshold": 3}, "takes no such key"),
        (CHANGED | {"scope": "oncology"}, "not a table"),
        (CHANGED | {"scope": {"sponsor": []}}, "empty"),
        (CHANGED | {"scope": {"watch": ["a"]}}, "one watch list"),
        (CHANGED | {"question": "one\ntwo"}, "one line"),
    ],
)
def test_what_cannot_be_asked_is_refused(table, wanted):
    """What is missing, or does not suit the field, is said in one fault."""
    (fault,) = faults(**table)
    assert wanted in fault


@pytest.mark.parametrize("value", [True, "3", float("nan"), float("inf"), 10**13, [], -1e300])
def test_wrong_thresholds_are_refused(value):
    """Truths, texts, lists and what is no number of anything are no thresholds."""
    (fault,) = faults(field="enrollment", condition="crosses", threshold=value)
    assert fault.startswith("my-rule.threshold: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("overall_status", "OPEN"),
        ("start_date_type", "PLANNED"),
        ("study_type", "interventional"),
        ("phases", "Phase 1"),
        ("enrollment", "100"),
        ("enrollment", True),
        ("healthy_volunteers", "true"),
        ("completion_date", "June 2027"),
        ("brief_title", 3),
        ("brief_title", " "),
    ],
)
def test_values_that_a_field_can_never_say_are_refused(field, value):
    """A rule that could never speak is a mistake."""
    (fault,) = faults(field=field, condition="changed-to", value=value)
    assert fault.startswith("my-rule.value: ")


@pytest.mark.parametrize("pattern", ["*", "?", " ", "", 3, "a" * 201])
def test_patterns_that_fit_anything_are_refused(pattern):
    """A pattern must say something, and not too much."""
    assert len(faults(field="brief_title", condition="matches", pattern=pattern)) == 1


def test_a_faulty_table_makes_no_rule():
    """What was not checked is refused when it is read."""
    with pytest.raises(ValueError, match=r"my-rule\.condition"):
        own_rule(NAME, {"field": "enrollment", "condition": "is odd"})


def test_a_number_that_cannot_be_spelled_is_refused():
    """A number of thousands of digits is a fault, and no trouble."""
    (fault,) = faults(field="enrollment", condition="crosses", threshold=16**5000)
    assert fault.startswith("my-rule.threshold: a number of so many digits is not between")
