"""The post for sign-in links: a mail with a way in, sent at once and kept nowhere.

Theory of operation. Not a delivery of the core: what is stored can be read, and this must not be. Whoever
asks for a link waits neither for the store nor for the mail, so that nobody can tell by the time whether a
name is known. A letter is tried for as long as its link lives; it looks like every other of ours.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.engine.clock import Clock
from monitord.engine.dispatch import Way
from monitord.engine.letters import AUTOMATIC, Page, Signpost, plain, rich
from monitord.kinds import Letter, Refused, Sent
from monitord.store.faults import StoreError
from monitord.web.access.limits import LETTERS_WAITING_MAX, LINK_LASTS
from monitord.web.text import lasted

MAIL = "email"
AT_ONCE = 4
AGAIN_AFTER = (5.0, 20.0, 60.0)  # seconds


class Sender(Protocol):
    """The dispatch, as far as it is asked here."""

    @property
    def ways(self) -> Mapping[str, Way]: ...
    async def send(self, letter: Letter, way: Way) -> Sent | Refused: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose way in is asked for, where to write, and how they and we are called."""

    account: str
    address: str
    name: str
    organization: str
    at: Instant
    make: Callable[[], Awaitable[str]]  # the link, whole; only now is it drawn


class LinkPost:
    """`run` sends what was put in, until cancelled; without a mail channel nothing is taken."""

    def __init__(self, sender: Sender, clock: Clock, log: FilteringBoundLogger) -> None:
        self.sender, self.clock, self.log = sender, clock, log
        self.waiting: asyncio.Queue[Asked] = asyncio.Queue(LETTERS_WAITING_MAX)

    @property
    def works(self) -> bool:
        return MAIL in self.sender.ways

    def put(self, asked: Asked) -> None:
        try:
            self.waiting.put_nowait(asked)
        except asyncio.QueueFull:
            self.log.warning("sign-in mail dropped", why=f"{LETTERS_WAITING_MAX} are waiting already")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(AT_ONCE):
                group.create_task(self.work(), name=f"sign-in mail {number}")

    async def work(self) -> None:
        while True:
            asked = await self.waiting.get()
            try:
                await self.send(asked)
            except StoreError as error:
                self.log.warning("sign-in mail not written", why=str(error))

    async def send(self, asked: Asked) -> None:
        """Until it is taken, or pointless. What the channel said may name the address, never the link."""
        letter = written(asked, await asked.make())
        for pause in (*AGAIN_AFTER, None):
            answer = await self.once(letter)
            if isinstance(answer, Sent):
                return
            self.log.warning("sign-in mail not taken", why=answer.why)
            if answer.permanent or pause is None:
                return
            await self.clock.sleep(pause)

    async def once(self, letter: Letter) -> Sent | Refused:
        way = self.sender.ways.get(MAIL)
        if way is None:
            return Refused("there is no channel `email` in the configuration", permanent=True)
        try:
            return await self.sender.send(letter, way)
        except Exception as error:  # noqa: BLE001 - a bug in the channel costs this letter only
            return Refused(f"the channel email failed: {type(error).__name__}", permanent=True)


def written(asked: Asked, url: str) -> Letter:
    """The letter: one link, and what to do if one did not ask for it."""
    page = Page(
        subject=f"Sign in to monitord of {asked.organization}",
        lines=(
            f"Sign in to monitord of {asked.organization}",
            f"Somebody, hopefully you, asked for this link. It works once, within {lasted(LINK_LASTS)}.",
            "If it was not you, do nothing: without the link nobody gets in.",
        ),
        signposts=(Signpost("Sign in", url),),
        more=(),
        signature=f"To {asked.name}, from monitord at {asked.organization}.",
        unsubscribe=None,
    )
    unique = hashlib.sha256(url.encode()).hexdigest()[:32]
    return Letter(
        id=unique,
        address=asked.address,
        subject=page.subject,
        text=plain(page, "\n\n"),
        html=rich(page),
        headers=AUTOMATIC,
        date=asked.at,
        message_id=f"<{unique}@sign-in.monitord>",
    )
