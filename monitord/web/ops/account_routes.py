"""The API's routes about who may sign in at the console: passwords, ways in, and who is signed in.

A password or a way in outlives whoever made it: so these are made where the kernel says who asks (the control
socket) or by somebody who has signed in, never by a token.
"""

from fastapi import APIRouter

from monitord.client.accounts import AccountRow, LinkMade
from monitord.core.way_in import WarnOwner, WayIn
from monitord.core.world import World
from monitord.store.accounts import holder, holders
from monitord.web.access.limits import LINK_LASTS
from monitord.web.access.links import link_at
from monitord.web.access.roles import Actor, Role, needs
from monitord.web.ops.account_rows import AccountName, Setting, nothing_of, row, wanted
from monitord.web.ops.asked import By, Nothing
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.owners import warn_owner
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.threads import in_thread


def account_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/accounts")
    @needs(Role.ADMINISTRATOR)
    async def list_accounts() -> list[AccountRow]:
        """Who has a password or a passkey, and who is signed in."""
        return await rows(sources)

    @router.post("/accounts/{name:path}/password")
    @needs(Role.ADMINISTRATOR)
    async def set_password(name: AccountName, body: Setting, actor: By) -> AccountRow:
        """A person's password, or an account of nobody in particular; its sessions end."""
        refuse_token(actor)
        refuse_leaver(name, sources.world)
        people = sources.configuration.people
        account = await in_thread(wanted, name, body, people, sources.now)
        if (name in people) != (name in sources.configuration.people):
            raise No(409, f"{name} has come or gone meanwhile", "look who they are now, and set it again")
        before = await sources.sessions.account(name, sources.now)
        await sources.sessions.keep(account, actor.by)
        way = WayIn.PASSWORD_CHANGED if before and before.password else WayIn.PASSWORD_SET
        warn_owner(sources, WarnOwner(name, way, actor.by, actor.via))
        return await row_of(sources, name)

    @router.post("/accounts/{name:path}/link")
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

    @router.post("/accounts/{name:path}/revoke")
    @needs(Role.ADMINISTRATOR)
    async def revoke_account(name: AccountName, actor: By, body: Nothing | None = None) -> AccountRow:
        """Its password, passkeys and sessions are gone. A person may still ask for a link."""
        if not await sources.sessions.drop(name, actor.by, sources.now):
            raise nothing_of(name, [each.name for each in await rows(sources)])
        return await row_of(sources, name)

    return router


def refuse_leaver(name: str, world: World) -> None:
    """Who has left, by the directory's word, is no account of nobody in particular."""
    if name in world.accepted.people and name not in world.configuration.people:
        raise No(409, f"{name} has left", "the directory must say that they are here again")


def refuse_token(actor: Actor) -> None:
    if actor.token:
        raise No(403, "a token cannot hand out ways in", "use the control socket: `monitord account …`")


async def rows(sources: Sources) -> list[AccountRow]:
    sessions = (await sources.sessions.all(sources.now)).values()
    passkeys = [each.account for each in await sources.passkeys.all()]
    found = holders(sources.sessions.accounts.values(), sessions, passkeys, sources.now)
    return [row(each, sources.configuration.people) for each in found]


async def row_of(sources: Sources, name: str) -> AccountRow:
    account = await sources.sessions.account(name, sources.now)
    sessions = await sources.sessions.of(name, sources.now)
    passkeys = [each.account for each in await sources.passkeys.of(name)]
    return row(holder(name, account, sessions, passkeys, sources.now), sources.configuration.people)
