"""The witness: asks the daemon, the public page and the mailbox how things are, and makes a view of it.

What is asked first can only be older than what is asked later: so mails are taken first and the ticket after
them, and no view shows a page for a ticket that it does not know.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from monitord.client import Client, Place
from monitord.client.reading import read
from monitord.client.shapes import CheckRow, IncidentRow, IncidentStory, ProbeStory, TicketStory
from monitord.core.check import Instant
from monitord.demo.cast import COMPONENT, PROBE, Ports
from monitord.demo.mailbox import Mailbox
from monitord.demo.view import View
from monitord.net import Net
from monitord.net.http import HttpError

T = TypeVar("T")


@dataclass
class Witness:
    """Remembers every check it has heard of, and which ticket the outage has."""

    net: Net
    ports: Ports
    mailbox: Mailbox
    control: Place
    checks: dict[Instant, CheckRow] = field(default_factory=dict)
    number: int | None = None
    token: str = field(default="", repr=False)

    async def look(self) -> View:
        """How things are now. Raises HttpError, ClientFault, and ValueError for what is no answer of ours."""
        mails = tuple(self.mailbox.mails)
        probe = await self.asked(ProbeStory, f"probes/{PROBE}")
        self.remember(probe)
        ticket = await self.asked(TicketStory, f"tickets/{self.number}") if self.number else None
        posts = await self.posts()
        return View(
            checks=tuple(self.checks[at] for at in sorted(self.checks)),
            ticket=ticket,
            posts=posts.posts if posts else (),
            shown=await self.shown(),
            mails=mails,
        )

    def remember(self, story: ProbeStory) -> None:
        """The store learns of a check a second after the fact, so the latest one comes beside it."""
        for check in (*story.checks, *((story.probe.last,) if story.probe.last else ())):
            self.checks.setdefault(check.at, check)
        if story.probe.tickets:
            self.number = story.probe.tickets[0]

    async def posts(self) -> IncidentStory | None:
        """The public story of this outage, once there is one."""
        incidents = await self.asked(tuple[IncidentRow, ...], "incidents")
        return await self.asked(IncidentStory, f"incidents/{incidents[0].id}") if incidents else None

    async def shown(self) -> str:
        """The shop's state, as customers' programs see it."""
        summary = json.loads(await self.page(f"{self.ports.url('public')}/api/v2/summary.json"))
        states: dict[str, str] = {each["name"]: each["status"] for each in summary["components"]}
        return states[COMPONENT]

    async def page(self, url: str, token: str = "") -> str:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await self.net.http.get(url, headers=headers)
        return answer.raise_for_status().text

    async def asked(self, kind: type[T], question: str) -> T:
        """As any program asks: with a token, made where everybody on this machine makes one."""
        if not self.token:
            client = Client(self.control)
            made = await asyncio.to_thread(client.create_token, "demo", ("read",), machine=True)
            self.token = made.token
        said: Any = json.loads(await self.page(f"{self.ports.url('ops')}/api/v1/{question}", self.token))
        return read(kind, said)

    async def ready(self) -> bool:
        """Is the daemon all there?"""
        try:
            answer = await self.net.http.get(f"{self.ports.url('ops')}/readyz")
        except HttpError:
            return False
        return answer.status_code == 200
