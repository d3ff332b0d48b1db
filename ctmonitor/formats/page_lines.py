"""Which lines of a study page are its labels, and which are prose that looks like one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise


class Kind(Enum):
    """How the text behind a label is read."""

    HEADING = auto()
    MIRROR = auto()
    """The mirror's own clock and flags: nothing of the registry's."""
    NUMBER = auto()
    OTHER_NUMBER = auto()
    STATUS = auto()
    DATE = auto()
    TRUTH = auto()
    NAME = auto()
    """A short text; it may run on, but not over a blank line or what looks like a label."""
    PROSE = auto()
    """A text that runs on to the next label, whatever it holds."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One label, or heading, at its place in the order of the page."""

    label: str
    section: str
    kind: Kind
    path: str | None = None

    @property
    def is_heading(self) -> bool:
        """Whether this opens a section."""
        return self.kind is Kind.HEADING


_TITLES = "protocolSection.identificationModule."
_STATUS = "protocolSection.statusModule."
_EXPANDED = f"{_STATUS}expandedAccessInfo."
_OVERSIGHT = "protocolSection.oversightModule."
_SPONSOR = "protocolSection.sponsorCollaboratorsModule.leadSponsor."
_TEXTS = "protocolSection.descriptionModule."
_SECTIONS: dict[str, tuple[tuple[str, Kind, str | None], ...]] = {
    "": (
        ("Ignite Creation Date", Kind.MIRROR, None),
        ("Ignite Modification Date", Kind.MIRROR, None),
        ("Study NCT ID", Kind.NUMBER, f"{_TITLES}nctId"),
        ("Status", Kind.STATUS, f"{_STATUS}overallStatus"),
        ("Last Update Posted", Kind.DATE, f"{_STATUS}lastUpdatePostDateStruct.date"),
        ("First Post", Kind.DATE, f"{_STATUS}studyFirstPostDateStruct.date"),
        ("Is NOT Gene Therapy", Kind.MIRROR, None),
        ("Has Adverse Events", Kind.MIRROR, None),
        ("Brief Title", Kind.NAME, f"{_TITLES}briefTitle"),
        ("Sponsor", Kind.NAME, f"{_SPONSOR}name"),
        ("Organization", Kind.NAME, f"{_TITLES}organization.fullName"),
    ),
    "Study Overview": (
        ("Official Title", Kind.PROSE, f"{_TITLES}officialTitle"),
        ("Status", Kind.STATUS, f"{_STATUS}overallStatus"),
        ("Status Verified Date", Kind.DATE, f"{_STATUS}statusVerifiedDate"),
        ("Last Known Status", Kind.STATUS, f"{_STATUS}lastKnownStatus"),
        ("Delayed Posting", Kind.TRUTH, f"{_STATUS}delayedPosting"),
        ("If Stopped, Why?", Kind.PROSE, f"{_STATUS}whyStopped"),
        ("Has Expanded Access", Kind.TRUTH, f"{_EXPANDED}hasExpandedAccess"),
        ("If Expanded Access, NCT#", Kind.OTHER_NUMBER, f"{_EXPANDED}nctId"),
        ("Has Expanded Access, NCT# Status", Kind.STATUS, f"{_EXPANDED}statusForNctId"),
        ("Acronym", Kind.NAME, f"{_TITLES}acronym"),
        ("Brief Summary", Kind.PROSE, f"{_TEXTS}briefSummary"),
        ("Detailed Description", Kind.PROSE, f"{_TEXTS}detailedDescription"),
    ),
    "Study Oversight": (
        ("Has Oversight DMC", Kind.TRUTH, f"{_OVERSIGHT}oversightHasDmc"),
        ("Is a FDA Regulated Drug?", Kind.TRUTH, f"{_OVERSIGHT}isFdaRegulatedDrug"),
        ("Is a FDA Regulated Device?", Kind.TRUTH, f"{_OVERSIGHT}isFdaRegulatedDevice"),
        ("Is an Unapproved Device?", Kind.TRUTH, f"{_OVERSIGHT}isUnapprovedDevice"),
        ("Is a PPSD?", Kind.TRUTH, f"{_OVERSIGHT}isPpsd"),
        ("Is a US Export?", Kind.TRUTH, f"{_OVERSIGHT}isUsExport"),
        ("Is an FDA AA801 Violation?", Kind.TRUTH, f"{_OVERSIGHT}fdaaa801Violation"),
    ),
}
SLOTS = tuple(
    slot
    for section, labels in _SECTIONS.items()
    for slot in (
        *([Slot(section, section, Kind.HEADING)] if section else []),
        *(Slot(label, section, kind, path) for label, kind, path in labels),
    )
)
"""Every label and heading in the order of the page."""

_OLDER_NAMES = {"Last Modification Date": "Ignite Modification Date"}
_HEADING = re.compile(r"\s*Viewing Study\b[\s:]*(\S+)?.*")
_LABEL_LIKE = re.compile(r"\s*[A-Z][^:]{0,60}:(?:\s|$)")
_SLOTS_OF: dict[str, list[int]] = {}
for _at, _slot in enumerate(SLOTS):
    _SLOTS_OF.setdefault(_slot.label, []).append(_at)
for _older, _newer in _OLDER_NAMES.items():
    _SLOTS_OF[_older] = _SLOTS_OF[_newer]

_START = -1


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to tell the labels from the prose so far, and how much speaks for it."""

    label_count: int = 0
    stray_count: int = 0
    line_sum: int = 0
    slot: int = _START
    line: int = -1
    before: _Way | None = None

    def __gt__(self, other: _Way) -> bool:
        ours = (self.label_count, -self.stray_count, self.line_sum)
        return ours > (other.label_count, -other.stray_count, other.line_sum)


def place(lines: list[str]) -> list[tuple[int, int]]:
    """The labels as pairs of slot and line, both rising.

    A line inside prose may look like a label. Of all ways to read the page in its known order the
    best has the most labels; then the fewest lines that look like a label of this page but stand
    outside any prose; then the labels furthest down: prose stands before the label that ends it.
    """
    best = {_START: _Way()}
    for line, text in enumerate(lines):
        slots = _SLOTS_OF.get(label_in(text) or text.strip(), ())
        if slots:
            best = _with_line(best, line, slots=_fitting(text, slots))
    way = next(iter(best.values()))
    for other in best.values():
        way = other if other > way else way
    placed = []
    while way.before is not None:
        placed.append((way.slot, way.line))
        way = way.before
    return placed[::-1]


def _fitting(text: str, slots: list[int] | tuple[int, ...]) -> list[int]:
    is_label = label_in(text) is not None
    return [slot for slot in slots if SLOTS[slot].is_heading is not is_label]


def _with_line(best: dict[int, _Way], line: int, *, slots: list[int]) -> dict[int, _Way]:
    """The best way to each slot when this line may be one of `slots`, or none."""
    ways: dict[int, _Way] = {}
    for way in best.values():
        passed = way if _takes_anything(way.slot) or not slots else _strayed(way)
        if way.slot not in ways or passed > ways[way.slot]:
            ways[way.slot] = passed
        for slot in slots:
            if _may_follow(slot, way.slot):
                taken = _taken(way, slot, line)
                if slot not in ways or taken > ways[slot]:
                    ways[slot] = taken
    return ways


def _takes_anything(slot: int) -> bool:
    return slot == len(SLOTS) - 1 or (slot != _START and SLOTS[slot].kind is Kind.PROSE)


def _may_follow(slot: int, before: int) -> bool:
    section = "" if before == _START else SLOTS[before].section
    return slot > before and (SLOTS[slot].is_heading or SLOTS[slot].section == section)


def _strayed(way: _Way) -> _Way:
    return _Way(way.label_count, way.stray_count + 1, way.line_sum, way.slot, way.line, way.before)


def _taken(way: _Way, slot: int, line: int) -> _Way:
    count = way.label_count + (not SLOTS[slot].is_heading)
    return _Way(count, way.stray_count, way.line_sum + line, slot, line, way)


def label_in(line: str) -> str | None:
    """The known label that a line begins with; None when it begins with none."""
    before, colon, _ = line.partition(":")
    label = before.replace("\xa0", " ").strip()
    is_known = bool(colon) and label in _SLOTS_OF and not SLOTS[_SLOTS_OF[label][0]].is_heading
    return label if is_known else None


def is_label_like(line: str) -> bool:
    """Whether a line looks like a label and its value, known or not."""
    return _LABEL_LIKE.match(line) is not None


def heading_number(lines: list[str]) -> str | None:
    """What the page's heading says it is about; None where it has no heading."""
    first = next((line for line in lines if line.strip()), "")
    heading = _HEADING.fullmatch(first)
    return heading[1] if heading else None


def second_page_at(lines: list[str]) -> int | None:
    """The line of another page's heading with the labels of a page behind it; None if none."""
    written = [at for at, line in enumerate(lines) if line.strip()]
    for at, following in pairwise(written[1:]):
        is_heading = _HEADING.fullmatch(lines[at])
        slots = _SLOTS_OF.get(label_in(lines[following]) or "", [len(SLOTS)])
        if is_heading and is_heading[1] and slots[0] < _SLOTS_OF["Brief Title"][0]:
            return at
    return None
