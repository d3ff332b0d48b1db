"""What every answer bears, whoever made it: headers that let a browser do nothing but show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ctmonitor.web.pages import STYLE_HASH

POLICY = (
    f"default-src 'none'; style-src {STYLE_HASH}; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
TLS_ONLY = ("Strict-Transport-Security", "max-age=31536000")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Guarded:
    """An application of which every answer bears the headers, those to faults among them."""

    def __init__(self, app: App, *, is_tls: bool) -> None:
        self.app = app
        headers = [*HEADERS.items(), *([TLS_ONLY] if is_tls else [])]
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer as the application does, and add the headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in self.headers}
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in ours]
                message = {**message, "headers": [*kept, *self.headers]}
            await send(message)

        await self.app(scope, receive, sending)
