"""Where the bytes of records come from."""

from ctmonitor.sources.files import Files, is_archive, open_source

__all__ = ["Files", "is_archive", "open_source"]
