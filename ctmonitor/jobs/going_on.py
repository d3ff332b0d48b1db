"""Where a look that was cut off can be gone on with, and what of it need not be read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.store import Transaction, looks
from ctmonitor.store.looks import CutOff


@dataclass(frozen=True, slots=True)
class Start:
    """What a look begins with: nothing, or what those that were cut off before it had seen."""

    place: Mapping[str, Any] = field(default_factory=dict)
    sweep_ids: tuple[int, ...] = ()
    seen: frozenset[str] = frozenset()

    @property
    def is_exact(self) -> bool:
        """Whether it is known of every study if it was seen.

        Another look may have seen some of them since, and what nobody could read is not kept;
        then each study is listed again, though not handed over again.
        """
        return bool(self.place) and len(self.seen) == self.place.get("seen")

    def fits(self, release: str | None, way: str) -> bool:
        """Whether a look of this kind, at the release on show, can go on from it."""
        return (self.place.get("release"), self.place.get("way")) == (release, way)

    def counted(self) -> dict[int, int | None]:
        """How many studies the parts have that were read to their end."""
        return {int(at): count for at, count in self.place.get("read", {}).items()}

    def place_in(self, at: int) -> Mapping[str, Any] | None:
        """Where to go on in a part; only in the first is it known which studies came before."""
        is_here = at == 0 and self.place.get("part") == 0 and self.place.get("token")
        return self.place if is_here and self.is_exact else None

    def unseen(self, nct_ids: Collection[str]) -> list[str]:
        """The numbers that are to be asked for."""
        return [number for number in nct_ids if number not in self.seen]


def start_of(tx: Transaction, cut_off: CutOff | None, scope_digest: str) -> Start:
    """What is left of a look at the same studies, if it read all it had seen in one release."""
    if cut_off is None or cut_off.place.get("scope_digest") != scope_digest:
        return Start()
    place = cut_off.place
    if place.get("release") is None or place.get("began_in") != place["release"]:
        return Start()
    return Start(place, cut_off.sweep_ids, frozenset(looks.seen_in(tx, cut_off.sweep_ids)))
