"""Serve the pages that links in mails lead to, and /healthz for what watches us from outside."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call
from ctmonitor.cli.options import a_count
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.web import Watch

EXAMPLE = "ctmonitor web --port 8080"
HOST = "127.0.0.1"
PORT = 8080
MOST_AT_ONCE = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `web` takes."""
    parser.add_argument(
        "--host", metavar="HOST", default=HOST, help=f"the address to listen at; default {HOST}"
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=a_count,
        default=PORT,
        help=f"the port to listen at; default {PORT}",
    )


def run(call: Call) -> int:
    """Serve until interrupted."""
    try:
        import uvicorn

        from ctmonitor.web import make_app
    except ModuleNotFoundError:
        raise CommandWrong(
            "the pages need what is not installed; run pip install 'ctmonitor[web]'"
        ) from None
    if not call.settings["web_secret"]:
        call.say("CTMONITOR_WEB_SECRET is not set: only /healthz is served, and no link is ours")
    # The paths of links are secrets: no log of requests is written.
    config = uvicorn.Config(
        make_app(_watch(call)),
        host=call.args.host,
        port=call.args.port,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=5,
    )
    call.say(f"listening at http://{call.args.host}:{call.args.port}; end it with Ctrl-C")
    try:
        uvicorn.Server(config).run()
    except KeyboardInterrupt:
        return 0
    except SystemExit:
        why = "that address cannot be listened at"
        raise CommandWrong(f"{call.args.host}:{call.args.port}: {why}; name another") from None
    return 0


def _watch(call: Call) -> Watch:
    from ctmonitor.jobs.health import health
    from ctmonitor.web import Watch

    store, clock, interval = call.store, call.clock, call.settings["sweep_interval"]
    return Watch(
        store,
        clock,
        lambda: health(store, clock, interval),
        secret=call.settings["web_secret"],
        is_tls=(call.settings["web_url"] or "").startswith("https://"),
    )
