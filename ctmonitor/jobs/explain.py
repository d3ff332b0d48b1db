"""Why an alert was raised, and who was told of it: every reason, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ctmonitor.alerts import Alert
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.clock import Clock
from ctmonitor.records import field_named
from ctmonitor.rules import Rule, RuleKind, Tuning
from ctmonitor.rules.telling import BASIS_MARK
from ctmonitor.store import Transaction, alerts, debts, subscribing
from ctmonitor.store.alerts import Raised
from ctmonitor.store.debts import Debt
from ctmonitor.store.values import moment
from ctmonitor.watches import Subscription

LONGEST_VALUE = 200
MOST_PIECES = 10
"""Pieces of evidence that are said in words; `ctmonitor alerts --json` has them all."""
MOST_KEY_DIGITS = 12

ASKED_WHEN = {
    RuleKind.CHANGE: "of what each look finds changed at a study that was seen before",
    RuleKind.STATE: "once, when a study is seen for the first time",
    RuleKind.CALENDAR: "by `ctmonitor due`, of every study whose day has come, changed or not",
    RuleKind.SWEEP: "of the counts of a whole look, at its end",
    RuleKind.FATE: "when complete looks no longer show a record, or show it again",
    RuleKind.MEMBERSHIP: "when the question of a watch list is answered in full, and another way",
    RuleKind.GUARD: "when something ails the monitor itself, as a look too odd to be told",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One reason in a chain: what it is about, the sentence, and the facts it rests on."""

    about: str
    says: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The step as an object of JSON."""
        return {"about": self.about, "says": self.says, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked, and the reasons one after the other."""

    about: Mapping[str, Any]
    title: str
    steps: tuple[Step, ...]

    def plain(self) -> dict[str, Any]:
        """All of it as an object of JSON."""
        return {**self.about, "title": self.title, "steps": [step.plain() for step in self.steps]}


def explain_alert(tx: Transaction, alert_id: int, *, tuning: Tuning, clock: Clock) -> Explanation:
    """Why an alert was raised and who heard of it; CommandWrong when there is none of this id."""
    found = alerts.alerts_by_id(tx, [alert_id])
    if not found:
        raise CommandWrong(f"there is no alert {alert_id}; `ctmonitor alerts` lists them")
    raised = found[0]
    alert, rule = raised.alert, tuning.rule_named(raised.alert.rule)
    of = f" of {alert.nct_id}" if alert.nct_id else ""
    steps = (
        *about_rule(alert.rule, rule, tuning),
        *_where_found(tx, raised, rule),
        *_evidence(alert),
        _key(alert),
        *_withheld(tx, raised),
        *heard(tx, raised, clock),
    )
    about = {"alert": alert_id, "rule": alert.rule, "nct_id": alert.nct_id}
    return Explanation(about, f"Alert {alert_id}, {alert.rule}{of}: {alert.headline}", steps)


def about_rule(name: str, rule: Rule | None, tuning: Tuning) -> Iterator[Step]:
    """What a rule asks, when, with which numbers, and where its question comes from."""
    if rule is None:
        yield Step("rule", f"There is no rule {name} now; it was one that an operator wrote.")
        return
    chosen = tuning.of(rule)
    facts = {"rule": name, "kind": str(rule.kind), "question": rule.question}
    yield Step("rule", f"{name} asks: {rule.question} ({chosen.severity} severity)", facts)
    yield Step("asked", f"A rule of kind {rule.kind}: it is asked {ASKED_WHEN[rule.kind]}.")
    if rule.parameters:
        numbers = ", ".join(
            f"{one.name} {chosen.numbers.get(one.name, one.default)} ({one.unit}: {one.meaning})"
            for one in rule.parameters
        )
        yield Step("tuned", f"As it is tuned now: {numbers}.", dict(chosen.numbers))
    yield Step("source", rule.source)


def heard(tx: Transaction, raised: Raised, clock: Clock) -> Iterator[Step]:
    """To whom an alert was owed, why, and what became of it; and to whom it was not, and why."""
    ids = [raised.id, *([raised.summary_id] if raised.summary_id else [])]
    owed = debts.owed_for(tx, ids)
    made = {(wish.address, wish.watch_list): wish.made_at for wish in subscribing.wishes(tx)}
    wishes = subscribing.all_subscriptions(tx)
    today = moment(raised.raised_at).astimezone(clock.zone).date()
    for debt in owed:
        yield _owed(debt, [one for one in wishes if one.address == debt.address], raised, today)
    addresses = {debt.address for debt in owed}
    for wish in wishes:
        if wish.address not in addresses:
            since = made[wish.address, wish.watch_list.name]
            yield _not_owed(wish, raised, today, since)
    if not wishes and not owed:
        yield Step("heard", "Nobody subscribes to any watch list, so that nobody was told.")


def words(piece: Mapping[str, Any]) -> str:
    """One piece of evidence in words: a change, or named facts."""
    if "field" not in piece:
        return ", ".join(f"{name.replace('_', ' ')} {_said(one)}" for name, one in piece.items())
    known = field_named(str(piece["field"]))
    label = known.label if known else str(piece["field"])
    item = f" of {_said(piece['item'])}" if piece.get("item") else ""
    turn = f"{_said(piece.get('before'))} -> {_said(piece.get('after'))}"
    return f"{label}{item}: {turn} ({piece.get('kind')}, made by the {piece.get('made_by')})"


def _said(value: object) -> str:
    if isinstance(value, dict):
        value = ", ".join(str(one) for one in value.values() if isinstance(one, str | int))
    text = "not given" if value is None else " ".join(str(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _where_found(tx: Transaction, raised: Raised, rule: Rule | None) -> Iterator[Step]:
    on = raised.raised_at[:10]
    if raised.sweep_id is None:
        says = f"The due run of {on} found it, though nothing changed."
        yield Step("found", says, {"raised_at": raised.raised_at})
        return
    sweep = debts.look(tx, raised.sweep_id)
    number = raised.alert.basis.rpartition(BASIS_MARK)[2]
    is_snapshot = rule is not None and rule.kind is RuleKind.CHANGE and number.isdigit()
    where = f", in snapshot {number} of the study" if is_snapshot else ""
    data = f" with data of {sweep.data_timestamp[:10]}" if sweep.data_timestamp else ""
    facts = {"sweep": sweep.id, "source": sweep.source, "raised_at": raised.raised_at}
    snapshot = {"snapshot": int(number)} if is_snapshot else {}
    says = f"Sweep {sweep.id} over {sweep.source}, on {sweep.today}{data}, found it{where}."
    yield Step("found", says, facts | snapshot)
    if sweep.state == "released":
        why = debts.why_settled(tx, sweep.id)
        says = f"The alerts of sweep {sweep.id} were held, and released: {why}."
        yield Step("held", says, {"sweep": sweep.id, "reason": why})


def _evidence(alert: Alert) -> Iterator[Step]:
    pieces = alert.evidence[:-1] if alert.inhibited_by else alert.evidence
    for piece in pieces[:MOST_PIECES]:
        yield Step("evidence", words(piece), piece)
    more = len(pieces) - MOST_PIECES
    if more > 0:
        yield Step("evidence", f"{more} more; `ctmonitor alerts --json` has them all.")


def _key(alert: Alert) -> Step:
    basis = ", ".join(f"{part[:LONGEST_VALUE]}" for part in alert.basis.split(BASIS_MARK))
    says = (
        f"It is told once: its key ({alert.key[:MOST_KEY_DIGITS]}…) is made of the rule, the study "
        f"and what made it true ({basis}); the same found again has the same key."
    )
    return Step("key", says, {"key": alert.key, "basis": alert.basis.split(BASIS_MARK)})


def _withheld(tx: Transaction, raised: Raised) -> Iterator[Step]:
    """What stood between the alert and its own line in a mail."""
    alert = raised.alert
    if alert.inhibited_by is not None:
        why = alert.evidence[-1]["because"]
        says = (
            f"Inhibited by {alert.inhibited_by}, which told of the same study in the same look: "
            f"{why}. It is kept, and sent to nobody."
        )
        yield Step("inhibited", says, {"by": alert.inhibited_by, "because": why})
    if raised.summary_id is not None:
        [summary] = alerts.alerts_by_id(tx, [raised.summary_id])
        many = debts.members_of(tx, summary.id)
        says = f"It is one of {many:,} that alert {summary.id} sums up: {summary.alert.headline}"
        yield Step("summary", says, {"alert": summary.id, "members": many})
    elif alert.nct_id is None and (many := debts.members_of(tx, raised.id)):
        says = f"It sums up {many:,} alerts of one look, which were too many or say one fact."
        yield Step("summary", says, {"alert": raised.id, "members": many})


def _owed(debt: Debt, wishes: Sequence[Subscription], raised: Raised, today: date) -> Step:
    wanting = [wish for wish in wishes if wish.wants(raised.alert, today)]
    why = "; ".join(map(_wish, wanting)) or "by a subscription that was changed or removed since"
    says = f"Owed to {debt.address} ({why}): {_state(debt)}."
    facts = {
        "address": debt.address,
        "delivery": debt.id,
        "state": debt.state,
        "sent_at": debt.sent_at,
        "tries": debt.tries,
        "reason": debt.reason,
        "lists": [wish.watch_list.name for wish in wanting],
    }
    return Step("owed", says, facts)


def _state(debt: Debt) -> str:
    """How a message stands, in words."""
    tries = f"{debt.tries} {'try' if debt.tries == 1 else 'tries'}"
    last = f"; the last said: {debt.reason}" if debt.reason else ""
    if debt.state == "sent":
        return f"sent at {debt.sent_at}"
    if debt.state == "dead":
        return f"given up after {tries}{last}"
    if debt.state == "cancelled":
        return f"cancelled{f': {debt.reason}' if debt.reason else ''}"
    if debt.state == "held":
        return f"waits for its hour, {debt.next_try_at}"
    if debt.state == "claimed":
        return "is being sent now"
    tried = f"after {tries}{last}, " if debt.tries else ""
    return f"{tried}waits to be sent, from {debt.next_try_at} on"


def _not_owed(wish: Subscription, raised: Raised, today: date, since: str) -> Step:
    why = _why_not(wish, raised.alert, today)
    if not why and raised.alert.inhibited_by is not None:
        why = ["it is inhibited"]
    if not why and since > raised.raised_at:
        why = [f"subscribed at {since}, after it was raised"]
    reasons = "; ".join(why) or (
        "when it was raised the subscription, or the list, was not as it is now"
    )
    says = f"Not owed to {wish.address} ({_wish(wish)}): {reasons}."
    facts = {"address": wish.address, "list": wish.watch_list.name, "why": why}
    return Step("not owed", says, facts)


def _wish(wish: Subscription) -> str:
    """A subscription in words."""
    only = f", rules {', '.join(sorted(wish.rules))}" if wish.rules else ", every rule"
    return f"watch list {wish.watch_list.name}{only}, from {wish.min_severity} on"


def _why_not(wish: Subscription, alert: Alert, today: date) -> list[str]:
    """What of a subscription keeps its subscriber from hearing of an alert."""
    why = []
    name = wish.watch_list.name
    if alert.watch_list not in (None, name):
        why.append(f"it is about watch list {alert.watch_list} only")
    elif alert.watch_list is None and not wish.watch_list.holds(alert.nct_id):
        what = alert.nct_id or "what is about a whole look"
        why.append(f"{what} is not on watch list {name}")
    if wish.rules is not None and alert.rule not in wish.rules:
        why.append(f"{alert.rule} is none of its rules")
    if alert.severity.rank > wish.min_severity.rank:
        why.append(f"its severity, {alert.severity}, is below {wish.min_severity}")
    for mute in wish.mutes:
        if mute.silences(alert, today):
            what = " of ".join(filter(None, (mute.rule, mute.nct_id))) or "everything"
            why.append(f"muted up to {mute.until} ({what})")
    return why
