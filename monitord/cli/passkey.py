"""`monitord account passkey …`: by which passkeys people sign in, and to take one away; daemon or none."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitord.cli.keeping import acting, as_answered, now, opened, through
from monitord.cli.options import config_option, json_option, print_json, remember
from monitord.cli.ticket import stamp
from monitord.client import Client
from monitord.client.accounts import PasskeyRow

if TYPE_CHECKING:
    from monitord.config.loading import Loaded

SUSPECTED = "  may have been copied"


@click.group(short_help="The passkeys by which people sign in.")
@config_option
@click.pass_context
def passkey(ctx: click.Context, path: Path | None) -> None:
    """List and remove the passkeys by which people sign in; everybody adds their own, in a browser."""
    remember(ctx, path)


@passkey.command("list", short_help="Everybody's passkeys, or those of NAME.")
@click.argument("name", required=False)
@config_option
@json_option
@click.pass_context
def list_passkeys(ctx: click.Context, name: str | None, path: Path | None, as_json: bool) -> None:
    """Everybody's passkeys, or those of NAME."""
    rows = [row for row in through(ctx, path, Asking, Opening).all() if name in (None, row.account)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(one_line(row))
    if not rows:
        click.echo(f"{name} has no passkey." if name else "Nobody has a passkey.")


def one_line(row: PasskeyRow) -> str:
    used = f"last used {stamp(row.used)}" if row.used else "never used"
    copied = click.style(SUSPECTED, fg="yellow") if row.suspected else ""
    added = f"added {stamp(row.created)}"
    return f"{row.id}  {row.account:<16}  {row.name}  at {row.site}  {added}  {used}{copied}"


@passkey.command(short_help="From now on it opens nothing.")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@config_option
@json_option
@click.pass_context
def remove(ctx: click.Context, ids: tuple[str, ...], path: Path | None, as_json: bool) -> None:
    """Passkeys by their id (`account passkey list` has it): they open nothing any more, and what they opened
    has ended.
    """
    passkeys = through(ctx, path, Asking, Opening)
    rows = [passkeys.remove(each) for each in ids]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row.id} ({row.name}) of {row.account} opens nothing any more.")


# Through the daemon, or without one.


class Asking:
    """The daemon keeps them."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def all(self) -> tuple[PasskeyRow, ...]:
        return self.client.passkeys()

    def remove(self, id: str) -> PasskeyRow:
        return self.client.remove_passkey(id)


class Opening:
    """There is no daemon: the store is ours."""

    def __init__(self, loaded: "Loaded") -> None:
        self.loaded = loaded

    def all(self) -> tuple[PasskeyRow, ...]:
        from monitord.store.passkeys import kept  # noqa: PLC0415
        from monitord.web.ops.passkey_routes import row  # noqa: PLC0415

        with opened(self.loaded) as store:
            return tuple(row(each) for each in kept(store.accounts))

    def remove(self, id: str) -> PasskeyRow:
        from monitord.store.accounts import LogLine  # noqa: PLC0415
        from monitord.store.passkeys import drop, find, removed  # noqa: PLC0415
        from monitord.web.ops.errors import fitting  # noqa: PLC0415
        from monitord.web.ops.passkey_routes import PasskeyId, no_passkey, row  # noqa: PLC0415

        with as_answered():
            fitting(PasskeyId, id, "path", "passkey")
            with opened(self.loaded) as store:
                found = find(store.accounts, id)
                if found is None:
                    raise no_passkey(id)
                drop(store.accounts, id, found.account, LogLine(now(), acting(), removed(id, found.account)))
                return row(found)
