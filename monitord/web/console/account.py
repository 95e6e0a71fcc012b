"""Oneself: who one is, what one may, where one is signed in; to sign out elsewhere, and to set a password."""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from monitord.client.contacting import ContactRow
from monitord.core.way_in import WayIn
from monitord.store.accounts import Account
from monitord.web.access.limits import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from monitord.web.access.passwords import PasswordRefused, hashed
from monitord.web.access.sessions import ChangedMeanwhile, Sessions
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Refused
from monitord.web.console.browsers import browser
from monitord.web.console.own_passkeys import OwnPasskeys
from monitord.web.console.owner import warn
from monitord.web.console.room import Room, Told
from monitord.web.console.signing import NOT_STORED
from monitord.web.console.visit import Visit
from monitord.web.console.words import BAD, GOOD
from monitord.web.ops.contact_routes import contact_rows
from monitord.web.threads import in_thread

Form = Mapping[str, str]
CODE_DIGITS = 6
PLACE = "/account"
VERIFY, CONFIRM = "/contacts/verify", "/contacts/confirm"


def address(form: Form, visit: Visit) -> dict[str, str]:
    """Which of one's own."""
    return {"address": form.get("address", ""), "channel": form.get("channel", "")}


def code(form: Form, visit: Visit) -> dict[str, str]:
    """The code for it, as people copy it."""
    said = "".join(form.get("code", "").split())
    if len(said) != CODE_DIGITS or not said.isascii() or not said.isdigit():
        raise Refused("Please write the six digits of the code.")
    return {**address(form, visit), "code": said}


class Self:
    def __init__(
        self,
        room: Room,
        buttons: Buttons,
        sessions: Sessions,
        passkeys: OwnPasskeys,
    ) -> None:
        self.room, self.buttons, self.sessions, self.passkeys = room, buttons, sessions, passkeys

    async def show(self, visit: Visit) -> Answer:
        account = await self.sessions.account(visit.me, visit.now)
        return await self.room.show(
            visit,
            "account",
            person=self.room.sources.configuration.people.get(visit.me),
            has_password=account is not None and bool(account.password),
            sessions=await self.sessions.of(visit.me, visit.now),
            least=PASSWORD_CHARS_MIN,
            most=PASSWORD_CHARS_MAX,
            browser=browser,
            contacts=self.contacts(visit),
            own=await self.passkeys.own(visit),
            key=secrets.token_urlsafe(16),
        )

    def contacts(self, visit: Visit) -> list[ContactRow]:
        """One's own addresses, and which of them count."""
        person = self.room.sources.configuration.people.get(visit.me)
        return contact_rows(self.room.sources, person, visit.actor) if person is not None else []

    async def send_code(self, visit: Visit, form: Form) -> Answer:
        return self.buttons.back(visit, PLACE, await self.buttons.call(visit, VERIFY, address, form))

    async def say_code(self, visit: Visit, form: Form) -> Answer:
        return self.buttons.back(visit, PLACE, await self.buttons.call(visit, CONFIRM, code, form))

    async def end_session(self, visit: Visit, form: Form) -> Answer:
        """One of one's own; or all but this one."""
        assert visit.session is not None
        mine = [session.id for session in await self.sessions.of(visit.me, visit.now)]
        wanted = form.get("session", "")
        gone = [id for id in mine if id == wanted or (wanted == "others" and id != visit.session.id)]
        unstored = await self.sessions.close(gone, visit.now)
        if gone:
            await self.sessions.tell(visit.now, visit.me, f"ended {len(gone)} sessions", visit.request.client)
        words = "They are signed out there." if gone else "That session had ended already."
        if unstored:
            return self.buttons.back(visit, PLACE, Told(BAD, f"{words} {NOT_STORED}"))
        return self.buttons.back(visit, PLACE, Told(GOOD, words))

    async def set_password(self, visit: Visit, form: Form) -> Answer:
        """A new one; whoever has one says the old one first, because a phone may lie around. Whoever was
        revoked, or signed out, while the passwords were worked on sets none.
        """
        since = self.sessions.changes
        if wrong := await self.passkeys.unproven(visit, form.get("old", "")):
            return self.buttons.back(visit, PLACE, Told(BAD, wrong))
        try:
            stored = await in_thread(hashed, form.get("new", ""))
        except PasswordRefused as refused:
            return self.buttons.back(visit, PLACE, Told(BAD, f"{refused}.".capitalize()))
        if await self.sessions.find(visit.held, visit.now) is None:
            return visit.to_sign_in()
        account = await self.sessions.account(visit.me, visit.now)
        fresh = account or Account(visit.me, "", administrator=False, created=visit.now, person=True)
        try:
            fresh = replace(fresh, password=stored, created=visit.now)
            await self.sessions.keep(fresh, visit.me, since)
            way = WayIn.PASSWORD_CHANGED if account and account.password else WayIn.PASSWORD_SET
            warn(self.room.sources, visit, way)
            return await self.stay(visit)
        except ChangedMeanwhile:
            return visit.to_sign_in()

    async def stay(self, visit: Visit) -> Answer:
        """Every session has ended with the old password; this browser gets a new one."""
        client, since = visit.request.client, self.sessions.changes
        held, session = await self.sessions.begin(
            visit.me, "a new password", client, visit.agent, visit.now, since=since
        )
        told = Told(GOOD, "Your password is set.", ("You are signed out everywhere else.",))
        key = self.room.sayings.keep(session.id, told, self.room.sources.clock.monotonic())
        return visit.to(f"{PLACE}?said={key}", visit.entry.baking(held))
