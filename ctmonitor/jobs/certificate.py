"""What a look at the registry can show for itself, as it is kept and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctmonitor.sources.by_number import sizes_told

if TYPE_CHECKING:
    from ctmonitor.jobs.registry_look import RegistryLook


def certificate(look: RegistryLook) -> dict[str, Any]:
    """The way and why, the releases, what asking has come to, and each part by itself."""
    choice, client, tale = look.choice, look.registry.client, look.tale
    known = look.before.numbers_a_request
    return {
        "way": str(choice.way) if choice else None,
        "why": choice.why if choice else None,
        "scope": look.scope.name,
        "scope_digest": look.scope.digest,
        "release_before": tale.before,
        "release_after": look.release,
        "requests": client.requests,
        "retries": client.retries,
        "bytes": client.bytes_received,
        "pages": tale.pages,
        "pages_of_older_releases": tale.older,
        "pages_without_release": tale.unsigned,
        "pages_not_believed": tale.doubted,
        "readings_repeated": tale.rereads,
        "studies_repeated": tale.duplicates,
        "whole_records": look.fetched,
        "parts": [
            {"part": part.name, "counted": look.counted.get(at), "release": look.read.get(at)}
            for at, part in enumerate(look.parts)
        ],
        "seen_before": len(look.resumed),
        "goes_on_from": list(look.start.sweep_ids) if look.resumed else [],
        "numbers_a_request": sizes_told(known, look.sizes, look.whole_sizes),
    }
