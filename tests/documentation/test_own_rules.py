"""The rules of their own that the page of tuning shows to operators."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

import pytest

from ctmonitor.cli import main
from ctmonitor.rules import Tuning, judge_difference, judge_due
from ctmonitor.rules.own import own_rule
from ctmonitor.rules.own.conditions import CONDITIONS, DATED
from tests.documentation.print_pages import DOCS
from tests.documentation.reading import text_of
from tests.rules.made import a_difference, facts

PAGE = text_of(DOCS / "tuning.md").partition("\n## Rules of your own\n")[2]
RULES: dict[str, Any] = tomllib.loads(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0])["rules"]
SAID = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
OURS = {
    "lead_sponsor": "Acme Pharma",
    "overall_status": "RECRUITING",
    "study_type": "INTERVENTIONAL",
}
NORTH = {"facility": "North Hospital", "city": "Bonn", "country": "Germany"}
SOUTH = {"facility": "South Hospital", "city": "Lyon", "country": "France"}
BEFORE = OURS | {"enrollment": 900, "locations": [NORTH]}
AFTER = OURS | {"enrollment": 1200, "locations": [NORTH, SOUTH]}
FAULTY = """\
[rules.enrollment-over-a-thousand]
field = "enrollment"
condition = "crosses"
threshold = "a thousand"

[rules.enrollment-over-a-thousand.scope]
status = "OPEN"
"""


def tuning_of(name: str) -> Tuning:
    """The tuning in which one rule of the page is asked."""
    rule, chosen = own_rule(name, RULES[name])
    return Tuning({name: chosen}, (rule,))


@pytest.mark.parametrize("at", [0, 1])
def test_a_change_is_told_as_the_page_says(at):
    """The first two rules of the page say of a made change what stands below them."""
    name = list(RULES)[at]
    found = judge_difference(a_difference(BEFORE, AFTER), tuning_of(name))
    assert [one.headline for one in found if one.rule == name] == [SAID[at].strip()]


def test_a_day_is_told_as_the_page_says():
    """The third speaks when two years have passed, to the subscribers of its list."""
    name = list(RULES)[2]
    study = facts(**OURS, last_update_posted_date="2024-01-15")
    found = judge_due(study, date(2026, 1, 15), tuning_of(name))
    (alert,) = (one for one in found if one.rule == name)
    assert (alert.headline, alert.watch_list) == (SAID[2].strip(), "oncology")


def test_faults_are_said_as_the_page_says(tmp_path, monkeypatch, capsys):
    """A file with two faults gives the lines that stand on the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ctmonitor.toml").write_text(FAULTY)
    assert main(["rules", "check"], {}) == 3
    assert capsys.readouterr().out == SAID[3]


def test_every_condition_is_explained():
    """Each condition stands on the page with its keys, and so do the dates that days count from."""
    for name, condition in CONDITIONS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        assert all(f"`{key}`" in row for key in condition.keys)
    assert all(f"`{name}`" in PAGE for name in DATED)
