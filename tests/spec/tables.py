"""Tables in tests: a line of column names, then lines whose cells stand under them."""

from __future__ import annotations

import re
from textwrap import dedent

ABSENT = ("", "-")


def rows_of(table: str) -> list[dict[str, str]]:
    """One mapping a line, without its absent cells; ValueError where a cell leaves its column."""
    header, *lines = [line.rstrip() for line in dedent(table).strip("\n").splitlines() if line]
    columns = [(match[0], match.start()) for match in re.finditer(r"\S+", header)]
    return [_row(line, columns) for line in lines if line.strip()]


def _row(line: str, columns: list[tuple[str, int]]) -> dict[str, str]:
    ends = [start for _, start in columns[1:]] + [max(len(line), columns[-1][1])]
    row = {}
    for (name, start), end in zip(columns, ends, strict=True):
        if start and line[start - 1 : start].strip():
            raise ValueError(f"a cell reaches into the column {name}: {line!r}")
        cell = line[start:end].strip()
        if cell not in ABSENT:
            row[name] = cell
    return row
