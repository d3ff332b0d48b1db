"""A question to the registry, in its own parameters."""

from ctmonitor.watches.question.question import Question

__all__ = ["Question"]
