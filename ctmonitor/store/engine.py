"""Open the store: SQLite in one file, or PostgreSQL, with the same manners."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, pool
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ctmonitor.errors import SettingWrong, StoreBusy, StoreError, StoreMismatch

SCHEMA = "0006"
"""The migration that this program's tables are the outcome of."""

BUSY_SECONDS = 60
CACHE_KILOBYTES = 128 * 1024
WAL_PAGES = 4_000
"""Pages of 16 kB that wait beside the file: those written to again and again are moved once."""
_WRITERS = 5_402_718_816
_MEND = "give sqlite:///path/to/file.db or postgresql://user@host/database"
_MENDS = {
    "unable to open": "; name a file that may be read and written",
    "not a database": "; name another file, or bring this one back from a backup",
    "malformed": "; bring it back from a backup",
    "readonly": "; give the right to write to the file and its folder",
    "disk is full": "; make room on the disk, then try again",
    "connection failed": "; see that the server runs and may be reached",
    "failed to resolve": "; name a host that is there",
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction; what the other functions of this room read from and write to."""

    connection: sa.Connection

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite; else it is PostgreSQL."""
        return self.connection.dialect.name == "sqlite"

    def insert(self, table: sa.Table) -> Any:
        """An insert that can say what happens to a row that is there already."""
        # Each database's own words are loaded only where it is used: that takes a while.
        dialect = "sqlite" if self.is_sqlite else "postgresql"
        return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


class Store:
    """One database, open."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @property
    def url(self) -> str:
        """Where it is, without its password."""
        backend = self.engine.url.get_backend_name()
        # A password may stand among the options, too.
        shown = self.engine.url.set(drivername=backend, query={})
        return shown.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment and changes nothing."""
        with (
            _said_plainly(self.url),
            self.engine.connect().execution_options(**self._of_reading) as connection,
            connection.begin(),
        ):
            yield Transaction(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that is kept whole when the block ends, and not at all when it raises."""
        with (
            _said_plainly(self.url),
            # On SQLite a deferred BEGIN that reads first cannot wait for a writer: it fails.
            self.engine.connect().execution_options(begins="IMMEDIATE") as connection,
            connection.begin(),
        ):
            transaction = Transaction(connection)
            if not transaction.is_sqlite:
                _take_turn(connection)
            yield transaction

    @contextmanager
    def alone(self) -> Iterator[sa.Connection]:
        """A connection without a transaction, for what a database does only outside of one."""
        # The driver of SQLite has none unless we begin it.
        is_sqlite = self.engine.dialect.name == "sqlite"
        options = {"begins": None} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        with (
            _said_plainly(self.url),
            self.engine.connect().execution_options(**options) as connection,
        ):
            yield connection

    @property
    def _of_reading(self) -> dict[str, Any]:
        """How a connection is told to see one moment; on SQLite every transaction does."""
        if self.engine.dialect.name == "sqlite":
            return {}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at a database URL, its tables made if the database is empty.

    SettingWrong for a URL that cannot be used; StoreMismatch for another program's schema.
    """
    store = Store(_engine(url))
    try:
        found = schema_of(store)
        if found is None:
            from ctmonitor.store.upgrade import upgrade  # alembic is slow to start

            upgrade(store)
        elif found != SCHEMA:
            raise StoreMismatch(store.url, found, SCHEMA, newer=found > SCHEMA)
    except BaseException:
        store.close()
        raise
    return store


def open_unchecked(url: str) -> Store:
    """The store as it is, whatever its schema; to upgrade it or look at it."""
    return Store(_engine(url))


def schema_of(store: Store) -> str | None:
    """The migration a database is at; None when it is empty."""
    with store.reading() as tx:
        tables = set(sa.inspect(tx.connection).get_table_names())
        if "alembic_version" in tables:
            found = tx.connection.execute(sa.text("SELECT version_num FROM alembic_version"))
            return found.scalar_one_or_none()
        if tables:
            raise StoreError(
                f"{store.url}: it holds another program's tables; name an empty database"
            )
        return None


def _engine(text: str) -> sa.Engine:
    try:
        url = sa.make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise SettingWrong("CTMONITOR_DATABASE_URL", "it is not a database URL", _MEND) from None
    if backend == "sqlite":
        return _sqlite(url)
    if backend in ("postgresql", "postgres"):
        return _postgresql(url)
    raise SettingWrong("CTMONITOR_DATABASE_URL", f"{backend} is not a kind we keep", _MEND)


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.host or url.username or url.port:
        why = "a file's URL has three slashes, and a fourth where its path begins at the root"
        raise SettingWrong("CTMONITOR_DATABASE_URL", why, _MEND)
    if url.database not in (None, "", ":memory:"):
        file = Path(str(url.database)).expanduser()
        url, folder = url.set(database=str(file)), file.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StoreError(f"{folder}: {problem.strerror}; name another file") from None
    in_memory = url.database in (None, "", ":memory:")
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        poolclass=pool.StaticPool if in_memory else pool.QueuePool,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin by itself: we say when, and how.
        connection.isolation_level = None
        cursor = connection.cursor()
        if not cursor.execute("PRAGMA page_count").fetchone()[0]:
            cursor.execute("PRAGMA page_size = 16384")
        cursor.execute("PRAGMA journal_mode = WAL")
        # A commit must outlive a power cut before anybody is told of it.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # Every page of every index of 600,000 studies is written to by turns: in memory, if it can.
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        how = connection.get_execution_options().get("begins", "DEFERRED")
        if how:
            connection.exec_driver_sql(f"BEGIN {how}")

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
        )
    except (ImportError, NoSuchModuleError):
        raise SettingWrong(
            "CTMONITOR_DATABASE_URL",
            "PostgreSQL needs a driver that is not installed",
            "run pip install 'ctmonitor[postgres]'",
        ) from None


def _take_turn(connection: sa.Connection) -> None:
    """Wait until no other process writes, as SQLite makes us wait.

    A look judges by what it read a moment ago; two at once would write the same snapshot twice.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(BUSY_SECONDS * 1000)}ms'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


@contextmanager
def _said_plainly(url: str) -> Iterator[None]:
    """Turn the database's own errors into one sentence, once, at the room's edge."""
    try:
        yield
    except DBAPIError as problem:
        said = " ".join(str(problem.orig).split())
        if "locked" in said or "lock timeout" in said:
            raise StoreBusy(
                f"{url}: another process is writing to it; wait for it, then try again"
            ) from problem
        mend = next((mend for sign, mend in _MENDS.items() if sign in said), "")
        raise StoreError(f"{url}: {said}{mend}") from problem
