"""The specs as data: what each claims, its table, and what is told."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

HERE = Path(__file__).parent
FIXTURES = ("history", "sweeps", "fates", "memberships", "looks", "ways_out")


@dataclass(frozen=True, slots=True)
class Spec:
    """One spec: the claim, the table, how the rules were tuned, and what is told on each day."""

    claim: str
    table: str
    tuning: dict[str, dict[str, Any]]
    told: dict[str, list[str]]


def specs_of(rule: str) -> tuple[Spec, ...]:
    """The specs of one rule, in the order of its file; none when there is no such file."""
    path = HERE / f"test_{rule.replace('-', '_')}.py"
    if not path.exists():
        return ()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(_spec(node) for node in tree.body if isinstance(node, ast.FunctionDef))


def _spec(function: ast.FunctionDef) -> Spec:
    call = next(node for node in ast.walk(function) if _is_table(node))
    told = next(node for node in ast.walk(function) if isinstance(node, ast.Compare))
    chosen = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    return Spec(
        claim=" ".join((ast.get_docstring(function) or "").split()),
        table=dedent(ast.literal_eval(call.args[0])).strip(),
        tuning=chosen.get("rules", {}),
        told=ast.literal_eval(told.comparators[0]),
    )


def _is_table(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FIXTURES
    )
