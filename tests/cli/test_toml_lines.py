"""Lines of keys in TOML texts."""

import tomllib
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.cli.toml_lines import line_of, lines_of

HOSTILE = dedent("""\
    # [rules.commented]
    top.dotted."with.dot" = \"\"\"
    [rules.in-a-text]
    threshold = 1
    \\\"\"\" still \"\"\"\"\"
    [rules."a b".scope] # ] = [
    status = [
      "A]", # ] "
      'B"',
      { inner = 1, deep = [[1], 2] },
    ]
    when = 1979-05-27 07:32:00.5
    raw = '''
    [rules.in-a-raw-text] '''
    ["rules".'a b']
    threshold = -1.5e+3
    table = { one = 1, two = { three = "}" }, four.five = [ "x",
      "y" ], six = 6 }
    "\\u0061\\"" = ""
    """)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("top", "dotted", "with.dot"), 2),
        (("top", "dotted"), 2),
        (("rules",), 6),
        (("rules", "a b", "scope", "status"), 7),
        (("rules", "a b", "scope", "when"), 12),
        (("rules", "a b", "scope", "raw"), 13),
        (("rules", "a b"), 15),
        (("rules", "a b", "threshold"), 16),
        (("rules", "a b", "table", "two", "three"), 17),
        (("rules", "a b", "table", "four", "five"), 17),
        (("rules", "a b", "table", "six"), 18),
        (("rules", "a b", 'a"'), 19),
    ],
)
def test_a_key_is_found_on_its_line(keys, line):
    """Texts over many lines, comments, lists and tables in a line do not mislead."""
    assert lines_of(HOSTILE)[keys] == line


def test_what_only_looks_like_a_table_is_none():
    """What stands in a text or a comment names nothing."""
    names = {name for keys in lines_of(HOSTILE) for name in keys}
    assert not names & {"commented", "in-a-text", "in-a-raw-text"}


def test_a_key_that_is_missing_has_the_line_of_its_table():
    """Where nothing of the way is there, it is the first line."""
    lines = lines_of(HOSTILE)
    assert line_of(("rules", "a b", "missing", "more"), lines) == 15
    assert line_of(("none",), lines) == 1


_KEY = st.text("ab-1", min_size=1, max_size=3) | st.sampled_from(['"a.b"', "'[c]'", '"#"'])
_VALUE = st.sampled_from(
    [
        "1",
        "-1.5",
        "true",
        '"]"',
        "'#'",
        '"""\n[a]\nb = 1\n"""',
        "'''\n\n''''",
        "[]",
        "[ # [\n 1,\n]",
        '["]", {a = 1}]',
        "1979-05-27",
        "{ }",
        '{ a = "}", b.c = [\n] }',
    ]
)
_STATEMENT = st.one_of(
    st.builds("{} = {}".format, _KEY, _VALUE),
    st.builds("{}.{}={} # [no]".format, _KEY, _KEY, _VALUE),
    st.builds("[{}]".format, _KEY),
    st.builds("[ {} . {} ]".format, _KEY, _KEY),
    st.builds("[[{}]]".format, _KEY),
    st.sampled_from(["", "# [a]", "  "]),
)


@given(st.lists(_STATEMENT, max_size=12))
def test_every_key_that_is_read_has_the_line_where_it_was_written(statements):
    """As many statements as are needed to read a key are those up to its line."""
    kept: list[str] = []
    for statement in statements:
        begun, text = len("\n".join([*kept, ""]).split("\n")), "\n".join([*kept, statement])
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue
        new = _ways(table) - _ways(tomllib.loads("\n".join(kept)))
        lines = lines_of(text)
        ended = begun + statement.count("\n")
        assert all(begun <= lines[way] <= ended for way in new)
        kept.append(statement)


def _ways(table, around=()):
    """Every way through tables to a key."""
    found = {(*around, name) for name in table}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= _ways(value, (*around, name))
    return found


@pytest.mark.parametrize("text", ["a = [", "a = {", "a", "a = [=", "{{{{"])
def test_a_text_that_is_no_toml_ends(text):
    """What the parser of the standard library would refuse is refused, not walked forever."""
    with pytest.raises(ValueError, match="not valid TOML"):
        lines_of(text)
