"""How much is read from one input before it is refused: outside data must not fill the memory."""

from __future__ import annotations

from typing import Final

MAX_DOCUMENT: Final = 256 * 2**20
"""Bytes of one JSON document, which is read whole; a page of 1,000 studies has about 20 MB."""

MAX_LINE: Final = 64 * 2**20
"""Bytes of one line of NDJSON, and of one member of an archive; the largest study has 3.6 MB."""

MAX_RATIO: Final = 200
"""How many times its size compressed data may swell; records shrink to about a quarter."""

FREE_BYTES: Final = 2**20
"""What may be inflated before the ratio is looked at."""

MAX_MEMBERS: Final = 1_000_000
"""Members of one archive; the registry has some 600,000 studies."""

MAX_UNPACKED: Final = 64 * 2**30
"""Bytes that an archive may say it unpacks to; the registry's has some 10 GB."""

SHOWN_BYTES: Final = 2**16
"""How much of an unreadable input is kept with its reason."""
