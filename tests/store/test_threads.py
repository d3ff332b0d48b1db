"""Contents are made small and whole in several threads at a time."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from ctmonitor.store.contents import packed, unpacked


def test_threads_do_not_mix_their_contents():
    """What one thread packs while others do comes back as it was."""
    drawn = random.Random(4)
    contents = [drawn.randbytes(drawn.randrange(10_000, 60_000)) for _ in range(400)]
    with ThreadPoolExecutor(8) as threads:
        kept = threads.map(lambda content: unpacked([packed(content, None)]), contents)
        assert list(kept) == contents
