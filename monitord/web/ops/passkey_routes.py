"""The API's routes about passkeys: who has which, and to take one away. They are made in a browser only."""

from typing import Annotated

from fastapi import APIRouter, Path

from monitord.client.accounts import PasskeyRow
from monitord.store.passkeys import ID_DIGITS, Passkey
from monitord.web.access.roles import Role, needs
from monitord.web.ops.asked import By, Nothing
from monitord.web.ops.guard import routes
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No

PasskeyId = Annotated[
    str, Path(pattern=f"^[0-9a-f]{{{ID_DIGITS}}}$", description="A passkey's id, as the list has it")
]


def passkey_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/passkeys")
    @needs(Role.ADMINISTRATOR)
    async def list_passkeys() -> list[PasskeyRow]:
        """Every passkey by which somebody signs in at the console, by whose it is and when it was added."""
        return [row(each) for each in await sources.passkeys.all()]

    @router.post("/passkeys/{passkey:path}/remove")
    @needs(Role.ADMINISTRATOR)
    async def remove_passkey(passkey: PasskeyId, actor: By, body: Nothing | None = None) -> PasskeyRow:
        """From now on it opens nothing, and the sessions that it opened have ended."""
        found = next((each for each in await sources.passkeys.all() if each.id == passkey), None)
        if found is None:
            raise no_passkey(passkey)
        await sources.passkeys.remove(found.id, found.account, actor.by, sources.now)
        return row(found)

    return router


def no_passkey(id: str) -> No:
    return No(404, f"there is no passkey {id}", "GET /api/v1/passkeys lists them")


def row(passkey: Passkey) -> PasskeyRow:
    """As everybody reads it: nothing of its key."""
    return PasskeyRow(
        id=passkey.id,
        account=passkey.account,
        name=passkey.name,
        site=passkey.site,
        created=passkey.created,
        used=passkey.used,
        suspected=passkey.suspected,
    )
