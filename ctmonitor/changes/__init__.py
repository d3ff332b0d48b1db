"""What differs between two contents of one study."""

from ctmonitor.changes.change import Change, Difference, Kind, MadeBy

__all__ = ["Change", "Difference", "Kind", "MadeBy"]
