"""Calendar feeds at the edge door: whoever holds the address reads, until it is another one."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from icalendar import Calendar

from monitord.core.organization import Access
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.wording import Link
from monitord.core.world import Configuration
from monitord.store.feeds import FeedNumbers
from monitord.web.feeds.feeds import PERSON, ROTATION, Subject
from monitord.web.limits import READS_PER_FEED
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from tests.fakes.front import EDGE, Front, configuration
from tests.fakes.night import night
from tests.fakes.shop import logbook
from tests.fakes.signed_in import SignedIn, signed_in
from tests.fakes.visitor import Reply, Visitor

PRIMARY = Rotation(
    "primary",
    "America/Chicago",
    layers=(Layer("weekly", (("ann",), ("bo",)), datetime(2026, 1, 5, 9), Turn(1, Unit.WEEKS)),),
)
ANN, ALL = Subject(PERSON, "ann"), Subject(ROTATION, "primary")


def on_call(**changes: object) -> Configuration:
    return configuration(rotations={"primary": PRIMARY}, **changes)


async def path_of(front: Front, subject: Subject) -> str:
    return (await front.feeds.address(subject)).removeprefix(EDGE)


async def read(front: Front, path: str, method: str = "GET", **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await Visitor(front.edge).get(path, method=method, **sent)


@pytest.mark.parametrize(("subject", "summary"), [(ANN, "On call: primary"), (ALL, "Ann Example (primary)")])
async def test_whoever_holds_the_address_reads_the_shifts(subject: Subject, summary: str) -> None:
    front = Front(on_call())
    reply = await read(front, await path_of(front, subject))
    events = Calendar.from_ical(reply.body).walk("VEVENT")

    assert (200, "text/calendar; charset=utf-8") == (reply.status, reply.headers["content-type"])
    assert summary in {str(each["SUMMARY"]) for each in events}
    assert "https://ops.example.org/oncall/shift?rotation=primary&at=" in str(events[0]["URL"])
    assert "private, max-age=300" == reply.headers["cache-control"]


async def test_who_has_it_already_is_told_so() -> None:
    front = Front(on_call())
    path = await path_of(front, ALL)
    first = await read(front, path)
    front.passes(timedelta(hours=1))

    assert 304 == (await read(front, path, if_none_match=first.headers["etag"])).status
    assert 304 == (await read(front, path, if_modified_since=first.headers["last-modified"])).status
    assert 200 == (await read(front, path, if_none_match='"another"')).status


async def test_another_rotation_is_another_content() -> None:
    front = Front(on_call())
    path = await path_of(front, ALL)
    first = await read(front, path)
    front.passes(timedelta(hours=1))
    front.world.accept(on_call(people={}))
    second = await read(front, path, if_none_match=first.headers["etag"])

    assert 200 == second.status and first.headers["last-modified"] != second.headers["last-modified"]


@pytest.mark.parametrize(
    "path",
    ["/calendar/", "/calendar/.ics", "/calendar/ann.ics", "/calendar/a.b.c", f"/calendar/{'x' * 3000}.ics"],
)
async def test_what_we_have_not_made_opens_nothing(path: str) -> None:
    assert 404 == (await read(Front(on_call()), path)).status


async def test_a_link_of_another_kind_opens_no_calendar() -> None:
    front = Front(on_call())
    token = front.links.token(Link("unsubscribe", "", who="person/ann"))

    assert 404 == (await read(front, f"/calendar/{token}.ics")).status


async def test_a_renewed_address_leaves_the_old_one_dead() -> None:
    front = Front(on_call())
    old = await path_of(front, ANN)
    await front.feeds.renew(ANN, "ann")
    new = await path_of(front, ANN)
    await front.feeds.renew(ANN, "ann")

    assert (410, 410) == ((await read(front, old)).status, (await read(front, new)).status)
    assert 200 == (await read(front, await path_of(front, ANN))).status
    assert 200 == (await read(front, await path_of(front, ALL))).status


async def test_the_feed_of_somebody_who_has_left_is_dead() -> None:
    front = Front(on_call())
    path = await path_of(front, ANN)
    people = front.world.configuration.people
    front.world.accept(on_call(people={id: each for id, each in people.items() if id != "ann"}))

    assert 410 == (await read(front, path)).status


async def test_a_feed_can_only_be_read() -> None:
    front = Front(on_call())

    assert 405 == (await Visitor(front.edge).post(await path_of(front, ANN), {})).status


async def test_who_asks_without_end_is_told_to_wait() -> None:
    front = Front(on_call())
    path = await path_of(front, ALL)
    replies = [await read(front, path) for _ in range(READS_PER_FEED.most + 1)]

    assert {200} == {each.status for each in replies[:-1]}
    assert (429, True) == (replies[-1].status, int(replies[-1].headers["retry-after"]) > 0)


# Where it is handed out.


@pytest_asyncio.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with night(tmp_path / "store") as made:
        made.engine.world.accept(
            replace(
                made.configuration,
                access=Access(administrators=("bo",), responders=("ann",), viewers=("eve",)),
            )
        )
        yield made


async def asked(sources: Sources, who: str, feed: str) -> tuple[int, str]:
    visitor = await signed_in(ops_app(sources, logbook()[0]), who)
    reply = await visitor.get(f"/api/v1/feeds/{feed}")
    return reply.status, json.loads(reply.body).get("url", "")


async def test_an_address_is_for_whoever_it_is_about(sources: Sources) -> None:
    """ann may have her own, bo administers, eve only looks."""
    assert 200 == (await asked(sources, "ann", "ann"))[0]
    assert await asked(sources, "ann", "ann") == await asked(sources, "bo", "ann")
    assert 403 == (await asked(sources, "ann", "bo"))[0]
    assert 403 == (await asked(sources, "eve", "ann"))[0]
    assert 404 == (await asked(sources, "ann", "nobody"))[0]


async def renewed(visitor: SignedIn, feed: str) -> str:
    return (await visitor.press(f"/oncall/feeds/{feed}/renew")).text


async def test_one_press_renews_it_and_it_stays_renewed(sources: Sources) -> None:
    door = ops_app(sources, logbook()[0])
    before = (await asked(sources, "ann", "ann"))[1]
    told = await renewed(await signed_in(door, "ann"), "ann")
    after = (await asked(sources, "ann", "ann"))[1]

    assert "Here is another address." in told
    assert after in told and before not in told
    assert ["ann"] == [each.renewed_by for each in await sources.feeds.store.feeds(FeedNumbers.all)]


async def test_nobody_renews_what_is_not_theirs(sources: Sources) -> None:
    reply = await (await signed_in(ops_app(sources, logbook()[0]), "ann")).press("/oncall/feeds/bo/renew")

    assert 403 == reply.status
