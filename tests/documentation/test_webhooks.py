"""The message in the page on webhooks is one that the schema takes, and one that we would send."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema

from ctmonitor.delivery.told import TYPES, told_of
from tests.delivery.build import a_digest, a_row

PAGE = Path("docs/webhooks.md").read_text(encoding="utf-8")
SCHEMA = json.loads(Path("docs/webhook.schema.json").read_text(encoding="utf-8"))


def _shape(value: object) -> object:
    """The keys of an object, and of those in it."""
    if isinstance(value, dict):
        return {key: _shape(part) for key, part in value.items()}
    return [_shape(part) for part in value] if isinstance(value, list) else None


def test_the_message_shown_is_one_of_ours():
    """It has the keys of a message that is sent, in their order, and fits the schema."""
    [shown] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    message = json.loads(shown)
    jsonschema.validate(message, SCHEMA)
    assert _shape(message) == _shape(json.loads(told_of(a_digest(a_row()))))


def test_every_type_is_told_of():
    """By name, in the page."""
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", PAGE, re.MULTILINE)) == set(TYPES.values())


def test_the_schema_is_one_itself():
    """A validator takes it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
