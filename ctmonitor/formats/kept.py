"""The record over bytes that are canonical already, as they were kept: nothing is read early."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from ctmonitor.records import Facts, Record

_ALIASES: Final = b'"nctIdAliases"'


def record_kept(
    canonical: bytes,
    *,
    facts: Facts,
    fingerprint: bytes,
    coverage: frozenset[str] | None = None,
) -> Record:
    """The record over a content kept before, with the digest that was kept of it.

    The digest is taken at its word: that kept bytes still have theirs, `verify` proves.
    """
    if facts.is_partial is (coverage is None):
        facts = replace(facts, is_partial=coverage is not None)
    # Few studies ever had another number.
    aliases = _aliases_in(canonical) if _ALIASES in canonical else ()
    return Record(facts, canonical, fingerprint, aliases, coverage)


class _Identification(msgspec.Struct, gc=False):
    nctIdAliases: tuple[str, ...] = ()


class _Protocol(msgspec.Struct, gc=False):
    identificationModule: _Identification = msgspec.field(default_factory=_Identification)


class _Study(msgspec.Struct, gc=False):
    protocolSection: _Protocol = msgspec.field(default_factory=_Protocol)


_FEW: Final = msgspec.json.Decoder(_Study)


def _aliases_in(canonical: bytes) -> tuple[str, ...]:
    return _FEW.decode(canonical).protocolSection.identificationModule.nctIdAliases
