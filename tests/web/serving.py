"""The pages, served on loopback as `ctmonitor web` serves them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
import uvicorn

from ctmonitor.alerts import Alert, Severity, Told
from ctmonitor.delivery.tokens import acknowledge_url, unsubscribe_url
from ctmonitor.jobs.health import health
from ctmonitor.store import Store, alerts, subscribing
from ctmonitor.store.schema import journal, marks
from ctmonitor.web import Watch, make_app
from tests.jobs.asking import ANN, NOW, subscribe, watch
from tests.looks import SetClock

SECRET = "a secret that is made for one test only"
ALERT = Alert("stopped", "NCT00000001", 'Now "TERMINATED" <b>', Severity.HIGH, "a basis")
LISTS = ("everything", '<script>alert("x")</script>')
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of a store in which ann subscribed to two watch lists, and one alert was raised."""

    url: str
    store: Store

    def stop_url(self, list_name: str | None = None, **more: Any) -> str:
        """Where ann stops one list, or all of them."""
        given = {"secret": SECRET, "subscriber_id": 1, **more}
        return unsubscribe_url(self.url, list_name=list_name, **given)

    def in_hand_url(self, alert_id: int = 1) -> str:
        """Where ann says that an alert is in hand."""
        return acknowledge_url(self.url, SECRET, 1, alert_id)

    def ask(self, verb: str, url: str, **more: Any) -> requests.Response:
        """One request, on a connection of its own."""
        return requests.request(verb, url, timeout=10, allow_redirects=False, **more)

    def lists(self) -> list[str]:
        """What ann is still subscribed to."""
        with self.store.reading() as tx:
            return sorted(one.watch_list for one in subscribing.wishes(tx) if one.address == ANN)

    def acts(self) -> list[tuple[str, str]]:
        """Who did what, by the journal."""
        with self.store.reading() as tx:
            rows = tx.connection.execute(journal.select().order_by(journal.c.id)).mappings()
            return [(row["who"], row["act"]) for row in rows]

    def marks(self) -> list[tuple[int, str, str]]:
        """The marks: alert, act and who."""
        with self.store.reading() as tx:
            rows = tx.connection.execute(marks.select()).mappings()
            return [(row["alert_id"], row["act"], row["by"]) for row in rows]


@contextmanager
def served(store: Store, *, secret: str | None = SECRET, is_tls: bool = False) -> Iterator[Site]:
    """The pages of a store, until the end."""
    for name in LISTS:
        watch(store, name)
        subscribe(store, name)
    with store.writing() as tx:
        alerts.raise_alerts(tx, [Told(ALERT)], None, NOW)
    clock = SetClock()
    app = make_app(
        Watch(store, clock, lambda: health(store, clock, timedelta(days=1)), secret, is_tls)
    )
    with running(app) as url:
        yield Site(url, store)


@contextmanager
def running(app: Any) -> Iterator[str]:
    """An application on a port of its own; gives its address."""
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, lifespan="off", ws="none", server_header=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
