"""Severities and catastrophes, by API, command line and console: who is called, who may, and who is asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.core.delivery import Delivery, Purpose
from monitord.core.ticket import Ticket
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from tests.fakes.shop import logbook
from tests.fakes.signed_in import signed_in
from tests.fakes.terminal import Terminal, named_tree, typed

STAFF = ("ann", "bo", "cem", "dee")


def ticket(sources: Sources, number: int = 4) -> Ticket:
    found = sources.world.get(Ticket, number)
    assert found is not None
    return found


def paged_now(sources: Sources, number: int = 4) -> set[str | None]:
    """Whose first message was due at the instant at which the ticket opened."""
    opened = ticket(sources, number).opened
    found = sources.world.find("deliveries by ticket", number)
    return {
        each.person
        for each in found
        if isinstance(each, Delivery) and each.purpose is Purpose.PAGE and each.date == opened
    }


async def command(folder: Path, *words: str, typed_in: str = "") -> Result:
    tree = named_tree(folder)
    return await typed(
        lambda: CliRunner().invoke(cli, ["--config", str(tree), *words, "--by", "ann"], input=typed_in)
    )


async def test_a_severity_sets_priority_and_target(sources: Sources, beside: Terminal) -> None:
    ann = beside.client("ann")

    done = await typed(ann.open_ticket, "Search is slow", "shop", None, "", 2)
    row = (await typed(ann.ticket, done.ticket)).ticket

    assert ("high", 2, False) == (row.priority, row.severity, row.catastrophic)
    assert row.target is not None and 4 * 3600 == (row.target - row.opened).total_seconds()


async def test_urgent_by_hand_pages_the_whole_team_at_once(sources: Sources, beside: Terminal) -> None:
    await typed(beside.client("ann").open_ticket, "Checkout is blank", "shop")

    assert set(STAFF) <= paged_now(sources)


async def test_a_catastrophe_asks_first_and_calls_everybody(
    sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    no = await command(tmp_path, "page", "--catastrophic", "Fire", typed_in="n\n")
    nothing = sources.world.get(Ticket, 4)
    yes = await command(tmp_path, "page", "--catastrophic", "Fire", typed_in="y\n")

    assert (1, None) == (no.exit_code, nothing)
    assert "Call in everybody, 4 people, now" in no.output
    assert (0, True) == (yes.exit_code, "Ticket 4" in yes.output), yes.output
    assert (True, 1) == (ticket(sources).catastrophic, ticket(sources).severity)
    assert set(STAFF) == paged_now(sources)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say whom to page, and what for"),
        (("--catastrophic",), "say only what has happened"),
        (("--catastrophic", "bo", "Fire"), "say only what has happened"),
        (("--catastrophic", "Fire", "--severity", "2"), "does not go with --severity"),
        (("--catastrophic", "--ticket", "3", "--service", "shop"), "--ticket has its service"),
        (("bo",), "say whom to page, and what for"),
        (("bo", "come", "--service", "shop"), "--service goes with --catastrophic only"),
    ],
)
async def test_what_cannot_be_meant_is_said(
    words: tuple[str, ...], says: str, sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    refused = await command(tmp_path, "page", *words)

    assert (2, True) == (refused.exit_code, says in refused.output), refused.output
    assert sources.world.get(Ticket, 4) is None


async def test_at_the_console_everybody_is_meant_only_if_that_is_said(sources: Sources) -> None:
    ann = await signed_in(ops_app(sources, logbook()[0]))

    without = await ann.press("/tickets/everybody", happened="Fire")
    nothing = sources.world.get(Ticket, 4)
    page = await ann.press("/tickets/everybody", happened="Fire", everybody="everybody")

    assert (422, None) == (without.status, nothing)
    assert "everybody is called" in page.text
    assert set(STAFF) == paged_now(sources)


async def test_who_is_no_responder_calls_nobody(sources: Sources) -> None:
    eve = await signed_in(ops_app(sources, logbook()[0]), "eve")

    refused = await eve.press("/tickets/everybody", happened="Fire", everybody="everybody")

    assert 403 == refused.status or "no responder" in refused.text
    assert sources.world.get(Ticket, 4) is None


async def test_the_form_takes_a_severity(sources: Sources) -> None:
    ann = await signed_in(ops_app(sources, logbook()[0]))

    page = await ann.press("/tickets/new", title="Slow", service="shop", priority="urgent", severity="3")

    assert ("medium", 3) == (ticket(sources).priority.value, ticket(sources).severity)
    assert "severity 3" in page.text and "to be acknowledged by" in page.text


# What is open already.


async def test_an_open_ticket_gets_a_severity_by_command(
    sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    done = await command(tmp_path, "ticket", "severity", "3", "2")
    again = await command(tmp_path, "ticket", "severity", "3", "2")
    wrong = await command(tmp_path, "ticket", "severity", "3", "5")

    assert (0, 1, 2) == (done.exit_code, again.exit_code, wrong.exit_code), done.output + again.output
    assert "severity set to 2 by ann (cli)" in done.output
    assert "its severity is 2 already" in again.output
    assert 2 == ticket(sources, 3).severity


async def test_an_open_ticket_becomes_a_catastrophe_by_command_and_is_called_off(
    sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    no = await command(tmp_path, "page", "--catastrophic", "--ticket", "3", typed_in="n\n")
    before = ticket(sources, 3).catastrophic
    yes = await command(tmp_path, "page", "--catastrophic", "--ticket", "3", "all is dark", "--yes")
    during = ticket(sources, 3)
    off = await command(tmp_path, "ticket", "severity", "3", "1")

    assert (1, False) == (no.exit_code, before)
    assert "Call in everybody, 4 people, now" in no.output
    assert (0, True) == (yes.exit_code, "a CATASTROPHE, by ann (cli)" in yes.output), yes.output
    assert (True, set(STAFF)) == (during.catastrophic, set(during.paged) & set(STAFF))
    assert (0, True) == (off.exit_code, "no catastrophe any more, by ann" in off.output), off.output
    assert (False, 1) == (ticket(sources, 3).catastrophic, ticket(sources, 3).severity)


async def test_at_the_console_an_open_ticket_is_a_catastrophe_only_if_everybody_is_meant(
    sources: Sources,
) -> None:
    ann = await signed_in(ops_app(sources, logbook()[0]))

    page = await ann.get("/tickets/3")
    without = await ann.press("/tickets/3/everybody", text="all is dark")
    before = ticket(sources, 3).catastrophic
    done = await ann.press("/tickets/3/everybody", text="all is dark", everybody="everybody")
    off = await ann.press("/tickets/3/severity", severity="2")

    assert "Yes, all 4 people" in page.text
    assert ("Please say that everybody is meant" in without.text, before) == (True, False)
    assert "all is dark" in done.text and "Call it off" in done.text
    assert "No catastrophe any more" in off.text and 2 == ticket(sources, 3).severity


async def test_who_is_no_responder_calls_nobody_for_an_open_ticket(sources: Sources) -> None:
    eve = await signed_in(ops_app(sources, logbook()[0]), "eve")

    refused = await eve.press("/tickets/3/everybody", everybody="everybody")

    assert 403 == refused.status or "no responder" in refused.text
    assert not ticket(sources, 3).catastrophic


# To the next tier, and not over after all.


async def test_a_command_sends_it_to_the_next_tier_and_reopens_it(
    sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    up = await command(tmp_path, "ticket", "escalate", "3")
    await command(tmp_path, "ticket", "resolve", "3")
    over = await command(tmp_path, "ticket", "escalate", "3")
    again = await command(tmp_path, "ticket", "reopen", "3", "--note", "still dark")

    assert (0, True) == (up.exit_code, "sent to the next tier by ann (cli)" in up.output), up.output
    assert (1, True) == (over.exit_code, "it is over" in over.output), over.output
    assert (0, True) == (again.exit_code, "ann says that it is not over (cli): still dark" in again.output)
    assert "open" == ticket(sources, 3).state.value


async def test_the_console_sends_it_to_the_next_tier_and_reopens_it(sources: Sources) -> None:
    ann = await signed_in(ops_app(sources, logbook()[0]))

    before = await ann.get("/tickets/3")
    up = await ann.press("/tickets/3/escalate")
    await ann.press("/tickets/3/resolve", note="done")
    over = await ann.get("/tickets/3")
    again = await ann.press("/tickets/3/reopen", note="still dark")

    assert "Next tier now" in before.text and "Reopen it" not in before.text
    assert "Sent to the next tier by ann (console)" in up.text
    assert "Reopen it" in over.text and "Next tier now" not in over.text
    assert "not over (console): still dark" in again.text
