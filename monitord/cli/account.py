"""`monitord account …`: who may sign in at the console; works on the machine itself when mail is dead."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import NO, WRONG, Stopped
from monitord.cli.keeping import now, opened, through
from monitord.cli.options import config_option, count, json_option, print_json, remember
from monitord.cli.passkey import passkey
from monitord.cli.staff import staff
from monitord.cli.ticket import stamp
from monitord.client import Client
from monitord.client.accounts import AccountRow

if TYPE_CHECKING:
    from monitord.config import Loaded


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
        from monitord.store.accounts import Account, LogLine  # noqa: PLC0415
        from monitord.web.console.passwords import PasswordRefused, hashed  # noqa: PLC0415

        administrator = administrator or name not in self.loaded.configuration.people
        try:
            stored = hashed(password)
        except PasswordRefused as refused:
            raise Stopped(f"{refused}; think of a longer one", WRONG) from refused
        with opened(self.loaded) as store:
            store.accounts.sign_out(name)
            store.accounts.keep_account(Account(name, stored, administrator, now()))
            store.accounts.note(LogLine(now(), getpass.getuser(), f"set the password of {name}"))
        return AccountRow(name, not administrator, administrator, password=True, sessions=0, used=None)

    def all(self) -> tuple[AccountRow, ...]:
        from monitord.store.passkeys import kept  # noqa: PLC0415

        with opened(self.loaded) as store:
            accounts = {account.name: account for account in store.accounts.accounts()}
            sessions = store.accounts.sessions(now())
            passkeys = [each.account for each in kept(store.accounts)]
        names = sorted({*accounts, *(session.account for session in sessions), *passkeys})
        return tuple(self.row(name, accounts.get(name), sessions, passkeys.count(name)) for name in names)

    def row(self, name: str, account: Any, sessions: Any, passkeys: int) -> AccountRow:
        mine = [session.seen for session in sessions if session.account == name]
        person, has = name in self.loaded.configuration.people, account is not None
        administrator = has and account.administrator
        return AccountRow(name, person, administrator, has, len(mine), max(mine, default=None), passkeys)

    def revoke(self, name: str) -> AccountRow:
        from monitord.store.accounts import LogLine  # noqa: PLC0415

        with opened(self.loaded) as store:
            gone = store.accounts.drop_account(name)
            if gone:
                store.accounts.note(LogLine(now(), getpass.getuser(), f"revoked the account of {name}"))
        if not gone:
            what = f"{name} has no password, no passkey and no session"
            raise Stopped(f"{what}; `monitord account list` lists them", NO)
        return AccountRow(name, person=False, administrator=False, password=False, sessions=0, used=None)
