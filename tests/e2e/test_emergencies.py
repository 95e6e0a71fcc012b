"""Urgent and catastrophic by a person's word, with the real daemon, real mail and the real API.

How long it took is read from the daemon's own clock: between the line of the timeline that says who was
called and the line that says that the mail was handed over. It is printed, not judged: a loaded machine is no
mistake. What is judged is that nothing is waited for: everybody's first mail was due in the very instant.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from monitord.client import Client
from monitord.client.shapes import DeliveryRow, TicketStory
from tests.fakes.daemon import Daemon, Document, daemon, policy, probe, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target

STAFF = ("ann", "bo", "cem", "dee", "eve")


@dataclass(frozen=True)
class Scene:
    daemon: Daemon
    post: Post

    @property
    def dee(self) -> Client:
        return self.daemon.acting("dee")

    def story(self, number: int) -> TicketStory:
        return self.daemon.client.ticket(number)


def reached_twice(name: str) -> Document:
    """By two ways, both at once."""
    ways = [{"email": f"{name}@example.org"}, {"email": f"{name}@home.example.org", "after": "0s"}]
    return {"name": name, "reach": ways}


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """ann is on call for the shop, whose team is ann and bo, and whose manager is cem; web is down."""
    async with mail_server() as post, Target(status=503) as target:
        everything = {
            "people": {name: reached_twice(name) for name in STAFF},
            "policies": {"urgent": policy("ann", lasts="1h")},
            "services": {"shop": {"team": "support", "policies": {"default": "urgent"}}},
            "teams": {"support": {"members": ["ann", "bo"], "managers": ["cem"]}},
            "status_pages": [],
            "probes": [probe("web", target.url)],
        }
        async with daemon(tmp_path, post, **everything) as it:
            await post["ann@example.org"].expects("web is down")
            yield Scene(it, post)


def pages(story: TicketStory, since: datetime) -> list[DeliveryRow]:
    return [each for each in story.deliveries if each.purpose == "page" and each.date >= since]


def at(story: TicketStory, kind: str) -> datetime:
    """When that was decided last."""
    return [line.at for line in story.timeline if line.kind == kind][-1]


async def all_left(scene: Scene, number: int, kind: str, people: set[str]) -> tuple[datetime, TicketStory]:
    """When they were called, and the story as soon as each of them was handed a mail of this call."""

    def left() -> list[TicketStory]:
        story = scene.story(number)
        sent = {each.person for each in pages(story, at(story, kind)) if each.state == "sent"}
        return [story] if people <= sent else []

    (story,) = await until(left, why=f"{kind}: not everybody has been called")
    return at(story, kind), story


def longest(story: TicketStory, called: datetime, people: set[str]) -> float:
    """Seconds from the decision until the last of them was handed their first mail, by the timeline."""
    first: dict[str, datetime] = {}
    for line in story.timeline:
        said, person = line.says.partition(" by ")[0], line.says.removeprefix("page to ").split(" ")[0]
        if line.at >= called and person in people and said == f"page to {person}":
            first.setdefault(person, line.at)
    assert people == set(first)
    return max((moment - called).total_seconds() for moment in first.values())


async def test_urgent_by_hand_calls_the_manager_and_the_whole_team_at_once(scene: Scene) -> None:
    """For what a person raises, for what they open so, and for what a probe has made urgent already."""
    low = scene.dee.open_ticket("The till is slow", "shop", "low").ticket
    opened = scene.dee.open_ticket("Cards fail", "shop", "urgent").ticket
    assert low is not None and opened is not None
    scene.dee.set_priority(low, "urgent")
    scene.dee.set_priority(1, "urgent")

    for number, team in ((low, {"ann", "bo", "cem"}), (opened, {"ann", "bo", "cem"}), (1, {"bo", "cem"})):
        called, story = await all_left(scene, number, "team_mobilised", team)
        due = {each.person for each in pages(story, called) if each.date == called}
        took = longest(story, called, team)

        print(f"ticket {number}: called {sorted(team)}, the last first mail handed over after {took:.3f} s")
        assert team <= due


async def test_a_catastrophe_calls_everybody_once_a_method_and_round_until_it_is_resolved(
    scene: Scene,
) -> None:
    scene.dee.call_everybody_for(1, "The data centre is on fire")
    called, story = await all_left(scene, 1, "catastrophe_declared", set(STAFF))
    took = longest(story, called, set(STAFF))
    print(f"everybody: the last first mail handed over after {took:.3f} s")
    assert each_way_once(await settled(scene, called))

    scene.dee.set_severity(1, 2)
    scene.dee.call_everybody_for(1, "It is")
    again, _ = await all_left(scene, 1, "catastrophe_declared", set(STAFF))
    assert again > called and each_way_once(await settled(scene, again)), "once more in the next round"

    scene.dee.resolve(1)
    over = scene.story(1)
    waiting = [each for each in over.deliveries if each.purpose == "page" and each.state == "pending"]
    assert ("resolved", []) == (over.ticket.state, waiting)


async def settled(scene: Scene, called: datetime) -> list[DeliveryRow]:
    """Every page of this call, when none is on its way any more."""

    def done() -> list[DeliveryRow]:
        found = pages(scene.story(1), called)
        return found if found and all(each.state == "sent" for each in found) else []

    return await until(done, why="some pages have not left")


def each_way_once(found: list[DeliveryRow]) -> bool:
    every = {(name, f"{name}@{where}") for name in STAFF for where in ("example.org", "home.example.org")}
    return Counter(every) == Counter((each.person, each.address) for each in found)
