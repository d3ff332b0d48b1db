"""One Prefect server for the few tests that run a flow; the others never pay for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Prefect server with nothing in it, in a home of its own."""
    from prefect.settings import (
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_HOME,
        PREFECT_SERVER_ANALYTICS_ENABLED,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness

    home = {
        PREFECT_HOME: tmp_path_factory.mktemp("prefect"),
        PREFECT_SERVER_ANALYTICS_ENABLED: False,
    }
    # A heartbeat makes every flow wait for up to a second at its end.
    calm = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    with (
        temporary_settings(home),
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings(calm),
    ):
        yield
