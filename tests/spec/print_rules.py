"""Print docs/rules.md from the catalogue of rules and their specs.

python -m tests.spec.print_rules > docs/rules.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from ctmonitor.rules import Inhibition, Parameter, Rule, RuleKind, rule_named, rules
from tests.spec.specs import Spec, specs_of

KINDS = {
    RuleKind.CHANGE: "asked of every change found at a study known before",
    RuleKind.STATE: "asked of a study when it is first seen",
    RuleKind.CALENDAR: "asked of every study every day, whether or not anything changed",
    RuleKind.SWEEP: "asked of the counts of every sweep",
    RuleKind.FATE: "asked of a record that is no longer shown, once its own number was asked for",
    RuleKind.MEMBERSHIP: "asked of a study that joined or left a watch list",
    RuleKind.GUARD: "asked of what ails the monitor itself: a look, a way out",
}
TOP = """# Rules

<!-- Printed by `python -m tests.spec.print_rules`; change the rules or their specs instead. -->

A rule asks whether its sentence is true of a study. Where it is, the rule raises one alert, once:
the same fact found again is not told again. What the registry changes by itself and what says
nothing (the date of a release, coordinates, terms derived from the record) is kept, but no rule
tells it.

A change of the overall status is told by exactly one rule: `record-revealed` when the record was
withheld until then, `status-changed` when it now is, else `stopped`, else `became-unknown`, else
`left-unknown`, else `completed`, else `resumed`, else `status-changed`. Where a record comes to be
withheld or shown, that rule speaks alone, for most fields change at once. A rule that is switched
off is silent; no other rule speaks in its place.

What keeps a rule from being heard stands with it. Where that is another rule that tells of the same
study in the same look, the alert is kept and shown with its reason, and sent to nobody; where it is
how a study stands, nothing falls due.

Where a source is a paragraph of law, the rule is an aid and no legal finding: the public record
does not tell for certain whether the paragraph applies to a study, only that it probably does.

The histories below are the tests of the rules. Each line is a look on one day; `-` means that the
record does not give the field, and `fdaaa_since` stands for all that makes a trial probably
applicable (interventional, of phase 3, of a drug that the FDA regulates) and for its start date.
Calendar rules are asked only in their own histories, so that the
others stay short.

Choose in `ctmonitor.toml`; every rule also takes `severity` (`critical`, `high`, `normal`, `low`)
and `enabled`:

```toml
[rules.primary-completion-slipped]
min_days = 30
severity = "high"

[rules.verification-stale]
enabled = false
```
"""


def page() -> str:
    """The whole page."""
    return "\n".join([TOP, *_overview(), *(line for rule in rules() for line in _section(rule))])


def _overview() -> Iterator[str]:
    yield "| rule | question | kind | severity |"
    yield "|---|---|---|---|"
    for rule in rules():
        yield f"| [{rule.name}](#{rule.name}) | {rule.question} | {rule.kind} | {rule.severity} |"
    yield ""


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.name}\n"
    yield f"{rule.question}\n"
    yield f"- Kind: {rule.kind}, {KINDS[rule.kind]}"
    yield f"- Severity: {rule.severity}"
    yield f"- Source: {rule.source}"
    if rule.is_quiet:
        yield "- Asked only where `enabled = true` is set; forecasts list its days in any case"
    for inhibition in rule.inhibited_by:
        yield f"- Inhibited by {_named(inhibition)}: {inhibition.why}"
    for parameter in rule.parameters:
        yield f"- {_parameter(parameter)}"
    yield ""
    for spec in specs_of(rule.name):
        yield from _spec(spec)


def _named(inhibition: Inhibition) -> str:
    named = inhibition.by
    return f"[{named}](#{named})" if rule_named(named) else named


def _parameter(parameter: Parameter) -> str:
    bounds = f"from {parameter.at_least} to {parameter.at_most}"
    return (
        f"`{parameter.name}` ({parameter.unit}, {bounds}, default {parameter.default:g}): "
        f"{parameter.meaning}"
    )


def _spec(spec: Spec) -> Iterator[str]:
    yield f"**{spec.claim}**\n"
    yield "```text"
    yield spec.table
    yield ""
    yield from _told(spec)
    yield "```\n"
    for name, choice in spec.tuning.items():
        chosen = ", ".join(f"`{key} = {json.dumps(value)}`" for key, value in choice.items())
        yield f"Here `[rules.{name}]` has {chosen}.\n"


def _told(spec: Spec) -> Iterator[str]:
    if not spec.told:
        yield "told: nothing"
    for day, names in spec.told.items():
        yield f"told on {day}: {', '.join(names)}"


if __name__ == "__main__":
    sys.stdout.write(page())
