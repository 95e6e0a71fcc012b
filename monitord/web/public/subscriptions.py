"""Subscribing, confirming and leaving: the few POSTs of the public door.

Theory of operation. Whoever asks to subscribe an address gets the same answer, known or not, so that nobody
can find out who subscribes. Nothing acts on a GET: machines follow every link in a mail. A POST to an
unsubscribe link acts at once, whatever it says (RFC 8058).
"""

from collections.abc import Callable
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from monitord.core.subscription import (
    ConfirmSubscription,
    Subscribe,
    Subscriber,
    SubscriberState,
    Unsubscribe,
)
from monitord.core.wording import Link
from monitord.engine.clock import Clock
from monitord.engine.engine import FactRefused
from monitord.engine.links import CONFIRM, UNSUBSCRIBE, Links
from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, Receive, page, secured
from monitord.web.limits import SUBSCRIPTIONS_PER_DOMAIN, SUBSCRIPTIONS_PER_NETWORK, Buckets, network_of
from monitord.web.mailbox import AddressRefused, mailbox
from monitord.web.public.pages import Site, small_page
from monitord.web.public.subscribers_api import as_told, asked_address
from monitord.web.requests import BodyRefused, Request, comes_from_elsewhere, read_body, read_form
from monitord.web.seams import Deciding, NotTaken, submitted

HEADERS = (*NOT_KEPT, *secured(NO_SCRIPTS))
CLOSE = (b"connection", b"close")
TRAP = "website"


@dataclass(frozen=True, slots=True)
class Message:
    status: int
    heading: str
    words: str


ASKED = Message(
    200,
    "Look into your mail",
    "If this address can hear from us, a mail is on its way to it. Open the link in it to confirm; "
    "without that nothing follows.",
)
TOO_MANY = Message(
    429,
    "Too many at once",
    "So many subscriptions were asked for just now that we have to wait. Please try again later.",
)
ELSEWHERE = Message(
    403, "This came from elsewhere", "Another site sent this form. Please use the form on our own page."
)
BUSY = Message(503, "One moment", "We could not store this just now. Please try again in a minute.")
OUR_FAULT = Message(
    500, "This did not work", "The mistake is ours, and has been noted. Trying again now would not help."
)
NOT_OURS = Message(
    404,
    "This link is not one of ours",
    "It may have been cut off on its way. Please copy it whole from the mail, or subscribe again.",
)
OVER = Message(
    410,
    "This link is no longer valid",
    "It was not confirmed within two days, or its address has been removed since. "
    "You can subscribe again at any time.",
)
CONFIRMED = Message(
    200, "You are subscribed", "From now on you hear of every incident. Each mail has a link to leave."
)
LEFT = Message(200, "You have left", "No more mails follow, and your address is deleted.")


class Subscriptions:
    """`site` says what the pages are called now."""

    def __init__(
        self,
        engine: Deciding,
        links: Links,
        clock: Clock,
        url: str,
        site: Callable[[], Site],
        log: FilteringBoundLogger,
    ) -> None:
        self.engine, self.links, self.clock, self.url = engine, links, clock, url
        self.site, self.log = site, log
        self.networks = Buckets(SUBSCRIPTIONS_PER_NETWORK)
        self.domains = Buckets(SUBSCRIPTIONS_PER_DOMAIN)

    def accept(self, url: str) -> None:
        """From now on, this is where the pages are."""
        self.url = url

    def says(self, message: Message, *more: tuple[bytes, bytes]) -> Answer:
        html = small_page("message", self.site(), heading=message.heading, words=message.words)
        return page(message.status, html, (*HEADERS, *more))

    # Subscribing.

    async def subscribe(self, request: Request, receive: Receive) -> Answer:
        """The form of the page; the answer is the same for every address that could be one."""
        if not self.site().offers_mail:
            return self.form("", "", 404)
        if comes_from_elsewhere(request, self.url):
            return self.says(ELSEWHERE, CLOSE)
        try:
            form = await read_form(request, receive)
        except BodyRefused as refused:
            return self.says(Message(refused.status, "We cannot read this form", str(refused)), CLOSE)
        written = form.get("email", "")
        try:
            address = mailbox(written)
        except AddressRefused as refused:
            return self.form(str(refused), written[:254], 422)
        return await self.ask(request, address, trapped=bool(form.get(TRAP)))

    async def subscribe_by_program(self, request: Request, receive: Receive) -> Answer:
        """The same, as Statuspage's API has it."""
        asked = await asked_address(request, receive, self.url, offers_mail=self.site().offers_mail)
        if isinstance(asked, Answer):
            return asked
        return as_told(asked, await self.ask(request, asked, trapped=False))

    def form(self, error: str, email: str, status: int) -> Answer:
        return page(status, small_page("subscribe", self.site(), error=error, email=email), HEADERS)

    async def ask(self, request: Request, address: str, *, trapped: bool) -> Answer:
        if not self.allowed(network_of(request.client), address.rpartition("@")[2]):
            return self.says(TOO_MANY, (b"retry-after", b"600"))
        if trapped:  # only a machine fills in what people cannot see
            return self.says(ASKED)
        try:
            await submitted(self.engine, Subscribe(address), self.clock)
        except NotTaken as busy:
            self.log.warning("subscription not taken", why=str(busy))
            return self.says(BUSY, (b"retry-after", b"60"))
        except FactRefused as bug:
            self.log.error("subscription refused", why=str(bug))
            return self.says(OUR_FAULT)
        return self.says(ASKED)

    def allowed(self, network: str, domain: str) -> bool:
        """Both buckets must have one left; then one is taken from each."""
        now = self.clock.monotonic()
        if self.networks.wait(network, now) or self.domains.wait(domain, now):
            return False
        self.networks.take(network, now)
        self.domains.take(domain, now)
        return True

    # The links in mails.

    async def confirm(self, token: str, request: Request, receive: Receive) -> Answer:
        link = self.read(token, CONFIRM)
        if link is None:
            return self.says(NOT_OURS)
        subscriber = self.subscriber(link)
        if subscriber is None:
            return self.says(OVER)
        if subscriber.state is SubscriberState.CONFIRMED:
            return self.says(CONFIRMED)
        if request.reads:
            return self.press(
                "Confirm your subscription",
                f"Do you want mails about incidents on {self.site().name}?",
                "Yes, send me updates",
                "If you did not ask for this, close this page; no mail follows.",
            )
        return await self.acted(receive, ConfirmSubscription(link.who), lambda: self.confirmed(link))

    def confirmed(self, link: Link) -> Message:
        subscriber = self.subscriber(link)
        return CONFIRMED if subscriber and subscriber.state is SubscriberState.CONFIRMED else OVER

    async def leave(self, token: str, request: Request, receive: Receive) -> Answer:
        link = self.read(token, UNSUBSCRIBE)
        if link is None:
            return self.says(NOT_OURS)
        if self.subscriber(link) is None:
            return self.says(LEFT)
        if request.reads:
            return self.press(
                "Leave?",
                f"Do you no longer want mails about incidents on {self.site().name}?",
                "Yes, no more mails",
                "If you press nothing, nothing changes.",
            )
        return await self.acted(receive, Unsubscribe(link.who), lambda: LEFT)

    async def acted(
        self, receive: Receive, fact: ConfirmSubscription | Unsubscribe, outcome: Callable[[], Message]
    ) -> Answer:
        """The link alone says everything; what stands in the body does not matter, but has its limits."""
        try:
            await read_body(receive)
            await submitted(self.engine, fact, self.clock)
        except BodyRefused as refused:
            return self.says(Message(refused.status, "We cannot read this", str(refused)), CLOSE)
        except NotTaken as busy:
            self.log.warning("answer of a subscriber not taken", why=str(busy))
            return self.says(BUSY, (b"retry-after", b"60"))
        except FactRefused as bug:
            self.log.error("answer of a subscriber refused", why=str(bug))
            return self.says(OUR_FAULT)
        return self.says(outcome())

    def press(self, heading: str, words: str, button: str, otherwise: str) -> Answer:
        shown = {"heading": heading, "words": words, "button": button, "otherwise": otherwise}
        return page(200, small_page("press", self.site(), **shown), HEADERS)

    def read(self, token: str, purpose: str) -> Link | None:
        link = self.links.read(token)
        return link if link is not None and link.purpose == purpose else None

    def subscriber(self, link: Link) -> Subscriber | None:
        return self.engine.world.get(Subscriber, link.who)
