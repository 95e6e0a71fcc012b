"""`monitord account …`: who may sign in at the console; works on the machine itself when mail is dead."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitord.cli.daemon import daemon
from monitord.cli.keeping import acting, as_answered, now, opened, through
from monitord.cli.options import config_option, count, json_option, print_json, remember
from monitord.cli.passkey import passkey
from monitord.cli.staff import staff
from monitord.cli.ticket import stamp
from monitord.client import Client
from monitord.client.accounts import AccountRow
from monitord.client.asking import named

if TYPE_CHECKING:
    from monitord.config.loading import Loaded
    from monitord.store.accounts import Accounts, Holder


@click.group()
@config_option
@click.pass_context
def account(ctx: click.Context, path: Path | None) -> None:
    """Who may sign in at the console: passwords, passkeys, ways in, and who is signed in."""
    remember(ctx, path)


account.add_command(passkey)
account.add_command(staff)


@account.command(short_help="Set a password; for a name that is no person, of an administrator.")
@click.argument("name")
@click.option("--administrator", is_flag=True, help="a person who may everything, whatever `access:` says")
@click.option("--stdin", "from_stdin", is_flag=True, help="read the password's one line from standard input")
@config_option
@json_option
@click.pass_context
def password(
    ctx: click.Context, name: str, administrator: bool, from_stdin: bool, path: Path | None, as_json: bool
) -> None:
    """Set the password of NAME. A name that is no person of the configuration becomes a local administrator:
    the way in that is left when nothing else is.
    """
    typed = asked_for() if not from_stdin else sys.stdin.readline().rstrip("\r\n")
    row = through(ctx, path, Asking, Opening).set_password(name, typed, administrator)
    if as_json:
        print_json(row)
        return
    who = "administrator" if row.administrator else "person"
    click.echo(f"{name} ({who}) signs in with that password; whoever was signed in as {name} no longer is.")


def asked_for() -> str:
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@account.command(short_help="Print a way in that works once.")
@click.argument("name")
@config_option
@json_option
@click.pass_context
def link(ctx: click.Context, name: str, path: Path | None, as_json: bool) -> None:
    """Print a link that signs NAME in, once, within 15 minutes: as it would be mailed."""
    made = daemon(ctx, path).sign_in_link(name)
    if as_json:
        print_json(made)
        return
    click.echo(made.url)
    click.echo(f"It signs {made.name} in, once, until {stamp(made.ends)}.", err=True)


@account.command("list", short_help="Who has a password or a passkey, and who is signed in.")
@config_option
@json_option
@click.pass_context
def list_accounts(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Who has a password or a passkey, and who is signed in."""
    rows = through(ctx, path, Asking, Opening).all()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(one_line(row))
    if not rows:
        click.echo(
            "Nobody has a password or a passkey, nobody is signed in. People can ask for a mailed link."
        )


def one_line(row: AccountRow) -> str:
    kind = "administrator" if row.administrator else ("person" if row.person else "gone")
    has = "password" if row.password else "no password"
    used = f", last {stamp(row.used)}" if row.used else ""
    sessions, passkeys = count(row.sessions, "session"), count(row.passkeys, "passkey")
    return f"{row.name:<16}  {kind:<13}  {has:<11}  {passkeys}  {sessions}{used}"


@account.command(short_help="Take password and passkeys away, and end every session.")
@click.argument("name")
@config_option
@json_option
@click.pass_context
def revoke(ctx: click.Context, name: str, path: Path | None, as_json: bool) -> None:
    """Take the password and the passkeys of NAME away, and end every session. A person may still ask for a
    mailed link.
    """
    row = through(ctx, path, Asking, Opening).revoke(name)
    if as_json:
        print_json(row)
        return
    click.echo(f"{name} has no password and no passkey any more, and is signed in nowhere.")


# Through the daemon, or without one.


class Asking:
    """The daemon keeps them."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def set_password(self, name: str, password: str, administrator: bool) -> AccountRow:
        return self.client.set_password(name, password, administrator=administrator)

    def all(self) -> tuple[AccountRow, ...]:
        return self.client.accounts()

    def revoke(self, name: str) -> AccountRow:
        return self.client.revoke_account(name)


class Opening:
    """There is no daemon: the store is ours."""

    def __init__(self, loaded: "Loaded") -> None:
        self.loaded = loaded

    def set_password(self, name: str, password: str, administrator: bool) -> AccountRow:
        from monitord.web.ops.account_rows import AccountName, Setting, wanted  # noqa: PLC0415
        from monitord.web.ops.errors import fitting  # noqa: PLC0415

        people = self.loaded.configuration.people
        with as_answered():
            fitting(AccountName, named(name), "path", "name")
            said = fitting(Setting, {"password": password, "administrator": administrator}, "body")
            account = wanted(name, said, people, now())
        with opened(self.loaded) as store:
            store.accounts.set_password(account, acting())
            return self.row(store.accounts, name)

    def all(self) -> tuple[AccountRow, ...]:
        from monitord.web.ops.account_rows import row  # noqa: PLC0415

        with opened(self.loaded) as store:
            return tuple(row(each, self.loaded.configuration.people) for each in held(store.accounts))

    def revoke(self, name: str) -> AccountRow:
        from monitord.web.ops.account_rows import AccountName, nothing_of  # noqa: PLC0415
        from monitord.web.ops.errors import fitting  # noqa: PLC0415

        with as_answered():
            fitting(AccountName, named(name), "path", "name")
            with opened(self.loaded) as store:
                if not store.accounts.revoke(name, acting(), now()):
                    raise nothing_of(name, [each.name for each in held(store.accounts)])
                return self.row(store.accounts, name)

    def row(self, accounts: "Accounts", name: str) -> AccountRow:
        from monitord.store.accounts import holder  # noqa: PLC0415
        from monitord.web.ops.account_rows import row  # noqa: PLC0415

        there = next(
            (each for each in held(accounts) if each.name == name), holder(name, None, (), (), now())
        )
        return row(there, self.loaded.configuration.people)


def held(accounts: "Accounts") -> "list[Holder]":
    """By whom, as the store has it."""
    from monitord.store.accounts import holders  # noqa: PLC0415
    from monitord.store.passkeys import kept  # noqa: PLC0415

    at = now()
    passkeys = [each.account for each in kept(accounts)]
    return holders(accounts.accounts(), accounts.sessions(at), passkeys, at)
