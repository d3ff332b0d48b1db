"""Back-filled versions: what is new of them is added, and nothing is ever changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ctmonitor.store import versions
from ctmonitor.store.schema import versions as table
from ctmonitor.store.versions import Added
from tests.builders import NUMBER
from tests.histories import a_listing, a_version, an_entry
from tests.histories import versions as made

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LISTING = {"changes": [an_entry(0, "2024-01-05"), an_entry(1, "2024-03-04", "COMPLETED")]}
CONTENT = a_version(1, "2024-03-04", overall_status="COMPLETED", enrollment=7)
OTHER = a_version(1, "2024-03-04", overall_status="COMPLETED", enrollment=8)


def _keep(store, *trees):
    with store.writing() as tx:
        return versions.keep(tx, made(*trees), AT)


def _known(store):
    with store.reading() as tx:
        return versions.known_versions(tx, [NUMBER])


def _rows(store):
    with store.reading() as tx:
        return tx.connection.execute(table.select().order_by(table.c.id)).mappings().all()


def _record(store, known):
    with store.reading() as tx:
        return versions.record_of(tx, known)


def test_a_listing_is_kept_without_contents(store):
    """Each version has its day, status and modules; its content is None."""
    assert _keep(store, LISTING) == Added(2, 0)
    first, last = _known(store)
    assert (first.version, first.submitted_date, first.modules) == (0, "2024-01-05", ())
    assert (last.overall_status, last.modules) == ("COMPLETED", ("Study Status",))
    assert _record(store, last) is None and last.seen_at == "2026-03-02T09:00:00.000000Z"


def test_a_content_is_kept_as_the_record_it_was(store):
    """What was given comes back, with its source."""
    assert _keep(store, CONTENT) == Added(1, 1)
    [known] = _known(store)
    [(version, source)] = made(CONTENT)
    assert _record(store, known).canonical == version.record.canonical
    assert (known.source, known.modules) == (source, None)


@pytest.mark.parametrize("trees", [(LISTING,), (CONTENT,), (LISTING, CONTENT), (CONTENT, LISTING)])
def test_the_same_again_adds_nothing(store, trees):
    """Neither in one back-fill nor in a later one."""
    _keep(store, *trees)
    count = len(_rows(store))
    assert _keep(store, *trees, *trees) == Added()
    assert len(_rows(store)) == count == sum(len(made(tree)) for tree in trees)


@pytest.mark.parametrize("trees", [(LISTING, CONTENT), (CONTENT, LISTING)])
def test_what_is_known_is_put_together(store, trees):
    """A listing and a content of one version are one, whichever came first."""
    for tree in trees:
        _keep(store, tree)
    known = _known(store)[1]
    assert (known.modules, known.is_qc_failed) == (("Study Status",), False)
    assert _record(store, known).facts.enrollment == 7


def test_the_latest_content_of_a_version_wins(store):
    """And both stay; the first, given again, is no news."""
    for tree, added in ((CONTENT, 1), (OTHER, 1), (CONTENT, 0)):
        assert _keep(store, tree) == Added(added, added)
    [known] = _known(store)
    assert _record(store, known).facts.enrollment == 8


def test_a_record_beside_a_listing_gives_way_to_a_versions_own(store):
    """It is taken only where there is no content yet."""
    beside = a_listing(
        *LISTING["changes"], overall_status="COMPLETED", last_update_submit_date="2024-03-04"
    )
    assert _keep(store, beside) == Added(2, 1)
    assert _keep(store, CONTENT) == Added(1, 1)
    assert _keep(store, beside) == Added()
    assert _record(store, _known(store)[1]).facts.enrollment == 7


def test_a_mark_of_quality_control_comes_and_goes_with_the_listing(store):
    """The latest listing says how it stands; each is a row."""
    for is_failed in (False, True, False):
        mark = {"reviewNotPassed": True} if is_failed else {}
        _keep(store, {"changes": [an_entry(0, "2024-01-05", **mark)]})
        [known] = _known(store)
        assert known.is_qc_failed is is_failed
    assert [row["is_qc_failed"] for row in _rows(store)] == [False, True, False]


def test_a_content_bears_what_its_listing_said(store):
    """The row of a content repeats the day, modules and mark that are known by then."""
    failed = an_entry(1, "2024-03-05", "COMPLETED", reviewNotPassed=True)
    _keep(store, {"changes": [failed]}, CONTENT)
    row = _rows(store)[1]
    assert (row["submitted_date"], row["module_labels"]) == ("2024-03-05", '["Study Status"]')
    assert row["is_qc_failed"] and row["content"] is not None


@pytest.mark.parametrize("order", [1, -1])
def test_the_day_of_posting_is_known_from_the_content(store, order):
    """A listing that comes later does not take it away."""
    posted = a_version(1, "2024-03-04", last_update_posted_date="2024-03-07")
    for tree in (LISTING, posted)[::order]:
        _keep(store, tree)
    assert [one.registry_date for one in _known(store)][1] == "2024-03-07"


def test_versions_are_told_by_study_and_number(store):
    """Whatever the order they came in."""
    other = a_version(0, "2023-01-01", nct_id="NCT00000002")
    _keep(store, CONTENT, other, LISTING)
    with store.reading() as tx:
        found = versions.known_versions(tx, ["NCT00000002", NUMBER, "NCT00000009"])
    assert [(one.nct_id, one.version) for one in found] == [
        (NUMBER, 0),
        (NUMBER, 1),
        ("NCT00000002", 0),
    ]
