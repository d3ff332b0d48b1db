"""What looks at ten thousand watched studies ask of the registry."""

from __future__ import annotations

import math
import shutil

import pytest

from ctmonitor.store import open_store
from tests.jobs.asking import watch
from tests.jobs.days import Days, nct, some
from tests.registry import On, a_release, serving
from tests.registry.releases import Registry
from tests.sources.test_by_number import taking

COUNT = 10_000
DAYS = ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05")


@pytest.fixture(scope="module")
def releases():
    """Four days; one study in a hundred is posted anew on each."""
    made = some(COUNT)
    found = [a_release(DAYS[0], made)]
    for first, day in enumerate(DAYS[1:]):
        made = list(made)
        made[first::100] = some(COUNT, last_update_posted_date=day)[first::100]
        found.append(a_release(day, made))
    return found


@pytest.fixture(scope="module")
def looked_at(releases, upgraded_file, tmp_path_factory):
    """A store with the list, that was read whole on the first day; the requests that took."""
    path = tmp_path_factory.mktemp("many") / "store.db"
    shutil.copy(upgraded_file, path)
    store = open_store(f"sqlite:///{path}")
    watch(store, "many", *(nct(number) for number in range(1, COUNT + 1)))
    with serving(Registry(releases[0])) as served:
        report = Days(store, served.registry, served).look(watch="many")
    store.close()
    assert (report.way, report.counts.new) == ("full", COUNT)
    assert report.certificate["requests"] == 1 + 67
    return path


@pytest.mark.parametrize(
    ("most", "requests"),
    [(150, [67 + 1 + 1, 67 + 1, 67 + 1]), (math.inf, [18 + 1, 16 + 1, 16 + 1])],
    ids=["short addresses", "long addresses"],
)
def test_looks_at_many_studies_ask_little(most, requests, releases, looked_at, tmp_path):
    """Rows for all, records for what changed; sizes are found once, by one request too many."""
    shutil.copy(looked_at, tmp_path / "store.db")
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with serving(Registry(*releases), On(taking(most), times=math.inf)) as served:
        looks = []
        for _ in DAYS[1:]:
            served.registry.advance()
            looks.append(Days(store, served.registry, served).look(watch="many"))
        idle = Days(store, served.registry, served).look(watch="many")
    store.close()
    assert [look.certificate["requests"] for look in (*looks, idle)] == [*requests, 1]
    assert {(look.way, look.counts.changed) for look in looks} == {("status", 100)}
    assert all(look.expected == look.counts.received == COUNT for look in looks)
