"""Every change of status is told by exactly one alert about the status."""

from __future__ import annotations

from itertools import permutations

from ctmonitor.alerts import Severity
from ctmonitor.records import OverallStatus
from ctmonitor.rules import rules
from tests.builders import a_payload
from tests.jobs.asking import every_alert
from tests.looks import look

PAIRS = list(permutations(OverallStatus, 2))
OF_STATUS = {
    "became-unknown",
    "left-unknown",
    "status-changed",
    "stopped",
    "completed",
    "resumed",
    "record-revealed",
}


def test_each_pair_of_statuses_is_told_once(store):
    """All pairs at once, through a sweep: one alert each, naming both statuses."""
    befores = [a_payload(nct_id=_number(n), overall_status=one) for n, (one, _) in _numbered()]
    afters = [a_payload(nct_id=_number(n), overall_status=now) for n, (_, now) in _numbered()]
    look(store, *befores)
    look(store, *afters)
    raised = every_alert(store, *(_number(n) for n, _ in _numbered()))
    said = {one.alert.nct_id: one.alert for one in raised if one.alert.rule in OF_STATUS}
    assert len(said) == len(PAIRS) == len([one for one in raised if one.alert.rule in OF_STATUS])
    for number, (before, after) in _numbered():
        assert said[_number(number)].headline.startswith(f"Now {after}; was {before}")


def test_the_rules_of_status_are_all_there():
    """The rules that share the changes of status among them are those of the catalogue."""
    assert {rule.name for rule in rules()} >= OF_STATUS
    assert {rule.severity for rule in rules() if rule.name in OF_STATUS} <= set(Severity)


def _numbered():
    return list(enumerate(PAIRS, start=1))


def _number(number: int) -> str:
    return f"NCT{number:08d}"
