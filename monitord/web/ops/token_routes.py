"""The API's routes about tokens, and about who asks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Request
from pydantic import Field

from monitord.client.access import TeamRole, TokenMade, TokenRow, Whoever
from monitord.store.tokens import Token, Wish, granted
from monitord.web.ops.access import SCOPES, Actor, Role, needs
from monitord.web.ops.asked import Body, By, Key, Name, Nothing
from monitord.web.ops.errors import No
from monitord.web.ops.grants import EVERYTHING, check_owner, check_scopes, expiry, made_row, row
from monitord.web.ops.guard import routes
from monitord.web.ops.limits import NOTE_CHARS_MAX, SCOPES_MAX
from monitord.web.ops.openapi import operations
from monitord.web.ops.sources import Sources
from monitord.web.text import clean

TokenId = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="A token's id, not its secret")]


class Granting(Body):
    """What a token shall be; without `scopes` everything that its owner may."""

    owner: Name
    machine: bool = False
    scopes: Annotated[tuple[Name, ...], Field(min_length=1, max_length=SCOPES_MAX)] = EVERYTHING
    expires: datetime | None = None
    note: Annotated[str, Field(max_length=NOTE_CHARS_MAX)] = ""


def token_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/whoami")
    @needs(Role.VIEWER)
    async def read_whoami(actor: By) -> Whoever:
        """Whom the daemon takes you for, and what you may."""
        return whoever(actor)

    @router.get("/tokens")
    @needs(Role.ADMINISTRATOR)
    async def list_tokens() -> list[TokenRow]:
        """Every token that is kept, the newest first; never what it opens with."""
        found = await sources.tokens.listed(sources.store)
        return [row(token, sources.now, sources.configuration) for token in found]

    @router.post("/tokens")
    @needs(Role.ADMINISTRATOR)
    async def create_token(body: Granting, request: Request, actor: By, key: Key = None) -> TokenMade:
        """Make a token; this answer is the only time that it is shown."""
        wish = wished(body, sources, request.app)
        refuse_more(wish, actor)
        return await made(sources, wish, actor, key)

    @router.post("/tokens/{token}/revoke")
    @needs(Role.ADMINISTRATOR)
    async def revoke_token(token: TokenId, actor: By, body: Nothing | None = None) -> TokenRow:
        """From now on it opens nothing."""
        found = await known(sources, token)
        gone = await sources.tokens.revoke(sources.store, found, actor.by, sources.now)
        return row(gone, sources.now, sources.configuration)

    return router


def wished(body: Granting, sources: Sources, app: FastAPI) -> Wish:
    """What is asked for, if it can be had. Raises No."""
    owner = clean(body.owner)
    check_owner(owner, sources.configuration.people, machine=body.machine)
    check_scopes(body.scopes, operations(app))
    return Wish(owner, body.machine, body.scopes, expiry(body.expires, sources.now), clean(body.note))


def refuse_more(wish: Wish, actor: Actor) -> None:
    """No token makes one that may more than itself. Raises No."""
    for scope in wish.scopes:
        if not actor.covered(SCOPES.get(scope, Role.ADMINISTRATOR), scope):
            what = f"this token's scopes do not cover `{scope}`"
            raise No(403, what, "make it with one that has the scope `administer`", "body.scopes")


async def made(sources: Sources, wish: Wish, actor: Actor, key: str | None) -> TokenMade:
    """Once under one key; who asks again is told that it was."""
    monotonic = sources.clock.monotonic()
    await sources.keys.load(sources.store, sources.now, monotonic)
    secret, token = granted(wish, actor.by, sources.now)
    mark = sources.keys.once(actor.by, key, f"token {wish.owner} {wish.scopes} {wish.note}", monotonic)
    try:
        await sources.tokens.add(sources.store, token, mark)
    except BaseException:
        sources.keys.release(mark)
        raise
    return made_row(secret, token, sources.configuration)


async def known(sources: Sources, id: str) -> Token:
    found = next((each for each in await sources.tokens.listed(sources.store) if each.id == id), None)
    if found is None:
        raise No(404, f"there is no token {id}", "GET /api/v1/tokens lists them")
    return found


def whoever(actor: Actor) -> Whoever:
    return Whoever(
        by=actor.by,
        via=actor.via,
        role=actor.role.word,
        teams=tuple(TeamRole(team, role.word) for team, role in actor.teams),
        scopes=None if actor.scopes is None else tuple(sorted(actor.scopes)),
        token=actor.token or None,
    )
