"""A real mail server in this process, and what it took."""

from __future__ import annotations

import socket
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Inbox:
    """Keeps what arrives, as aiosmtpd hands it over."""

    def __init__(self) -> None:
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 kept"


class Server(Controller):
    """aiosmtpd on a free port; `settings` are those of its SMTP class."""

    def __init__(self, inbox, *, from_start=None, **settings) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        super().__init__(inbox, hostname="127.0.0.1", port=port, ssl_context=from_start)
        self.settings = settings

    def factory(self):
        return SMTP(self.handler, **self.settings)


@contextmanager
def mail_server(**settings):
    """A running server and its inbox."""
    inbox = Inbox()
    server = Server(inbox, **settings)
    server.start()
    try:
        yield server, inbox
    finally:
        server.stop()
