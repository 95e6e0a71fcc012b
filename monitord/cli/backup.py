"""`monitord backup` and `monitord restore`: the store as one file, and back.

With a daemon running, the daemon makes the copy; without one it is made here, while nobody else can open the
store. A restore needs the daemon stopped.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitord.cli.daemon import daemon, store_of
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import chosen, config_option, count, json_option, print_json
from monitord.client import DaemonUnreachable
from monitord.client.shapes import BackupRow

if TYPE_CHECKING:
    from monitord.config.settings import Backup as Plan
    from monitord.store.backup import Backup
    from monitord.store.restore import Outcome

SAY_WHERE = "name a file or a folder, or say `backup: {to: FOLDER}` in the configuration"
UNITS = ("bytes", "KB", "MB", "GB", "TB")
KEEP_IT = "Keep it like a password: it holds the key of all signed links."
REMOVED = (
    "ACCOUNTS removed since the backup stay removed: {}. `monitord account password NAME` makes one again."
)
CHANGED = "PASSWORDS set since the backup stay as they are now: {}."
UNKNOWN = (
    "ACCOUNTS come back as they were in the backup, and nobody knows whether they were removed since: {}. "
    "`monitord account revoke NAME` takes one away."
)
PASSKEYS_REMOVED = "PASSKEYS removed since the backup stay removed: {}."
PASSKEYS_UNKNOWN = (
    "PASSKEYS come back as they were in the backup, and nobody knows whether they were removed since: {}. "
    "`monitord account passkey remove ID` takes one away."
)
TOKENS_REVOKED = (
    "TOKENS that the store from before knew no more are revoked: {}. "
    "`monitord token create` makes new ones for those who need them."
)
THEN = "Now check the tree (`monitord config check`) and start the daemon: what is overdue is paged at once."


@click.command()
@click.argument("place", metavar="[FILE|FOLDER]", required=False)
@click.option("--list", "listing", is_flag=True, help="show the backups in the folder, newest first")
@click.option("--verify", is_flag=True, help="read every byte of FILE: would it restore?")
@config_option
@json_option
@click.pass_context
def backup(
    ctx: click.Context, place: str | None, listing: bool, verify: bool, path: Path | None, as_json: bool
) -> None:
    """Copy the store into one file, also while it is used; by default where `backup:` says."""
    named = written(place)
    if listing and verify:
        raise Stopped("say --list with a folder, or --verify with a file", WRONG)
    if verify:
        show_verified(needed(named, "name the file to verify"), as_json)
    elif listing:
        show_list(named or planned(ctx, path), as_json)
    else:
        show_made(made(ctx, path, named), as_json)


def written(said: str | None) -> Path | None:
    """What was named; a name that ends like a folder's never becomes a file."""
    if said is not None and said.endswith("/") and not Path(said).is_dir():
        raise Stopped(
            f"there is no folder {said}; make it first, or name a file without the `/` at the end", WRONG
        )
    return Path(said) if said is not None else None


def needed(place: Path | None, remedy: str = SAY_WHERE) -> Path:
    if place is None:
        raise Stopped(remedy, WRONG)
    return place


def plan_of(ctx: click.Context, path: Path | None) -> "Plan | None":
    from monitord.config.loading import load  # noqa: PLC0415 - only where the tree has to say where

    return load(chosen(ctx, path)).settings.backup


def planned(ctx: click.Context, path: Path | None) -> Path:
    """The configured folder."""
    plan = plan_of(ctx, path)
    return needed(plan.to if plan else None)


# Making one.


def made(ctx: click.Context, path: Path | None, place: Path | None) -> BackupRow:
    """By the daemon, if there is one; else here."""
    try:
        return daemon(ctx, path).back_up(str(place.absolute()) if place else "")
    except DaemonUnreachable:
        if os.environ.get("MONITORD_URL"):
            raise
    return made_here(store_of(chosen(ctx, path)), place or planned(ctx, path))


def made_here(store: Path, place: Path) -> BackupRow:
    from monitord.engine.clock import RealClock  # noqa: PLC0415 - heavier than most commands
    from monitord.store.backup import back_up_closed  # noqa: PLC0415

    return row(back_up_closed(store, place, RealClock().now()))


def row(found: "Backup") -> BackupRow:
    from monitord.web.ops.backups import backup_row  # noqa: PLC0415 - heavier than most commands

    return backup_row(found)


def show_made(found: BackupRow, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    click.echo(f"{found.path}: {size(found.bytes)}, {count(found.facts, 'fact')}, epoch {found.epoch}")
    if found.why:
        click.secho(found.why, fg="yellow")
    click.echo(KEEP_IT)


# Those that there are.


def show_list(folder: Path, as_json: bool) -> None:
    from monitord.store.backup import kept  # noqa: PLC0415 - heavier than most commands

    rows = [row(each) for each in kept(folder)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(f"There are no backups in {folder.absolute()}.")
    for each in rows:
        when = f"{each.created:%Y-%m-%d %H:%M} UTC" if each.created else "not usable          "
        click.echo(f"{Path(each.path).name}  {when}  {size(each.bytes):>9}  {each.why or each.epoch}")


def show_verified(file: Path, as_json: bool) -> None:
    from monitord.store.restore import verify  # noqa: PLC0415 - heavier than most commands

    with tempfile.TemporaryDirectory(prefix="monitord-verify-") as work:
        said = verify(file, Path(work))
    if as_json:
        print_json(said)
        return
    click.echo(f"{file} is whole: {said.created:%Y-%m-%d %H:%M} UTC, {count(said.facts, 'fact')}")
    if said.lacking:
        click.secho(said.lacking, fg="yellow")


def size(number: float) -> str:
    """`1.5 MB`."""
    unit = 0
    while number >= 1000 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.1f} {UNITS[unit]}" if unit else f"{number:.0f} {UNITS[0]}"


# And back.


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--foreign", is_flag=True, help="also over the store of another installation")
@config_option
@json_option
@click.pass_context
def restore(ctx: click.Context, file: Path, foreign: bool, path: Path | None, as_json: bool) -> None:
    """Make a backup the store; the store that is there now is kept aside. The daemon must be stopped."""
    from monitord.engine.clock import RealClock  # noqa: PLC0415 - heavier than most commands
    from monitord.store.restore import restore as restored  # noqa: PLC0415

    done = restored(file, store_of(chosen(ctx, path)), RealClock().now(), foreign=foreign)
    if as_json:
        print_json(done)
        return
    for line, color in told(done):
        click.secho(line, fg=color)


def told(done: "Outcome") -> Iterator[tuple[str, str | None]]:
    """What was done, and what somebody has to look at, in color."""
    when = f"{done.manifest.created:%Y-%m-%d %H:%M} UTC"
    yield f"Restored what was there at {when}, as epoch {done.epoch}.", None
    if done.aside is not None:
        yield f"What was there before lies in {done.aside}.", None
    if done.manifest.lacking:
        yield done.manifest.lacking, "yellow"
    for names, sentence in (
        (done.accounts.removed, REMOVED),
        (done.accounts.changed, CHANGED),
        (done.accounts.unknown, UNKNOWN),
        (done.accounts.passkeys_removed, PASSKEYS_REMOVED),
        (done.accounts.passkeys_unknown, PASSKEYS_UNKNOWN),
        (done.accounts.tokens_revoked, TOKENS_REVOKED),
    ):
        if names:
            yield sentence.format(", ".join(names)), "yellow"
    yield "Links in mails from before no longer answer; tickets are as they were then.", None
    yield THEN, None
