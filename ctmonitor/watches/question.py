"""A question to the registry, in its own parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the registry: parameters of its `/studies` and their values, by name."""

    asked: tuple[tuple[str, str], ...]
