"""Where a study takes place: sites that come, go, or change their own status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference, MadeBy
from ctmonitor.rules.rule import Chosen, Inhibition, change_rule
from ctmonitor.rules.several import counted, of_changes
from ctmonitor.rules.telling import HEADLINE_LENGTH, one_line

SITES = (
    "https://clinicaltrials.gov/policy/protocol-definitions#FacilityInfo: each participating "
    "facility, with its place"
)
SITE_STATUS = (
    "42 CFR 11.64(a)(1)(ii): a change of an individual site's status is to be sent within 30 "
    "calendar days, where the rule probably applies"
)
_FINISHED = tuple(
    Inhibition(by, "the study ended, and its sites with it") for by in ("stopped", "completed")
)
_PLACE = ("facility", "city", "state", "country")
MOST_COUNTRIES = 3
SHORTEST_NAME = 12


@change_rule(Severity.LOW, source=SITES, fields=("locations",))
def sites_added(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The study lists sites that it did not list before."""
    added = [one for one in _listed(difference, "locations") if isinstance(one.after, dict)]
    if not added:
        return
    sites = [change.after for change in added]
    pieces = [_piece(change, None, _in_words(change.after)) for change in added]
    yield of_changes(chosen, difference, added, _headline(sites, "added"), pieces=pieces)


@change_rule(Severity.NORMAL, source=SITES, fields=("locations",))
def sites_removed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The study no longer lists sites that it listed before."""
    removed = [one for one in _listed(difference, "locations") if isinstance(one.before, dict)]
    if not removed:
        return
    sites = [change.before for change in removed]
    left = _left(difference)
    headline = _headline(sites, "removed", f"none left in {_named(left)}" if left else "")
    pieces = [_piece(change, _in_words(change.before), None) for change in removed]
    also = ({"countries_without_a_site_now": left},) if left else ()
    yield of_changes(chosen, difference, removed, headline, pieces=pieces, also=also)


@change_rule(Severity.LOW, source=SITE_STATUS, fields=("locations.status",), inhibited_by=_FINISHED)
def site_status_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """Sites changed their own status.

    Site statuses that appear or go all at once follow the status of the study, and are not told.
    """
    changes = [
        change
        for change in _listed(difference, "locations.status")
        if change.before is not None and change.after is not None
    ]
    if not changes:
        return
    turns = Counter(str(change.after) for change in changes)
    if len(turns) == 1:
        label = f"{counted(len(changes), 'site')} now {changes[0].after}"
    else:
        turned = ", ".join(f"{count} now {status}" for status, count in turns.most_common())
        label = f"{counted(len(changes), 'site')} changed status: {turned}"
    names = [change.item or "a site" for change in changes]
    yield of_changes(chosen, difference, changes, _with_names(label, names))


def _listed(difference: Difference, field: str) -> list[Change]:
    """The changes of the list of sites that the sponsor made.

    Without an update, the registry only respells places; a site so renamed is no other site.
    """
    return [
        change
        for change in difference.changes
        if change.field == field and not change.is_noise and change.made_by is MadeBy.SPONSOR
    ]


def _left(difference: Difference) -> list[str]:
    """The countries of which the registry now says that no site is left."""
    return [
        str(change.after)
        for change in difference.changes
        if change.field == "misc_info.removed_countries" and change.after is not None
    ]


def _headline(sites: Sequence[Mapping[str, Any]], what: str, more: str = "") -> str:
    countries = Counter(str(site.get("country") or "no country") for site in sites)
    places = _named([country for country, _ in countries.most_common()])
    label = f"{counted(len(sites), 'site')} {what} in {places}{f', {more}' if more else ''}"
    return _with_names(label, [_name(site) for site in sites])


def _named(countries: Sequence[str]) -> str:
    """`France, Spain and 4 more countries`."""
    more = len(countries) - MOST_COUNTRIES
    first = ", ".join(countries[:MOST_COUNTRIES])
    return first if more < 1 else f"{first} and {counted(more, 'more country', 'more countries')}"


def _name(site: Mapping[str, Any]) -> str:
    return str(site.get("facility") or site.get("city") or "a site without a name")


def _with_names(label: str, names: Sequence[str]) -> str:
    """The label, and as many of the names as a headline holds; the first is cut to fit."""
    first, more = names[0], _and_more(len(names) - 1)
    room = HEADLINE_LENGTH - len(f"{label}: {more}")
    if room < SHORTEST_NAME:
        return label
    headline = f"{label}: {one_line(first, room)}"
    for place, name in enumerate(names[1:], start=2):
        longer = f"{headline}, {name}"
        if len(f"{longer}{_and_more(len(names) - place)}") > HEADLINE_LENGTH:
            return f"{headline}{_and_more(len(names) - place + 1)}"
        headline = longer
    return headline


def _and_more(count: int) -> str:
    return f" and {count} more" if count else ""


def _piece(change: Change, before: str | None, after: str | None) -> dict[str, Any]:
    """The change with the site in words: contacts and coordinates say nothing of the site."""
    return {**change.plain(), "item": None, "before": before, "after": after}


def _in_words(site: Mapping[str, Any]) -> str:
    place = ", ".join(str(site[name]) for name in _PLACE if site.get(name))
    status = site.get("status")
    return f"{place or 'a site without a place'}{f' ({status})' if status else ''}"
