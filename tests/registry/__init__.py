"""A stand-in for the registry: a real server on loopback, written from its OpenAPI document.

What the document leaves open follows what others saw the real one do. What the stand-in
cannot do it refuses with 501, so that a test never passes on an answer nobody thought about.
"""

from tests.registry.faults import On
from tests.registry.messages import Answer, Asked
from tests.registry.releases import Registry, Release, a_release
from tests.registry.server import Served, serving

__all__ = [
    "Answer",
    "Asked",
    "On",
    "Registry",
    "Release",
    "Served",
    "a_release",
    "serving",
]
