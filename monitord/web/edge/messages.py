"""The edge door's pages that only say something, and the headers of all its pages."""

from typing import Any

from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, Headers, page, secured
from monitord.web.templates import render

HEADERS: Headers = (*NOT_KEPT, *secured(NO_SCRIPTS))
CLOSE = (b"connection", b"close")
SORRY = "This could not be stored, so it does not count. Please send it again."
OUR_FAULT = (
    "This does not count: the mistake is ours, and has been noted. "
    "Sending it again will not help; tell somebody who looks after monitord."
)


def message(
    organization: str, template: str, status: int, *more: tuple[bytes, bytes], **values: Any
) -> Answer:
    html = render(f"edge/{template}.html", organization=organization, **values)
    return page(status, html, (*HEADERS, *more))
