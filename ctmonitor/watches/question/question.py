"""One question to the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ctmonitor.watches.question import pasted
from ctmonitor.watches.question.parameters import (
    FACET_LABELS,
    FACETS,
    LABELS,
    both,
    checked,
    facets,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the registry: parameters of its `/studies` and their values, by name."""

    asked: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        if self.asked != checked(dict(self.asked)):
            raise ValueError(f"a question is made by its readers, not from {self.asked!r}")

    @classmethod
    def from_plain(cls, asked: Mapping[str, str]) -> Question:
        """The question with these parameters, in any order; CommandWrong for one that is none."""
        return cls(checked(asked))

    @classmethod
    def from_expression(cls, text: str) -> Question:
        """What the registry's search expression asks, in its field for all words."""
        return cls.from_plain({"query.term": text})

    @classmethod
    def from_url(cls, url: str) -> Question:
        """What an address of the registry's site or API asks for."""
        return cls.from_plain(pasted.asked_by(url))

    @classmethod
    def of(cls, *, sponsor: str | None = None, condition: str | None = None) -> Question:
        """What the fields of the site's search find, each text read as the site reads it.

        The sponsor is the lead sponsor or a collaborator.
        """
        given = {"query.spons": sponsor, "query.cond": condition}
        return cls.from_plain({name: text for name, text in given.items() if text is not None})

    def narrowed(self, other: Question) -> Question:
        """What asks for the studies that answer both."""
        together = dict(self.asked)
        for name, text in other.asked:
            together[name] = both(name, together[name], text) if name in together else text
        return Question.from_plain(together)

    def plain(self) -> dict[str, str]:
        """Its parameters, by name, ready for JSON and for a request."""
        return dict(self.asked)

    @property
    def said(self) -> str:
        """The question in one line for people."""
        asked = self.plain()
        return "; ".join(
            piece for name in LABELS if name in asked for piece in _said(name, asked[name])
        )


def _said(name: str, text: str) -> Iterator[str]:
    if name == "aggFilters":
        for facet, options in facets(text).items():
            known = FACETS.get(facet, {})
            words = " or ".join(known.get(option, option) for option in options)
            yield f"{FACET_LABELS.get(facet, facet)}: {words}"
    elif name == "filter.overallStatus":
        yield f"status: {text.replace('_', ' ').replace(',', ' or ').lower()}"
    elif name == "filter.geo":
        place, _, far = text.removeprefix("distance(").removesuffix(")").rpartition(",")
        yield f"within {far} of {place}"
    else:
        yield f"{LABELS[name]}: {text.replace(',', ', ') if name == 'filter.ids' else text}"
