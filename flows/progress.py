"""How far a look at the registry has come, on Prefect's page: a progress artifact."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast
from uuid import UUID

from prefect import get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact

from ctmonitor.cli.progress import Gauge
from ctmonitor.jobs.sweep import Progress

KEY = "sweep-progress"
LEAST_SECONDS = 1.0
LEAST_PERCENT = 1.0


class Shown:
    """An artifact that follows the pages of one look, and a line a page in the log.

    The artifact is changed at most once a second and once a percent. A Prefect server that
    cannot be told costs the picture, never the look.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._gauge = Gauge(monotonic)
        self._logger = get_run_logger()
        self._artifact: UUID | None = None
        self._is_lost = False
        self._percent = 0.0
        self._at = monotonic()
        self._draw("Asking the registry.")

    def __call__(self, progress: Progress) -> None:
        """Take a sign of progress in, and show it when it is worth showing."""
        self._gauge.take(progress)
        if not progress.done:
            return
        self._logger.info(self._gauge.line())
        percent = self._gauge.percent or self._percent
        is_late = self._monotonic() - self._at >= LEAST_SECONDS
        if is_late and abs(percent - self._percent) >= LEAST_PERCENT:
            self._percent = percent
            self._draw(self._gauge.line())

    def end(self, *, is_whole: bool, said: str) -> None:
        """Show how it ended; a look that read everything is at 100 %."""
        self._percent = 100.0 if is_whole else self._gauge.percent or 0.0
        self._draw(said)

    def _draw(self, said: str) -> None:
        if self._is_lost:
            return
        self._at = self._monotonic()
        try:
            if self._artifact is None:
                made = create_progress_artifact(self._percent, KEY, said)
                self._artifact = cast(UUID, made)  # a coroutine only where there is a loop
            else:
                update_progress_artifact(self._artifact, self._percent, said)
        except Exception as problem:  # whatever it is, the look is worth more than its picture
            self._is_lost = True
            self._logger.warning("progress is no longer shown: %s", problem)
