"""Open what a look is to read, from the words that name it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ctmonitor.errors import CommandWrong
from ctmonitor.formats import Source
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.planner import Way
from ctmonitor.jobs.registry_look import NAME, RegistryLook
from ctmonitor.jobs.scope import scope_of
from ctmonitor.rules import Tuning
from ctmonitor.sources import is_archive, open_source
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.names import printable
from ctmonitor.store import Store, watching
from ctmonitor.watches import WatchList

if TYPE_CHECKING:
    from ctmonitor.jobs.look_at_archive import LookAtArchive
    from ctmonitor.jobs.looking import Look
    from ctmonitor.sources.download import Downloaded


BULK = "bulk"


@dataclass(frozen=True, slots=True)
class ArchiveTerms:
    """How an archive is to be read, and where the registry's is kept."""

    tuning: Tuning = field(default_factory=Tuning)
    is_deep: bool = False
    is_whole: bool = False
    processes: int | None = None
    shard: tuple[int, int] | None = None
    """Which part of how many, from 0; None means the whole archive."""
    folder: Path | None = None
    progress: Callable[[int, int | None], None] | None = None
    """Told the bytes that are there of those expected, while an archive is fetched."""


def opened(
    store: Store,
    words: Sequence[str],
    stdin: BinaryIO,
    *,
    registry: Callable[[], Registry],
    clock: Clock,
    watch: str | None = None,
    way: str | None = None,
    terms: ArchiveTerms | None = None,
) -> tuple[Source | Look, WatchList | None]:
    """The source that some words name, and the watch list that limits it.

    No word means every watched study, or the whole registry where no list says which; `ctgov`
    means the whole registry, and `bulk` its archive. `way` is the way to look at the registry
    that was asked for, `terms` how an archive is to be read.
    """
    terms = terms or ArchiveTerms()
    named = None
    if watch is not None:
        with store.reading() as tx:
            named = watching.watch_list(tx, watch)
    if list(words) == [BULK]:
        if named is not None:
            raise CommandWrong(f"{BULK} is the whole registry; sweep a watch list without it")
        if way is not None:
            raise CommandWrong(f"--way is for looks at the registry's API; {BULK} takes --deep")
        return _of_bulk(store, registry(), clock, terms), None
    if words and NAME not in words:
        if way is not None:
            raise CommandWrong("--way is for looks at the registry; files are read whole")
        return _of_files(store, words, stdin, clock, terms, is_limited=named is not None), named
    if terms.is_deep or terms.is_whole:
        raise CommandWrong(f"{NAME}: --deep and --whole are for an archive (.zip), or for {BULK}")
    if len(words) > 1:
        raise CommandWrong(f"{NAME} is read by itself; sweep the files in a look of their own")
    with store.reading() as tx:
        lists = watching.all_watch_lists(tx)
    scope = scope_of(lists, watch=named, is_all=bool(words))
    asked = Way(way) if way else None
    if asked is Way.INCREMENTAL and not scope.is_all:
        raise CommandWrong("--way incremental is for the whole registry; a list is read by number")
    return RegistryLook(registry(), store, scope, clock.today, asked), named


def _of_files(
    store: Store,
    words: Sequence[str],
    stdin: BinaryIO,
    clock: Clock,
    terms: ArchiveTerms,
    *,
    is_limited: bool,
) -> Source | Look:
    path = Path(words[0])
    if len(words) == 1 and words[0] != "-" and not is_limited and is_archive(path):
        return archive(store, path, clock, terms)
    if terms.is_deep or terms.is_whole:
        named = printable(" ".join(words))
        raise CommandWrong(f"{named}: --deep and --whole are for one archive (.zip) by itself")
    return open_source(words, stdin)


def archive(store: Store, path: Path, clock: Clock, terms: ArchiveTerms) -> LookAtArchive:
    """A look at an archive, or at a shard of it."""
    # It takes a while to load, and few looks need it.
    from ctmonitor.jobs.archive_look import ArchiveLook
    from ctmonitor.jobs.look_at_archive import LookAtArchive

    look = ArchiveLook(
        store,
        path,
        printable(str(path)),
        clock.today,
        terms.tuning,
        is_whole=terms.is_whole,
        is_deep=terms.is_deep,
        processes=terms.processes,
        shard=terms.shard,
    )
    return LookAtArchive(look)


def _of_bulk(store: Store, registry: Registry, clock: Clock, terms: ArchiveTerms) -> LookAtArchive:
    assert terms.folder is not None
    found = fetched(registry, terms.folder, progress=terms.progress)
    return registrys(archive(store, found.path, clock, terms), registry, found.release)


def fetched(
    registry: Registry, folder: Path, *, progress: Callable[[int, int | None], None] | None = None
) -> Downloaded:
    """The registry's archive in a folder, with its directory checked; fetched where it is not."""
    from ctmonitor.sources.bulk import read_directory
    from ctmonitor.sources.download import download

    return download(
        registry, folder, check=lambda opened: read_directory(BULK, opened), progress=progress
    )


def registrys(look: LookAtArchive, registry: Registry, release: str | None) -> LookAtArchive:
    """A look at an archive that the registry gave: at the whole of it, of a release."""
    look.source.is_whole = True
    look.source.name, look.registry, look.downloaded = BULK, registry, release
    return look
