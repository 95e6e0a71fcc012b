"""The edge door: the answer page behind the link in a page; for what others report see inlets.py, for
calendar feeds calendar.py, for the links of swaps swaps.py.

Theory of operation. GET and HEAD change nothing, whoever asks: mail scanners, previews and browsers that
fetch ahead follow every link. To act takes a POST with the two digits that stand in the mail beside the link
(numbers.py). A hidden link tells us that machines read the mails; it never acts. The token of
a link is never logged.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.ticket import Ticket
from monitord.core.wording import Link, clock, spell
from monitord.engine.clock import Clock
from monitord.engine.engine import FactRefused
from monitord.engine.links import ANSWER, FORMER, Links
from monitord.web.answers import (
    BROKEN,
    Answer,
    Receive,
    Scope,
    Send,
    not_allowed,
    page,
    says,
    send_answer,
)
from monitord.web.edge.actions import UNTIL_CLEAR, Form, Notice, thanks, wanted
from monitord.web.edge.calendar import FEEDS, FeedDesk
from monitord.web.edge.case import Case, case_of
from monitord.web.edge.inlets import Inlets, Taking
from monitord.web.edge.messages import CLOSE, HEADERS, OUR_FAULT, SORRY, message
from monitord.web.edge.numbers import Numbers
from monitord.web.edge.swaps import SWAPS, SwapDesk
from monitord.web.feeds.feeds import Feeds
from monitord.web.limits import TOKEN_CHARS_MAX
from monitord.web.requests import BodyRefused, Request, read_form, request_of
from monitord.web.seams import Deciding, NotTaken, submitted
from monitord.web.shelf import Shelf, asset_sheets, hand_out
from monitord.web.templates import render

ANSWERS = "/a/"
CANARY = "canary"
ROBOTS = Answer(200, b"User-agent: *\nDisallow: /\n", ((b"content-type", b"text/plain"), *HEADERS))
CANARIES_MAX = 1000
NO_FORM: Form = {}


class EdgeDoor:
    def __init__(
        self,
        engine: Deciding,
        links: Links,
        clock: Clock,
        log: FilteringBoundLogger,
        intake: Taking,
        feeds: Feeds,
    ) -> None:
        self.engine, self.links, self.clock, self.log = engine, links, clock, log
        self.inlets, self.feeds = Inlets(intake), FeedDesk(feeds, clock)
        self.numbers = Numbers(links, clock, log)
        self.swaps = SwapDesk(engine, links, clock, log, self.numbers)
        self.shelf = Shelf(asset_sheets(clock.now()), None, clock.monotonic())
        self.canaries: set[Link] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = request_of(scope)
        if request.reads and request.path in self.shelf.sheets:
            await hand_out(self.shelf, request.path, request.headers, self.clock.monotonic(), send)
        else:
            await send_answer(await self.answer(request, receive), send)

    async def answer(self, request: Request, receive: Receive) -> Answer:
        """A bug in one answer is one sorry page, and the door stays open."""
        try:
            return await self.route(request)(request, receive)
        except Exception:
            self.log.exception("request failed", door="edge", method=request.method)
            return BROKEN

    def route(self, request: Request) -> Callable[[Request, Receive], Awaitable[Answer]]:
        if request.path.startswith(ANSWERS):
            if not request.reads and request.method != "POST":
                return says(not_allowed("GET", "HEAD", "POST"))
            return self.answer_page
        if request.path.startswith(SWAPS):
            return self.swaps.answer
        place = self.inlets.find(request)
        if place is not None:
            return partial(self.inlets.answer, place)
        if self.inlets.is_meant(request):
            return says(self.inlets.missing(request))
        if not request.reads:
            return says(not_allowed("GET", "HEAD"))
        if request.path.startswith(FEEDS):
            return self.calendar
        return says(ROBOTS if request.path == "/robots.txt" else self.message("nothing", 404))

    def message(self, template: str, status: int, *more: tuple[bytes, bytes], **values: Any) -> Answer:
        organization = self.engine.world.configuration.organization
        return message(organization, template, status, *more, **values)

    async def calendar(self, request: Request, receive: Receive) -> Answer:
        return await self.feeds.answer(request)

    # One link.

    async def answer_page(self, request: Request, receive: Receive) -> Answer:
        token, _, tail = request.path.removeprefix(ANSWERS).partition("/")
        link = self.read(token)
        if link is None or tail not in ("", CANARY):
            return self.message("forged", 404, CLOSE)
        if link.purpose == FORMER:
            return self.message("former", 410, CLOSE, ticket=link.ticket)
        if tail == CANARY:
            return self.canary(link)
        case = case_of(self.engine.world, link, self.clock.now())
        if case is None:
            return self.gone(link)
        if request.reads:
            return self.show(case)
        return await self.act(case, request, receive)

    def read(self, token: str) -> Link | None:
        """The link, if the token is exactly what we wrote: base64 has several spellings of one signature."""
        if len(token) > TOKEN_CHARS_MAX:
            return None
        link = self.links.read(token)
        if link is None or link.purpose not in (ANSWER, FORMER):
            return None
        return link

    def gone(self, link: Link) -> Answer:
        if self.engine.world.get(Ticket, link.ticket) is None:
            return self.message("expired", 410, ticket=link.ticket)
        return self.message("stranger", 403, ticket=link.ticket, who=link.who)

    def canary(self, link: Link) -> Answer:
        """People cannot see this link: a machine reads this person's mails. Noted once, never acted upon."""
        if link not in self.canaries and len(self.canaries) < CANARIES_MAX:
            self.canaries.add(link)
            self.log.info("scanner follows links", ticket=link.ticket, person=link.who)
        return self.message("canary", 200)

    def show(
        self, case: Case, status: int = 200, words: str = "", wrong: str = "", kept: Form = NO_FORM
    ) -> Answer:
        ticket = case.ticket
        html = render(
            "edge/answer.html",
            case=case,
            ticket=ticket,
            words=words,
            wrong=wrong,
            kept=kept,
            until_clear=UNTIL_CLEAR,
            at=lambda instant: clock(instant, case.zone),
            lasted=spell((ticket.resolved or case.now) - ticket.since),
            canary=f"{ANSWERS}{self.links.token(case.link)}/{CANARY}",
        )
        return page(status, html, HEADERS)

    # Acting.

    async def act(self, case: Case, request: Request, receive: Receive) -> Answer:
        try:
            form = await read_form(request, receive)
        except BodyRefused as refused:
            return self.message("refused", refused.status, CLOSE, why=str(refused))
        wrong = self.numbers.wrong(case.link, form)
        if wrong is not None:
            return wrong.on(self.show(case, wrong.status, wrong=wrong.words, kept=form))
        return await self.obey(case, form)

    async def obey(self, case: Case, form: Form) -> Answer:
        """Do what is asked for, or say why there is nothing to do; the page shows what is true afterwards."""
        asked = wanted(case, form)
        if isinstance(asked, Notice):
            return self.show(case, asked.status, words=asked.words)
        try:
            decision = await submitted(self.engine, asked, self.clock)
        except NotTaken as busy:
            self.log.warning("answer not taken", ticket=case.ticket.number, person=case.by.id, why=str(busy))
            return self.show(case, 503, wrong=SORRY, kept=form)
        except FactRefused as bug:
            self.log.error("answer refused", ticket=case.ticket.number, person=case.by.id, why=str(bug))
            return self.show(case, 500, wrong=OUR_FAULT, kept=form)
        after = case_of(self.engine.world, case.link, self.clock.now())
        return self.show(after, words=thanks(asked, after, decision)) if after else self.gone(case.link)
