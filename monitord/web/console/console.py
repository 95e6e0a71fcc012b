"""The console as an application: who is there, which screen, which button.

Theory of operation. Every request is a visit; without a session there is nothing but the sign-in page.
A GET changes nothing. A POST needs the token of its browser and must not come from another site, whatever
it asks for. Which screens there are is a table.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from structlog.typing import FilteringBoundLogger

from monitord.store.faults import StoreError
from monitord.web.access.links import SIGN_IN
from monitord.web.access.roles import STATE, Role, person
from monitord.web.answers import (
    BROKEN,
    NO_SCRIPTS,
    NOT_KEPT,
    Answer,
    Receive,
    Scope,
    Send,
    page,
    secured,
    send_answer,
)
from monitord.web.console import oncall, records
from monitord.web.console.account import Self
from monitord.web.console.acts import ROOT, TICKET_ACTS, Buttons, Forbidden, Form
from monitord.web.console.calendar import Calendar
from monitord.web.console.elsewhere import BACK, OUT, Elsewhere
from monitord.web.console.leaving import Leaving
from monitord.web.console.limits import FORM_BYTES_MAX
from monitord.web.console.live import Live
from monitord.web.console.now import Now
from monitord.web.console.opening import Opening
from monitord.web.console.own_passkeys import OwnPasskeys
from monitord.web.console.passkey_signing import CHALLENGE, PASSKEY, PasskeySigning
from monitord.web.console.post import LinkPost
from monitord.web.console.probes import Probes
from monitord.web.console.public import Public
from monitord.web.console.room import Permits, Room
from monitord.web.console.signing import NO_WORDS, Signing
from monitord.web.console.simulating import Simulating
from monitord.web.console.standing_in import StandingIn
from monitord.web.console.swapping import Swapping
from monitord.web.console.tickets import Tickets
from monitord.web.console.visit import VIA, Entry, Visit, new_nonce, read_query
from monitord.web.console.watching import Watching
from monitord.web.ops.sources import Sources
from monitord.web.passkeys.challenges import Challenges
from monitord.web.requests import BodyRefused, Request, read_form, request_of
from monitord.web.templates import render

LIVE = "/live"
READS = ("GET", "HEAD")
Screen = Callable[..., Awaitable[Answer]]
Route = tuple[re.Pattern[str], Screen]


class Console:
    """`api` answers calls in an actor's name; `described` is the application behind it, for its routes."""

    def __init__(
        self,
        sources: Sources,
        entry: Entry,
        api: Any,
        described: FastAPI,
        log: FilteringBoundLogger,
        post: LinkPost | None = None,
    ) -> None:
        self.sources, self.entry, self.log, self.post = sources, entry, log, post
        self.sessions, sources.console = sources.sessions, entry.url
        self.signing = Signing(entry, self.sessions, lambda: sources.configuration, post, sources.clock, log)
        self.elsewhere = Elsewhere(self.signing)
        self.challenges = Challenges()
        self.by_passkey = PasskeySigning(self.signing, sources.passkeys, self.challenges, sources.clock, log)
        self.live = Live()
        self.sessions.on_close.append(self.live.end_of)
        sources.engine.listen(self.live.hear)
        self.room = Room(sources, Permits(described, ROOT))
        self.buttons = Buttons(self.room, api)
        self.gets, self.posts = self.routes()

    def routes(self) -> tuple[tuple[Route, ...], tuple[Route, ...]]:
        """The screens, and the forms on them."""
        room, buttons = self.room, self.buttons
        tickets, probes, public = Tickets(room, buttons), Probes(room), Public(room, buttons)
        own = OwnPasskeys(self.sources, buttons, self.signing.passwords, self.challenges)
        me = Self(room, buttons, self.sessions, own)
        watching, opening = Watching(room, buttons), Opening(room, buttons)
        calendar, standing_in = Calendar(room, buttons), StandingIn(room, buttons)
        swapping, leaving = Swapping(room, buttons), Leaving(room, buttons)
        gets: dict[str, Screen] = {
            r"/": Now(room, buttons).show,
            r"/tickets": tickets.index,
            r"/tickets/new": opening.form,
            r"/tickets/(\d{1,16})": tickets.one,
            r"/probes": probes.index,
            r"/probes/(.{1,200})": probes.one,
            r"/oncall": lambda visit: oncall.on_call(room, visit),
            r"/oncall/calendar": calendar.show,
            r"/oncall/shift": standing_in.show,
            r"/oncall/away": leaving.show,
            r"/simulate": Simulating(room).show,
            r"/messages": lambda visit: records.messages(room, visit),
            r"/audit": lambda visit: records.audit(room, visit),
            r"/access": lambda visit: records.access(room, visit),
            r"/public": public.index,
            r"/public/([^/]{1,200})": public.one,
            r"/watching": watching.show,
            r"/events": watching.events,
            r"/events/(\d{1,16})": watching.event,
            r"/account": me.show,
            r"/more": lambda visit: room.show(visit, "more"),
        }
        posts: dict[str, Screen] = {
            rf"/tickets/(\d{{1,16}})/({'|'.join(TICKET_ACTS)})": self.press,
            r"/tickets/new": opening.open,
            r"/tickets/everybody": opening.call_everybody,
            r"/public": public.begin,
            r"/public/([^/]{1,200})": public.go_on,
            r"/oncall/overrides": standing_in.add,
            r"/oncall/overrides/([^/]{1,200})/remove": standing_in.remove,
            r"/oncall/swaps": swapping.ask,
            r"/oncall/swaps/([^/]{1,200})/(accept|decline)": swapping.answer,
            r"/oncall/away": leaving.add,
            r"/oncall/away/([^/]{1,200})/remove": leaving.remove,
            r"/oncall/feeds/([^/]{1,200})/renew": calendar.renew,
            r"/silences": watching.silence,
            r"/silences/(.{1,200})/end": watching.end_silence,
            r"/account/sessions": me.end_session,
            r"/account/password": me.set_password,
            r"/account/passkeys": own.add,
            r"/account/passkeys/challenge": own.challenge,
            r"/account/passkeys/([0-9a-f]{12})/remove": own.remove,
            r"/account/contacts/verify": me.send_code,
            r"/account/contacts/confirm": me.say_code,
            r"/sign-out": lambda visit, form: self.signing.out(visit),
        }
        return table(gets), table(posts)

    def accept(self, url: str) -> None:
        """From now on it is reached there."""
        self.entry = self.signing.entry = replace(self.entry, url=url)
        self.sources.console = url

    # One request.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of(scope)
        try:
            visit = await self.visit(request, scope)
            if request.path == LIVE and visit.actor is not None and visit.session is not None:
                await self.live.serve(visit.session.id, visit.query.get("about", ""), receive, send)
                return
            answer = await self.answer(visit, receive)
        except StoreError as error:
            self.log.error("console cannot read the store", why=str(error))
            answer = self.trouble()
        except Exception:
            path = SIGN_IN if request.path.startswith(SIGN_IN) else request.path  # a link opens the door
            self.log.exception("request failed", door="ops", path=path)
            answer = BROKEN
        await send_answer(answer, send)

    def trouble(self) -> Answer:
        """The store does not answer; what is shown needs nothing from it."""
        html = render("ops/trouble.html", organization=self.sources.configuration.organization, said=NO_WORDS)
        return page(503, html, (*NOT_KEPT, *secured(NO_SCRIPTS)))

    async def visit(self, request: Request, scope: Scope) -> Visit:
        """Who is there. A browser that comes for the first time is given something to hold."""
        now, zone = self.sources.now, self.sources.configuration.time_zone
        held = self.entry.held(request) or new_nonce()
        return await self.known(
            Visit(self.entry, request, read_query(scope), held, now, zone, new_nonce()),
        )

    async def known(self, visit: Visit) -> Visit:
        """The same visit by whoever it is as things are now."""
        now, configuration = self.sources.now, self.sources.configuration
        session = await self.sessions.find(self.entry.held(visit.request), now)
        if session is None:
            return replace(visit, now=now, session=None, actor=None)
        account = await self.sessions.account(session.account, now)
        actor = person(session.account, VIA, configuration, bool(account and account.administrator))
        found = configuration.people.get(session.account)
        zone = found.time_zone if found else configuration.time_zone
        return replace(visit, now=now, session=session, actor=actor, zone=zone)

    async def actor_of(self, scope: Scope) -> dict[str, Any]:
        """The state of a request to the API, with the actor of the session; sessions only read there."""
        state = {name: value for name, value in scope.get("state", {}).items() if name != STATE}
        if scope["method"] in READS:
            try:
                visit = await self.visit(request_of(scope), scope)
            except StoreError:
                return state
            if visit.actor is not None:
                state[STATE] = visit.actor
        return state

    async def answer(self, visit: Visit, receive: Receive) -> Answer:
        path = visit.path.rstrip("/") or "/"
        if visit.request.reads:
            return await self.get(visit, path)
        if visit.request.method == "POST":
            return await self.submitted(visit, path, receive)
        return visit.page(405, "This address takes GET, HEAD and POST.", (b"allow", b"GET, HEAD, POST"))

    async def get(self, visit: Visit, path: str) -> Answer:
        if path == SIGN_IN:
            return await self.signing.page(visit)
        if path in (OUT, BACK):
            return await self.elsewhere.answer(visit, path)
        if path in (PASSKEY, CHALLENGE):
            return visit.to(SIGN_IN)
        if path.startswith(f"{SIGN_IN}/"):
            return await self.signing.look(visit, path.removeprefix(f"{SIGN_IN}/"))
        if visit.actor is None:
            return visit.to_sign_in()
        if visit.actor.anywhere < Role.VIEWER and path != "/account":
            return await self.room.nothing(visit, "You are signed in, and may nothing here yet.", 403)
        for route, screen in self.gets:
            if found := route.fullmatch(path):
                return await screen(visit, *found.groups())
        if any(route.fullmatch(path) for route, _ in self.posts):
            return visit.to(self.page_of(path))
        return await self.room.nothing(visit, "There is nothing here.")

    def page_of(self, form: str) -> str:
        """The nearest page above a form's address: who was signed out when it came is led back there."""
        above = form.rpartition("/")[0]
        while above and not any(route.fullmatch(above) for route, _ in self.gets):
            above = above.rpartition("/")[0]
        return above or "/"

    async def submitted(self, visit: Visit, path: str, receive: Receive) -> Answer:
        """A form: read whole, then checked, then obeyed. It may come slowly: who sends it is asked anew."""
        try:
            form = await read_form(visit.request, receive, FORM_BYTES_MAX)
            visit = await self.known(visit)
        except BodyRefused as refused:
            return visit.page(refused.status, str(refused), (b"connection", b"close"))
        held = self.entry.held(visit.request)
        if self.entry.forged(visit.request, held, form.get("csrf", "")):
            return await self.forged(visit)
        if path == SIGN_IN:
            return await self.signing.password(visit, form)
        if path == f"{SIGN_IN}/link":
            return await self.signing.ask(visit, form)
        if path in (PASSKEY, CHALLENGE):
            return await self.by_passkey.submitted(visit, path, form)
        if path.startswith(f"{SIGN_IN}/"):
            return await self.signing.use(visit, path.removeprefix(f"{SIGN_IN}/"), form)
        if visit.actor is None:
            return visit.to_sign_in()
        try:
            return await self.obeyed(visit, path, form)
        except Forbidden as forbidden:
            return await self.room.nothing(visit, str(forbidden), 403)

    async def obeyed(self, visit: Visit, path: str, form: Form) -> Answer:
        for route, act in self.posts:
            if found := route.fullmatch(path):
                return await act(visit, *found.groups(), form=form)
        return await self.room.nothing(visit, "There is no such button.")

    async def forged(self, visit: Visit) -> Answer:
        """Nothing is done; a person whose page was old is told what to do."""
        if visit.actor is None:
            return await self.signing.again(visit)
        words = "This form was not one of ours, or its page was too old. Nothing was done."
        return await self.room.nothing(visit, words, 403)

    async def press(self, visit: Visit, number: str, word: str, form: Form) -> Answer:
        return await self.buttons.press(visit, int(number), word, form)

    async def run(self) -> None:
        """Send the letters with links until cancelled; then every stream ends, and only then: this begins
        anew when it fails, and who looks at a screen meanwhile goes on looking."""
        try:
            if self.post is None:
                await asyncio.Event().wait()
            else:
                await self.post.run()
        except asyncio.CancelledError:
            self.live.close()
            raise


def table(routes: dict[str, Screen]) -> tuple[Route, ...]:
    return tuple((re.compile(pattern), screen) for pattern, screen in routes.items())
