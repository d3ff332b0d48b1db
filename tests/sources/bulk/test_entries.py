"""Entries of a table of contents, read all at once as they are read one by one."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.sources.bulk.entries import Damaged, read_entries, walked
from tests.sources.bulk.made import entry

_folders = st.lists(
    st.sampled_from([b"", b"a/", b"deep/er/", b"PK\x01\x02/", b"PPKPK\x01\x02PK\x01/", b"x"]),
    min_size=1,
    max_size=60,
)


@given(_folders)
def test_all_at_once_says_what_one_by_one_says(folders):
    """Whatever the names are, even such as hold the mark that entries begin with."""
    names = [folder + b"NCT%08d.json" % n for n, folder in enumerate(folders, start=1)]
    table = b"".join(entry(n, offset=n, name=name) for n, name in enumerate(names))
    entries = read_entries(table, len(names))
    assert entries.places.tolist() == walked(table, len(names)).tolist()
    assert entries.fixed["offset"].tolist() == list(range(len(names)))
    wanted = [0 if folder == b"x" else n for n, folder in enumerate(folders, start=1)]
    assert entries.numbers.tolist() == wanted


def test_one_length_is_not_taken_for_granted():
    """A table that could be of equal entries, and is not, is read as it is."""
    names = [b"NCT00000001.json", b"/NCT00000002.json", b"a/NCT00000003.json"]
    table = b"".join(entry(n, offset=n, name=name) for n, name in enumerate(names))
    assert len(table) % 3 == 0
    assert read_entries(table, 3).numbers.tolist() == [1, 2, 3]


@pytest.mark.parametrize("at", range(0, 46, 2))
def test_a_length_or_mark_that_lies_is_damage(at):
    """Entries that do not follow one another are refused; other bytes are not lengths."""
    table = bytearray(b"".join(entry(n, offset=n) for n in range(1, 6)))
    table[62 + at] ^= 0x40
    if at in (0, 2, 28, 30, 32):
        with pytest.raises(Damaged):
            read_entries(bytes(table), 5)
    else:
        assert len(read_entries(bytes(table), 5).numbers) == 5


@given(st.binary(max_size=400), st.integers(0, 9))
def test_no_bytes_break_it(noise, count):
    """Anything is read or refused; nothing else happens."""
    for table in (noise, b"PK\x01\x02" + noise, entry(1, offset=0) + noise):
        try:
            assert len(read_entries(table, count).numbers) == count
        except Damaged:
            continue


def test_a_table_full_of_marks_takes_no_more_memory_than_entries():
    """Where more marks are found than entries are said to be, the search ends."""
    table = b"PK\x01\x02" * 10_000_000
    tracemalloc.start()
    with pytest.raises(Damaged):
        read_entries(table, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000
