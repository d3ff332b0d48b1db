"""The usual way to watch a registry, for comparison: what most people write first.

Each study is decoded with `json`, its stored row is fetched through the ORM, the two trees go
through DeepDiff, and every study is committed by itself. Two kinds:

- `common` compares whole trees, release date and all, so every study differs in every release;
- `careful` takes the release date out first and calls DeepDiff only when the trees differ.

    python -m tests.speed.usual_way common|careful FOLDER COUNT
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepdiff import DeepDiff
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

Tree = dict[str, Any]


class _Base(DeclarativeBase):
    pass


class _Study(_Base):
    __tablename__ = "studies"

    nct_id: Mapped[str] = mapped_column(primary_key=True)
    brief_title: Mapped[str]
    overall_status: Mapped[str]
    content: Mapped[str]


class _Change(_Base):
    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    nct_id: Mapped[str] = mapped_column(index=True)
    difference: Mapped[str]


def measure(folder: Path, count: int, *, is_careful: bool) -> dict[str, float]:
    """CPU seconds of a second look at the first studies of a folder; the first look is free."""
    with tempfile.TemporaryDirectory() as place:
        engine = create_engine(f"sqlite:///{place}/usual.db")
        _Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add_all(
                _row(json.loads(line)) for line in _lines(folder / "day-1.ndjson.gz", count)
            )
            session.commit()
        began = time.process_time()
        with Session(engine) as session:
            told = sum(
                _look(session, line, is_careful=is_careful)
                for line in _lines(folder / "day-2.ndjson.gz", count)
            )
        spent = time.process_time() - began
        engine.dispose()
    return {"studies": count, "cpu_seconds": spent, "changed": told}


def _lines(path: Path, count: int) -> Iterator[bytes]:
    with gzip.open(path) as file:
        yield from itertools.islice(file, count)


def _row(tree: Tree) -> _Study:
    protocol = tree["protocolSection"]
    return _Study(
        nct_id=protocol["identificationModule"]["nctId"],
        brief_title=protocol["identificationModule"]["briefTitle"],
        overall_status=protocol["statusModule"]["overallStatus"],
        content=json.dumps(tree),
    )


def _look(session: Session, line: bytes, *, is_careful: bool) -> bool:
    tree = json.loads(line)
    new = _row(tree)
    stored = session.get(_Study, new.nct_id)
    assert stored is not None
    before = json.loads(stored.content)
    if is_careful:
        for one in (before, tree):
            one["derivedSection"]["miscInfoModule"].pop("versionHolder")
        if before == tree:
            session.commit()
            return False
    difference = DeepDiff(before, tree)
    if difference:
        stored.content, stored.overall_status = new.content, new.overall_status
        session.add(_Change(nct_id=new.nct_id, difference=str(difference)))
    session.commit()
    return bool(difference)


def main() -> None:
    """Print the measure as JSON."""
    parser = argparse.ArgumentParser(description="Measure the usual way to watch a registry.")
    parser.add_argument("kind", choices=("common", "careful"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    chosen = parser.parse_args()
    found = measure(chosen.folder, chosen.count, is_careful=chosen.kind == "careful")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
