"""What an operator chose about the rules, checked all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ctmonitor.alerts import Severity
from ctmonitor.errors import SettingWrong
from ctmonitor.rules.catalogue import rule_named, rules, rules_of
from ctmonitor.rules.choices import faults_of
from ctmonitor.rules.own import is_own, own_rule
from ctmonitor.rules.rule import Chosen, Rule, RuleKind

_SHIPPED = {rule.name: rule.as_shipped for rule in rules()}
_MEND = "`ctmonitor rules` lists every rule with its parameters and their bounds"


@dataclass(frozen=True, slots=True)
class Tuning:
    """How every rule is to be asked; `Tuning()` is as shipped."""

    choices: Mapping[str, Chosen] = field(default_factory=dict)
    own: tuple[Rule, ...] = ()
    """The rules that the operator wrote, beside those of the catalogue."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Tuning:
        """The tuning in a parsed table of settings; SettingWrong names every fault in it at once.

        The table holds one table a rule: its parameters by name, `severity`, and `enabled`; or,
        with `field`, all that an own rule asks.
        """
        if not isinstance(table, Mapping):
            raise SettingWrong("rules", "is not a table", _MEND)
        faults = [fault for name, choice in table.items() for fault in faults_of(name, choice)]
        if faults:
            raise SettingWrong("rules", "; ".join(map(str, faults)), _MEND)
        tuned = {rule.name: _chosen(rule, table[rule.name]) for rule in _named_in(table)}
        own = [own_rule(name, choice) for name, choice in table.items() if is_own(name, choice)]
        written = {rule.name: chosen for rule, chosen in own}
        return cls({**tuned, **written}, tuple(rule for rule, _ in own))

    def of(self, rule: Rule) -> Chosen:
        """How this rule is to be asked."""
        return self.choices.get(rule.name) or _SHIPPED.get(rule.name) or rule.as_shipped

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule there is: the catalogue's, then the operator's own."""
        return (*rules(), *self.own)

    def rules_of(self, kind: RuleKind) -> tuple[Rule, ...]:
        """The rules of one kind, in the same order."""
        own = tuple(rule for rule in self.own if rule.kind is kind)
        return rules_of(kind) + own if own else rules_of(kind)

    def rule_named(self, name: str) -> Rule | None:
        """The rule of that name; None when there is none."""
        return rule_named(name) or next((rule for rule in self.own if rule.name == name), None)


def _named_in(table: Mapping[str, Any]) -> Iterator[Rule]:
    return (rule for rule in rules() if rule.name in table)


def _chosen(rule: Rule, choice: Mapping[str, Any]) -> Chosen:
    shipped = rule.as_shipped
    numbers = {name: choice.get(name, default) for name, default in shipped.numbers.items()}
    severity = Severity(choice.get("severity", shipped.severity))
    enabled = choice.get("enabled", shipped.enabled)
    return replace(shipped, numbers=numbers, severity=severity, enabled=enabled)
