"""What a message says, cut to fit: the same sheet is printed as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery.digest import Digest, Row
from ctmonitor.delivery.evidence import Line, line_of, study_number
from ctmonitor.delivery.words import counted, cut, named, one_line

GIST_WIDTH = 66
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a message may hold: rows, lines of evidence in a row, characters in a value."""

    rows: int
    lines: int
    characters: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert as printed; `link` is None when it is about a whole sweep."""

    who: str
    link: str | None
    title: str
    severity: str
    headline: str
    lines: tuple[Line, ...]
    more_lines: str
    because: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message as printed; `more` is the sentence for the alerts that it has no room for."""

    gist: str
    entries: tuple[Entry, ...]
    more: str
    footer: tuple[str, ...]


def sheet_of(digest: Digest, limits: Limits) -> Sheet:
    """The digest within the limits."""
    left_out = len(digest.rows) - limits.rows
    return Sheet(
        gist=gist_of(digest),
        entries=tuple(_entry(row, limits) for row in digest.rows[: limits.rows]),
        more=f"and {left_out:,} more; `ctmonitor alerts` lists them" if left_out > 0 else "",
        footer=(_why(digest), _data(digest), _chain(digest), _stop(digest), _ADVICE),
    )


def link_of(number: str | None) -> str | None:
    """The registry's page of a study, made from nothing but its number."""
    return f"https://clinicaltrials.gov/study/{number}" if number else None


def gist_of(digest: Digest) -> str:
    """The message in one line of at most 66 characters; a study's number is never cut."""
    critical = sum(row.alert.severity is Severity.CRITICAL for row in digest.rows)
    if len(digest.rows) == 1:
        urgent = ", critical" if critical else ""
        return _told(digest.rows[0].alert, GIST_WIDTH - len(urgent)) + urgent
    number = study_number(digest.studies[0]) if len(digest.studies) == 1 else None
    count = counted(len(digest.rows), "alert")
    parts = f"{count} on {number}" if number else count
    urgent = f", {critical:,} critical" if critical else ""
    parts = f"{parts}{urgent} ({_day(digest.made_at.date())})"
    if not digest.lists:
        return parts
    more = f" and {len(digest.lists) - 1:,} more" if len(digest.lists) > 1 else ""
    name = cut(one_line(digest.lists[0]), GIST_WIDTH - len(parts) - len(more) - 2)
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


def _entry(row: Row, limits: Limits) -> Entry:
    alert = row.alert
    number = study_number(alert.nct_id)
    who = number or (cut(one_line(alert.nct_id), 40) if alert.nct_id else "The whole sweep")
    evidence = alert.evidence[: limits.lines]
    more = len(alert.evidence) - limits.lines
    return Entry(
        who=who,
        link=link_of(number),
        title=cut(one_line(row.brief_title or ""), min(limits.characters, 300)),
        severity=alert.severity.value,
        headline=cut(one_line(alert.headline), limits.characters),
        lines=tuple(line_of(piece, limits.characters) for piece in evidence),
        more_lines=f"and {counted(more, 'more line')} of evidence" if more > 0 else "",
        because=_because(row),
    )


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


def _why(digest: Digest) -> str:
    rules = named(tuple(dict.fromkeys(row.alert.rule for row in digest.rows)))
    if not digest.lists:
        return f"You get this because you subscribed to what these rules find: {rules}."
    lists = named(digest.lists)
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
    return (
        "To stop: unsubscribe in your mail program, or have "
        f"`ctmonitor subscribe remove {one_line(digest.address)}` run."
    )


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
