"""Why a rule kept silent about a study: every reason, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from ctmonitor.alerts import Alert
from ctmonitor.changes import Change, Difference, Kind, MadeBy, compare
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.explain import Explanation, Step, about_rule, heard, words
from ctmonitor.jobs.judging import judge_successive
from ctmonitor.records import Facts
from ctmonitor.rules import (
    Rule,
    RuleKind,
    Tuning,
    because,
    due_day,
    inhibition_of,
    judge_due,
    leading_to,
    told_from,
)
from ctmonitor.rules.withheld import alone
from ctmonitor.store import Transaction, debts, due_runs, fates, lookback, studies
from ctmonitor.store.lookback import State
from ctmonitor.store.questions import Filter, Seen, alerts_raised, changes_of, snapshots_of

MOST_LOOKS = 5
"""The last looks at a study that are judged again."""
MOST_CHANGES = 3
"""Changes of one look that are said in words."""
_SAME_WORDS = frozenset({Kind.MARKUP, Kind.COSMETIC})


@dataclass(frozen=True, slots=True)
class _Case:
    """A rule, a study that it may have been asked about, and a day."""

    tx: Transaction
    nct_id: str
    rule: Rule
    tuning: Tuning
    clock: Clock


def explain_silence(
    tx: Transaction, nct_id: str, rule: Rule, *, tuning: Tuning, clock: Clock
) -> Explanation:
    """What a rule told of a study, and why it told nothing else, as of the clock's day."""
    case = _Case(tx, nct_id, rule, tuning, clock)
    held = studies.held(tx, [nct_id]).get(nct_id)
    steps = [*_absence(case, is_held=held is not None), *about_rule(rule.name, rule, tuning)]
    if not tuning.of(rule).enabled:
        quiet = rule.is_quiet and rule.name not in tuning.choices
        why = "is asked only where an operator switches it on" if quiet else "is switched off"
        steps.append(Step("off", f"{rule.name} {why}: [rules.{rule.name}] enabled = true"))
    steps += _spoken(case)
    if held is not None and tuning.of(rule).enabled:
        if rule.kind is RuleKind.CHANGE:
            steps += _of_changes(case)
        elif rule.kind is RuleKind.STATE:
            steps += _of_first_sight(case)
        elif rule.kind is RuleKind.CALENDAR:
            steps += _of_days(case, held.facts)
    about = {"nct_id": nct_id, "rule": rule.name, "today": clock.today.isoformat()}
    return Explanation(about, f"{nct_id} and {rule.name}, on {clock.today}", tuple(steps))


def _absence(case: _Case, *, is_held: bool) -> Iterator[Step]:
    """What keeps the study itself from being asked about."""
    tx, nct_id = case.tx, case.nct_id
    into = fates.led_to(tx, [nct_id]).get(nct_id)
    if into is not None:
        says = f"{nct_id} was merged into {into}, and is asked about under that number."
        yield Step("merged", says, {"into": into})
    if not is_held:
        unread = debts.rejected_of(tx, nct_id)
        but = f"; {unread} of its records could not be read" if unread else ""
        yield Step("unseen", f"{nct_id} was never seen: no look brought it{but}.")
        return
    for one in fates.absent(tx, [nct_id]):
        facts = {"missing_release": one.missing_release, "removed_on": str(one.removed_on)}
        since = f"the registry lacks it since the release of {one.missing_release}"
        if one.removed_on is not None:
            says = f"{nct_id} is removed, proven on {one.removed_on}; {since}. It is not due."
            yield Step("removed", says, facts)
        elif one.missing_release is not None:
            says = f"{nct_id} is missing; {since}. It is not due until it is back."
            yield Step("missing", says, facts)


def _spoken(case: _Case) -> Iterator[Step]:
    """What the rule did tell of the study, to whom; and what waits to be told."""
    tx, name = case.tx, case.rule.name
    told = alerts_raised(tx, Filter(nct_ids=[case.nct_id], rules=[name]))
    for one in reversed(told):
        says = f"It told on {one.raised_at[:10]}, as alert {one.id}: {one.alert.headline}"
        yield Step("told", says, {"alert": one.id, "raised_at": one.raised_at})
        yield from heard(tx, one, case.clock)
    for found in debts.waiting(tx, name, case.nct_id):
        state = debts.look(tx, found.sweep_id).state
        says = f"Sweep {found.sweep_id} found, and is {state}, so that it waits: {found.headline}"
        yield Step("waits", says, {"sweep": found.sweep_id, "state": state})
    if not told:
        yield Step("told", f"It never told anything of {case.nct_id}.")


def _of_changes(case: _Case) -> Iterator[Step]:
    """Of the last looks that changed what the rule asks about, why each told nothing."""
    seen = snapshots_of(case.tx, case.nct_id)
    asked = case.rule.fields
    about = f"what it asks about ({', '.join(asked)})" if asked else "any field"
    if len(seen) == 1:
        on = seen[0].seen_at[:10]
        says = f"{case.nct_id} was seen in one state only, since {on}: a first sight is no change."
        yield Step("first sight", says, {"first_seen": on})
        return
    by_number: dict[int, list[Seen]] = {}
    for one in changes_of(case.tx, case.nct_id):
        if not asked or one.change.field in asked:
            by_number.setdefault(one.number, []).append(one)
    if not by_number:
        says = f"Of {about}, nothing changed in its {len(seen)} states, the first of "
        yield Step("unchanged", f"{says}{seen[0].seen_at[:10]}.", {"fields": list(asked)})
        return
    last = sorted(by_number)[-MOST_LOOKS:]
    if len(by_number) > len(last):
        says = f"{about} changed {len(by_number)} times; these are the last {len(last)}."
        yield Step("changes", says[0].upper() + says[1:])
    for before, after in lookback.successive(case.tx, {case.nct_id: last}):
        yield from _of_look(case, before, after, by_number[after.number])


def _of_look(case: _Case, before: State, after: State, seen: list[Seen]) -> Iterator[Step]:
    """What one look found, and what comes of judging it again as the rules are tuned now."""
    look = debts.look(case.tx, after.sweep_id)
    changes = tuple(one.change for one in seen)
    compared = compare(before.record, after.record)
    difference = Difference(before.record.facts, after.record.facts, compared)
    found = _Found(difference, after.number, look.today, changes)
    shown = "; ".join(words(change.plain()) for change in changes[:MOST_CHANGES])
    more = f"; and {len(changes) - MOST_CHANGES} more" if len(changes) > MOST_CHANGES else ""
    where = f"On {look.today}, in snapshot {after.number}: {shown}{more}."
    facts = {"snapshot": after.number, "sweep": look.id, "changes": [c.plain() for c in changes]}
    mine, others = _judged(case, found, case.tuning)
    if not mine:
        yield Step("untold", f"{where} {_why_untold(case, found, others)}", facts)
    for alert in mine:
        raised = debts.is_raised(case.tx, alert.key)
        why = f"Told, as alert {raised}." if raised else _why_unraised(case, look.id, look.state)
        yield Step("told" if raised else "untold", f"{where} {why}", facts | {"alert": raised})


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look found at the study; `changes` are those that the rule asks about."""

    difference: Difference
    number: int
    today: date
    changes: tuple[Change, ...]


def _judged(case: _Case, found: _Found, tuning: Tuning) -> tuple[list[Alert], list[Alert]]:
    """What the rule tells of what a look found, and what others do, by the code that looks use."""
    told = judge_successive(found.difference, found.number, today=found.today, tuning=tuning)
    mine = [alert for alert in told if alert.rule == case.rule.name]
    return mine, [alert for alert in told if alert.rule != case.rule.name]


def _why_unraised(case: _Case, sweep_id: int, state: str) -> str:
    if state == "absorbed":
        why = debts.why_settled(case.tx, sweep_id)
        return f"It told, but sweep {sweep_id} was absorbed, and its alerts forgotten: {why}."
    if state in ("held", "running"):
        return f"It told, and sweep {sweep_id} is {state}, so that it waits."
    return "As it is tuned now it would have told; when this was seen it was asked otherwise."


def _why_untold(case: _Case, found: _Found, others: list[Alert]) -> str:
    """Why the rule tells nothing of what changed, the plainest reason first."""
    changes = found.changes
    if all(change.is_noise for change in changes):
        return "Noise: it moves by itself in every release, and is kept but never told."
    only = alone(found.difference)
    if only is not None and only.name != case.rule.name:
        return f"{only.name} speaks alone of this look: the record came to be withheld, or shown."
    limits = _limits(case, found)
    if limits:
        return f"Below what it is tuned to tell: {limits}."
    fields = {change.field for change in changes}
    tellers = sorted({one.rule for one in others if _is_about(one, fields)})
    if tellers:
        return f"Told by {', '.join(tellers)} instead."
    if all(change.kind in _SAME_WORDS for change in changes):
        return "Cosmetic: the words are the same."
    if all(change.made_by is MadeBy.REGISTRY for change in changes):
        return "The registry changed it by itself; the sponsor sent nothing."
    return f"That is not what it asks: {case.rule.question}"


def _limits(case: _Case, found: _Found) -> str:
    """The parameters that keep the rule from telling, with how they are set; empty when none."""
    parameters = case.rule.parameters
    chosen = case.tuning.of(case.rule)

    def tells(numbers: Mapping[str, float]) -> bool:
        lenient = replace(chosen, numbers={**chosen.numbers, **numbers})
        choices = {**case.tuning.choices, case.rule.name: lenient}
        return bool(_judged(case, found, replace(case.tuning, choices=choices))[0])

    for one in parameters:
        if any(tells({one.name: value}) for value in (one.at_least, one.at_most)):
            return f"{one.name} is {chosen.numbers.get(one.name, one.default)} ({one.unit})"
    names = [one.name for one in parameters]
    ends = product(*((one.at_least, one.at_most) for one in parameters))
    if len(names) > 1 and any(tells(dict(zip(names, values, strict=True))) for values in ends):
        return " and ".join(f"{name} is {chosen.numbers[name]}" for name in names)
    return ""


def _is_about(alert: Alert, fields: set[str]) -> bool:
    return any(piece.get("field") in fields for piece in alert.evidence)


def _of_first_sight(case: _Case) -> Iterator[Step]:
    [first] = lookback.states_between(case.tx, {case.nct_id: (1, 1)})
    on = debts.look(case.tx, first.sweep_id).today
    facts = first.record.facts
    says = (
        f"{case.nct_id} was seen first on {on}, in sweep {first.sweep_id}, as "
        f"{facts.overall_status or 'without a status'}; that is when {case.rule.name} was asked."
    )
    yield Step("first sight", says, {"first_seen": on.isoformat(), "sweep": first.sweep_id})


def _of_days(case: _Case, facts: Facts) -> Iterator[Step]:
    """Which fact is missing, what inhibits, or from when it is told."""
    rule, today = case.rule, case.clock.today
    due = rule.due
    assert due is not None
    said = because(facts, due.field)
    given = ", ".join(f"{name} {value}" for name, value in said.items()) or "nothing"
    inhibition = inhibition_of(rule, facts)
    if inhibition is not None:
        says = f"Inhibited by {inhibition.by}: {inhibition.why} (the record says {given})."
        yield Step("inhibited", says, {"by": inhibition.by, "because": inhibition.why, **said})
        return
    due_on, speaks_from = due_day(rule, facts), told_from(rule, facts, case.tuning.of(rule))
    if due_on is None or speaks_from is None:
        missing = [name for name in leading_to(due.field) if getattr(facts, name) is None]
        lack = f"; it does not say {', '.join(missing)}" if missing else ""
        says = f"Nothing falls due: no day follows from what the record says ({given}{lack})."
        yield Step("no day", says, {"missing": missing, **said})
        return
    dates = {"due_on": due_on.isoformat(), "told_from": speaks_from.isoformat(), **said}
    why = f"It falls due on {due_on} (the record says {given})"
    if today < speaks_from:
        yield Step("to come", f"{why}; it is told from {speaks_from} on, and not before.", dates)
        return
    alerts = [one for one in judge_due(facts, today, case.tuning) if one.rule == rule.name]
    if not alerts:
        says = f"{why}; it would have been told from {speaks_from} on, and {today} is too late."
        yield Step("past", says, dates)
    for alert in alerts:
        raised = debts.is_raised(case.tx, alert.key)
        last = due_runs.last(case.tx)
        ran = f"the last due run was of {last.today}" if last else "there was no due run yet"
        says = (
            f"{why}; told, as alert {raised}."
            if raised
            else f"{why}; the next `ctmonitor due` will tell it: {ran}."
        )
        yield Step("told" if raised else "due", says, dates | {"alert": raised})
