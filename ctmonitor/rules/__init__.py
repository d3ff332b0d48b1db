"""When to tell: facts in, alerts out. Rules know no clock, no file and no network."""

from ctmonitor.rules.calendar import Forecast
from ctmonitor.rules.catalogue import rule_named, rules, rules_of
from ctmonitor.rules.judge import (
    forecast,
    judge_difference,
    judge_due,
    judge_first_sight,
    judge_sweep,
)
from ctmonitor.rules.mass import Tally
from ctmonitor.rules.rule import Chosen, Parameter, Rule, RuleKind
from ctmonitor.rules.telling import at_snapshot
from ctmonitor.rules.tuning import Tuning, lead_days

__all__ = [
    "Chosen",
    "Forecast",
    "Parameter",
    "Rule",
    "RuleKind",
    "Tally",
    "Tuning",
    "at_snapshot",
    "forecast",
    "judge_difference",
    "judge_due",
    "judge_first_sight",
    "judge_sweep",
    "lead_days",
    "rule_named",
    "rules",
    "rules_of",
]
