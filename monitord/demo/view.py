"""A view: everything that is to be seen at one moment, and the questions that the play asks about it."""

from dataclasses import dataclass

from monitord.client.shapes import CheckRow, PostRow, TicketStory
from monitord.core.check import Instant
from monitord.demo.cast import CAST, SUBSCRIBER, person_of
from monitord.demo.mailbox import PAGE, Mail

PASSED = ("ok", "warning")


@dataclass(frozen=True, slots=True)
class View:
    """`shown` is the shop's state on the public page; checks and mails are oldest first."""

    checks: tuple[CheckRow, ...] = ()
    ticket: TicketStory | None = None
    posts: tuple[PostRow, ...] = ()
    shown: str = ""
    mails: tuple[Mail, ...] = ()

    @property
    def state(self) -> str:
        """The ticket's, or nothing."""
        return self.ticket.ticket.state if self.ticket else ""

    @property
    def passes(self) -> bool:
        """Did the last check?"""
        return bool(self.checks) and self.checks[-1].outcome in PASSED

    @property
    def pages(self) -> tuple[Mail, ...]:
        """The mails that ask somebody to answer."""
        return tuple(mail for mail in self.mails if mail.event == PAGE)

    def pages_to(self, person: str) -> tuple[Mail, ...]:
        return tuple(mail for mail in self.pages if person_of(mail.to) == person)

    @property
    def asked(self) -> tuple[str, ...]:
        """Everybody who has a page, in the order of their first one."""
        return tuple(dict.fromkeys(person_of(mail.to) for mail in self.pages))

    @property
    def climbed(self) -> bool:
        """The top was asked, and everybody below once with every tier since their own."""
        return all(len(self.pages_to(person)) >= len(CAST) - tier for tier, person in enumerate(CAST))

    @property
    def posts_by_mail(self) -> tuple[Mail, ...]:
        """What the subscriber was sent after the mail that asked to confirm."""
        return tuple(mail for mail in self.mails if mail.to == SUBSCRIBER)[1:]

    def pages_since(self, acknowledged: Instant) -> int:
        """Pages that were decided after the acknowledgement, or that came without having been decided."""
        decided = (
            [each.date for each in self.ticket.deliveries if each.purpose == PAGE] if self.ticket else []
        )
        before = sum(date <= acknowledged for date in decided)
        return max(len(decided), len(self.pages)) - before


NOTHING = View()
