"""`monitord page WHO "text"`: somebody is wanted, now, whatever the policies say; or everybody is."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.ticket import NUMBER, SEVERITY, act_options, said
from monitord.client import Client

EVERYBODY = "Call in everybody, {} people, now, and again until they answer or it is remedied?"


@click.command()
@click.argument("words", metavar="WHO TEXT", nargs=-1)
@click.option("--ticket", "number", type=NUMBER, help="for this ticket, besides whoever is asked already")
@click.option("--severity", type=SEVERITY, help="sets the priority, and the target")
@click.option("--catastrophic", is_flag=True, help="the whole staff; takes the text alone, or --ticket")
@click.option("--service", help="which service the catastrophe is about")
@click.option("--yes", is_flag=True, help="do not ask whether everybody is meant")
@act_options
@click.pass_context
def page(
    ctx: click.Context,
    words: tuple[str, ...],
    number: int | None,
    severity: int | None,
    catastrophic: bool,
    service: str | None,
    yes: bool,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Page WHO now: a person, a rotation, a team, or several (`bo,primary`).

    They alone are paged, again and again until somebody answers; from the second time on the last resort,
    too. With --ticket they join those who are asked for that ticket. With --catastrophic everybody is called
    in, for that ticket or for a new one, and those who have not answered are called again until it is
    remedied; `monitord ticket severity` calls it off.
    """
    if catastrophic:
        text = text_for_everybody(words, number, severity, service)
        client = daemon(ctx, path, by)
        if not yes:
            click.confirm(EVERYBODY.format(staff(client)), abort=True, err=True)
        done = (
            client.call_everybody(text, service)
            if number is None
            else client.call_everybody_for(number, text)
        )
        said(done, as_json)
        return
    whom, text = who_and_what(words, number, severity, service)
    client = daemon(ctx, path, by)
    done = client.page(whom, text, severity) if number is None else client.page_for(number, whom, text)
    said(done, as_json)


def staff(client: Client) -> int:
    """How many people a catastrophe wakes."""
    return sum(1 for person in client.people() if person.reach)


def text_for_everybody(
    words: tuple[str, ...], number: int | None, severity: int | None, service: str | None
) -> str:
    """Everybody is called for one thing alone, which is as bad as can be."""
    if severity is not None:
        raise Stopped("--catastrophic does not go with --severity: it is as bad as can be", WRONG)
    if number is not None and service is not None:
        raise Stopped("--ticket has its service; say --service for a new one only", WRONG)
    if len(words) > 1 or (number is None and not words):
        raise Stopped('with --catastrophic say only what has happened: --catastrophic "TEXT"', WRONG)
    return words[0] if words else ""


def who_and_what(
    words: tuple[str, ...], number: int | None, severity: int | None, service: str | None
) -> tuple[tuple[str, ...], str]:
    """Whom, and what for."""
    if len(words) != 2:
        raise Stopped('say whom to page, and what for: WHO "TEXT"', WRONG)
    if service is not None or (number is not None and severity is not None):
        raise Stopped("--service goes with --catastrophic only, --severity not with --ticket", WRONG)
    who, text = words
    return tuple(filter(None, (name.strip() for name in who.split(",")))), text
