"""`monitord simulate …`: who would be paged, when, by what; decided by the code that decides it at night."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from monitord.cli.config import accepted
from monitord.cli.faults import NO, WRONG, Stopped
from monitord.cli.options import chosen, config_option, count, json_option, named, print_json, remember
from monitord.cli.simulated_change import as_facts as as_facts_of
from monitord.cli.simulated_change import changed, markdown
from monitord.config import Loaded, load
from monitord.config.scalars import parse_duration, parse_instant
from monitord.core.check import Instant
from monitord.core.organization import Priority
from monitord.core.roster import in_force
from monitord.core.ticket import State, Ticket
from monitord.core.wallclock import zone_of
from monitord.core.wording import names, spell
from monitord.core.world import Configuration
from monitord.engine.clock import RealClock
from monitord.play.change import compare
from monitord.play.house import House
from monitord.play.simulation import REFUSED, Call, Foreseen, Question, Remark, Widening
from monitord.play.trouble import at_run_time, foresee, foresee_ticket, opened_by_hand, probe_down, reported
from monitord.store.faults import StoreError
from monitord.store.standing import standing

F = TypeVar("F", bound=Callable[..., Any])

PRIORITIES = click.Choice([priority.value for priority in Priority])
LONGEST = timedelta(days=90)
DAYS = 30


def question_options(command: F) -> F:
    """What can be asked of every trouble."""
    for option in reversed(
        (
            click.option(
                "--at", help="when it begins: RFC 3339, or `2026-01-05 09:00` in the organization's zone"
            ),
            click.option(
                "--for", "lasts", metavar="SPAN", help="look so far ahead: 2h; else until nothing new follows"
            ),
            click.option(
                "--acknowledged-by", "by_whom", metavar="PERSON", help="who answers: when first paged"
            ),
            click.option("--after", metavar="SPAN", help="or so long after it began"),
            click.option(
                "--unreachable", metavar="PERSON", multiple=True, help="whom no message reaches; repeatable"
            ),
            config_option,
            json_option,
            click.pass_context,
        )
    ):
        command = option(command)
    return command


CHANGE = click.option(
    "--change",
    "place",
    metavar="DIR|FILE",
    type=click.Path(path_type=Path),
    help="a changed tree: what it would alter, as a comment in Markdown",
)


@click.group(invoke_without_command=True)
@CHANGE
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="with --change")
@click.option("--at", help="with --change: from when on, instead of now")
@config_option
@json_option
@click.pass_context
def simulate(
    ctx: click.Context, place: Path | None, days: int, at: str | None, path: Path | None, as_json: bool
) -> None:
    """Who would be paged, when, by what: tier by tier up to management. Nothing is sent, nothing is changed.

    The tree is asked, with what people have arranged at run time. Exit code 1 if nobody would be reached;
    with --change if a gap opens, or a policy no longer ends in people.
    """
    remember(ctx, path)
    if ctx.invoked_subcommand is None:
        if place is None:
            raise click.UsageError("say what: probe NAME, service NAME or ticket NUMBER, or --change DIR")
        say_change(ctx, place, at, days, None, as_json=as_json)
    elif place is not None or at is not None or as_json:
        raise click.UsageError(f"write the options behind `{ctx.invoked_subcommand}`")


@simulate.command(short_help="What it would set off if a probe went down.")
@click.argument("name", metavar="PROBE")
@CHANGE
@question_options
def probe(
    ctx: click.Context, name: str, place: Path | None, path: Path | None, as_json: bool, **asked: Any
) -> None:
    """What it would set off if PROBE were found down; with --change, whom a changed tree would call
    instead.
    """
    loaded = load(chosen(ctx, path))
    found = named("probe", (name,), loaded.configuration.probes)[0]
    if place is not None:
        remember(ctx, path)
        say_change(ctx, place, asked["at"], DAYS, (found.service, Priority.URGENT.value), as_json=as_json)
        return
    question = read_question(loaded.configuration, **asked)
    foreseen = foresee(probe_down(loaded.configuration, found, question.at), question, arranged(loaded))
    answer(ctx, loaded.configuration, f"Probe {name} goes down", foreseen, as_json=as_json)


@simulate.command(short_help="The same for a trouble of a service, with a priority.")
@click.argument("name", metavar="SERVICE")
@click.option("--priority", type=PRIORITIES, default="urgent", show_default=True)
@click.option("--by", metavar="PERSON", help="who opens the ticket by hand; else an integration reports it")
@CHANGE
@question_options
def service(
    ctx: click.Context,
    name: str,
    priority: str,
    by: str | None,
    place: Path | None,
    path: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """What it would set off if something went wrong with SERVICE; with --change, whom a changed tree would
    call instead.
    """
    loaded = load(chosen(ctx, path))
    configuration = loaded.configuration
    named("service", (name,), configuration.services)
    if place is not None:
        remember(ctx, path)
        say_change(ctx, place, asked["at"], DAYS, (name, priority), as_json=as_json)
        return
    question, level = read_question(configuration, **asked), Priority(priority)
    if by is None:
        trouble = reported(configuration, name, level, question.at)
    else:
        named("person", (by,), configuration.people)
        trouble = opened_by_hand(configuration, name, level, by, question.at)
    foreseen = foresee(trouble, question, arranged(loaded))
    answer(ctx, configuration, f"Service {name} has a problem", foreseen, as_json=as_json)


@simulate.command(short_help="What comes next for a ticket, if nobody does anything.")
@click.argument("number", type=click.IntRange(1, 2**53))
@question_options
def ticket(ctx: click.Context, number: int, path: Path | None, as_json: bool, **asked: Any) -> None:
    """What comes next for the ticket NUMBER of the store, by the configuration that was accepted last."""
    loaded = load(chosen(ctx, path))
    records = standing(Path(loaded.settings.store))
    if not records:
        raise Stopped(f"there is no store in {loaded.settings.store}, so there are no tickets", WRONG)
    running = accepted(loaded)
    refuse_unless_open(number, records)
    question = read_question(running.configuration, **asked)
    foreseen = foresee_ticket(running.configuration, number, question, records)
    answer(ctx, running.configuration, f"Ticket {number}", foreseen, as_json=as_json)


def say_change(
    ctx: click.Context,
    place: Path,
    at: str | None,
    days: int,
    only: tuple[str, str] | None,
    *,
    as_json: bool,
) -> None:
    """What the tree at `place` would alter; both with what people have arranged at run time."""
    loaded, other = load(chosen(ctx, None)), changed(place)
    house = House(loaded.configuration, RealClock().now(), records=at_run_time(arranged(loaded)))
    before = in_force(house.world)
    house.world.configuration = other.configuration
    start = instant(loaded.configuration, at)
    change = compare(before, in_force(house.world), start, timedelta(days=days), only)
    if as_json:
        print_json(as_facts_of(change))
    else:
        click.echo("\n".join(markdown(change, zone_of(loaded.configuration.time_zone))))
    if change.harms:
        ctx.exit(NO)


def refuse_unless_open(number: int, records: Iterable[Any]) -> None:
    tickets = {each.number: each for each in records if isinstance(each, Ticket)}
    known = {key: each for key, each in tickets.items() if each.state is not State.RESOLVED}
    if number not in known:
        there = ", ".join(str(key) for key in sorted(known)[:20]) or "none"
        raise Stopped(f"ticket {number} is not open; open tickets: {there}", WRONG)


def arranged(loaded: Loaded) -> tuple[Any, ...]:
    """What people have arranged at run time, if there is a store that may be read."""
    try:
        return standing(Path(loaded.settings.store))
    except StoreError as error:
        click.echo(f"warning: {error}; what was arranged at run time is left out", err=True)
        return ()


# What is asked


def read_question(
    configuration: Configuration,
    at: str | None,
    lasts: str | None,
    by_whom: str | None,
    after: str | None,
    unreachable: tuple[str, ...],
) -> Question:
    """The question in these words; Stopped for what cannot be meant."""
    if after is not None and by_whom is None:
        raise Stopped("--after says when somebody answers: say who with --acknowledged-by PERSON", WRONG)
    named("person", (*unreachable, *filter(None, (by_whom,))), configuration.people)
    return Question(
        at=instant(configuration, at),
        lasts=span("--for", lasts),
        acknowledged_by=by_whom,
        after=span("--after", after),
        unreachable=unreachable,
    )


def instant(configuration: Configuration, text: str | None) -> Instant:
    """As people type it, in the organization's zone; one that does not exist, or twice, is refused."""
    if text is None:
        return RealClock().now().replace(microsecond=0)
    try:
        return parse_instant(text, zone_of(configuration.time_zone)).astimezone(UTC)
    except ValueError as error:
        raise Stopped(f"--at: {error}", WRONG) from None


def span(option: str, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise Stopped(f"{option}: {error}", WRONG) from None
    if found > LONGEST:
        raise Stopped(f"{option}: {text} is too long; {LONGEST.days}d at most", WRONG)
    return found


# What is answered


def answer(
    ctx: click.Context, configuration: Configuration, subject: str, found: Foreseen, *, as_json: bool
) -> None:
    if as_json:
        print_json(as_facts(subject, found))
    else:
        show(configuration, subject, found)
    if not found.people:
        ctx.exit(NO)


def as_facts(subject: str, found: Foreseen) -> dict[str, Any]:
    """The shape that programs may rely on; the manual has it."""
    return {
        "subject": subject,
        "at": found.at,
        "until": found.until,
        "ends": found.ends,
        "priority": found.priority,
        "policy": found.policy,
        "people": list(found.people),
        "pages": [asdict(call) for call in found.calls],
        "widenings": [asdict(each) for each in found.widenings],
        "remarks": [asdict(each) for each in found.remarks],
    }


def show(configuration: Configuration, subject: str, found: Foreseen) -> None:
    zone = zone_of(configuration.time_zone)
    by = f": {found.priority.value}, policy {found.policy or 'none'}" if found.priority else ""
    click.secho(f"{subject} on {found.at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}{by}", bold=True)
    said = None
    for each in found.story:
        when = "" if each.at == said else clock(each.at.astimezone(zone), found.at.astimezone(zone))
        said = each.at
        click.echo(f"{when:<13}{LINES[type(each)](each, widths(found))}".rstrip())
    click.echo()
    reached = [f"{person} {how_soon(found, person)}" for person in found.people]
    who = f"{count(len(reached), 'person', 'people')} reached: {', '.join(reached)}."
    click.echo(who if reached else click.style("NOBODY would be reached.", fg="red", bold=True))
    click.echo(f"Shown until {clock(found.until.astimezone(zone), found.at.astimezone(zone))}: {found.ends}.")


def clock(wall: datetime, first: datetime) -> str:
    """The day where it is another one, the seconds where there are any."""
    day = "" if wall.date() == first.date() else f"{wall:%a %d} "
    return day + (f"{wall:%H:%M:%S}" if wall.second else f"{wall:%H:%M}")


def widths(found: Foreseen) -> tuple[int, int, int]:
    """Of the columns person, channel, address."""
    calls = found.calls
    return (
        max((len(call.person) for call in calls), default=0),
        max((len(call.channel) for call in calls), default=0),
        max((len(call.address) for call in calls), default=0),
    )


def call_line(call: Call, columns: tuple[int, int, int]) -> str:
    person, channel, address = columns
    refused = click.style("  refused", fg="red") if call.outcome == REFUSED else ""
    who = f"{call.person:<{person}}  {call.channel:<{channel}}  {call.address:<{address}}"
    return f"  {who}  {call.why}{refused}"


def step_line(step: Widening, columns: tuple[int, int, int]) -> str:
    """`tier 2: bo joins, 2 people`."""
    joins = (
        f"{names(step.joins)} {'joins' if len(step.joins) == 1 else 'join'}" if step.joins else "told again"
    )
    round = f"round {step.round}, " if step.round > 1 else ""
    where = f"tier {step.tier}" if step.tier else "alone"
    return click.style(
        f"{round}{where}: {joins}, {count(step.circle, 'person', 'people')} in the circle", bold=True
    )


def remark_line(remark: Remark, columns: tuple[int, int, int]) -> str:
    return click.style(remark.says, dim=True)


LINES: dict[type[Any], Callable[[Any, tuple[int, int, int]], str]] = {
    Call: call_line,
    Widening: step_line,
    Remark: remark_line,
}


def how_soon(found: Foreseen, person: str) -> str:
    """`at once`, `after 5 min`."""
    first = next(call.at for call in found.calls if call.person == person and call.outcome != REFUSED)
    return f"after {spell(first - found.at)}" if first > found.at else "at once"
