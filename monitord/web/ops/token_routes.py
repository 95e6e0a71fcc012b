"""The API's routes about tokens, and about who asks."""

from dataclasses import replace

from fastapi import APIRouter, Request

from monitord.client.access import TeamRole, TokenMade, TokenRow, Whoever
from monitord.store.tokens import Mark, Token, Wish, granted
from monitord.web.access.roles import SCOPES, Actor, Role, needs
from monitord.web.ops.asked import By, Key, Nothing
from monitord.web.ops.grants import Granting, TokenId, made_row, no_token, row, wished
from monitord.web.ops.guard import routes
from monitord.web.ops.openapi import operations
from monitord.web.ops.scim_words import SCOPE as SCIM
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No


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
        people, known = sources.configuration.people, operations(request.app)
        wish = wished(body, people, known, sources.now)
        refuse_more(wish, actor)
        if actor.token:
            wish = ending(wish, await known_token(sources, actor.token), said=body.expires is not None)
        return await made(sources, wish, actor, key)

    @router.post("/tokens/{token:path}/revoke")
    @needs(Role.ADMINISTRATOR)
    async def revoke_token(token: TokenId, actor: By, body: Nothing | None = None) -> TokenRow:
        """From now on it opens nothing."""
        found = await known_token(sources, token)
        gone = await sources.tokens.revoke(sources.store, found, actor.by, sources.now)
        return row(gone, sources.now, sources.configuration)

    return router


def refuse_more(wish: Wish, actor: Actor) -> None:
    """No token makes one that may more than itself. Raises No."""
    for scope in wish.scopes:
        if not covers(actor, scope):
            what = f"this token's scopes do not cover `{scope}`"
            wider = scope if scope == SCIM else "administer"
            raise No(403, what, f"make it with one that has the scope `{wider}`", "body.scopes")
    if not wish.machine and wish.owner != actor.by and not actor.may(Role.ADMINISTRATOR):
        what = f"this token cannot make one for {wish.owner}"
        raise No(403, what, "make it with one that has the scope `administer`", "body.owner")


def covers(actor: Actor, scope: str) -> bool:
    """May whoever asks hand on this scope? The directory's is covered by no other."""
    if scope == SCIM:
        return actor.scopes is None or SCIM in actor.scopes
    return actor.covered(SCOPES.get(scope, Role.ADMINISTRATOR), scope)


def ending(wish: Wish, by: Token, *, said: bool) -> Wish:
    """Not after the token that makes it: as long as that if nothing is said. Raises No."""
    if said and wish.expires > by.expires:
        what = f"it would outlive this token, which ends {by.expires:%Y-%m-%d %H:%M} UTC"
        raise No(403, what, "name an earlier instant", "body.expires")
    return replace(wish, expires=min(wish.expires, by.expires))


async def made(sources: Sources, wish: Wish, actor: Actor, key: str | None) -> TokenMade:
    """Once under one key; who asks again is told that it was."""
    monotonic = sources.clock.monotonic()
    await sources.keys.load(sources.store, sources.now, monotonic)
    secret, token = granted(wish, actor.by, sources.now)
    mark = sources.keys.once(actor.by, key, f"token {wish.owner} {wish.scopes} {wish.note}", monotonic)
    try:
        await sources.tokens.add(sources.store, token, mark)
        await still_theirs(sources, token, actor, mark)
    except BaseException:
        sources.keys.release(mark)
        raise
    return made_row(secret, token, sources.configuration)


async def still_theirs(sources: Sources, token: Token, actor: Actor, mark: Mark | None) -> None:
    """Whoever left while the store kept it has none, and it was not made under that key. Raises No."""
    if not token.machine and token.owner not in sources.configuration.people:
        await sources.tokens.revoke(sources.store, token, actor.by, sources.now, mark)
        raise No(409, f"{token.owner} has left meanwhile", "make one for somebody who is there", "body.owner")


async def known_token(sources: Sources, id: str) -> Token:
    found = next((each for each in await sources.tokens.listed(sources.store) if each.id == id), None)
    if found is None:
        raise no_token(id)
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
