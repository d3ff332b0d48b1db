"""A sign of life while a look waits: for a slow source, for a server that asks for patience."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ctmonitor.errors import StoreError
from ctmonitor.jobs.clock import Clock
from ctmonitor.store import Store, sweeps

PULSE_SECONDS = sweeps.LEASE.total_seconds() / 5


@contextmanager
def pulse(store: Store, sweep_id: int, clock: Clock) -> Iterator[None]:
    """Prolong a look's lease now and then, from a thread that ends with the block."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(PULSE_SECONDS):
            try:
                with store.writing() as tx:
                    if not sweeps.still_alive(tx, sweep_id, clock.now()):
                        return
            except StoreError:
                continue  # The store is busy: the batch that holds it is a sign of life, too.

    thread = threading.Thread(target=beat, name=f"pulse of sweep {sweep_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
