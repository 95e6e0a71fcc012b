"""`POST /api/v2/subscribers.json`: Statuspage's way to subscribe an address, for programs.

The form's `subscriber[email]` is asked as on our own page: the same limits, a confirmation first, and the
same answer for every address that could be one. Statuspage's own client sends this as a GET; a GET acts for
nobody here.
"""

import json
from collections.abc import Mapping

from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, Receive, secured
from monitord.web.mailbox import AddressRefused, mailbox
from monitord.web.requests import BodyRefused, Request, comes_from_elsewhere, read_form

HEADERS = ((b"content-type", b"application/json"), *NOT_KEPT, *secured(NO_SCRIPTS))
CLOSE = (b"connection", b"close")
EMAIL = "subscriber[email]"
OFFERED = "only mail about the whole page is offered here: send subscriber[email] alone"
SAID: Mapping[int, str] = {
    429: "So many subscriptions were asked for just now that we have to wait.",
    503: "We could not store this just now.",
}


async def asked_address(request: Request, receive: Receive, url: str, *, offers_mail: bool) -> str | Answer:
    """The address that somebody would like to subscribe, or why nobody can."""
    if not offers_mail:
        return refused(404, "Nobody can subscribe by mail here.")
    if comes_from_elsewhere(request, url):
        return refused(403, "Another site's page sent this.")
    try:
        return asked_for(await read_form(request, receive))
    except BodyRefused as error:
        return refused(error.status, str(error))
    except AddressRefused as error:
        return refused(422, str(error))


def asked_for(form: Mapping[str, str]) -> str:
    """The address, if nothing else is asked for. Raises AddressRefused."""
    others = sorted(key for key in form if key.startswith("subscriber[") and key != EMAIL)
    if others:
        raise AddressRefused(f"{others[0]:.100} is not offered: {OFFERED}.")
    return mailbox(form.get(EMAIL, ""))


def as_told(address: str, answer: Answer) -> Answer:
    """What the desk has answered, for programs."""
    if answer.status != 200:
        kept = tuple(header for header in answer.headers if header[0] == b"retry-after")
        return refused(answer.status, SAID.get(answer.status, "This was not taken."), *kept)
    return told(201, {"subscriber": {"email": address, "mode": "email"}})


def refused(status: int, why: str, *more: tuple[bytes, bytes]) -> Answer:
    return told(status, {"error": why}, CLOSE, *more)


def told(status: int, body: object, *more: tuple[bytes, bytes]) -> Answer:
    return Answer(status, json.dumps(body).encode() + b"\n", (*HEADERS, *more))
