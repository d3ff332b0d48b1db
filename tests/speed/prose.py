"""Made words: sentences, titles, people and places, put together from the lists in `words.txt`.

All of it is made once, from a fixed seed; a made study takes slices, which costs next to nothing.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def _lists(text: str) -> dict[str, tuple[str, ...]]:
    """The lists in `words.txt` by name, split at semicolons; a line end splits towns only."""
    found = {}
    for block in text.split("\n\n")[1:]:
        name, _, body = block.strip().partition("\n")
        lines = body.splitlines()
        words = lines if name == "[towns]" else " ".join(lines).split("; ")
        found[name.strip("[]")] = tuple(words)
    return found


def _town(line: str) -> tuple[str, str, str, float, float]:
    city, state, country, lat, lon = line.split("; ")
    return city, state, country, float(lat), float(lon)


_LISTS = _lists(Path(__file__).with_name("words.txt").read_text(encoding="utf-8"))
ILLNESSES, AGENTS = _LISTS["illnesses"], _LISTS["agents"]
_GROUPS, _QUALITIES, _THINGS = _LISTS["groups"], _LISTS["qualities"], _LISTS["things"]
_ACTS, _TIMES = _LISTS["acts"], _LISTS["times"]
_DEGREES = ("MD", "MD, PhD", "PhD", "MBBS", "RN")
TOWNS = tuple(_town(line) for line in _LISTS["towns"])
"""City, state (empty where there is none), country, latitude, longitude."""


def pick(rng: random.Random, pool: Sequence[T]) -> T:
    """One of a pool; several times faster than `choice`."""
    return pool[int(rng.random() * len(pool))]


def _sentence(rng: random.Random) -> str:
    time = pick(rng, _TIMES).format(rng.randint(2, 96))
    one, other, third = (pick(rng, _THINGS) for _ in range(3))
    subject = f"{pick(rng, _QUALITIES)} {one}".capitalize()
    tail = f"in {pick(rng, _GROUPS)} with {pick(rng, _QUALITIES)} {pick(rng, ILLNESSES)}"
    return pick(
        rng,
        (
            f"{subject} {pick(rng, _ACTS)} {other} {tail} {time}.",
            f"{subject} {pick(rng, _ACTS)} the {pick(rng, _QUALITIES)} {other} {time}.",
            f"With {pick(rng, AGENTS)}, {one} {pick(rng, _ACTS)} {other} {time}, {tail}.",
            f"{subject} and {other} are noted {time}; {third} {pick(rng, _ACTS)} {one} {tail}.",
        ),
    )


class Shelf:
    """One long made text that is cut into pieces at its sentences."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._text = "".join(sentences)
        self._starts = [0]
        for sentence in sentences:
            self._starts.append(self._starts[-1] + len(sentence))

    def cut(self, rng: random.Random, length: int) -> str:
        """Whole sentences of about `length` characters, from anywhere; as many as there are."""
        latest = bisect_left(self._starts, max(self._starts[-1] - length, 1))
        first = int(rng.random() * latest)
        start = self._starts[first]
        last = max(bisect_left(self._starts, start + length), first + 1)
        return self._text[start : self._starts[min(last, len(self._starts) - 1)]].rstrip()


def _shelves(rng: random.Random) -> tuple[Shelf, Shelf]:
    sentences = [_sentence(rng) for _ in range(4000)]
    prose = [text + ("\n\n" if rng.random() < 0.18 else " ") for text in sentences]
    return Shelf(prose), Shelf([f"* {text}\n" for text in sentences])


def _measure(rng: random.Random) -> str:
    time = pick(rng, _TIMES[:7]).format(rng.randint(1, 60))
    return f"Change in {pick(rng, _QUALITIES)} {pick(rng, _THINGS)} {time}".replace("≥ ", "")


def _title(rng: random.Random) -> str:
    agent, illness = pick(rng, AGENTS).capitalize(), pick(rng, ILLNESSES).title()
    return f"{agent} for {illness} in {pick(rng, _GROUPS).title()}: {pick(rng, _THINGS).title()}"


def _person(rng: random.Random) -> str:
    first, last = pick(rng, _LISTS["first names"]), pick(rng, _LISTS["last names"])
    return f"{first} {last}, {pick(rng, _DEGREES)}"


def _house(rng: random.Random) -> str:
    house = pick(rng, _LISTS["houses"]).format(rng.randint(1, 9), rng.randint(10, 99))
    return f"{pick(rng, TOWNS)[0]} {house}"


_MADE = random.Random("the words of the made registry")
PROSE, CRITERIA = _shelves(_MADE)
MEASURES = tuple(dict.fromkeys(_measure(_MADE) for _ in range(3000)))
TITLES = tuple(_title(_MADE) for _ in range(2000))
PEOPLE = tuple(dict.fromkeys(_person(_MADE) for _ in range(1500)))
HOUSES = tuple(dict.fromkeys(_house(_MADE) for _ in range(1500)))
FIRMS = tuple(f"{agent.capitalize()} {firm}" for agent in AGENTS for firm in _LISTS["firms"])
