"""The rules over records that go, come back, or lead elsewhere, release by release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Shown = Mapping[str, str | None]
"""Of each study, the number under which a release shows it; None where it does not."""
Told = tuple[str, str, str]
"""The day of the release, the study, the rule."""


def told_of_fates(releases: Sequence[tuple[str, Shown]]) -> list[Told]:
    """What is told of looks at the whole registry, one at each release."""
    held = sorted({nct_id for _, shown in releases for nct_id in shown})
    return sorted(fact for nct_id in held for fact in told_of(nct_id, releases))


def told_of(nct_id: str, releases: Sequence[tuple[str, Shown]]) -> list[Told]:
    """Gone in two releases one after the other, it is removed; shown again, it is back."""
    told, lacked, is_removed, led_to = [], 0, False, nct_id
    is_held = False
    for day, shown in releases:
        now = shown.get(nct_id)
        lacked = 0 if now else lacked + 1
        if now == nct_id and is_removed:
            told.append((day, nct_id, "record-returned"))
        if is_held and now not in (None, nct_id, led_to):
            told.append((day, nct_id, "record-merged"))
        if is_held and lacked == 2:
            told.append((day, nct_id, "record-removed"))
        is_removed = not now and (is_removed or (is_held and lacked == 2))
        is_held = is_held or now == nct_id
        led_to = now or led_to
    return told
