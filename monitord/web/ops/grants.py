"""What a token may be: whose, with which scopes, for how long; the same with a daemon and without one."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from monitord.client.access import TokenMade, TokenRow
from monitord.core.check import Instant
from monitord.core.world import Configuration
from monitord.store.tokens import ID_DIGITS, Token, Wish
from monitord.web.access.roles import SCOPES, Role, person
from monitord.web.ops.asked import Body, Name
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.limits import ID_CHARS_MAX, NOTE_CHARS_MAX, SCOPES_MAX, TOKEN_LASTS, TOKEN_LASTS_MAX
from monitord.web.ops.scim_words import SCOPE as SCIM
from monitord.web.refusal import No
from monitord.web.text import clean

EVERYTHING = ("administer",)
SAY_MACHINE = "for a program say that it is a machine's"
TokenId = Annotated[
    str, Path(pattern=f"^[0-9a-f]{{{ID_DIGITS}}}$", description="A token's id, not its secret")
]


class Granting(Body):
    """What a token shall be; without `scopes` everything that its owner may."""

    owner: Name
    machine: bool = False
    scopes: Annotated[tuple[Name, ...], Field(min_length=1, max_length=SCOPES_MAX)] = EVERYTHING
    expires: datetime | None = None
    note: Annotated[str, Field(max_length=NOTE_CHARS_MAX)] = ""


def wished(body: Granting, people: Collection[str], operations: Collection[str], now: Instant) -> Wish:
    """What is asked for, if it can be had. Raises No."""
    owner = clean(body.owner)
    check_owner(owner, people, machine=body.machine)
    check_scopes(body.scopes, operations)
    return Wish(owner, body.machine, body.scopes, expiry(body.expires, now), clean(body.note))


def no_token(id: str) -> No:
    return No(404, f"there is no token {id}", "GET /api/v1/tokens lists them")


def check_owner(owner: str, people: Collection[str], *, machine: bool) -> None:
    """Raises No unless it is a person, or a machine that is not called like one."""
    if not machine and owner not in people:
        remedy = f"{did_you_mean(owner, list(people))}; {SAY_MACHINE}"
        raise No(422, f"there is no person {owner}", remedy, "body.owner")
    if machine and owner in people:
        remedy = "leave `machine` away, or choose another name"
        raise No(422, f"{owner} is a person", remedy, "body.owner")
    if not 0 < len(owner) <= ID_CHARS_MAX:
        raise No(422, f"an owner has 1 to {ID_CHARS_MAX} characters", "say it shorter", "body.owner")


def check_scopes(scopes: Sequence[str], operations: Collection[str]) -> None:
    """Raises No for a scope that means nothing."""
    for scope in scopes:
        if scope not in SCOPES and scope not in operations and scope != SCIM:
            known = [*SCOPES, SCIM, *operations]
            remedy = f"{', '.join(SCOPES)}, or an operation; {did_you_mean(scope, known)}"
            raise No(422, f"there is no scope {scope}", remedy, "body.scopes")


def expiry(said: datetime | None, now: Instant) -> Instant:
    """Until when it is good. Raises No."""
    if said is None:
        return now + TOKEN_LASTS
    if said.tzinfo is None:
        raise No(422, "an instant without a time zone", "write 2026-01-05T09:00:00Z", "body.expires")
    if not now < said <= now + TOKEN_LASTS_MAX:
        remedy = f"name an instant at most {TOKEN_LASTS_MAX.days} days ahead"
        raise No(422, "a token ends in the future, and some day", remedy, "body.expires")
    return said.astimezone(UTC)


def capped(token: Token, configuration: Configuration) -> str:
    """The highest role that its owner has anywhere, if the scopes reach further; "" if they do not."""
    if token.machine:
        return ""
    held = (
        person(token.owner, "", configuration).anywhere
        if token.owner in configuration.people
        else Role.NOBODY
    )
    reach = max((SCOPES.get(scope, Role.NOBODY) for scope in token.scopes), default=Role.NOBODY)
    return held.word if held < reach or held is Role.NOBODY else ""


def made_row(secret: str, token: Token, configuration: Configuration) -> TokenMade:
    """The one answer that shows what the token opens with."""
    return TokenMade(secret, token.id, token.owner, token.scopes, token.expires, capped(token, configuration))


def row(token: Token, now: Instant, configuration: Configuration) -> TokenRow:
    """A token as it is shown: without what it opens with."""
    dead = token.dead_since(now) is not None
    return TokenRow(
        id=token.id,
        owner=token.owner,
        machine=token.machine,
        scopes=token.scopes,
        note=token.note,
        created=token.created,
        created_by=token.created_by,
        expires=token.expires,
        used=token.used,
        revoked=token.revoked,
        state="revoked" if token.revoked else "expired" if dead else "active",
        capped=capped(token, configuration),
    )
