"""The API's routes about who may sign in at the console: passwords, ways in, and who is signed in.

A password or a way in outlives whoever made it: so these are made where the kernel says who asks (the control
socket) or by somebody who has signed in, never by a token.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from monitord.client.accounts import AccountRow, LinkMade
from monitord.store.accounts import Account
from monitord.web.console.limits import LINK_LASTS, NAME_CHARS_MAX, PASSWORD_CHARS_MAX
from monitord.web.console.passwords import PasswordRefused, hashed
from monitord.web.console.signing import link_at
from monitord.web.ops.access import Actor, Role, needs
from monitord.web.ops.asked import Body, By, Nothing
from monitord.web.ops.errors import No, did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.sources import Sources
from monitord.web.ops.threads import in_thread

AccountName = Annotated[str, Path(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"^[^\s\x00-\x1f/]+$")]
Password = Annotated[str, Field(max_length=PASSWORD_CHARS_MAX)]


class Setting(Body):
    """`administrator` for a person: besides what the configuration gives them. Nobody's account is one."""

    password: Password = Field(repr=False)
    administrator: bool = False


def account_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/accounts")
    @needs(Role.ADMINISTRATOR)
    async def list_accounts() -> list[AccountRow]:
        """Who has a password or a passkey, and who is signed in."""
        return await rows(sources)

    @router.post("/accounts/{name}/password")
    @needs(Role.ADMINISTRATOR)
    async def set_password(name: AccountName, body: Setting, actor: By) -> AccountRow:
        """A person's password, or an account of nobody in particular; its sessions end."""
        refuse_token(actor)
        try:
            stored = await in_thread(hashed, body.password)
        except PasswordRefused as refused:
            raise No(422, str(refused), "think of a longer one", "body.password") from refused
        administrator = body.administrator or name not in sources.configuration.people
        await sources.sessions.keep(Account(name, stored, administrator, sources.now), actor.by)
        return await row(sources, name)

    @router.post("/accounts/{name}/link")
    @needs(Role.ADMINISTRATOR)
    async def make_sign_in_link(name: AccountName, actor: By, body: Nothing | None = None) -> LinkMade:
        """A way in for a person or account, as it would be mailed; it works once."""
        refuse_token(actor)
        await sources.sessions.all(sources.now)
        if not sources.sessions.known(name):
            known = [*sources.configuration.people, *sources.sessions.accounts]
            raise No(404, f"there is no person or account {name}", did_you_mean(name, known))
        held = await sources.sessions.link(name, sources.now)
        await sources.sessions.note(sources.now, actor.by, f"made a way in for {name}")
        return LinkMade(name, link_at(sources.console, held), sources.now + LINK_LASTS)

    @router.post("/accounts/{name}/revoke")
    @needs(Role.ADMINISTRATOR)
    async def revoke_account(name: AccountName, actor: By, body: Nothing | None = None) -> AccountRow:
        """Its password, passkeys and sessions are gone. A person may still ask for a link."""
        if not await sources.sessions.drop(name, actor.by, sources.now):
            known = [each.name for each in await rows(sources)]
            raise No(404, f"{name} has no password, no passkey and no session", did_you_mean(name, known))
        return await row(sources, name)

    return router


def refuse_token(actor: Actor) -> None:
    if actor.token:
        raise No(403, "a token cannot hand out ways in", "use the control socket: `monitord account …`")


async def rows(sources: Sources) -> list[AccountRow]:
    sessions = await sources.sessions.all(sources.now)
    names = {session.account for session in sessions.values()} | set(sources.sessions.accounts)
    names |= {passkey.account for passkey in await sources.passkeys.all()}
    return [await row(sources, name) for name in sorted(names)]


async def row(sources: Sources, name: str) -> AccountRow:
    account = await sources.sessions.account(name, sources.now)
    sessions = await sources.sessions.of(name, sources.now)
    return AccountRow(
        name=name,
        person=name in sources.configuration.people,
        administrator=account is not None and account.administrator,
        password=account is not None and bool(account.password),
        sessions=len(sessions),
        used=sessions[0].seen if sessions else None,
        passkeys=len(await sources.passkeys.of(name)),
    )
