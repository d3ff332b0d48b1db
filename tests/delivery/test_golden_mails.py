"""Twelve mails are what they were when somebody last read them."""

from __future__ import annotations

import pytest

from ctmonitor.delivery import Occasion
from tests.delivery.golden_mails import FOLDER, MAILS, printed


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_as_it_was_read(name):
    """Headers, text, HTML and table; `python -m tests.delivery.golden_mails` writes them anew."""
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert printed(MAILS[name]) == kept


def test_there_is_one_of_every_kind():
    """Twelve, among them every occasion, and no file that nothing makes."""
    assert len(MAILS) == 12
    assert {digest.occasion for digest in MAILS.values()} == set(Occasion)
    assert {path.stem for path in FOLDER.iterdir()} == set(MAILS)
