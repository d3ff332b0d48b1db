"""Addresses of the registry's site as it was until 2024-06, put into the words of today's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctmonitor.errors import CommandWrong

_SAME = ("cond", "term", "intr", "titles", "outc", "spons", "lead", "id", "locn", "city")
_SIGNS = {
    "recrs": (
        "status",
        {
            "a": "rec",
            "b": "not",
            "c": "ava",
            "d": "act",
            "e": "com",
            "f": "enr",
            "g": "sus",
            "h": "ter",
            "i": "wit",
            "j": "nla",
            "k": "tna",
            "l": "afm",
            "m": "unk",
        },
    ),
    "phase": ("phase", {"4": "0", "0": "1", "1": "2", "2": "3", "3": "4"}),
    "age": ("ages", {"0": "child", "1": "adult", "2": "older"}),
    "fund": ("funderType", {"0": "nih", "1": "fed", "2": "industry", "3": "other"}),
}
"""Each sign of the value is one option: `recrs=ab`, or `recrs=a&recrs=b`."""
_WORDS = {
    "recr": (
        "status",
        {"Open": "not rec ava", "Closed": "enr act sus ter com wit unk nla tna afm"},
    ),
    "type": ("studyType", {"Intr": "int", "Obsr": "obs", "PReg": "obs_patreg", "Expn": "exp"}),
    "rslt": ("results", {"With": "with", "Without": "without"}),
    "gndr": ("sex", {"Female": "f", "Male": "m"}),
    "hlth": ("healthy", {"Y": "y"}),
    "f801": ("violation", {"Yes": "y"}),
    "u_prot": ("docs", {"Y": "prot"}),
    "u_sap": ("docs", {"Y": "sap"}),
    "u_icf": ("docs", {"Y": "icf"}),
}
_DATES = {
    "strd": "start",
    "prcd": "primComp",
    "sfpd": "firstPost",
    "rfpd": "resFirstPost",
    "lupd": "lastUpdPost",
}
_SHOWING = {"Search", "flds", "show_flds", "sort", "draw", "rank", "pg", "count", "view"}
_DAY = re.compile(r"(\d\d)/(\d\d)/(\d{4})", re.ASCII)


def as_site(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters of an old search as today's site writes them; CommandWrong for others.

    Countries and states were written as codes, which the registry no longer takes.
    """
    facets: dict[str, list[str]] = {}
    ends: dict[str, list[str]] = {}
    asked = []
    for name, text in pairs:
        word, _, end = name.rpartition("_")
        if name in _SAME:
            asked.append((name, text))
        elif name in _SIGNS or name in _WORDS:
            facet, options = _options(name, text)
            facets.setdefault(facet, []).append(options)
        elif word in _DATES and end in ("s", "e"):
            ends.setdefault(_DATES[word], ["", ""])["se".index(end)] = _day(name, text)
        elif name not in _SHOWING:
            raise _wrong(name, text)
    asked.extend((name, "_".join(span)) for name, span in ends.items())
    if facets:
        every = (f"{facet}:{' '.join(options)}" for facet, options in facets.items())
        asked.append(("aggFilters", ",".join(every)))
    return asked


def _options(name: str, text: str) -> tuple[str, str]:
    if name in _WORDS:
        facet, meanings = _WORDS[name]
        words = [text.strip()]
    else:
        facet, meanings = _SIGNS[name]
        words = list(text.strip())
    if any(word not in meanings for word in words):
        raise _wrong(name, text)
    return facet, " ".join(meanings[word] for word in words)


def _day(name: str, text: str) -> str:
    found = _DAY.fullmatch(text.strip())
    if found is None:
        raise _wrong(name, text)
    return f"{found[3]}-{found[1]}-{found[2]}"


def _wrong(name: str, text: str) -> CommandWrong:
    return CommandWrong(
        f"{name!r} ({text!r}) in the old URL has no match on today's site; "
        "search anew at https://clinicaltrials.gov and paste that URL"
    )
