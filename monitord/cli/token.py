"""`monitord token …`: keys for programs, and for people who are not at this machine."""

import getpass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitord.cli.keeping import acting, as_answered, now, opened, through
from monitord.cli.options import config_option, count, json_option, print_json, remember
from monitord.cli.ticket import stamp
from monitord.client import Client
from monitord.client.access import TokenMade, TokenRow

if TYPE_CHECKING:
    from monitord.config.loading import Loaded

LASTS = timedelta(days=90)
SCOPES = ("read", "respond", "operate", "administer")
COLORS = {"active": "green", "expired": "yellow", "revoked": "red"}


@click.group()
@config_option
@click.pass_context
def token(ctx: click.Context, path: Path | None) -> None:
    """Create, list, revoke tokens: keys for programs, and for people who are not at this machine."""
    remember(ctx, path)


def lasting(ctx: click.Context, param: click.Parameter, value: str) -> timedelta:
    from monitord.config.problem import Wrong  # noqa: PLC0415 - the configuration's code takes a while
    from monitord.config.scalars import parse_span  # noqa: PLC0415

    try:
        return parse_span(value)
    except Wrong as wrong:
        raise click.BadParameter(f"{wrong.what}; {wrong.remedy}") from wrong


@token.command(short_help="Make a token and show it, this once.")
@click.argument("owner", required=False)
@click.option("--machine", is_flag=True, help="OWNER is a program, no person of the configuration")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help=f"{', '.join(SCOPES)}, or the name of one operation; by default everything that its owner may",
)
@click.option(
    "--expires", "lasts", default="90d", show_default=True, callback=lasting, help="after that long"
)
@click.option("--note", default="", help="what it is for")
@config_option
@json_option
@click.pass_context
def create(
    ctx: click.Context,
    owner: str | None,
    machine: bool,
    scopes: tuple[str, ...],
    lasts: timedelta,
    note: str,
    path: Path | None,
    as_json: bool,
) -> None:
    """Make a token for OWNER, a person of the configuration (by default a program named like your account).

    The owner's role still limits it: a scope gives nobody more than they may.
    """
    name = getpass.getuser() if owner is None else owner
    wish: dict[str, Any] = {"machine": machine or owner is None, "note": note}
    made = through(ctx, path, Asking, Opening).create(name, scopes or SCOPES[-1:], lasts, **wish)
    if as_json:
        print_json(made)
        return
    click.echo(made.token)
    may = may_with(made.scopes, made.capped)
    click.echo(f"{made.owner} may {may} with it until {stamp(made.expires)}.", err=True)
    click.echo("It is not shown again.", err=True)


@token.command("list", short_help="Every token that is kept; never what it opens with.")
@config_option
@json_option
@click.pass_context
def list_tokens(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Every token that is kept, the newest first; never what it opens with."""
    rows = through(ctx, path, Asking, Opening).all()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(one_line(row))
    if not rows:
        click.echo("No tokens.")


def one_line(row: TokenRow) -> str:
    state = click.style(f"{row.state:<7}", fg=COLORS.get(row.state))
    used = f"used {stamp(row.used)}" if row.used else "never used"
    note = f"  {row.note}" if row.note else ""
    may = may_with(row.scopes, row.capped)
    return f"{row.id}  {state}  {row.owner}  {may}  until {stamp(row.expires)}  {used}{note}"


def may_with(scopes: tuple[str, ...], capped: str) -> str:
    """Its scopes, and the role of its owner where that allows less."""
    return ", ".join(scopes) + (f" (capped to {capped})" if capped else "")


@token.command(short_help="From now on it opens nothing.")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@config_option
@json_option
@click.pass_context
def revoke(ctx: click.Context, ids: tuple[str, ...], path: Path | None, as_json: bool) -> None:
    """Tokens by their id (`token list` has it): from now on they open nothing."""
    tokens = through(ctx, path, Asking, Opening)
    before = {row.id: row.revoked for row in tokens.all()}
    rows = [tokens.revoke(each) for each in ids]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(revoked(row, before.get(row.id)))
    click.echo(count(sum(before.get(row.id) is None for row in rows), "token") + " revoked.")


def revoked(row: TokenRow, before: datetime | None) -> str:
    """What came of it; `before` is when somebody had done so already."""
    if before is not None:
        return f"{row.id} of {row.owner} was revoked already, at {stamp(before)}; nothing was changed."
    return f"{row.id} of {row.owner} opens nothing any more."


def expiring(lasts: timedelta) -> datetime | None:
    """When; None for when it does unless somebody says so."""
    return None if lasts == LASTS else now() + lasts


# Through the daemon, or without one.


class Asking:
    """The daemon keeps them."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def create(self, owner: str, scopes: tuple[str, ...], lasts: timedelta, **more: Any) -> TokenMade:
        return self.client.create_token(owner, scopes, expiring(lasts), **more)

    def all(self) -> tuple[TokenRow, ...]:
        return self.client.tokens()

    def revoke(self, id: str) -> TokenRow:
        return self.client.revoke_token(id)


class Opening:
    """There is no daemon: the store is ours."""

    def __init__(self, loaded: "Loaded") -> None:
        self.loaded = loaded

    def create(self, owner: str, scopes: tuple[str, ...], lasts: timedelta, **more: Any) -> TokenMade:
        from monitord.store.tokens import granted  # noqa: PLC0415
        from monitord.web.access.ring import make_room  # noqa: PLC0415
        from monitord.web.ops.errors import fitting  # noqa: PLC0415
        from monitord.web.ops.grants import Granting, made_row, wished  # noqa: PLC0415

        at, people = now(), self.loaded.configuration.people
        body = {"owner": owner, "scopes": scopes, "expires": expiring(lasts), **more}
        with as_answered():
            wish = wished(fitting(Granting, body, "body"), people, operations(scopes), at)
            secret, made = granted(wish, acting(), at)
            with opened(self.loaded) as store:
                make_room({each.digest: each for each in store.tokens.all()}, at)
                store.tokens.keep(made)
        return made_row(secret, made, self.loaded.configuration)

    def all(self) -> tuple[TokenRow, ...]:
        from monitord.web.ops.grants import row  # noqa: PLC0415

        with opened(self.loaded) as store:
            return tuple(row(each, now(), self.loaded.configuration) for each in store.tokens.all())

    def revoke(self, id: str) -> TokenRow:
        from monitord.web.ops.errors import fitting  # noqa: PLC0415
        from monitord.web.ops.grants import TokenId, no_token  # noqa: PLC0415

        with as_answered():
            fitting(TokenId, id, "path", "token")
            with opened(self.loaded) as store:
                store.tokens.revoke(id, acting(), now())
            found = next((each for each in self.all() if each.id == id), None)
            if found is None:
                raise no_token(id)
        return found


def operations(scopes: tuple[str, ...]) -> frozenset[str]:
    """The names of the API's operations, if somebody may have named one."""
    if set(scopes) <= set(SCOPES):
        return frozenset()
    from monitord.web.ops.api import every_operation  # noqa: PLC0415

    return every_operation()
