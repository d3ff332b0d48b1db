"""What a message says, cut to fit: the same sheet is printed as text and as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery.digest import Digest, Occasion, Row
from ctmonitor.delivery.evidence import Line, line_of, study_number
from ctmonitor.delivery.words import counted, cut, named, one_line

GIST_WIDTH = 66
ATTACHED = "alerts.csv"
MOST_LISTS_TO_STOP = 10
_MARKS = {
    Occasion.REMINDER: "Reminder: ",
    Occasion.ESCALATION: "Unmarked: ",
    Occasion.REPLAY: "Replay: ",
    Occasion.TEST: "Test: ",
}
"""What a subject begins with that is no first telling."""
_OF_STUDIES_SAID = "What changed or fell due, the most urgent first"
_OF_STUDIES = (Occasion.RAISED, Occasion.REMINDER, Occasion.ESCALATION, Occasion.REPLAY)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a message may hold: rows, lines of evidence in a row, characters in a value."""

    rows: int
    lines: int
    characters: int


@dataclass(frozen=True, slots=True)
class Link:
    """Words of ours, and where they lead."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert as printed; `in_hand` leads to where its reader says that they took it on."""

    headline: str
    lines: tuple[Line, ...]
    more_lines: str
    because: str
    in_hand: Link | None


@dataclass(frozen=True, slots=True)
class Study:
    """What one study has of one severity; `link` is None when it is about a whole sweep."""

    who: str
    link: str | None
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """All of one severity: `severity` in a word, and the same with how many there are."""

    severity: str
    heading: str
    studies: tuple[Study, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message as printed; `more` is the sentence for the alerts that it has no room for."""

    gist: str
    lead: str
    caption: str
    groups: tuple[Group, ...]
    more: str
    footer: tuple[str, ...]
    ways_to_stop: tuple[Link, ...]


def sheet_of(digest: Digest, limits: Limits) -> Sheet:
    """The digest within the limits."""
    left_out = len(digest.rows) - limits.rows
    more = f"and {left_out:,} more, in the attached {ATTACHED}" if left_out > 0 else ""
    return Sheet(
        gist=gist_of(digest),
        lead=_lead(digest),
        caption=_OF_STUDIES_SAID if _is_of_studies(digest) else "What there is to say",
        groups=_groups(digest, limits),
        more=more,
        footer=tuple(filter(None, _footer(digest))),
        ways_to_stop=_ways_to_stop(digest),
    )


def link_of(number: str | None) -> str | None:
    """The registry's page of a study, made from nothing but its number."""
    return f"https://clinicaltrials.gov/study/{number}" if number else None


def gist_of(digest: Digest) -> str:
    """The message in one line of at most 66 characters; a study's number is never cut."""
    mark = _MARKS.get(digest.occasion, "")
    return mark + _gist(digest, GIST_WIDTH - len(mark))


def _gist(digest: Digest, width: int) -> str:
    critical = sum(row.alert.severity is Severity.CRITICAL for row in digest.rows)
    if len(digest.rows) == 1:
        urgent = ", critical" if critical else ""
        return _told(digest.rows[0].alert, width - len(urgent)) + urgent
    number = study_number(digest.studies[0]) if len(digest.studies) == 1 else None
    count = counted(len(digest.rows), "alert")
    parts = f"{count} on {number}" if number else count
    urgent = f", {critical:,} critical" if critical else ""
    parts = f"{parts}{urgent} ({_day(digest.made_at.date())})"
    if not digest.lists:
        return parts
    more = f" and {len(digest.lists) - 1:,} more" if len(digest.lists) > 1 else ""
    name = cut(one_line(digest.lists[0]), width - len(parts) - len(more) - 2)
    return f"{name}{more}: {parts}"


def _told(alert: Alert, width: int) -> str:
    number, headline = study_number(alert.nct_id), one_line(alert.headline)
    if number is None:
        return cut(headline, width)
    turned = _turn(alert)
    if turned and len(number) + 1 + len(turned) <= width:
        return f"{number} {turned}"
    headline = headline.removeprefix(number).lstrip(" :,")
    return cut(f"{number}: {headline}", width)


def _turn(alert: Alert) -> str:
    """`now UNKNOWN (was RECRUITING)` when the alert rests first of all on the overall status."""
    first = next(iter(alert.evidence), None)
    if not isinstance(first, dict) or first.get("field") != "overall_status":
        return ""
    if not isinstance(first.get("after"), str):
        return ""
    now, was = one_line(first["after"]), first.get("before")
    return f"now {now} (was {one_line(was)})" if isinstance(was, str) else f"now {now}"


def _groups(digest: Digest, limits: Limits) -> tuple[Group, ...]:
    """The rows by severity, and within one by study; they are in that order already."""
    counts = Counter(row.alert.severity for row in digest.rows)
    return tuple(
        Group(
            severity=severity.value,
            heading=_heading(digest, severity, counts[severity]),
            studies=tuple(
                _study(digest, list(those), limits)
                for _, those in groupby(rows, key=lambda row: row.alert.nct_id)
            ),
        )
        for severity, rows in groupby(
            digest.rows[: limits.rows], key=lambda row: row.alert.severity
        )
    )


def _heading(digest: Digest, severity: Severity, count: int) -> str:
    return f"{severity.value}: {counted(count, 'alert')}" if _is_of_studies(digest) else ""


def _study(digest: Digest, rows: list[Row], limits: Limits) -> Study:
    alert = rows[0].alert
    number = study_number(alert.nct_id)
    who = number or (cut(one_line(alert.nct_id), 40) if alert.nct_id else _nobody(digest))
    return Study(
        who=who,
        link=link_of(number),
        title=cut(one_line(rows[0].brief_title or ""), min(limits.characters, 300)),
        entries=tuple(_entry(digest, row, limits) for row in rows),
    )


def _nobody(digest: Digest) -> str:
    """What an alert is about that is about no study."""
    return "The whole sweep" if _is_of_studies(digest) else "The monitor itself"


def _is_of_studies(digest: Digest) -> bool:
    return digest.occasion in _OF_STUDIES


def _entry(digest: Digest, row: Row, limits: Limits) -> Entry:
    alert = row.alert
    more = len(alert.evidence) - limits.lines
    return Entry(
        headline=cut(one_line(alert.headline), limits.characters),
        lines=tuple(line_of(piece, limits.characters) for piece in alert.evidence[: limits.lines]),
        more_lines=f"and {counted(more, 'more line')} of evidence" if more > 0 else "",
        because=_because(row),
        in_hand=_in_hand(digest, row),
    )


def _in_hand(digest: Digest, row: Row) -> Link | None:
    """Where a reader says that an alert is in hand, when they are reminded of it otherwise.

    Nobody is reminded of what is neither critical nor high.
    """
    if not digest.asks_for_marks or digest.links is None or row.alert_id is None:
        return None
    if digest.subscriber_id is None or row.alert.severity.rank > Severity.HIGH.rank:
        return None
    url = digest.links.acknowledge(digest.subscriber_id, row.alert_id)
    return Link("I have this in hand", url)


def _because(row: Row) -> str:
    parts = [f"rule {cut(one_line(row.alert.rule), 60)}"]
    if row.lists:
        parts.append(f"watch list {named(row.lists, 3)}")
    if row.alert.registry_date is not None:
        parts.append(f"registry date {row.alert.registry_date.isoformat()}")
    return "; ".join(parts)


_ADVICE = (
    "This is not medical advice. Ask a doctor before you decide anything about treatment, "
    "and trust the registry's own page over this message."
)


def _lead(digest: Digest) -> str:
    """What kind of message it is, when it is no first telling."""
    about = cut(one_line(digest.about or ""), 200)
    if digest.occasion is Occasion.REMINDER:
        return f"{about.capitalize()}: this is still so, and nobody has marked it."
    if digest.occasion is Occasion.ESCALATION:
        said = about.removeprefix(f"{Occasion.ESCALATION}: ")
        return f"{said[:1].upper()}{said[1:]}."
    if digest.occasion is Occasion.REPLAY:
        return f"This is a {about}."
    if digest.occasion is Occasion.TEST:
        return "This is a test. Nothing changed, and nothing is owed to you."
    return ""


def _footer(digest: Digest) -> Iterator[str]:
    yield _why(digest)
    if digest.occasion is not Occasion.TEST:
        yield _data(digest) if digest.occasion is not Occasion.OPERATOR else ""
        yield _chain(digest)
        yield _stop(digest)
    if _is_of_studies(digest):
        yield _ADVICE


def _why(digest: Digest) -> str:
    rules = named(tuple(dict.fromkeys(row.alert.rule for row in digest.rows)))
    if digest.occasion is Occasion.OPERATOR:
        return f"You get this because you run this monitor; what spoke: {rules}."
    if digest.occasion is Occasion.TEST:
        return "You get this because somebody asked for a test of this address."
    if not digest.lists:
        return f"You get this because you subscribed to what these rules find: {rules}."
    lists = named(digest.lists)
    if digest.occasion is Occasion.QUIET:
        return f"You get this because you subscribed to {lists}, and heard nothing for a week."
    return f"You get this because you subscribed to {lists}, and these rules spoke: {rules}."


def _data(digest: Digest) -> str:
    made = f"{digest.made_at:%Y-%m-%d %H:%M} UTC"
    if digest.data_date is None:
        return f"The registry did not date its data; this was made at {made}."
    days = (digest.made_at.date() - digest.data_date).days
    age = f"{counted(days, 'day')} old" if days > 0 else "of the same day"
    return f"Registry data of {digest.data_date.isoformat()}, {age} when this was made at {made}."


def _chain(digest: Digest) -> str:
    head = one_line(digest.chain_head)[:12] or "none yet"
    return f"Chain head: {head} (`ctmonitor verify` proves what is kept)."


def _stop(digest: Digest) -> str:
    address = one_line(digest.address)
    if digest.occasion is Occasion.QUIET:
        return (
            "To hear nothing when all is quiet, have "
            f"`ctmonitor subscribe mute {address} --rule all-quiet` run."
        )
    if digest.occasion is Occasion.OPERATOR:
        return "The setting `operator` says who is told of this."
    return (
        "To stop: unsubscribe in your mail program, or have "
        f"`ctmonitor subscribe remove {address}` run."
    )


def _ways_to_stop(digest: Digest) -> tuple[Link, ...]:
    """Where a reader stops what they get, list by list, and all of it."""
    if not digest.may_unsubscribe or digest.links is None or digest.subscriber_id is None:
        return ()
    stop, subscriber_id = digest.links.unsubscribe, digest.subscriber_id
    lists = digest.lists[:MOST_LISTS_TO_STOP]
    each = (Link(f"Stop {named((name,))}", stop(subscriber_id, name)) for name in lists)
    return (*each, Link("Stop all messages", stop(subscriber_id, None)))


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
