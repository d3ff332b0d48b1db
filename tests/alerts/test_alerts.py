"""An alert is a fact with a key; too many of one rule are one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from ctmonitor.alerts import Alert, Severity, fold
from ctmonitor.alerts.flood import LONGEST_TABLE

ALERT = Alert("stopped", "NCT00000001", "Now TERMINATED", Severity.HIGH, "a basis")


def _alerts(count: int, rule: str = "stopped", **more) -> list[Alert]:
    return [replace(ALERT, rule=rule, nct_id=f"NCT{n:08d}", **more) for n in range(1, count + 1)]


def test_the_same_fact_has_the_same_key():
    """Words, severity and evidence do not make another fact."""
    again = replace(ALERT, headline="Other", severity=Severity.LOW, evidence=({"a": 1},))
    assert again.key == ALERT.key and len(ALERT.key) == 64


def test_the_key_of_a_fact_is_for_ever():
    """A key computed by an older release finds its alert; so it must never change."""
    assert ALERT.key == "60ded51b98a9cf1a9e7671aab920a38e77faa956036155a1928464600bb481cd"


def test_other_facts_have_other_keys():
    """Another rule, study or basis; and no two of them run into each other."""
    facts = [
        ALERT,
        replace(ALERT, rule="stoppe", basis="da basis"),
        replace(ALERT, nct_id="NCT00000002"),
        replace(ALERT, nct_id=None),
        replace(ALERT, basis="another"),
    ]
    assert all(one.key != other.key for one, other in combinations(facts, 2))


def test_severities_sort_the_worst_first():
    """Critical is rank nought."""
    assert [one.rank for one in Severity] == [0, 1, 2, 3]
    assert sorted(Severity, key=lambda one: one.rank)[0] is Severity.CRITICAL


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_alerts_are_told_one_by_one(count):
    """Up to the limit, each alert as it is, in its order."""
    alerts = _alerts(count)
    assert [one.alert for one in fold(alerts, flood_limit=5, occasion="sweep 1")] == alerts


def test_more_than_the_limit_are_one_with_its_members():
    """The summary is about no single study, and holds every member."""
    alerts = _alerts(6)
    [told] = fold(alerts, flood_limit=5, occasion="sweep 1")
    assert told.members == tuple(alerts)
    assert (told.alert.nct_id, told.alert.rule) == (None, "stopped")
    assert told.alert.headline == "6 studies at once: stopped"


def test_each_rule_has_its_own_limit():
    """A flood of one rule leaves the others as they are."""
    few, many = _alerts(2, "completed"), _alerts(4)
    told = fold([*many[:2], *few, *many[2:]], flood_limit=3, occasion="sweep 1")
    assert sorted(len(one.members) for one in told) == [0, 0, 4]


def test_a_summary_is_as_severe_as_its_worst_member():
    """And as late as its latest."""
    alerts = _alerts(3, severity=Severity.LOW, registry_date=date(2026, 1, 1))
    alerts[1] = replace(alerts[1], severity=Severity.CRITICAL, registry_date=date(2026, 2, 1))
    [told] = fold(alerts, flood_limit=1, occasion="sweep 1")
    assert told.alert.severity is Severity.CRITICAL
    assert told.alert.registry_date == date(2026, 2, 1)


def test_a_summary_of_very_many_names_the_first():
    """The table in a summary stays short enough for a mail."""
    [told] = fold(_alerts(LONGEST_TABLE + 50), flood_limit=1, occasion="sweep 1")
    named = [row for row in told.alert.evidence if "nct_id" in row]
    assert len(named) == LONGEST_TABLE and len(told.members) == LONGEST_TABLE + 50


def test_two_studies_told_twice_are_counted_once():
    """The headline counts studies, not alerts."""
    alerts = [replace(ALERT, basis=str(n)) for n in range(4)]
    [told] = fold(alerts, flood_limit=3, occasion="sweep 1")
    assert told.alert.headline == "1 study at once: stopped"


def test_two_summaries_have_two_keys():
    """Another occasion, another rule, or other members: another fact."""
    floods = [
        fold(_alerts(3), flood_limit=2, occasion="sweep 1"),
        fold(_alerts(3), flood_limit=2, occasion="sweep 2"),
        fold(_alerts(3, "completed"), flood_limit=2, occasion="sweep 1"),
        fold(_alerts(9)[3:6], flood_limit=2, occasion="sweep 1"),
    ]
    assert len({told.alert.key for [told] in floods}) == 4


def test_an_alert_about_a_watch_list_names_it():
    """One about a study names none, and neither does one without evidence."""
    about = replace(ALERT, evidence=({"watch_list": "oncology"},))
    assert (about.watch_list, ALERT.watch_list) == ("oncology", None)
    assert replace(ALERT, evidence=({"field": "enrollment"},)).watch_list is None


def test_each_watch_list_has_its_own_limit():
    """A flood of one list leaves the other's alerts as they are, and names its list."""
    many, few = (_alerts(n, evidence=({"watch_list": f"list {n}"},)) for n in (4, 3))
    told = fold([*many, *few], flood_limit=3, occasion="sweep 1")
    assert [len(one.members) for one in told] == [4, 0, 0, 0]
    assert told[0].alert.watch_list == "list 4"
    assert told[0].alert.headline == "4 studies at once: stopped (list 4)"


def _renamed(count: int, fact: str = "lead sponsor A -> B") -> list[Alert]:
    return [alert.of_one_fact(fact) for alert in _alerts(count, "sponsor-changed")]


def test_one_fact_of_three_studies_is_one():
    """What says the same of three studies is a summary that says it; of two it is not."""
    [told] = fold(_renamed(3), flood_limit=1_000, occasion="sweep 1")
    assert told.is_one_fact and told.members == tuple(_renamed(3))
    assert told.alert.headline == "3 studies at once: lead sponsor A -> B"
    assert len(fold(_renamed(2), flood_limit=1_000, occasion="sweep 1")) == 2


def test_other_facts_of_a_rule_are_told_apart():
    """Two sponsors renamed in one look are two facts; the rest is told one by one."""
    found = [*_renamed(3), *_renamed(4, "lead sponsor C -> D"), *_renamed(1, "lead sponsor E -> F")]
    told = fold(found, flood_limit=1_000, occasion="sweep 1")
    assert sorted(len(one.members) for one in told) == [0, 3, 4]
    assert len({one.alert.key for one in told}) == 3


def test_one_fact_is_no_flood():
    """What is told as one fact is not counted against the limit of the others."""
    told = fold([*_renamed(5), *_renamed(1, "other")], flood_limit=3, occasion="sweep 1")
    assert sorted(one.is_one_fact for one in told) == [False, True]


def test_a_flood_is_not_one_fact():
    """Alerts that say different things stay a flood, however many."""
    [told] = fold(_alerts(6), flood_limit=5, occasion="sweep 1")
    assert not told.is_one_fact and told.alert.one_fact is None


def test_what_is_inhibited_is_no_part_of_one_fact():
    """An alert that nobody is sent makes no summary with others."""
    found = [one.inhibited("stopped", "because") for one in _renamed(3)]
    assert [one.members for one in fold(found, flood_limit=1, occasion="sweep 1")] == [(), (), ()]


def test_a_long_fact_is_cut_in_the_headline():
    """Names of any length leave a headline that fits."""
    [told] = fold(_renamed(3, f"lead sponsor {'A' * 200} -> B"), flood_limit=9, occasion="sweep 1")
    assert len(told.alert.headline) == 100 and told.alert.one_fact.endswith("-> B")
