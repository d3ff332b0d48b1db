"""Put changes into a content: what `compare` told, done by another way than it was found."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from ctmonitor.changes import Change
from ctmonitor.changes.members import label_of
from ctmonitor.records import Field, catalogue, field_at
from tests.laws.contents import PATHS

_BY_NAME = {field.name: field.path for field in catalogue().values()}
_BY_NAME |= {field_at(path).name: path for path in PATHS}
_BY_NAME |= {"new_field.a": "protocolSection.newModule.newField.a"}


def applied(before: dict[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """The content with the changes in it: within members first, then members that come and go."""
    content = deepcopy(before)
    labels = _labels(content, "")
    for change in sorted(changes, key=_is_member):
        path = _BY_NAME[change.field]
        _apply(content, path.split("."), "", _names(change), change, labels)
    return content


def _is_member(change: Change) -> bool:
    return isinstance(change.before if change.after is None else change.after, dict)


def _names(change: Change) -> list[str]:
    return change.item.split(" > ") if change.item else []


def _labels(value: Any, path: str) -> dict[int, str]:
    """The label of every member of every list, by the member's identity."""
    found: dict[int, str] = {}
    if isinstance(value, dict):
        for name, below in value.items():
            found |= _labels(below, f"{path}.{name}" if path else name)
    for member in value if isinstance(value, list) else ():
        found[id(member)] = label_of(field_at(path), member)
        found |= _labels(member, path)
    return found


def _apply(
    here: Any, way: list[str], path: str, names: list[str], change: Change, labels: dict[int, str]
) -> None:
    name, *rest = way
    path = f"{path}.{name}" if path else name
    if not rest:
        _set(here, name, field_at(path), change)
        return
    below = here.setdefault(name, {})
    if isinstance(below, list):
        mine = [one for one in below if isinstance(one, dict) and labels.get(id(one)) == names[0]]
        assert len(mine) == 1, f"{change} names {len(mine)} members"
        below, names = mine[0], names[1:]
    _apply(below, rest, path, names, change, labels)


def _set(here: dict[str, Any], name: str, field: Field, change: Change) -> None:
    told = change.before if change.after is None else change.after
    is_member = field.is_list and not isinstance(told, list)
    if is_member:
        members = here.setdefault(name, [])
        if change.before is not None:
            members.remove(change.before)
        if change.after is not None:
            members.append(change.after)
    elif change.after is None:
        assert here.pop(name) == change.before
    else:
        assert here.get(name) == change.before
        here[name] = change.after
