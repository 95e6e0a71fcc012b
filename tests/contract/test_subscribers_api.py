"""Statuspage's own way to subscribe: a form from programs, the same answer for everybody, never by a GET."""

import json

import pytest

from monitord.core.subscription import ConfirmSubscription, Subscriber, SubscriberState, subscriber_id
from tests.fakes.front import Front
from tests.fakes.visitor import Visitor

PATH = "/api/v2/subscribers.json"
SUB = subscriber_id("e1", "email", "sub@example.org")


async def opened() -> tuple[Front, Visitor]:
    front = Front()
    await front.publisher.start()
    return front, Visitor(front.public)


async def test_an_address_is_asked_whether_it_wants_to_and_known_ones_look_the_same() -> None:
    front, visitor = await opened()
    first = await visitor.post(PATH, {"subscriber[email]": "sub@example.org"})
    front.do(ConfirmSubscription(SUB))
    again = await visitor.post(PATH, {"subscriber[email]": "sub@example.org"})
    found = front.world.get(Subscriber, SUB)

    assert (201, {"subscriber": {"email": "sub@example.org", "mode": "email"}}) == (
        first.status,
        json.loads(first.text),
    )
    assert (first.status, first.body) == (again.status, again.body)
    assert found is not None and found.state is SubscriberState.CONFIRMED


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"subscriber[email]": '"><b>sub'}, 422),
        ({"subscriber[endpoint]": "https://hooks.example.org/"}, 422),
        ({"subscriber[email]": "sub@example.org", "subscriber[incident]": "i1"}, 422),
        ({"email": "sub@example.org"}, 422),
    ],
)
async def test_what_is_not_offered_is_said(form: dict[str, str], status: int) -> None:
    front, visitor = await opened()
    reply = await visitor.post(PATH, form)

    assert (status, True) == (reply.status, bool(json.loads(reply.text)["error"]))
    assert [] == front.world.all(Subscriber)


async def test_a_get_subscribes_nobody() -> None:
    front, visitor = await opened()
    reply = await visitor.get(f"{PATH}?subscriber[email]=sub@example.org")

    assert 404 == reply.status
    assert [] == front.world.all(Subscriber)


async def test_another_sites_page_and_a_flood_are_refused() -> None:
    front, visitor = await opened()
    form = {"subscriber[email]": "sub@example.org"}

    assert 403 == (await visitor.post(PATH, form, sec_fetch_site="cross-site")).status
    statuses = [(await visitor.post(PATH, {"subscriber[email]": f"s{n}@d{n}.org"})).status for n in range(12)]
    assert [201] * 10 + [429] * 2 == statuses
    assert 10 == len(front.world.all(Subscriber))
