"""Where the bytes of records come from."""

from ctmonitor.sources.files import Files, open_source

__all__ = ["Files", "open_source"]
