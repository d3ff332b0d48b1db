"""Many studies of one archive: kept with what they have in common, and not kept in memory."""

from __future__ import annotations

import gc
import random
import tracemalloc

import pytest
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.formats import read_study
from ctmonitor.jobs import archive_look
from ctmonitor.store import audit
from ctmonitor.store.contents import content_at
from ctmonitor.store.schema import dictionaries, snapshots
from tests.jobs.archives import (
    an_archive,
    contents,
    dated,
    dying,
    look_at,
    nct,
    number_of,
    one,
    some,
)
from tests.store.tampering import past_the_guards

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An archive of 1,040 studies, in which a dictionary can find something in common."""
    drawn = random.Random(4)
    words = [f"{drawn.randrange(10**9):x}" for _ in range(400)]

    def text(count):
        return " ".join(drawn.choices(words, k=count))

    given = [one(at, brief_summary=text(60), official_title=text(9)) for at in range(1, 1041)]
    path = tmp_path_factory.mktemp("large") / "day.zip"
    return an_archive(path, FRIDAY, given), given


def test_many_new_studies_are_kept_with_what_they_have_in_common(store, large):
    """One dictionary is made, once, and every content is rebuilt as it was."""
    path, given = large
    look_at(store, path)
    look_at(store, path, is_deep=True)
    wanted = {(number_of(each), 1): read_study(dated(each, FRIDAY)).canonical for each in given}
    assert contents(store) == wanted
    with store.reading() as tx:
        assert len(tx.connection.execute(dictionaries.select()).all()) == 1
        assert audit.verify(tx)["dictionaries"] == 1


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_lost_dictionary_is_found_by_verify(store, kind, large):
    """What was packed with it can be read no more, and the audit names it."""
    look_at(store, large[0])
    with past_the_guards(store, kind) as tx:
        tx.connection.execute(dictionaries.delete())
        with pytest.raises(ChainBroken, match="dictionaries: it ends at row 0, but 1 were"):
            audit.verify(tx)
        with pytest.raises(ChainBroken, match="dictionaries: row 1 is gone, and contents need it"):
            content_at(tx, nct(9), 1)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_few_new_studies_make_no_dictionary(store, day):
    """What is common to few is not known."""
    day(FRIDAY, some(20))
    with store.reading() as tx:
        assert tx.connection.execute(dictionaries.select()).all() == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_dictionary_of_a_look_that_ended_early_is_used(store, large, monkeypatch):
    """It was kept before any content, and the next look packs with it."""
    monkeypatch.setattr(archive_look, "AT_ONCE", 100)
    with pytest.raises(RuntimeError):
        look_at(store, large[0], plan=dying(0))
    look_at(store, large[0])
    with store.reading() as tx:
        used = sa.select(snapshots.c.dictionary_id).distinct()
        assert tx.connection.execute(used).scalars().all() == [1]
        assert audit.verify(tx)["snapshots"] == 1040


def _peak(store, path):
    """The most memory that Python took during a look."""
    gc.collect()
    tracemalloc.start()
    try:
        assert look_at(store, path).certificate["read"] == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_proven_unchanged_is_not_in_memory(store, plain, large, tmp_path):
    """A thousand more studies, none of them read, take less than a few numbers each."""
    peaks = []
    for each, given in ((store, some(40)), (plain, large[1])):
        look_at(each, an_archive(tmp_path / "first.zip", FRIDAY, given))
        later = [an_archive(tmp_path / f"{of}.zip", of, given) for of in (MONDAY, TUESDAY)]
        _peak(each, later[0])
        peaks.append(_peak(each, later[1]))
    assert peaks[1] - peaks[0] < 1_000 * 400
