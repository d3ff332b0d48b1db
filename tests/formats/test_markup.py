"""Texts of record histories become what the API says."""

from __future__ import annotations

import gzip
from pathlib import Path
from time import process_time
from typing import Any

import orjson
import pytest

from ctmonitor.formats.markup import as_markdown, without_entities
from ctmonitor.records import field_at

REAL = Path(__file__).parents[3] / "shared" / "ctgov" / "studies.ndjson.gz"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("Plain words.", "Plain words."),
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<p>One\nline</p>", "One line"),
        ("a&#x2F;b &amp; c&#x27;s &lt;5 &gt;3 &quot;x&quot;", 'a/b \\& c\'s \\<5 \\>3 "x"'),
        ("5 m^2 [a] x_y ~3 2*3", "5 m\\^2 \\[a\\] x\\_y \\~3 2\\*3"),
        ("<p>Of:</p><ul><li>one</li><li>two</li></ul><p>Not:</p>", "Of:\n\n* one\n* two\n\nNot:"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<ol start='9'><li>one</li><li>two</li></ol>", "9. one\n10. two"),
        (
            "<ul><li><p>a:</p><ul><li>b</li><li>c</li></ul></li><li>d</li></ul>",
            "* a:\n\n  * b\n  * c\n* d",
        ),
        ("<ul><li>a:<ul><li>b</li></ul></li></ul>", "* a:\n  * b"),
        ("<ol><li><p>a</p><p>b</p></li></ol>", "1. a\n\n   b"),
        ("<ul><li>one<li>two</ul>", "* one\n* two"),
        ("10<sup>9</sup> H<sub>2</sub>O <b>now</b> <em>here</em>", "10^9^ H~2~O **now** *here*"),
        ("<p>1. not a list</p><p>- nor this</p>", "1\\. not a list\n\n\\- nor this"),
        ("<p>one<br>two</p>", "one\ntwo"),
        ("<p>x <unknown> y</p>", "x \\<unknown\\> y"),
        ("<!-- nothing --><p>x</p></ul>", "x"),
        ("", ""),
    ],
)
def test_html_becomes_the_markdown_of_the_api(html, markdown):
    """Paragraphs, lists, entities and signs come out as the API writes them."""
    assert as_markdown(html) == markdown


@pytest.mark.parametrize("text", ["One.\n\n* two\n* three", "ALT \\>5 and \\&gt; 4", "a\n1. b"])
def test_what_is_markdown_already_stays(text):
    """Text that somebody saved from the API is not escaped twice."""
    assert as_markdown(text) == text


def test_a_text_without_markup_loses_only_its_entities():
    """Names and citations are text: their signs are not escaped."""
    assert without_entities("J&amp;J&#x2F;[x]* &nosuch; R&D") == "J&J/[x]* &nosuch; R&D"


@pytest.mark.parametrize("text", ["<a ", "<ul><li>", "<p>", "&#", "<b>", "</p", "* ", "<!--"])
def test_no_text_takes_long(text):
    """Signs that open and never close take no time to speak of."""
    started = process_time()
    as_markdown("<p>" + text * 20_000)
    assert process_time() - started < 2


def _texts(value: Any, path: str = "") -> Any:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, path)
    elif isinstance(value, str) and field_at(path).type == "markup":
        yield value


@pytest.mark.skipif(not REAL.exists(), reason="the real records are not here")
def test_real_texts_come_back_as_the_api_writes_them():
    """Rendered as HTML and read again, of all texts with markup 99.7 in 100 are what they were."""
    markdown_it = pytest.importorskip("markdown_it")
    render = markdown_it.MarkdownIt().render
    with gzip.open(REAL) as lines:
        texts = [text for line in lines for text in _texts(orjson.loads(line))]
    same = sum(as_markdown(render(text)) == text for text in texts)
    assert len(texts) > 10_000 and same / len(texts) > 0.997
