"""`monitord ticket …`: what is on fire, who has it, and why somebody was or was not called."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import Whole, config_option, json_option, print_json, remember
from monitord.client import Client
from monitord.client.shapes import DeliveryRow, Done, Line, TicketRow, TicketStory
from monitord.core.legible import printable_line
from monitord.core.wallclock import on_wall

F = TypeVar("F", bound=Callable[..., Any])

COLORS = {"open": "red", "acknowledged": "yellow", "resolved": "green"}
STATES = click.Choice(["open", "acknowledged", "resolved", "all"])
PRIORITIES = click.Choice(["urgent", "high", "medium", "low"])
NUMBER = Whole(1, 2**53)
SEVERITY = Whole(1, 4)
TEXT_MAX = 10_000


@click.group()
@config_option
@click.pass_context
def ticket(ctx: click.Context, path: Path | None) -> None:
    """List, show, explain, open, acknowledge, snooze, hand over, resolve tickets."""
    remember(ctx, path)


def act_options(command: F) -> F:
    """What every act takes: in whose name, and how to print it."""
    named = click.option("--by", metavar="PERSON", help="who acts; by default the user of this shell")
    return named(config_option(json_option(command)))


def said(done: Done, as_json: bool) -> None:
    """Every mutation prints what it did."""
    if as_json:
        print_json(done)
        return
    if done.ticket is not None:
        click.secho(f"Ticket {done.ticket}", bold=True)
    for sentence in done.did:
        click.echo(sentence)


@ticket.command("list", short_help="Those that are not resolved, or of a state; newest first.")
@click.option("--state", type=STATES, help="by default those that are not resolved")
@click.option("--service")
@click.option("--limit", type=Whole(1, 500), default=50, show_default=True)
@config_option
@json_option
@click.pass_context
def list_tickets(
    ctx: click.Context, state: str | None, service: str | None, limit: int, path: Path | None, as_json: bool
) -> None:
    """The tickets that are not resolved, or those of a state; newest first."""
    client = daemon(ctx, path)
    asked = None if state in (None, "all") else state
    rows = [
        row
        for row in client.tickets(state=asked, service=service, limit=limit)
        if state is not None or row.state != "resolved"
    ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("No tickets." if state else "No open tickets.")
    for row in rows:
        click.echo(one_line(row))


def one_line(row: TicketRow) -> str:
    state = click.style(f"{row.state:<12}", fg=COLORS.get(row.state))
    asleep = f", asleep until {stamp(row.snoozed_until)}" if row.snoozed_until else ""
    whose = f"  {row.holder} has it{asleep}" if row.holder else ""
    whose = whose or (f"  {not_enough(row)}" if not_enough(row) else "")
    following = f"  next: {row.next.says}" if row.next and not row.holder else ""
    return f"{row.number:>5}  {state}  {row.priority:<6}  {stamp(row.since)}  {row.title}{whose}{following}"


def not_enough(row: TicketRow) -> str:
    """Who has it while more are needed."""
    if row.state != "open" or row.needed == 1:
        return ""
    verb = "have" if len(row.acknowledged_by) > 1 else "has"
    return f"{', '.join(row.acknowledged_by) or 'nobody'} {verb} it; {row.counted} of {row.needed} needed"


def stamp(at: datetime, zone: str = "") -> str:
    """On the wall of that zone; without one, of the zone of this shell."""
    return f"{on_wall(at, zone) if zone else at.astimezone():%Y-%m-%d %H:%M:%S %Z}"


@ticket.command(short_help="One ticket: its state, its timeline, its escalation.")
@click.argument("number", type=NUMBER)
@config_option
@json_option
@click.pass_context
def show(ctx: click.Context, number: int, path: Path | None, as_json: bool) -> None:
    """One ticket: its state, its timeline, and where its escalation stands."""
    story = daemon(ctx, path).ticket(number)
    if as_json:
        print_json(story)
        return
    head(story)
    for line in story.timeline:
        click.echo(told(line))


def head(story: TicketStory) -> None:
    row = story.ticket
    click.secho(f"Ticket {row.number}: {row.title}", bold=True)
    service = f", service {row.service}" if row.service else ""
    click.echo(click.style(row.state, fg=COLORS.get(row.state)) + f", {row.priority}{service}")
    if row.severity:
        click.echo(severity_of(row))
    click.echo(begun(row))
    if row.summary:
        click.echo(f"found: {row.summary}")
    for pair in (*story.details, *story.links):
        click.echo(f"  {pair.name}: {pair.value}")
    if row.holder:
        click.echo(
            f"{row.holder} has it"
            + (f", asleep until {stamp(row.snoozed_until)}" if row.snoozed_until else "")
        )
    if not_enough(row):
        click.echo(not_enough(row))
    if row.asked:
        click.echo(f"asked by name, no answer yet: {', '.join(row.asked)}")
    if story.escalation:
        now = story.escalation
        circle = ", ".join(now.circle) or "nobody"
        click.echo(f"round {now.round}, tier {now.tier} of {now.tiers}; asked so far: {circle}")
    if row.next:
        click.echo(f"next: {row.next.says} at {stamp(row.next.at)}")
    click.echo()


def begun(row: TicketRow) -> str:
    """Since when, and when it was opened if that was later."""
    since, opened = stamp(row.since), stamp(row.opened)
    return f"since {since}" if since == opened else f"since {since}, opened {opened}"


def severity_of(row: TicketRow) -> str:
    """How bad it is, and until when somebody must have it."""
    how = f"severity {row.severity}" + (": a catastrophe, everybody is called" if row.catastrophic else "")
    if row.target_missed:
        return f"{how}; target MISSED: nobody had acknowledged by {stamp(row.target_missed)}"
    return f"{how}; to be acknowledged by {stamp(row.target)}" if row.target else how


def told(line: Line) -> str:
    return printable_line(f"{stamp(line.at)}  {line.says}")


@ticket.command(short_help="Who was told when, who was not, and why.")
@click.argument("number", type=NUMBER, required=False)
@click.option("--event", type=NUMBER, help="an event's number: what came in, and why it opened no ticket")
@config_option
@json_option
@click.pass_context
def explain(
    ctx: click.Context, number: int | None, event: int | None, path: Path | None, as_json: bool
) -> None:
    """Who was told when, who was not, and why; or what was made of an event, also if that was no ticket."""
    if (number is None) == (event is None):
        raise click.UsageError("name a ticket, or an event with --event")
    if event is not None:
        from monitord.cli.event import show_event  # noqa: PLC0415 - it prints lines as this file does

        show_event(daemon(ctx, path).event(event), as_json=as_json)
        return
    assert number is not None, "one of them was named"
    story = daemon(ctx, path).ticket(number)
    if as_json:
        print_json({"timeline": story.timeline, "deliveries": story.deliveries})
        return
    head(story)
    click.secho("What happened", bold=True)
    for line in story.timeline:
        click.echo(told(line))
    click.secho("\nWho was told", bold=True)
    for delivery in story.deliveries:
        click.echo(delivered(delivery))
    unpaged = sorted(set(story.ticket.paged) - {d.person for d in story.deliveries if d.state == "sent"})
    if unpaged:
        click.secho(f"\nPaged, but nothing was handed over: {', '.join(unpaged)}", fg="red")


def delivered(row: DeliveryRow) -> str:
    tries = f" after {row.attempts} attempts" if row.attempts > 1 else ""
    why = f": {row.why}" if row.why else ""
    to = f"{row.purpose} to {row.person or 'another system'} by {row.channel} ({row.address})"
    return f"{stamp(row.date)}  {to} {row.state}{tries}{why}"


@ticket.command("open", short_help="Open a ticket by hand; the policy decides who is paged.")
@click.argument("title")
@click.option("--service", required=True)
@click.option("--priority", type=PRIORITIES, help="by default urgent")
@click.option("--severity", type=SEVERITY, help="sets the priority, and the target")
@click.option("--text", default="", help="more than the title")
@act_options
@click.pass_context
def open_ticket(
    ctx: click.Context,
    title: str,
    service: str,
    priority: str | None,
    severity: int | None,
    text: str,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Open a ticket by hand; its service's policy decides who is paged. An urgent one calls the service's
    team and its managers as well, at once.
    """
    if priority is not None and severity is not None:
        raise Stopped("a severity sets the priority: say one of them", WRONG)
    said(daemon(ctx, path, by).open_ticket(title, service, priority, text, severity), as_json)


@ticket.command()
@click.argument("number", type=NUMBER)
@act_options
@click.pass_context
def ack(ctx: click.Context, number: int, by: str | None, path: Path | None, as_json: bool) -> None:
    """I have it: nobody else is paged."""
    said(daemon(ctx, path, by).acknowledge(number), as_json)


@ticket.command()
@click.argument("number", type=NUMBER)
@act_options
@click.pass_context
def decline(ctx: click.Context, number: int, by: str | None, path: Path | None, as_json: bool) -> None:
    """I can't: the others are asked."""
    said(daemon(ctx, path, by).decline(number), as_json)


@ticket.command("hand-over", short_help="Give it to PERSON, who is paged.")
@click.argument("number", type=NUMBER)
@click.argument("person")
@act_options
@click.pass_context
def hand_over(
    ctx: click.Context, number: int, person: str, by: str | None, path: Path | None, as_json: bool
) -> None:
    """Give it to PERSON, who is paged; without an answer the tiers follow."""
    said(daemon(ctx, path, by).hand_over(number, person), as_json)


@ticket.command(short_help="Let it sleep, a day at most; nobody is paged meanwhile.")
@click.argument("number", type=NUMBER)
@click.option("--for", "span", metavar="SPAN", help="for so long: 30m, 2h, 1h30m")
@click.option("--until", metavar="T", help="RFC 3339, or `2026-01-05 09:00` in the organization's zone")
@act_options
@click.pass_context
def snooze(
    ctx: click.Context,
    number: int,
    span: str | None,
    until: str | None,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Let it sleep, a day at most: nobody is paged until then; then whoever has it and tier 1 are. To
    acknowledge it wakes it.
    """
    client = daemon(ctx, path, by)
    said(client.snooze(number, instant(client, span, until)), as_json)


def instant(client: Client, span: str | None, until: str | None) -> datetime:
    """`--for` from now on the daemon's clock, or `--until` on its organization's wall."""
    if (span is None) == (until is None):
        raise Stopped("say either --for SPAN or --until T", WRONG)
    from monitord.config.scalars import parse_instant, parse_span  # noqa: PLC0415 - only here
    from monitord.core.wallclock import zone_of  # noqa: PLC0415 - only here

    now = client.status()
    try:
        if until is not None:
            return parse_instant(until, zone_of(now.time_zone))
        return now.now + parse_span(span or "")
    except ValueError as wrong:
        raise Stopped(str(wrong), WRONG) from None


@ticket.command(short_help="Raise or lower it; raised, it begins anew.")
@click.argument("number", type=NUMBER)
@click.argument("level", type=PRIORITIES)
@act_options
@click.pass_context
def priority(
    ctx: click.Context, number: int, level: str, by: str | None, path: Path | None, as_json: bool
) -> None:
    """Set its priority to LEVEL: raised, a new round begins by the policy of that priority; lowered, nobody
    is paged for that.
    """
    said(daemon(ctx, path, by).set_priority(number, level), as_json)


@ticket.command(short_help="Say how bad it is, 1 (worst) to 4.")
@click.argument("number", type=NUMBER)
@click.argument("level", type=SEVERITY)
@act_options
@click.pass_context
def severity(
    ctx: click.Context, number: int, level: int, by: str | None, path: Path | None, as_json: bool
) -> None:
    """Set its severity to LEVEL, 1 (worst) to 4: that sets its priority, and from now on until when somebody
    must have it. A catastrophe is none any more then.
    """
    said(daemon(ctx, path, by).set_severity(number, level), as_json)


@ticket.command()
@click.argument("number", type=NUMBER)
@click.option("--note", default="")
@click.option("--hold", is_flag=True, help="if it is still failing: wait until it clears, 24 h at most")
@act_options
@click.pass_context
def resolve(
    ctx: click.Context, number: int, note: str, hold: bool, by: str | None, path: Path | None, as_json: bool
) -> None:
    """It is over. What still fails or is said again reopens it in 10 minutes, with --hold once it cleared."""
    said(daemon(ctx, path, by).resolve(number, note, hold), as_json)


@ticket.command(short_help="It is not over; for a day after its end.")
@click.argument("number", type=NUMBER)
@click.option("--note", default="", help="why, for the timeline")
@act_options
@click.pass_context
def reopen(
    ctx: click.Context, number: int, note: str, by: str | None, path: Path | None, as_json: bool
) -> None:
    """It is not over after all: open again under its number, and paged. For a day after its end."""
    said(daemon(ctx, path, by).reopen(number, note), as_json)


@ticket.command(short_help="Send it to the next tier, now.")
@click.argument("number", type=NUMBER)
@act_options
@click.pass_context
def escalate(ctx: click.Context, number: int, by: str | None, path: Path | None, as_json: bool) -> None:
    """Send it to the next tier now, whatever the hour. Whoever has it gives it up."""
    said(daemon(ctx, path, by).escalate(number), as_json)


@ticket.command(short_help="Add a line; a holder's comment says: still on it.")
@click.argument("number", type=NUMBER)
@click.argument("text")
@act_options
@click.pass_context
def comment(
    ctx: click.Context, number: int, text: str, by: str | None, path: Path | None, as_json: bool
) -> None:
    """Add a line to the timeline; a holder's comment says that they are still on it."""
    said(daemon(ctx, path, by).comment(number, text), as_json)
