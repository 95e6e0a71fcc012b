"""A page: one delivery for each contact method, in turn; and news, which never calls."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.escalation import PageRequested
from monitord.core.organization import ContactMethod, Person, Priority
from monitord.core.paging import brought_forward, news, next_in_turn, page, page_key, superseded
from monitord.core.wording import Text

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URGENT = Priority.URGENT
ANN = Person(
    "ann",
    "Ann",
    reach=(
        ContactMethod("voice", "+1312", 2 * MINUTE),
        ContactMethod("email", "ann@example.org"),
        ContactMethod("sms", "+1312", 4 * MINUTE),
    ),
)
TEXT = Text("web is down", ("web is down.",))
REQUEST = PageRequested(7, 2, 3, "ann")
CALLING = frozenset({"voice", "sms"})


def test_a_page_is_one_delivery_a_contact_method_each_with_its_turn() -> None:
    chain = page("e1", REQUEST, ANN, TEXT, NOW, URGENT)

    assert [
        ("e1/7/2/3/ann/0.voice", "+1312", NOW + 2 * MINUTE, 0),
        ("e1/7/2/3/ann/1.email", "ann@example.org", NOW, 1),
        ("e1/7/2/3/ann/2.sms", "+1312", NOW + 4 * MINUTE, 2),
    ] == [(each.id, each.address, each.due, each.position) for each in chain]
    assert {("e1/7/2/3/ann", 7, 2, "ann", Purpose.PAGE, NOW, TEXT)} == {
        (each.chain, each.ticket, each.round, each.person, each.purpose, each.date, each.text)
        for each in chain
    }


def test_a_method_is_used_for_the_priorities_that_it_is_for() -> None:
    choosy = replace(
        ANN, reach=(ContactMethod("email", "a@x"), ContactMethod("voice", "+1", priorities=(URGENT,)))
    )

    urgent = page("e1", REQUEST, choosy, TEXT, NOW, URGENT)
    low = page("e1", REQUEST, choosy, TEXT, NOW, Priority.LOW)

    assert ["e1/7/2/3/ann/0.email", "e1/7/2/3/ann/1.voice"] == [each.id for each in urgent]
    assert ["e1/7/2/3/ann/0.email"] == [each.id for each in low]


def test_where_nothing_is_meant_for_a_priority_the_first_method_is_used() -> None:
    choosy = replace(ANN, reach=tuple(replace(each, priorities=(URGENT,)) for each in ANN.reach))

    (delivery,) = page("e1", REQUEST, choosy, TEXT, NOW, Priority.LOW)

    assert ("voice", NOW + 2 * MINUTE) == (delivery.channel, delivery.due)


def test_the_key_of_a_page_is_epoch_ticket_round_step_and_person() -> None:
    assert "e1/7/2/3/ann" == page_key("e1", REQUEST)


def test_two_methods_of_one_channel_are_two_deliveries() -> None:
    twice = replace(ANN, reach=(ContactMethod("email", "a@x"), ContactMethod("email", "b@x")))

    assert 2 == len({each.id for each in page("e1", REQUEST, twice, TEXT, NOW, URGENT)})


def test_news_goes_by_the_first_method_that_does_not_call() -> None:
    (delivery,) = news("e1", "2/resolved", 7, 2, ANN, TEXT, NOW, CALLING)

    assert (
        "e1/7/2/resolved/ann",
        "email",
        "ann@example.org",
        Purpose.NEWS,
        NOW,
        "",
    ) == (
        delivery.id,
        delivery.channel,
        delivery.address,
        delivery.purpose,
        delivery.due,
        delivery.chain,
    )


def test_who_can_only_be_called_hears_no_news() -> None:
    assert () == news("e1", "2/resolved", 7, 2, ANN, TEXT, NOW, CALLING | {"email"})


def test_the_next_in_turn_is_the_first_that_has_not_been_tried() -> None:
    voice, email, sms = page("e1", REQUEST, ANN, TEXT, NOW, URGENT)

    assert email == next_in_turn([sms, email, voice], voice)
    assert sms == next_in_turn([voice, replace(email, attempts=1), sms], voice)
    assert sms == next_in_turn([voice, replace(email, state=DeliveryState.SENDING), sms], voice)
    assert None is next_in_turn([voice, email, sms], sms)


@pytest.mark.parametrize(("due", "expected"), [(4, 0), (0, 0), (-1, -1), (None, 0)])
def test_brought_forward_is_now_unless_it_was_due_earlier(due: int | None, expected: int) -> None:
    delivery = replace(
        page("e1", REQUEST, ANN, TEXT, NOW, URGENT)[0], due=None if due is None else NOW + due * MINUTE
    )

    assert NOW + expected * MINUTE == brought_forward(delivery, NOW).due


def mail(step: int, **changes: Any) -> Delivery:
    """Ann's page by mail in this step."""
    plain = replace(ANN, reach=ANN.reach[1:2])
    (delivery,) = page("e1", replace(REQUEST, step=step), plain, TEXT, NOW + step * MINUTE, URGENT)
    return replace(delivery, **changes)


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        (mail(1, attempts=1), mail(2), True),
        (mail(1), mail(2), False),  # its turn is yet to come
        (mail(1, attempts=1, state=DeliveryState.SENDING), mail(2), False),
        (mail(1, attempts=1, purpose=Purpose.NEWS), mail(2), False),
        (mail(1, attempts=1), mail(1), False),  # itself
        (mail(1, attempts=1, person="bo"), mail(2), False),
        (mail(1, attempts=1, channel="sms"), mail(2), False),
        (mail(1, attempts=1, address="other@example.org"), mail(2), False),
        (mail(2, attempts=1), mail(1), False),  # the older one's turn
    ],
)
def test_a_newer_page_takes_the_place_of_one_that_was_refused_so_far(
    older: Delivery, newer: Delivery, expected: bool
) -> None:
    assert expected == superseded(older, newer)
