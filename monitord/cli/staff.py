"""`monitord account staff`: who works here, as the directory of staff says; who joined, who left."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import config_option, json_option, print_json
from monitord.cli.ticket import stamp
from monitord.client.staff import StaffRow


@click.command(short_help="Who works here, as the directory of staff says.")
@click.option("--joiners", is_flag=True, help="only who is not in the tree yet, as YAML to add to it")
@config_option
@json_option
@click.pass_context
def staff(ctx: click.Context, joiners: bool, path: Path | None, as_json: bool) -> None:
    """Who works here or has left, as the directory of staff says (SCIM), and who they are in the tree."""
    rows = [row for row in daemon(ctx, path).staff() if row.yaml or not joiners]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"# {row.name}, since {stamp(row.since)}\n{row.yaml}" if joiners else one_line(row))
    if not rows:
        click.echo(
            "Everybody who has joined is in the tree." if joiners else "No directory says who works here."
        )


def one_line(row: StaffRow) -> str:
    who = row.person or "not in the tree"
    how = f"left {stamp(row.left)}" if row.left else "works here"
    missing = "".join(f"\n      {click.style(each, fg='red')}" for each in row.missing)
    return f"{row.id:<5}  {row.name:<32}  {who:<16}  {how}{missing}"
