"""Libraries that log what they send would log secrets: they are hushed meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_LOUD = (
    "apprise",
    "charset_normalizer",
    "requests",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.util.retry",
)


class _Hush(logging.Filter):
    """Drops what one thread logs."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether another thread says it."""
        return record.thread != self.thread


@contextmanager
def hushed() -> Iterator[None]:
    """Meanwhile the libraries that know a URL say nothing about what this thread does."""
    hush = _Hush()
    with ExitStack() as stack:
        for name in _LOUD:
            logger = logging.getLogger(name)
            logger.addFilter(hush)
            stack.callback(logger.removeFilter, hush)
        yield
