"""`monitord doctor`: everything that monitord stands on, each with what was found and what would be right."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from monitord.cli.checkup import machine, place, post, tree
from monitord.cli.checkup.row import Examination, Patient, Row, State, wrong
from monitord.cli.daemon import daemon
from monitord.cli.faults import NO
from monitord.cli.options import chosen, config_option, count, json_option, print_json
from monitord.client import ClientFault
from monitord.client.shapes import StatusNow
from monitord.config.loading import Loaded
from monitord.config.problem import ConfigurationRefused
from monitord.engine.clock import RealClock
from monitord.engine.revisions import find

EXAMINATIONS: tuple[Examination, ...] = (
    tree.configuration,
    tree.revision,
    place.daemon,
    machine.unit,
    machine.hardening,
    place.doors,
    place.store,
    place.backups,
    post.mail,
    tree.people,
    tree.contacts,
    tree.calendars,
    tree.gaps,
    tree.secrets,
    machine.watchdog,
    machine.lifeboat,
    machine.clock,
    machine.zones,
)
MARKS = {State.OK: ("ok  ", "green"), State.WARN: ("warn", "yellow"), State.FAIL: ("fail", "red")}


@click.command()
@click.option("--send-to", default="", metavar="ADDRESS", help="also send one mail there")
@config_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, send_to: str, path: Path | None, as_json: bool) -> None:
    """Is everything there that monitord stands on? Asked with or without a daemon. Exit code 1 if not."""
    rows = list(examined(patient_of(ctx, path, send_to, os.environ)))
    failed = [row for row in rows if row.state is State.FAIL]
    if as_json:
        print_json({"ok": not failed, "examined": rows})
    else:
        show(rows)
    if failed:
        ctx.exit(NO)


def patient_of(ctx: click.Context, path: Path | None, send_to: str, environ: Mapping[str, str]) -> Patient:
    """What a start would go by, and what the daemon says."""
    loaded, refused = accepted(chosen(ctx, path), environ)
    status, unreachable = asked(ctx, path)
    return Patient(environ, RealClock().now(), loaded, refused, status, unreachable, send_to)


def accepted(
    path: Path | None, environ: Mapping[str, str]
) -> tuple[Loaded | None, ConfigurationRefused | None]:
    try:
        found = find(path, environ)
    except ConfigurationRefused as refused:
        return None, refused
    return found.loaded, found.refused


def asked(ctx: click.Context, path: Path | None) -> tuple[StatusNow | None, str]:
    try:
        return daemon(ctx, path).status(), ""
    except (ClientFault, OSError) as error:
        return None, str(error)
    except ConfigurationRefused:
        return None, "none listens where the store of this tree was, or usually is"


def examined(patient: Patient, examinations: Sequence[Examination] = EXAMINATIONS) -> Iterator[Row]:
    """Every examination; one that fails is a finding, and keeps no other from being made."""
    for examine in examinations:
        try:
            yield from examine(patient)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next question is another one
            what = f"this could not be examined: {type(error).__name__}: {error}"
            yield wrong(examine.__name__, what, "report this, with what `monitord doctor` says")


def show(rows: list[Row]) -> None:
    width = max(len(row.what) for row in rows)
    for row in rows:
        mark, color = MARKS[row.state]
        click.secho(mark, fg=color, bold=True, nl=False)
        click.echo(f"  {row.what:{width}}  {row.found}")
        if row.remedy:
            click.echo(f"      {'':{width}}  → {row.remedy}")
    failed, doubts = (sum(row.state is state for row in rows) for state in (State.FAIL, State.WARN))
    click.echo(f"\n{count(failed, 'failure')}, {count(doubts, 'warning')}")
