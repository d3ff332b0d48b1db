"""Open what a look is to read, from the words that name it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

from ctmonitor.errors import CommandWrong
from ctmonitor.formats import Source
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.planner import Way
from ctmonitor.jobs.registry_look import NAME, RegistryLook
from ctmonitor.jobs.scope import scope_of
from ctmonitor.sources import open_source
from ctmonitor.sources.ctgov import Registry
from ctmonitor.store import Store, watching
from ctmonitor.watches import WatchList


def opened(
    store: Store,
    words: Sequence[str],
    stdin: BinaryIO,
    *,
    registry: Callable[[], Registry],
    clock: Clock,
    watch: str | None = None,
    way: str | None = None,
) -> tuple[Source, WatchList | None]:
    """The source that some words name, and the watch list that limits it.

    No word means every watched study, or the whole registry where no list says which; `ctgov`
    means the whole registry. `way` is the way to look that was asked for.
    """
    named = None
    if watch is not None:
        with store.reading() as tx:
            named = watching.watch_list(tx, watch)
    if words and NAME not in words:
        if way is not None:
            raise CommandWrong("--way is for looks at the registry; files are read whole")
        return open_source(words, stdin), named
    if len(words) > 1:
        raise CommandWrong(f"{NAME} is read by itself; sweep the files in a look of their own")
    with store.reading() as tx:
        lists = watching.all_watch_lists(tx)
    scope = scope_of(lists, watch=named, is_all=bool(words))
    asked = Way(way) if way else None
    if asked is Way.INCREMENTAL and not scope.is_all:
        raise CommandWrong("--way incremental is for the whole registry; a list is read by number")
    return RegistryLook(registry(), store, scope, clock.today, asked), named
