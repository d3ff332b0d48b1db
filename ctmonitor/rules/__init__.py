"""When to tell: facts in, alerts out. Rules know no clock, no file and no network."""

from ctmonitor.rules.calendar import Forecast
from ctmonitor.rules.catalogue import rule_named, rules, rules_of
from ctmonitor.rules.fate import Fate, Merger, Removal, Return
from ctmonitor.rules.guard import Answers, Looked, why_held
from ctmonitor.rules.held import HeldBack
from ctmonitor.rules.judge import (
    forecast,
    judge_difference,
    judge_due,
    judge_fate,
    judge_first_sight,
    judge_held,
    judge_membership,
    judge_sweep,
)
from ctmonitor.rules.mass import Tally
from ctmonitor.rules.membership import Membership
from ctmonitor.rules.rule import Chosen, Parameter, Rule, RuleKind
from ctmonitor.rules.telling import at_snapshot
from ctmonitor.rules.tuning import Tuning, lead_days

__all__ = [
    "Answers",
    "Chosen",
    "Fate",
    "Forecast",
    "HeldBack",
    "Looked",
    "Membership",
    "Merger",
    "Parameter",
    "Removal",
    "Return",
    "Rule",
    "RuleKind",
    "Tally",
    "Tuning",
    "at_snapshot",
    "forecast",
    "judge_difference",
    "judge_due",
    "judge_fate",
    "judge_first_sight",
    "judge_held",
    "judge_membership",
    "judge_sweep",
    "lead_days",
    "rule_named",
    "rules",
    "rules_of",
    "why_held",
]
