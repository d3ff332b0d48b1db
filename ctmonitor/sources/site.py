"""The registry's own pages of record history, asked for politely and only when somebody says so.

They are made for browsers: not documented, and at times closed to programs. A refusal is told as
it is; nothing is done to get round it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Piece, Reject
from ctmonitor.formats.history import read_history
from ctmonitor.sources.client import Answer, Client, Unfit

_API = "/api/v2"
_PAGES = "/api/int"
_JSON = "application/json"
_UNKNOWN = (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
_CODES = (HTTPStatus.OK, HTTPStatus.FORBIDDEN, *_UNKNOWN)


def pages_at(api: str) -> str:
    """The address of the site's own pages, from that of its API."""
    base = api.rstrip("/")
    return base.removesuffix(_API) + _PAGES if base.endswith(_API) else base + _PAGES


@dataclass(frozen=True, slots=True)
class SiteHistory:
    """The histories of some studies on the registry's site: listings, then contents.

    `is_held` says of a study and a version's number that its content need not be asked for.
    """

    client: Client
    nct_ids: Sequence[str]
    is_held: Callable[[str, int], bool]

    @property
    def name(self) -> str:
        """The address of the pages."""
        return self.client.manners.name

    def pieces(self) -> Iterator[Piece | Reject]:
        """Each study's listing and the contents that are not held; ends at a refusal.

        SourceUnreadable when the very first thing is refused.
        """
        is_first = True
        for nct_id in self.nct_ids:
            for found in self._of_study(nct_id):
                if isinstance(found, Reject) and found.is_gap:
                    if is_first:
                        raise SourceUnreadable(self.name, *_why_and_mend(found))
                    yield found
                    return
                yield found
                is_first = False

    def _of_study(self, nct_id: str) -> Iterator[Piece | Reject]:
        path = f"/studies/{nct_id}"
        listing = self._asked(path, "history=true", nct_id)
        yield listing
        if isinstance(listing, Reject):
            return
        for version in read_history(listing, nct_id).versions:
            if not self.is_held(version.nct_id, version.version):
                one = f"{path}/history/{version.version}"
                found = self._asked(one, "", nct_id)
                yield found
                if isinstance(found, Reject) and found.is_gap:
                    return

    def _asked(self, path: str, query: str, nct_id: str) -> Piece | Reject:
        answer = self.client.get(path, query, read=_checked, answers=_CODES)
        place = f"{path}?{query}" if query else path
        if answer.code == HTTPStatus.FORBIDDEN:
            address = f"{self.client.manners.url.rstrip('/')}{place}"
            why = (
                "the site refuses programs here (403, Forbidden); open "
                f"{address} in a browser, save the page, then run "
                f"`ctmonitor backfill {nct_id} --from FILE`"
            )
            return Reject(self.name, place, why, nct_id=nct_id, is_gap=True)
        if answer.code in _UNKNOWN:
            return Reject(self.name, place, "the site has no history there", nct_id=nct_id)
        return Piece(self.name, place, answer.body)


def _checked(answer: Answer) -> Answer:
    """An answer that is what it should be; a page for people in its place may be passing."""
    if answer.code == HTTPStatus.OK:
        if answer.content_type != _JSON:
            raise Unfit(f"it answered {answer.content_type or 'something'} where JSON belongs")
        try:
            orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise Unfit("its answer is not JSON that can be read") from None
    return answer


def _why_and_mend(refused: Reject) -> tuple[str, str]:
    why, _, mend = refused.reason.partition("; ")
    return why, mend
