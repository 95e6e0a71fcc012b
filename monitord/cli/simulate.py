"""`monitord simulate …`: who would be paged, when, by what; decided by the code that decides it at night."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from monitord.cli.config import accepted
from monitord.cli.duty import changes
from monitord.cli.faults import NO, WRONG, Stopped
from monitord.cli.options import (
    Whole,
    chosen,
    config_option,
    json_option,
    named,
    print_json,
    refuse_stranger,
    remember,
)
from monitord.cli.simulated import as_facts, show
from monitord.cli.simulated_change import as_facts as as_facts_of
from monitord.cli.simulated_change import changed, markdown
from monitord.config.loading import Loaded, load
from monitord.config.scalars import parse_duration, parse_instant, parse_span
from monitord.core.check import Instant
from monitord.core.command import OpenTicket
from monitord.core.organization import Priority
from monitord.core.roster import in_force
from monitord.core.ticket import State, Ticket
from monitord.core.wallclock import zone_of
from monitord.core.world import Configuration
from monitord.engine.clock import RealClock
from monitord.play.change import compare
from monitord.play.house import House
from monitord.play.simulation import Foreseen, Question
from monitord.play.trouble import (
    Trouble,
    at_run_time,
    foresee,
    foresee_ticket,
    opened_by_hand,
    probe_down,
    reported,
)

F = TypeVar("F", bound=Callable[..., Any])

PRIORITIES = click.Choice([priority.value for priority in Priority])
LONGEST = timedelta(days=90)
DAYS = 30
BESIDE_CHANGE = ("place", "at", "priority", "path", "as_json")
YEARS = range(1970, 2200)  # with room for all that follows


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
@click.option("--days", type=Whole(1, 366), default=30, show_default=True, help="with --change")
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
        refuse_beside_change(ctx)
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
@click.option("--severity", type=Whole(1, 4), help="with --by: it sets the priority")
@click.option("--catastrophic", is_flag=True, help="with --by: everybody is called in")
@CHANGE
@question_options
def service(
    ctx: click.Context,
    name: str,
    priority: str,
    by: str | None,
    severity: int | None,
    catastrophic: bool,
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
        refuse_beside_change(ctx)
        remember(ctx, path)
        say_change(ctx, place, asked["at"], DAYS, (name, priority), as_json=as_json)
        return
    question = read_question(configuration, **asked)
    trouble = trouble_of(
        configuration, name, Priority(priority), question.at, by, severity, catastrophic=catastrophic
    )
    foreseen = foresee(trouble, question, arranged(loaded))
    answer(ctx, configuration, f"Service {name} has a problem", foreseen, as_json=as_json)


def trouble_of(
    configuration: Configuration,
    service: str,
    priority: Priority,
    at: Instant,
    by: str | None,
    severity: int | None,
    *,
    catastrophic: bool,
) -> Trouble:
    """Reported from outside, or opened by hand."""
    if by is None:
        if severity or catastrophic:
            raise Stopped("a severity is set by a person: say who with --by PERSON", WRONG)
        return reported(configuration, service, priority, at)
    refuse_strangers(configuration, by)
    ticket = OpenTicket("A problem", service, priority, by, severity=severity, catastrophic=catastrophic)
    return opened_by_hand(configuration, ticket, at)


@simulate.command(short_help="What comes next for a ticket, if nobody does anything.")
@click.argument("number", type=Whole(1, 2**53))
@question_options
def ticket(ctx: click.Context, number: int, path: Path | None, as_json: bool, **asked: Any) -> None:
    """What comes next for the ticket NUMBER of the store, by the configuration that was accepted last."""
    from monitord.store.standing import standing  # noqa: PLC0415 - heavier than the rest

    loaded = load(chosen(ctx, path))
    records = standing(Path(loaded.settings.store))
    if not records:
        raise Stopped(f"there is no store in {loaded.settings.store}, so there are no tickets", WRONG)
    running = accepted(loaded)
    refuse_unless_open(number, records)
    question = read_question(running.configuration, **asked)
    foreseen = foresee_ticket(running.configuration, number, question, records)
    answer(ctx, running.configuration, f"Ticket {number}", foreseen, as_json=as_json)


def refuse_beside_change(ctx: click.Context) -> None:
    """Stopped for an option that would make no difference there."""
    for each in ctx.command.params:
        given = ctx.get_parameter_source(each.name or "") is ParameterSource.COMMANDLINE
        if given and isinstance(each, click.Option) and each.name not in BESIDE_CHANGE:
            raise Stopped(f"{each.opts[0]} says nothing beside --change; leave it out", WRONG)


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
    house.world.accept(other.configuration)
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
    """What people have arranged at run time; of what only the daemon may read, overrides and leave."""
    folder = Path(loaded.settings.store)
    if folder.exists():
        from monitord.store.faults import StoreError  # noqa: PLC0415 - heavy, and only where a store is
        from monitord.store.standing import standing  # noqa: PLC0415 - likewise

        with suppress(StoreError):
            return standing(folder)
    return tuple(changes(folder))


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
    refuse_strangers(configuration, *unreachable, *(() if by_whom is None else (by_whom,)))
    return Question(
        at=instant(configuration, at),
        lasts=span("--for", lasts, parse_span),
        acknowledged_by=by_whom,
        after=span("--after", after),
        unreachable=unreachable,
    )


def refuse_strangers(configuration: Configuration, *people: str) -> None:
    from monitord.config.suggest import groups_of  # noqa: PLC0415 - only here

    groups = groups_of(configuration)
    for person in people:
        refuse_stranger(person, configuration.people, **groups)


def instant(configuration: Configuration, text: str | None) -> Instant:
    """As people type it, in the organization's zone; one that does not exist, or twice, is refused."""
    if text is None:
        return RealClock().now().replace(microsecond=0)
    try:
        found = parse_instant(text, zone_of(configuration.time_zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Stopped(f"--at: {error}", WRONG) from None
    if found.year not in YEARS:
        raise Stopped(f"--at: {text} is too far away; take a year from {YEARS[0]} to {YEARS[-1]}", WRONG)
    return found


def span(
    option: str, text: str | None, read: Callable[[str], timedelta] = parse_duration
) -> timedelta | None:
    if text is None:
        return None
    try:
        found = read(text)
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
