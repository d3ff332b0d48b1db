"""A small site on loopback that shows record histories, or refuses to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(slots=True)
class Site:
    """What it shows by path and query: a tree, or bytes; a number is the code of a refusal."""

    pages: Mapping[str, Any]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


@contextmanager
def a_site(pages: Mapping[str, Any]) -> Iterator[Site]:
    """A site that runs until the block ends; its API would be at `url`."""
    site = Site(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.agents.add(self.headers["User-Agent"])
            page = site.pages.get(self.path, 404)
            code = page if isinstance(page, int) else 200
            body = page if isinstance(page, bytes) else orjson.dumps(page)
            self.send_response(code)
            kind = "text/html" if isinstance(page, bytes | int) else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/api/v2"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
