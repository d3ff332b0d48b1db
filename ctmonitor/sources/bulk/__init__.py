"""The registry's bulk download: one archive with one file a study, read without unpacking it."""

from ctmonitor.sources.bulk.directory import Directory, read_directory
from ctmonitor.sources.bulk.members import Members, MemberUnreadable
from ctmonitor.sources.bulk.proof import release_of, unchanged, undated

__all__ = [
    "Directory",
    "MemberUnreadable",
    "Members",
    "read_directory",
    "release_of",
    "unchanged",
    "undated",
]
