"""Signing in and out: an emailed link, or a password; the same answer for names that nobody has.

Theory of operation. A link is looked at by a GET and used by a POST, because mail programs fetch whatever
they see. What is asked for an unknown name is done as for a known one, and answered alike. Guessing is slowed
down for one name from one network at a time, so that nobody can lock somebody else out; and a link that was
mailed always works. A shell on the machine always works too (`monitord account link NAME`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.core.organization import Person, folded
from monitord.core.world import Configuration
from monitord.engine.clock import Clock
from monitord.web.access.limits import (
    LINKS_PER_NAME,
    LINKS_PER_VISITOR,
    NAME_CHARS_MAX,
    PASSWORDS_PER_VISITOR,
)
from monitord.web.access.links import SIGN_IN, link_at
from monitord.web.access.passwords import Passwords, TooManyAtOnce
from monitord.web.access.sessions import ChangedMeanwhile, Sessions
from monitord.web.answers import Answer
from monitord.web.console.post import MAIL, Asked, LinkPost
from monitord.web.console.visit import Entry, Visit, address, inside, name_in
from monitord.web.limits import Buckets, network_of
from monitord.web.passkeys.site import site_of
from monitord.web.templates import render

Form = Mapping[str, str]
BY_LINK, BY_PASSWORD = "a mailed link", "password"


@dataclass(frozen=True, slots=True)
class Told:
    """What the sign-in page says besides its forms."""

    status: int = 200
    words: str = ""
    wrong: str = ""


NO_WORDS = Told()
STALE = Told(403, wrong="That page was too old, or its cookie did not come along. Please try once more.")
SENT = Told(
    200,
    "If we know you and your mail address, a link is on its way. It works once, within 15 minutes.",
)
NO_MAIL = Told(503, wrong="This monitord has no mail channel, so it cannot send links. Use a password.")
WRONG = Told(403, wrong="Name and password do not fit. Nobody was signed in.")
SLOWLY = Told(
    429, wrong="Too many attempts with that name from here. Wait a few minutes, or use a mailed link."
)
CROWDED = Told(503, wrong="So many sign in just now that this had to wait too long. Please try again.")
UNKNOWN_LINK = Told(
    410, wrong="This link was used already, or is older than 15 minutes. Ask for a new one here."
)
CHANGED = Told(403, wrong="That account was changed just now. Nobody was signed in; please try once more.")
ENDED = "ended"
NOT_STORED = (
    "It could not be stored: a copy of the session would open again if monitord restarted before its disk "
    "has room. monitord tries it again by itself."
)
ENDED_HERE = Told(wrong=f"You are signed out. {NOT_STORED}")


class Signing:
    """`configuration` gives the one in force; `post` is None where no mail leaves."""

    def __init__(
        self,
        entry: Entry,
        sessions: Sessions,
        configuration: Callable[[], Configuration],
        post: LinkPost | None,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self.entry, self.sessions, self.configuration = entry, sessions, configuration
        self.post, self.clock, self.log = post, clock, log
        self.passwords = Passwords()
        self.tries = Buckets(PASSWORDS_PER_VISITOR)
        self.asks = Buckets(LINKS_PER_VISITOR)
        self.mails = Buckets(LINKS_PER_NAME)
        self.elsewhere = ""  # the name of the provider where people may sign in too

    # What is shown.

    async def page(self, visit: Visit, said: Told = NO_WORDS, name: str = "") -> Answer:
        back, site = inside(visit.query.get("next", "/")), site_of(visit.entry.url)
        said = ENDED_HERE if said is NO_WORDS and ENDED in visit.query else said
        ways = {"mails": self.mails_links, "elsewhere": self.elsewhere, "site": site}
        return self.show(visit, "sign_in", said, back=back, name=name, **ways)

    @property
    def mails_links(self) -> bool:
        return self.post is not None and self.post.works

    def show(self, visit: Visit, screen: str, said: Told, **values: Any) -> Answer:
        organization = self.configuration().organization
        html = render(f"ops/{screen}.html", visit=visit, organization=organization, said=said, **values)
        return visit.page(said.status, html, *cookie(visit))

    async def again(self, visit: Visit) -> Answer:
        """A form of a page that was too old, or of another site."""
        return await self.page(visit, STALE)

    async def look(self, visit: Visit, held: str) -> Answer:
        """A link is opened: whom it is for, and a button; nothing is used up."""
        name = await self.sessions.whose(held, visit.now)
        if name is None:
            return await self.page(visit, UNKNOWN_LINK)
        back = inside(visit.query.get("next", "/"))
        return self.show(visit, "sign_in_link", NO_WORDS, name=self.called(name), back=back)

    def called(self, name: str) -> str:
        person = self.configuration().people.get(name)
        return person.name or name if person else name

    # What is done.

    async def ask(self, visit: Visit, form: Form) -> Answer:
        """A link is asked for; the answer says nothing about the name."""
        written, network = name_in(form, "name"), network_of(visit.request.client)
        if not self.mails_links:
            return await self.page(visit, NO_MAIL)
        now, asked = self.clock.monotonic(), (network, written.lower())
        if self.asks.wait(asked, now):
            return await self.page(visit, SLOWLY, written)
        self.asks.take(asked, now)
        person = found(written, self.configuration().people.values())
        if person is not None and not self.mails.wait(person.id, now):
            self.mails.take(person.id, now)
            self.send(visit, person, inside(form.get("next", "/")))
        return await self.page(visit, SENT)

    def send(self, visit: Visit, person: Person, back: str) -> None:
        """A link to every mail address of the person."""

        async def make() -> str:
            return await self.link(person.id, visit.now, back)

        organization, called = self.configuration().organization, self.called(person.id)
        for method in person.reach:
            if method.channel == MAIL and self.post is not None:
                self.post.put(Asked(person.id, method.address, called, organization, visit.now, make))

    async def link(self, name: str, now: Instant, back: str = "/") -> str:
        """A way in that works once, whole."""
        held = await self.sessions.link(name, now)
        return link_at(self.entry.url, held, back)

    async def use(self, visit: Visit, held: str, form: Form) -> Answer:
        since = self.sessions.changes
        name = await self.sessions.use(held, visit.now)
        if name is None:
            return await self.page(visit, UNKNOWN_LINK)
        return await self.let_in(visit, name, BY_LINK, form, since)

    async def password(self, visit: Visit, form: Form) -> Answer:
        written, password = name_in(form, "name"), form.get("password", "")
        now, asked = self.clock.monotonic(), (network_of(visit.request.client), written.lower())
        if self.tries.wait(asked, now):
            return await self.page(visit, SLOWLY, written)
        person = found(written, self.configuration().people.values())
        name, since = person.id if person else written, self.sessions.changes
        account = await self.sessions.account(name, visit.now)
        try:
            right = await self.passwords.fits(account.password if account else "", password)
        except TooManyAtOnce:
            return await self.page(visit, CROWDED, written)
        if not right or not self.sessions.known(name):
            self.tries.take(asked, now)
            self.log.info("password did not fit", name=name[:NAME_CHARS_MAX], client=visit.request.client)
            return await self.page(visit, WRONG, written)
        return await self.let_in(visit, name, BY_PASSWORD, form, since)

    async def let_in(
        self, visit: Visit, name: str, how: str, form: Form, since: int, passkey: str = ""
    ) -> Answer:
        """Another cookie takes the place of the old one; the session ends with the passkey, if it was one.
        `since` is how many changes of accounts there had been when what was shown began to be checked.
        """
        if visit.session is not None:
            await self.sessions.close([visit.session.id], visit.now)
        client = visit.request.client
        try:
            held, _ = await self.sessions.begin(name, how, client, visit.agent, visit.now, passkey, since)
        except ChangedMeanwhile:
            self.log.info("not let in: the account has changed", name=name, how=how, client=client)
            return await self.page(visit, CHANGED)
        self.log.info("signed in", name=name, how=how, client=client)
        return visit.to(inside(form.get("next", "/")), visit.entry.baking(held))

    async def out(self, visit: Visit) -> Answer:
        unstored: list[str] = []
        if visit.session is not None:
            unstored = await self.sessions.close([visit.session.id], visit.now)
            await self.sessions.tell(visit.now, visit.session.account, "signed out", visit.request.client)
            self.log.info("signed out", name=visit.session.account, client=visit.request.client)
        place = address(SIGN_IN, {ENDED: "here" if unstored else None})
        return visit.to(place, visit.entry.baking(""))


def cookie(visit: Visit) -> Iterable[tuple[bytes, bytes]]:
    """A browser that comes for the first time is given one, so that its forms can be told from others'."""
    sent = visit.entry.held(visit.request)
    return () if sent == visit.held else (visit.entry.baking(visit.held),)


def found(written: str, people: Iterable[Person]) -> Person | None:
    """The person of that id or mail address."""
    wanted = folded(written)
    for person in people:
        addresses = (folded(method.address) for method in person.reach if method.channel == MAIL)
        if person.id == written or wanted in addresses:
            return person
    return None
