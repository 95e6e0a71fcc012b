"""The page behind the link of a swap: somebody is asked to take a shift, and answers without signing in.

Theory of operation. It is the answer page once more: GET and HEAD change nothing, to act takes a POST with
the number that stands beside the link. The link is of the one who is asked, and says nothing else: whether
there is still something to answer is the world's business.
"""

from collections.abc import Mapping

from structlog.typing import FilteringBoundLogger

from monitord.core.organization import Person
from monitord.core.swap import PREFIX, AcceptSwap, DeclineSwap, Swap, SwapAccepted, SwapRefused
from monitord.core.wording import Link, shown
from monitord.engine.clock import Clock
from monitord.engine.engine import FactRefused
from monitord.engine.links import FORMER, SWAP, Links
from monitord.web.answers import Answer, Receive, not_allowed, page
from monitord.web.edge.messages import CLOSE, HEADERS, OUR_FAULT, SORRY, message
from monitord.web.edge.numbers import Numbers
from monitord.web.limits import TOKEN_CHARS_MAX
from monitord.web.requests import BodyRefused, Request, read_form
from monitord.web.seams import Deciding, NotTaken, submitted
from monitord.web.templates import render

SWAPS = "/s/"
VIA = "link"
ANSWERS: Mapping[str, type[AcceptSwap | DeclineSwap]] = {"accept": AcceptSwap, "decline": DeclineSwap}


class SwapDesk:
    def __init__(
        self, engine: Deciding, links: Links, clock: Clock, log: FilteringBoundLogger, numbers: Numbers
    ) -> None:
        self.engine, self.links, self.clock = engine, links, clock
        self.log, self.numbers = log, numbers

    async def answer(self, request: Request, receive: Receive) -> Answer:
        if not request.reads and request.method != "POST":
            return not_allowed("GET", "HEAD", "POST")
        link = self.read(request.path.removeprefix(SWAPS))
        if link is None:
            return self.message("forged", 404, CLOSE)
        swap, person = self.about(link)
        if link.purpose == FORMER or swap is None:
            return self.message("swap_over", 410, CLOSE, former=link.purpose == FORMER)
        if person is None or person.id != swap.taker:
            return self.message("stranger", 403, who=link.who)
        if request.reads:
            return self.show(swap, person)
        return await self.act(link, swap, person, request, receive)

    def read(self, token: str) -> Link | None:
        link = self.links.read(token) if len(token) <= TOKEN_CHARS_MAX else None
        return link if link is not None and link.purpose in (SWAP, FORMER) else None

    def about(self, link: Link) -> tuple[Swap | None, Person | None]:
        """The swap while it waits for an answer, and who is asked, while they are known."""
        swap = self.engine.world.get(Swap, f"{PREFIX}{link.ticket}")
        waits = swap is not None and swap.due is not None and swap.due > self.clock.now()
        return swap if waits else None, self.engine.world.configuration.people.get(link.who)

    def message(self, template: str, status: int, *more: tuple[bytes, bytes], **values: object) -> Answer:
        return message(
            self.engine.world.configuration.organization, template, status, *more, ticket=None, **values
        )

    def show(self, swap: Swap, person: Person, status: int = 200, wrong: str = "") -> Answer:
        people = self.engine.world.configuration.people
        giver = people.get(swap.giver)
        html = render(
            "edge/swap.html",
            swap=swap,
            person=person,
            giver=giver.name or giver.id if giver else swap.giver,
            lapses=min(span.start for span in swap.spans),
            at=lambda instant: shown(instant, person),
            wrong=wrong,
        )
        return page(status, html, HEADERS)

    async def act(self, link: Link, swap: Swap, person: Person, request: Request, receive: Receive) -> Answer:
        try:
            form = await read_form(request, receive)
        except BodyRefused as refused:
            return self.message("refused", refused.status, CLOSE, why=str(refused))
        wrong = self.numbers.wrong(link, form)
        if wrong is not None:
            return wrong.on(self.show(swap, person, wrong.status, wrong.words))
        answer = ANSWERS.get(form.get("action", ""))
        if answer is None:
            return self.show(swap, person, 422, "Please press one of the two buttons.")
        return await self.obey(answer(swap.id, person.id, VIA), swap, person)

    async def obey(self, answer: AcceptSwap | DeclineSwap, swap: Swap, person: Person) -> Answer:
        """Do it, and say what came of it: that it was possible, or why not."""
        try:
            decision = await submitted(self.engine, answer, self.clock)
        except NotTaken as busy:
            self.log.warning("answer not taken", swap=swap.id, person=person.id, why=str(busy))
            return self.show(swap, person, 503, SORRY)
        except FactRefused as bug:
            self.log.error("answer refused", swap=swap.id, person=person.id, why=str(bug))
            return self.show(swap, person, 500, OUR_FAULT)
        refused = next((event.why for event in decision.events if isinstance(event, SwapRefused)), "")
        if refused:
            return self.show(swap, person, 409, f"{refused}. Nothing was done.")
        taken = any(isinstance(event, SwapAccepted) for event in decision.events)
        html = render(
            "edge/swap_answered.html", swap=swap, taken=taken, at=lambda instant: shown(instant, person)
        )
        return page(200, html, HEADERS)
