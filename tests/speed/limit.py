"""The limit: inflate every member of an archive, and nothing more.

    python -m tests.speed.limit FILE.zip [--rounds N]

prints one line of JSON. The fastest library of those that are here is used, as a sample says; the
CPU seconds are those of the work alone, without the start of the process and the reading of the
table of contents, and the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from tests.speed.zip_file import Entries, entries_of, packed_at

SAMPLE = 2_000
Inflate = Callable[[memoryview, int], bytes]


@dataclass(frozen=True, slots=True)
class Limit:
    """What the inflating of everything took."""

    library: str
    studies: int
    size: int
    cpu_seconds: float
    peak_mb: float
    sampled: dict[str, float]
    """Microseconds a study, by library."""


def libraries() -> dict[str, Inflate]:
    """The ways to inflate that are installed here, by name."""
    found: dict[str, Inflate] = {"zlib": partial(_zlib_way, zlib)}
    for name, module, way in (
        ("libdeflate", "deflate", _libdeflate_way),
        ("isal", "isal.isal_zlib", _zlib_way),
        ("zlib-ng", "zlib_ng.zlib_ng", _zlib_way),
    ):
        try:
            found[name] = partial(way, import_module(module))
        except ImportError:
            continue
    return found


def _zlib_way(library: Any, packed: memoryview, size: int) -> bytes:
    return library.decompress(packed, -15, size)


def _libdeflate_way(library: Any, packed: memoryview, size: int) -> bytes:
    return library.deflate_decompress(packed, size)


def inflate_all(path: Path, inflate: Inflate, entries: Entries | None = None) -> int:
    """Bytes in all members, each inflated and dropped."""
    entries = entries or entries_of(path)
    whole = 0
    with path.open("rb") as file:
        fileno = file.fileno()
        members = zip(entries.offsets, entries.packed_sizes, entries.sizes, strict=True)
        for offset, packed_size, size in members:
            whole += len(inflate(packed_at(fileno, offset, packed_size), size))
    return whole


def limit_of(path: Path, rounds: int = 1) -> Limit:
    """The limit of an archive, in this process."""
    entries = entries_of(path)
    some = _sample(entries)
    sampled = {
        name: 1e6 * min(_spent(path, inflate, some) for _ in range(3)) / len(some.sizes)
        for name, inflate in libraries().items()
    }
    library = min(sampled, key=lambda name: sampled[name])
    inflate = libraries()[library]
    spent = median(_spent(path, inflate, entries) for _ in range(rounds))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Limit(
        library=library,
        studies=len(entries.sizes),
        size=sum(entries.sizes),
        cpu_seconds=spent,
        peak_mb=peak / (1024 if sys.platform != "darwin" else 1024**2),
        sampled={name: round(each, 1) for name, each in sampled.items()},
    )


def _spent(path: Path, inflate: Inflate, entries: Entries) -> float:
    began = time.process_time()
    inflate_all(path, inflate, entries)
    return time.process_time() - began


def _sample(entries: Entries) -> Entries:
    """Members spread evenly over an archive."""
    step = max(len(entries.sizes) // SAMPLE, 1)
    return Entries(
        *(
            column[::step]
            for column in (
                entries.numbers,
                entries.crcs,
                entries.sizes,
                entries.packed_sizes,
                entries.offsets,
            )
        )
    )


def main() -> None:
    """Print the limit as JSON."""
    parser = argparse.ArgumentParser(description="Inflate an archive, and nothing more.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    chosen = parser.parse_args()
    print(json.dumps(asdict(limit_of(chosen.path, chosen.rounds))))


if __name__ == "__main__":
    main()
