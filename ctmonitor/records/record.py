"""What the registry says about one study at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from ctmonitor.records.facts import Facts


@dataclass(frozen=True, slots=True)
class Record:
    """One study's content in canonical form, with the typed fields that rules need.

    `content` is a plain tree in the registry's own JSON shape: what moves by itself in every
    release is gone, keys are sorted, line ends are `\\n`. `canonical` is the same as bytes, and
    `fingerprint` its 16-byte digest: equal content, equal fingerprint. `coverage` names the
    fields (as in `fields.py`) that the format this was read from can say; None means all.
    """

    facts: Facts
    canonical: bytes
    fingerprint: bytes
    aliases: tuple[str, ...] = ()
    coverage: frozenset[str] | None = None
    row_digest: bytes | None = field(default=None, repr=False, compare=False)
    """What `formats.row_digest` gives, where the reading had it in hand."""
    _content: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def content(self) -> dict[str, Any]:
        """The content as a tree; made of its bytes when first asked for."""
        if self._content is None:
            object.__setattr__(self, "_content", orjson.loads(self.canonical))
        assert self._content is not None
        return self._content

    @property
    def nct_id(self) -> str:
        """The registry's number for the study."""
        return self.facts.nct_id
