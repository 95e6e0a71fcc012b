"""The console's screens: what is on fire, who has it, what happens next; rendered here, without scripts."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from monitord.client.shapes import CheckRow, ProbeNow
from monitord.core.organization import ContactMethod
from monitord.core.ticket import State, Ticket
from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, Headers, page, secured
from monitord.web.ops import probes as probing
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.headline import SMOKE, headline
from monitord.web.ops.limits import ID_CHARS_MAX, NUMBER_MAX
from monitord.web.ops.oncall import everybody_on_call
from monitord.web.ops.sources import Sources
from monitord.web.ops.sparkline import CHECKS_SHOWN, Sparkline, sparkline
from monitord.web.ops.threads import in_thread
from monitord.web.ops.words import (
    DELIVERY_TONES,
    PROBE_TONES,
    TICKET_TONES,
    Words,
    moments,
    tone_of,
)
from monitord.web.templates import render

REFRESH_EVERY = 30  # seconds
REFRESH_OFF = "off"
PAGE_OF_TICKETS = 50
PAGE_OF_PROBES = 50
ENDED_SHOWN = 5
CARDS_SHOWN = 50
FIELDS_MAX = 10
HEADERS: Headers = (*NOT_KEPT, *secured(NO_SCRIPTS))
DIALED = {"sms": "tel:", "voice": "tel:", "email": "mailto:"}

Query = Mapping[str, str]
Screen = Callable[..., Awaitable[Answer]]


class Screens:
    """One method a screen; `answer` finds it."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.routes: tuple[tuple[re.Pattern[str], Screen], ...] = (
            (re.compile(r"/"), self.now),
            (re.compile(r"/tickets/?"), self.tickets),
            (re.compile(r"/tickets/(\d{1,16})"), self.ticket),
            (re.compile(r"/probes/?"), self.probes),
            (re.compile(r"/probes/(.{1,200})"), self.probe),
            (re.compile(r"/oncall/?"), self.oncall),
        )

    async def answer(self, path: str, query_string: bytes) -> Answer:
        """The screen at that path."""
        query = read_query(query_string)
        for route, screen in self.routes:
            if found := route.fullmatch(path):
                return await screen(Asked(path, query), *found.groups())
        return await self.nothing(Asked(path, query), "There is nothing here.")

    async def now(self, asked: "Asked") -> Answer:
        """What is on fire comes first."""
        world, now = self.sources.world, self.sources.now
        live = ticketing.open_first(world)
        shown = [ticketing.row(ticket, world, now) for ticket in live[:CARDS_SHOWN]]
        probes = probing.all_probes(self.sources.engine)
        held = probing.everything_held(world)
        return await self.show(
            asked,
            "now",
            headline=headline(shown, probes, len(held)),
            tickets=shown,
            left_out=len(live) - len(shown),
            smoking=[probe for probe in probes if smokes(probe)][:CARDS_SHOWN],
            held=held[:CARDS_SHOWN],
            oncall=await self.on_call(),
            ended=self.lately_ended(),
        )

    def lately_ended(self) -> list[Any]:
        world = self.sources.world
        ended = [ticket for ticket in world.all(Ticket) if ticket.resolved is not None]
        newest = sorted(ended, key=lambda ticket: ticket.resolved or ticket.since, reverse=True)
        return [ticketing.row(ticket, world, self.sources.now) for ticket in newest[:ENDED_SHOWN]]

    async def tickets(self, asked: "Asked") -> Answer:
        """A list to leaf through, newest first."""
        state = next((state for state in State if state.value == asked.query.get("state")), None)
        service = asked.query.get("service", "")[:ID_CHARS_MAX] or None
        before = number_in(asked.query.get("before", ""))
        found = await self.sources.store.tickets(state, service, before, PAGE_OF_TICKETS + 1)
        world, now = self.sources.world, self.sources.now
        shown = [ticketing.row(ticket, world, now) for ticket in found[:PAGE_OF_TICKETS]]
        return await self.show(
            asked,
            "tickets",
            tickets=shown,
            states=[each.value for each in State],
            state=state.value if state else "",
            services=sorted(self.sources.configuration.services),
            service=service or "",
            older=shown[-1].number if len(found) > len(shown) else None,
            newer=before is not None,
        )

    async def ticket(self, asked: "Asked", number: str) -> Answer:
        story = await ticketing.story(self.sources, int(number))
        if story is None:
            return await self.nothing(asked, f"There is no ticket {number}.")
        service = self.sources.configuration.services.get(story.ticket.service)
        return await self.show(
            asked,
            "ticket",
            story=story,
            ticket=story.ticket,
            moments=moments(story.timeline),
            deliveries=story.deliveries[::-1],
            links=service.links if service else (),
        )

    async def probes(self, asked: "Asked") -> Answer:
        """The worst first, a page at a time."""
        every = probing.all_probes(self.sources.engine)
        first = (number_in(asked.query.get("from", "")) or 1) - 1
        shown = every[first : first + PAGE_OF_PROBES]
        return await self.show(
            asked,
            "probes",
            probes=shown,
            lines={probe.id: await self.line_of(probe.id) for probe in shown},
            total=len(every),
            first=first + 1,
            before=max(1, first + 1 - PAGE_OF_PROBES) if first else None,
            after=first + 1 + PAGE_OF_PROBES if first + PAGE_OF_PROBES < len(every) else None,
        )

    async def line_of(self, probe: str) -> Sparkline | None:
        return sparkline(await self.checks_of(probe))

    async def checks_of(self, probe: str) -> list[CheckRow]:
        checks = await self.sources.store.recent_checks(probe, CHECKS_SHOWN)
        return [probing.measured(check) for check in checks]

    async def probe(self, asked: "Asked", name: str) -> Answer:
        configured = self.sources.configuration.probes.get(name)
        if configured is None:
            return await self.nothing(asked, f"There is no probe {name}.")
        checks = await self.checks_of(name)
        now = probing.probe_now(configured, self.sources.engine)
        return await self.show(asked, "probe", probe=now, checks=checks, line=sparkline(checks))

    async def oncall(self, asked: "Asked") -> Answer:
        people = self.sources.configuration.people
        reach = {person: [contact(method) for method in each.reach] for person, each in people.items()}
        named = {person: each.name for person, each in people.items()}
        return await self.show(asked, "oncall", rotations=await self.on_call(), reach=reach, named=named)

    async def on_call(self) -> Any:
        return await in_thread(everybody_on_call, self.sources.configuration, self.sources.now)

    async def nothing(self, asked: "Asked", words: str) -> Answer:
        return await self.show(asked, "nothing", 404, words_of_it=words)

    async def show(self, asked: "Asked", screen: str, status: int = 200, **values: Any) -> Answer:
        """The screen, in a thread; it asks to be loaded again unless somebody stopped that."""
        html = await in_thread(
            render,
            f"ops/{screen}.html",
            asked=asked,
            organization=self.sources.configuration.organization,
            status_page=self.sources.status_page,
            lacking=self.sources.lacking,
            words=Words(self.sources.now, self.sources.configuration.time_zone),
            refresh_every=REFRESH_EVERY,
            **TONES,
            **values,
        )
        again: Headers = ((b"refresh", str(REFRESH_EVERY).encode()),) if asked.refreshing else ()
        return page(status, html, (*HEADERS, *again))


TONES: dict[str, Any] = {
    "probe_tones": PROBE_TONES,
    "ticket_tones": TICKET_TONES,
    "delivery_tones": DELIVERY_TONES,
    "tone_of": tone_of,
    "quoted": lambda text: quote(text, safe=""),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks at, and how."""

    path: str
    query: Query

    @property
    def refreshing(self) -> bool:
        return self.query.get("refresh") != REFRESH_OFF

    def here(self, **changes: object) -> str:
        """This address with other parameters; None takes one away."""
        told = {**self.query, **changes}
        kept = {name: value for name, value in told.items() if value is not None and value != ""}
        path = quote(self.path)
        return f"{path}?{urlencode(kept)}" if kept else path


def smokes(probe: ProbeNow) -> bool:
    """Not well, and said nowhere else on the screen."""
    return probe.state in SMOKE and not probe.tickets and not probe.held


def read_query(query_string: bytes) -> Query:
    """The parameters; too many of them are none."""
    try:
        return dict(parse_qsl(query_string.decode("latin-1"), max_num_fields=FIELDS_MAX))
    except ValueError:
        return {}


def number_in(text: str) -> int | None:
    """A positive number, if it is one."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else 0
    return number if 0 < number <= NUMBER_MAX else None


def contact(method: ContactMethod) -> tuple[str, str, str]:
    """Channel, address, and what a phone does when somebody touches it (nothing, if it cannot)."""
    scheme = DIALED.get(method.channel)
    return method.channel, method.address, f"{scheme}{quote(method.address, safe='@+')}" if scheme else ""
