"""The play: breaks the shop and repairs it, answers for those who are asked, and holds all to the story.

Theory of operation. The acts do what people would do, and wait for what they need to see, each with a
deadline. Nothing is taken for granted: that a GET acknowledges nothing, that no page follows an
acknowledgement, that the public page and the subscriber say so, is looked up; where it is not so the play
ends with a sentence. With `keys` somebody plays along, otherwise the second tier wakes up by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from rich.text import Text

from monitord.core.check import Instant
from monitord.core.wording import listed
from monitord.demo.cast import ANSWERS, CAST, SUBSCRIBER, Ports
from monitord.demo.keys import CTRL_D, NOBODY, Keys
from monitord.demo.stage import BAD, CALL, GOOD, PUBLIC, QUIET, Stage, key, web
from monitord.demo.target import Shop
from monitord.demo.view import View
from monitord.demo.visitor import Visitor
from monitord.demo.watch import HAPPENS_WITHIN, LOOK_EVERY, StoryBroke, Watch
from monitord.engine.clock import Clock

SOMEBODY_ANSWERS_WITHIN = 1800.0  # seconds, when a person plays along
COUNTDOWN = 8
MARGIN = timedelta(seconds=1)  # after the moment at which the next page would have left
LEAVES = ("q", CTRL_D)
SUBSCRIBED = "You are subscribed"
MAJOR_OUTAGE = "major outage"

Footer = Callable[[], tuple[Text, ...]]


class Left(Exception):
    """Somebody has seen enough."""


def saying(words: str) -> Footer:
    return lambda: (Text(words, QUIET),)


@dataclass
class Play:
    """One performance; `does` is what keys do at present."""

    watch: Watch
    visitor: Visitor
    shop: Shop
    keys: Keys | None
    does: dict[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    footer: Footer = field(default_factory=lambda: saying("The daemon starts …"))

    async def perform(self) -> None:
        """All acts. Raises StoryBroke."""
        await self.watch.started()
        self.stage.program(self.ports)
        await self.all_is_well()
        await self.break_the_shop()
        await (self.nobody_answers() if self.keys is None else self.somebody_may_answer())
        await self.nobody_else_is_paged()
        await self.repair_the_shop()

    # The acts.

    async def all_is_well(self) -> None:
        self.stage.act("All is well")
        self.footer = saying("The shop is open.")
        await self.watch.seen(lambda view: view.passes, "a passed check")
        self.stage.tell("✓", GOOD, "check passed", self.watch.view.checks[-1].summary)
        await self.operational()
        await self.subscribe()

    async def operational(self) -> None:
        await self.watch.seen(lambda view: view.shown == "operational", "an operational status page")
        self.stage.tell("■", PUBLIC, "status page", "operational")

    async def subscribe(self) -> None:
        """By the form, and confirmed by the link in the mail."""
        await self.visitor.subscribe()
        self.stage.tell("→", PUBLIC, "sub subscribes", f"{SUBSCRIBER}, by the form on the status page")
        mail = await self.watch.mail(self.visitor.confirmation, "the mail that asks to confirm")
        link = self.visitor.confirmation(mail) or ""
        await self.visitor.open(link)
        if SUBSCRIBED not in await self.visitor.press(link):
            raise StoryBroke("the subscription was not confirmed")
        self.stage.tell("→", PUBLIC, "sub confirms", f"by the link in mail {mail.number}")

    async def break_the_shop(self) -> None:
        if self.keys is not None:
            await self.countdown()
        self.stage.act("The shop breaks")
        self.shop.broken = True
        self.stage.tell("ϟ", BAD, "database is gone", "from now on the shop answers 503")
        self.footer = saying("One failed check may be chance. A row of them is not.")
        await self.watch.seen(lambda view: view.ticket, "the ticket")
        self.footer, self.does = self.asking, {"a": self.answer_newest}
        await self.public_is_told()

    async def countdown(self) -> None:
        """Time to open the pages."""
        now, at = asyncio.Event(), self.clock.now() + timedelta(seconds=COUNTDOWN)

        async def at_once() -> None:
            now.set()

        self.does = {"b": at_once}
        self.footer = lambda: (
            Text.assemble("Open the pages. The shop breaks in ", (self.seconds_to(at), "bold"), "."),
            Text.assemble(key("b", "break it now"), key("q", "leave")),
        )
        await self.clock.wait(now, COUNTDOWN)
        self.does = {}

    async def public_is_told(self) -> None:
        """By the page, to programs and to people, and by mail."""
        await self.watch.seen(lambda view: view.shown == "major_outage", "a major outage on the status page")
        page = await self.visitor.open(f"{self.ports.url('public')}/")
        if MAJOR_OUTAGE not in page.lower():
            raise StoryBroke(f"the status page does not say “{MAJOR_OUTAGE}”")
        await self.watch.seen(lambda view: view.posts_by_mail, "the subscriber’s mail about the outage")

    async def nobody_answers(self) -> None:
        """Wait until the top was asked and everybody below again; then the second tier wakes up."""
        await self.watch.seen(lambda view: view.climbed, f"the pages up to {CAST[-1]}", 2 * HAPPENS_WITHIN)
        await self.answer(ANSWERS)

    async def somebody_may_answer(self) -> None:
        """By a key, or by the link in any mail."""
        await self.watch.seen(lambda view: view.state != "open", "an answer", SOMEBODY_ANSWERS_WITHIN)
        self.does = {}

    async def answer_newest(self) -> None:
        """As whoever was asked last."""
        if self.watch.view.asked and self.watch.view.state == "open":
            self.does = {}
            await self.answer(self.watch.view.asked[-1])

    async def answer(self, person: str) -> None:
        """Open the link in the newest mail, which changes nothing; then send its number, which does."""
        mail = self.watch.view.pages_to(person)[-1]
        link, digits = self.visitor.answer(mail), mail.digits
        if link is None or digits is None:
            raise StoryBroke(f"mail {mail.number} has no link to answer, or no number")
        self.stage.act(f"{person} wakes up")
        await self.visitor.open(link)
        if (await self.watch.looked_again()).state != "open":
            raise StoryBroke("opening the link acknowledged the ticket")
        self.stage.tell(
            "→", CALL, f"{person} opens the link", f"of mail {mail.number}: a GET, which changes nothing"
        )
        await self.visitor.press(link, number=digits, action="acknowledge")
        self.stage.tell("→", CALL, f"{person} types {digits}", "a POST, as the button “I have it” does")
        await self.watch.seen(lambda view: view.state != "open", "the acknowledgement")
        if self.watch.ticket.holder != person:
            raise StoryBroke(f"{person} answered, but {self.watch.ticket.holder or 'nobody'} has the ticket")

    async def nobody_else_is_paged(self) -> None:
        """Past the moment at which the next page would have left."""
        acknowledged, upcoming = self.watch.ticket.acknowledged, self.watch.upcoming
        if acknowledged is None or upcoming is None:  # resolved by hand, which a person may do
            return
        due = max(upcoming.at, acknowledged) + MARGIN
        self.footer = lambda: (
            Text.assemble(
                (f"{self.watch.holder} has it", "bold"),
                f"; otherwise {listed(upcoming.pages)} would be paged in ",
                (self.seconds_to(upcoming.at), "bold"),
            ),
        )
        await self.clock.sleep_until(due)
        late = (await self.watch.looked_again()).pages_since(acknowledged)
        if late and self.watch.view.state == "acknowledged":
            raise StoryBroke(f"{late} more pages left after the acknowledgement")
        self.stage.tell("✓", GOOD, "nobody is paged", "although the shop is still down")

    async def repair_the_shop(self) -> None:
        self.stage.act(f"{self.watch.holder} repairs the shop")
        self.shop.broken = False
        self.stage.tell("↑", GOOD, "database is back", "the shop answers 200 again")
        self.footer = saying("One passed check may be chance, too.")
        await self.watch.seen(lambda view: view.state == "resolved", "the end of the ticket")
        await self.operational()
        await self.watch.seen(subscriber_knows_the_end, "the subscriber’s mail about the end")
        self.stage.summary(self.watch.view, self.watch.holder)

    async def look_around(self) -> None:
        """Until somebody leaves."""
        self.footer = lambda: (
            Text("Everything still runs: look around.", GOOD),
            Text.assemble(key("q", "leave; nothing of it stays behind")),
        )
        self.over.set()
        await asyncio.Event().wait()

    # Beside the acts.

    @property
    def stage(self) -> Stage:
        return self.watch.stage

    @property
    def clock(self) -> Clock:
        return self.watch.clock

    @property
    def ports(self) -> Ports:
        return self.watch.house.ports

    async def animate(self) -> None:
        """Keep the footer moving, until cancelled."""
        while True:
            self.stage.below(*self.footer())
            await self.clock.sleep(LOOK_EVERY)

    async def listen(self) -> None:
        """Do what keys say, until cancelled. Raises Left."""
        while self.keys is not None:
            pressed = await self.keys.pressed.get()
            if pressed == NOBODY:  # the play goes on for whoever answers by mail
                await self.over.wait()
            if pressed in (*LEAVES, NOBODY):
                raise Left
            if pressed in self.does:
                await self.does[pressed]()

    def asking(self) -> tuple[Text, ...]:
        """Who was asked, what comes next, and how to answer."""
        upcoming = self.watch.ticket.next
        stands = Text.assemble(
            ("Nobody has answered", "bold"), f"; {upcoming.says if upcoming else 'one moment'}."
        )
        if self.keys is None or not self.watch.view.asked or not self.does:
            return (stands,)
        person = self.watch.view.asked[-1]
        mail = self.watch.view.pages_to(person)[-1]
        link = web(f"{self.ports.url('inbox')}/{mail.number}")
        by_mail = Text.assemble("or by the link in ", link, f", number {mail.digits}")
        return (
            stands,
            Text.assemble(key("a", f"answer as {person}"), by_mail),
            Text.assemble(key("q", "leave")),
        )

    def seconds_to(self, at: Instant) -> str:
        return f"{max(0, round((at - self.clock.now()).total_seconds()))} s"


def subscriber_knows_the_end(view: View) -> bool:
    return any(mail.subject.startswith("Resolved:") for mail in view.posts_by_mail)
