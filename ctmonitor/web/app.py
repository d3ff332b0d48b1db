"""The application: one address for machines that watch us, two for readers of messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from ctmonitor.delivery.tokens import Act, read_token
from ctmonitor.errors import CtmonitorError
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.health import Health, not_well
from ctmonitor.jobs.links import Asked, asked, obey
from ctmonitor.store import Store
from ctmonitor.web.bodies import TooLong, body_of, holds
from ctmonitor.web.guarding import Guarded
from ctmonitor.web.pages import ONE_CLICK, asking, done, wrong

_SAID = {
    404: ("Nothing is here", "This link is not one of ours, or a part of it was lost on the way."),
    405: ("Not this way", "This address does not do what was asked of it."),
    413: ("Too long", "More was sent than this page takes. Nothing was done."),
}
_NOT_ASKED = (
    "It was not said that the link is meant. Nothing was done; open it, and press its button."
)
_FAULT = "Something went wrong here. Nothing was done; please try again later."


@dataclass(frozen=True, slots=True)
class Watch:
    """What the pages work with; without a secret no link is one of ours."""

    store: Store
    clock: Clock
    health: Callable[[], Health]
    secret: str | None = None
    is_tls: bool = False


def make_app(watch: Watch) -> Guarded:
    """The application, ready to be served."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_health(app, watch)
    _add_link(app, watch, "/unsubscribe/{token}", Act.UNSUBSCRIBE)
    _add_link(app, watch, "/acknowledge/{token}", Act.ACKNOWLEDGE)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)
    return Guarded(app, is_tls=watch.is_tls)


def _add_health(app: FastAPI, watch: Watch) -> None:
    def healthz() -> Response:
        try:
            health = watch.health()
        except CtmonitorError:
            # Why the store cannot be used may name hosts and files: the log of `status` says it.
            health = not_well("store", "the store cannot be used")
        return JSONResponse(health.plain(), status_code=200 if health.is_well else 503)

    app.add_api_route("/healthz", healthz, methods=["GET", "HEAD"])


def _add_link(app: FastAPI, watch: Watch, path: str, act: Act) -> None:
    async def show(token: str) -> Response:
        found = await run_in_threadpool(_do, watch, act, token, is_meant=False)
        return HTMLResponse(asking(found))

    async def do(token: str, request: Request) -> Response:
        try:
            body = await body_of(request)
        except TooLong:
            raise HTTPException(413) from None
        is_meant = holds(body, request.headers.get("content-type", ""), *ONE_CLICK)
        found = await run_in_threadpool(_do, watch, act, token, is_meant=is_meant)
        if not is_meant:
            return HTMLResponse(wrong("Not done", _NOT_ASKED), status_code=400)
        return HTMLResponse(done(found))

    app.add_api_route(path, show, methods=["GET", "HEAD"], response_class=HTMLResponse)
    app.add_api_route(path, do, methods=["POST"], response_class=HTMLResponse)


def _do(watch: Watch, act: Act, token: str, *, is_meant: bool) -> Asked:
    """What a token asks for, done when it is meant; a token of anybody else is not found."""
    link = read_token(token, act, watch.secret) if watch.secret else None
    if link is None:
        raise HTTPException(404)
    found = obey(watch.store, link, watch.clock) if is_meant else asked(watch.store, link)
    if found is None:
        raise HTTPException(404)
    return found


async def _refused(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    page = wrong(*_SAID.get(problem.status_code, ("Not done", "Nothing was done.")))
    return HTMLResponse(page, status_code=problem.status_code, headers=problem.headers)


async def _failed(_request: Request, _problem: Exception) -> Response:
    return HTMLResponse(wrong("Not now", _FAULT), status_code=500)
