"""What is kept as a number reads as it was written, and is ordered as its text is."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.records import PartialDate
from ctmonitor.records.dates import LAST_YEAR
from ctmonitor.store.schema import columns
from ctmonitor.store.schema.columns import (
    ByWhom,
    Day,
    Hex,
    Instant,
    KindOfChange,
    Nct,
    Status,
    TypeOfDate,
)
from ctmonitor.store.values import instant, moment

DAYS = st.dates(max_value=date(LAST_YEAR, 12, 31)).flatmap(
    lambda day: st.sampled_from(
        [
            str(PartialDate(day.year)),
            str(PartialDate(day.year, day.month)),
            str(PartialDate(day.year, day.month, day.day)),
        ]
    )
)
INSTANTS = st.datetimes().map(lambda when: f"{when.isoformat(timespec='microseconds')}Z")
NUMBERS = st.integers(0, 99_999_999).map("NCT{:08}".format)
KINDS = {"day": (Day(), DAYS), "instant": (Instant(), INSTANTS), "number": (Nct(), NUMBERS)}
WORDS = (Status, TypeOfDate, KindOfChange, ByWhom)


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_a_code_says_what_was_written(name, data):
    """Every day, month, year, instant and number comes back from its code."""
    kind, texts = KINDS[name]
    text = data.draw(texts)
    code = kind.process_bind_param(text, None)
    assert isinstance(code, int)
    assert kind.process_result_value(code, None) == text


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_codes_are_ordered_as_their_texts(name, data):
    """A year is before its months, and a month before its days."""
    kind, texts = KINDS[name]
    one, other = data.draw(texts), data.draw(texts)
    codes = [kind.process_bind_param(text, None) for text in (one, other)]
    assert (codes[0] < codes[1]) == (one < other)


@given(code=st.integers(-(2**63), 2**63 - 1))
@pytest.mark.parametrize(
    "kind", [Day(), Instant(), Nct(), *WORDS], ids=lambda kind: repr(kind)[:30]
)
def test_no_two_codes_read_alike(kind, code):
    """Whatever a tampered row holds reads as nothing that another code says, and breaks nothing."""
    said = kind.process_result_value(code, None)
    beside = [kind.process_result_value(code + step, None) for step in (-100, -1, 1, 100)]
    assert said not in beside


@given(text=INSTANTS)
def test_an_instant_is_the_same_moment(text):
    """Its code and its text lead to one and the same moment."""
    said = columns.instant_said(columns.instant_code(text))
    assert instant(moment(text)) == said


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.words[0])
def test_words_are_numbered_from_one(kind):
    """Each word has its own code; nothing is no code, and an unknown word is refused."""
    codes = [kind.process_bind_param(word, None) for word in kind.words]
    assert codes == list(range(1, len(kind.words) + 1))
    assert [kind.process_result_value(code, None) for code in codes] == list(kind.words)
    assert kind.process_bind_param(None, None) is kind.process_result_value(None, None) is None
    with pytest.raises(KeyError):
        kind.process_bind_param("no such word", None)


def test_the_codes_that_stores_hold_keep_their_words():
    """A word's code never changes: stores that were upgraded hold those of the migration."""
    made = import_module("ctmonitor.store.migrations.versions.0004_numbers_for_words")
    for name, kind in zip(
        ("STATUS", "TYPE_OF_DATE", "KIND_OF_CHANGE", "BY_WHOM"), WORDS, strict=True
    ):
        words = made.WORDS[getattr(made, name)]
        assert kind.words[: len(words)] == words


@pytest.mark.parametrize("value", [0, -1, 99, "junk", b"\0", 1.5])
def test_what_no_word_has_as_its_code_is_no_word(value):
    """Values past the last word, or of another type, read as words that nobody would write."""
    assert Status.process_result_value(value, None) == f"not a code: {value!r}"


@given(digest=st.binary(min_size=32, max_size=32))
def test_of_a_digest_the_first_bytes_are_kept(digest):
    """As many as the column has room for, and they read as its first digits."""
    kept = Hex(4).process_bind_param(digest.hex(), None)
    assert kept == digest[:4]
    assert Hex(4).process_result_value(kept, None) == digest.hex()[:8]
    assert Hex(32).process_result_value(Hex(32).process_bind_param(digest.hex(), None), None) == (
        digest.hex()
    )


def test_both_databases_compare_as_texts_do(store):
    """A range of days, or of instants, holds what the same range of texts would."""
    days = ["2025-12-31", "2026", "2026-02", "2026-02-01", "2026-02-28", "2026-03", "2027"]
    made = sa.Table("made", sa.MetaData(), sa.Column("day", Day), sa.Column("at", Instant))
    rows = [{"day": day, "at": f"20{n:02}-01-01T00:00:00.000000Z"} for n, day in enumerate(days)]
    with store.writing() as tx:
        made.create(tx.connection)
        tx.connection.execute(made.insert(), rows[::-1])
        query = sa.select(made.c.day).where(made.c.day.between("2026", "2026-02-28"))
        found = tx.connection.execute(query.order_by(made.c.day)).scalars().all()
        newest = tx.connection.execute(sa.select(sa.func.max(made.c.at))).scalar_one()
    assert found == [day for day in days if "2026" <= day <= "2026-02-28"]
    assert newest == rows[-1]["at"]
