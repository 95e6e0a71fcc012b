"""How the demo's own pages are served: our doors' server, frame and style sheet, with their own templates."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader

from monitord.engine.clock import Clock
from monitord.web.answers import (
    NO_SCRIPTS,
    NOT_KEPT,
    Answer,
    Receive,
    Scope,
    Send,
    not_allowed,
    page,
    secured,
    send_answer,
)
from monitord.web.requests import request_of
from monitord.web.shelf import Shelf, asset_sheets, hand_out
from monitord.web.templates import environment

HEADERS = (*NOT_KEPT, *secured(NO_SCRIPTS))
SHEET = "/demo.css"


class Site:
    """An ASGI application that answers GET with a page, and has our style sheets."""

    def __init__(self, answer: Callable[[str], Answer], clock: Clock) -> None:
        self.answer, self.clock = answer, clock
        self.shelf = Shelf(asset_sheets(clock.now()), None, clock.monotonic())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = request_of(scope)
        if not request.reads:
            await send_answer(not_allowed("GET", "HEAD"), send)
        elif request.path in self.shelf.sheets:
            await hand_out(self.shelf, request.path, request.headers, self.clock.monotonic(), send)
        else:
            await send_answer(style() if request.path == SHEET else self.answer(request.path), send)


def drawn(template: str, status: int = 200, **values: Any) -> Answer:
    """A page of this demo."""
    return page(status, templates().get_template(template).render(sheet=SHEET, **values), HEADERS)


@cache
def templates() -> Environment:
    """The daemon's frame and icons, with our pages in it."""
    shared = environment()
    loaders = [PackageLoader("monitord.demo", "templates"), *([shared.loader] if shared.loader else [])]
    return shared.overlay(loader=ChoiceLoader(loaders))


@cache
def style() -> Answer:
    content = files("monitord.demo").joinpath("static", "demo.css").read_bytes()
    return Answer(200, content, ((b"content-type", b"text/css; charset=utf-8"), *HEADERS))
