"""Turning the page: a list is cut at its limit, and the Link header (RFC 8288) leads to what follows.

A cursor is opaque to whoever holds it: where the last page ended, in words of the list that it belongs to.
"""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

from monitord.web.ops.limits import CURSOR_CHARS_MAX, LIST, LIST_MAX
from monitord.web.refusal import No

T = TypeVar("T")
Part = str | int | None

Limit = Annotated[int, Query(ge=1, le=LIST_MAX)]
Cursor = Annotated[
    str | None, Query(max_length=CURSOR_CHARS_MAX, description="From the Link header of the page before")
]
FIRST_YEAR, LAST_YEAR = 1970, 9999
NOT_OURS = "that is no cursor of this list"


class Leaf:
    """One page of a list: FastAPI makes it of the request."""

    def __init__(
        self, request: Request, response: Response, limit: Limit = LIST, cursor: Cursor = None
    ) -> None:
        self.request, self.response, self.limit, self.cursor = request, response, limit, cursor

    @property
    def more(self) -> int:
        """How many to look for: one more shows that there is a next page."""
        return self.limit + 1

    def after(self, *kinds: type) -> tuple[Part, ...] | None:
        """Where the page before ended, in parts of these kinds; None on the first. Raises No."""
        if self.cursor is None:
            return None
        try:
            parts = json.loads(base64.urlsafe_b64decode(self.cursor.encode("ascii")))
        except (ValueError, RecursionError) as error:
            raise No(422, NOT_OURS, "begin without one", "query.cursor") from error
        if not isinstance(parts, list) or [type(part) for part in parts] != list(kinds):
            raise No(422, NOT_OURS, "begin without one", "query.cursor")
        return tuple(parts)

    def numbers(self, *defaults: int | None) -> tuple[int | None, ...]:
        """The same for cursors of as many numbers; the defaults on the first page."""
        found = self.after(*(int for _ in defaults))
        if found is None:
            return defaults
        numbers = tuple(part for part in found if isinstance(part, int))
        if not all(-(2**62) <= number <= 2**62 for number in numbers):
            raise No(422, NOT_OURS, "begin without one", "query.cursor")
        return numbers

    def number(self) -> int | None:
        """The same for one number."""
        return self.numbers(None)[0]

    def cut(self, found: Sequence[T], place: Callable[[T], Sequence[Part]]) -> Sequence[T]:
        """What belongs on this page; `place` says where an entry stands in the list."""
        if len(found) > self.limit:
            self.lead_on(place(found[self.limit - 1]))
        return found[: self.limit]

    def lead_on(self, place: Sequence[Part]) -> None:
        """There is more after that place."""
        cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        url = self.request.url.include_query_params(cursor=cursor)
        self.response.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'


Turning = Annotated[Leaf, Depends()]


def instant(said: datetime | None, where: str) -> datetime | None:
    """In UTC, if it is said. Raises No."""
    return None if said is None else in_utc(said, where)


def in_utc(said: datetime, where: str) -> datetime:
    """Raises No for one without a zone, and for one before or after all years."""
    if said.tzinfo is None:
        raise No(422, "an instant without a time zone", "write 2026-01-05T09:00:00Z", where)
    try:
        return said.astimezone(UTC)
    except OverflowError as error:
        raise No(422, "the calendar ends before", "choose another year", where) from error


def instant_of(text: Part) -> datetime:
    """An instant of a cursor. Raises No."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise No(422, NOT_OURS, "begin without one", "query.cursor") from error
    if found.tzinfo is None or not FIRST_YEAR <= found.year < LAST_YEAR:
        raise No(422, NOT_OURS, "begin without one", "query.cursor")
    return found
