"""What differs between two contents of one study."""

from ctmonitor.changes.change import Change, Difference, Kind, MadeBy
from ctmonitor.changes.compare import compare, value_at

__all__ = ["Change", "Difference", "Kind", "MadeBy", "compare", "value_at"]
