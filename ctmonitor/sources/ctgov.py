"""The registry's own API: pages of studies, single studies, and which release they are from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from ctmonitor.errors import SourceUnreadable, TokenExpired, TooMany
from ctmonitor.sources.answers import Answered, Page, page_in, study_in, timestamp_in
from ctmonitor.sources.client import Answer, Client
from ctmonitor.sources.reasons import words_in

__all__ = ["Answered", "Page", "Registry", "TokenExpired", "TooMany"]

_SMALLEST_PAGE: Final = 10
_LARGEST_PAGE: Final = 1000
_FEW_PAGES: Final = 10
_ASKING_TOO_MUCH: Final = (400, 413, 414, 431)


class Registry:
    """ClinicalTrials.gov, or a server that answers as it does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self.client.requests

    def version(self) -> str:
        """The instant of the release on show, in UTC: `2026-09-04T09:00:06`."""
        return self.client.get("/version", read=timestamp_in)

    def page(
        self,
        asked: Mapping[str, str],
        *,
        fields: Sequence[str] = (),
        token: str | None = None,
        size: int = 1000,
    ) -> Page:
        """The first page of what is asked for, with its count, or the one that a token leads to.

        A page that is too large to be read comes with fewer studies. Raises TokenExpired when a
        token leads nowhere any more.
        """
        last = {"countTotal": "true"} if token is None else {"pageToken": token}
        while True:
            query = _query({**asked, **_fields(fields), "pageSize": str(size), **last})
            try:
                return self._page(query, is_first=token is None)
            except TooMany as problem:
                # Studies with results are large; later pages need not be of the same size.
                if size <= _SMALLEST_PAGE:
                    raise SourceUnreadable(problem.source, problem.why) from problem
                size = max(_SMALLEST_PAGE, size // 4)

    def numbers(self, nct_ids: Sequence[str], *, fields: Sequence[str] = ()) -> Page:
        """The studies that have or had these numbers, put together from as many pages as it takes.

        Raises TooMany when they are more than the registry answers at once.
        """
        named = {"filter.ids": ",".join(nct_ids), **_fields(fields)}
        return self._together(self._numbered(named, nct_ids), named, most=len(nct_ids))

    def _numbered(self, named: Mapping[str, str], nct_ids: Sequence[str]) -> Page:
        # The count proves the answer: a number may have led to two studies, or to none.
        query = _query({**named, "pageSize": str(_LARGEST_PAGE), "countTotal": "true"})
        if len(nct_ids) < 2:
            return self._alone(query)

        def read(answer: Answer) -> Page:
            if answer.code == HTTPStatus.OK:
                return page_in(answer)
            why = words_in(answer) or f"it answered {answer.code} to {len(nct_ids)} numbers"
            raise TooMany(self.client.manners.name, why)

        return self.client.get("/studies", query, read=read, answers=(200, *_ASKING_TOO_MUCH))

    def study(self, nct_id: str) -> Answered | None:
        """One study, also by a number it had before; None when there is none."""
        path = f"/studies/{quote(nct_id, safe='')}"
        return self.client.get(path, read=study_in, answers=(200, 404))

    def _together(self, page: Page, named: Mapping[str, str], *, most: int) -> Page:
        """A page with those that follow it; its token stays where they lead to no end.

        Of pages of two releases the whole counts as of the older one.
        """
        studies, token, release = list(page.studies), page.token, page.release
        for _ in range(most + _FEW_PAGES):
            if token is None:
                break
            query = _query({**named, "pageSize": str(_LARGEST_PAGE), "pageToken": token})
            try:
                more = self._page(query, is_first=False)
            except TokenExpired:
                break
            studies += more.studies
            token = more.token
            release = min(filter(None, (release, more.release)), default=None)
        return Page(tuple(studies), token, page.total, release)

    def _alone(self, query: str) -> Page:
        try:
            return self.client.get("/studies", query, read=page_in)
        except TooMany as problem:  # there is no asking for less
            raise SourceUnreadable(problem.source, problem.why) from problem

    def _page(self, query: str, *, is_first: bool) -> Page:
        def read(answer: Answer) -> Page:
            if answer.code == HTTPStatus.OK:
                return page_in(answer)
            why = words_in(answer) or "it answered 400 (Bad Request) to a page token"
            raise TokenExpired(self.client.manners.name, why)

        answers = (200,) if is_first else (200, 400)
        return self.client.get("/studies", query, read=read, answers=answers)


def _fields(fields: Sequence[str]) -> dict[str, str]:
    return {"fields": ",".join(fields)} if fields else {}


def _query(asked: Mapping[str, str]) -> str:
    """The query, with commas as they are: a thousand numbers are long enough without."""
    return "&".join(f"{quote(name)}={quote(value, safe=',')}" for name, value in asked.items())
