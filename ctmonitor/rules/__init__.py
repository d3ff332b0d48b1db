"""When to tell: facts in, alerts out. Rules know no clock, no file and no network."""

from ctmonitor.rules.calendar import (
    Forecast,
    because,
    due_day,
    inhibition_of,
    leading_to,
    told_after,
    told_from,
)
from ctmonitor.rules.catalogue import rule_named, rules, rules_of
from ctmonitor.rules.failing import Failing
from ctmonitor.rules.fate import Fate, Merger, Removal, Return
from ctmonitor.rules.guard import Answers, Looked, why_held
from ctmonitor.rules.held import HeldBack
from ctmonitor.rules.judge import (
    forecast,
    foretold,
    judge_difference,
    judge_due,
    judge_failing,
    judge_fate,
    judge_first_sight,
    judge_held,
    judge_membership,
    judge_sweep,
)
from ctmonitor.rules.mass import Tally
from ctmonitor.rules.membership import Membership
from ctmonitor.rules.rule import Chosen, Due, Inhibition, Parameter, Rule, RuleKind
from ctmonitor.rules.telling import at_snapshot
from ctmonitor.rules.tuning import Tuning

__all__ = [
    "Answers",
    "Chosen",
    "Due",
    "Failing",
    "Fate",
    "Forecast",
    "HeldBack",
    "Inhibition",
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
    "because",
    "due_day",
    "forecast",
    "foretold",
    "inhibition_of",
    "judge_difference",
    "judge_due",
    "judge_failing",
    "judge_fate",
    "judge_first_sight",
    "judge_held",
    "judge_membership",
    "judge_sweep",
    "leading_to",
    "rule_named",
    "rules",
    "rules_of",
    "told_after",
    "told_from",
    "why_held",
]
