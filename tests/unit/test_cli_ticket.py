"""`monitord ticket`: rows and messages as people read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitord.cli.ticket import begun, delivered, one_line, stamp
from monitord.client.shapes import DeliveryRow, NextStep, TicketRow

AT = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
NEXT = NextStep(AT, "tier", "bo is paged in 4 min, and ann again", ("bo", "ann"))
TICKET = TicketRow(
    number=1042,
    title="shop is down",
    state="open",
    priority="urgent",
    service="shop",
    probe="shop",
    summary="refused the connection",
    since=AT,
    opened=AT,
    holder=None,
    acknowledged=None,
    resolved=None,
    resolution=None,
    reopened=0,
    rounds=1,
    paged=("ann",),
    signals=("probe/shop",),
    next=NEXT,
)
DELIVERY = DeliveryRow(
    id="x",
    ticket=1042,
    purpose="page",
    person="ann",
    channel="email",
    address="ann@example.org",
    subject="shop is down",
    date=AT,
    due=None,
    state="sent",
    attempts=1,
    why="",
)


def test_an_open_ticket_says_what_comes_next() -> None:
    assert "urgent" in one_line(TICKET)
    assert one_line(TICKET).endswith("shop is down  next: bo is paged in 4 min, and ann again")


def test_a_held_ticket_says_who_has_it() -> None:
    assert one_line(replace(TICKET, holder="ann")).endswith("shop is down  ann has it")


def test_a_ticket_that_several_must_have_says_how_many_do() -> None:
    two = replace(TICKET, needed=2)

    assert "nobody has it; 0 of 2 needed" in one_line(two)
    assert "ann has it; 1 of 2 needed" in one_line(replace(two, acknowledged_by=("ann",), counted=1))


def test_a_ticket_says_twice_when_it_began_only_if_that_differs() -> None:
    at_once = replace(TICKET, since=AT, opened=AT)
    later = replace(at_once, opened=AT + timedelta(minutes=2))

    assert f"since {stamp(AT)}" == begun(at_once)
    assert f"since {stamp(AT)}, opened {stamp(AT + timedelta(minutes=2))}" == begun(later)


def test_a_message_says_to_whom_how_and_what_became_of_it() -> None:
    assert f"{stamp(AT)}  page to ann by email (ann@example.org) sent" == delivered(DELIVERY)


def test_a_message_that_did_not_leave_says_why() -> None:
    refused = replace(DELIVERY, state="failed", attempts=3, why="no such person")

    assert delivered(refused).endswith("failed after 3 attempts: no such person")
