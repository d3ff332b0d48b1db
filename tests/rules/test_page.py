"""docs/rules.md is what the catalogue and the specs say."""

from pathlib import Path

import pytest

from ctmonitor.rules import rules
from tests.spec.print_rules import page
from tests.spec.specs import specs_of

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_page_is_fresh():
    """The page in the docs is the one that would be printed now."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", [rule.name for rule in rules()])
def test_every_rule_has_specs(name):
    """Every rule has a spec of what it tells, and one with a day on which it is silent."""
    specs = specs_of(name)
    assert any(_days(name, spec) for spec in specs)
    assert any(len(_days(name, spec)) < len(spec.table.splitlines()) - 1 for spec in specs)


def test_every_spec_belongs_to_a_rule():
    """No file of specs is left over from a rule that is gone."""
    files = (PAGE.parents[1] / "tests" / "spec").glob("test_*.py")
    assert {path.stem for path in files} == {
        f"test_{rule.name.replace('-', '_')}" for rule in rules()
    }


def _days(name, spec):
    """The days on which the rule speaks; what `mass-change` tells is named by field."""
    is_sweep = name == "mass-change"
    return [day for day, names in spec.told.items() if is_sweep or name in names]
