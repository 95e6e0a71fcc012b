"""When mail does not go through: the next contact method meanwhile, and each page once when it does again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitord.client.shapes import DeliveryRow
from tests.e2e.mails import message_ids, pages
from tests.fakes.daemon import Daemon, daemon, email, person, policy, probe, sections, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Cage, Target, cage, drip, endless

ANN, HOME = "ann@example.org", "ann@home.example"
SERVER_TIMEOUT = "2s"


@dataclass(frozen=True)
class Scene:
    post: Post
    daemon: Daemon
    hostile: dict[str, Cage]
    targets: dict[str, Target]

    def rows(self, ticket: int) -> dict[str, DeliveryRow]:
        """The pages of a ticket, by address."""
        rows = self.daemon.client.deliveries(ticket)
        return {row.address: row for row in rows if row.purpose == "page"}

    async def ticket(self, name: str) -> int:
        """The number of the probe's ticket, once there is one."""
        found = await until(lambda: [row for row in self.daemon.client.tickets() if row.probe == name])
        return found[0].number


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Ann can be reached at two addresses, the second an hour later; every probe is its own service."""
    async with AsyncExitStack() as stack:
        post = await stack.enter_async_context(mail_server())
        hostile = {
            name: await stack.enter_async_context(cage(behaviour))
            for name, behaviour in (("drip", drip), ("endless", endless))
        }
        targets = {name: await stack.enter_async_context(Target()) for name in ("shop", "pay")}
        urls = {name: each.url for name, each in (hostile | targets).items()}
        services = {name: {"policies": {"default": "urgent"}} for name in urls}
        people = {
            **sections()["people"],
            "ann": person("ann", {"email": ANN}, {"email": HOME, "after": "1h"}),
        }
        it = await stack.enter_async_context(
            daemon(
                tmp_path,
                post,
                channels=email(post, timeout=SERVER_TIMEOUT),
                people=people,
                policies={"urgent": policy("ann", lasts="1h")},
                services=services,
                probes=[
                    probe(name, url, service=name, timeout="500ms" if name == "drip" else "30s")
                    for name, url in urls.items()
                ],
            )
        )
        yield Scene(post, it, hostile, targets)


async def test_mail_that_is_refused_hangs_or_has_nowhere_to_go(scene: Scene) -> None:
    """Everything that goes wrong with a mail server on one bad night."""
    await a_target_that_never_ends_is_down(scene)
    hung = await a_server_that_hangs_costs_one_attempt(scene)
    refused = await an_address_that_is_refused_is_given_up(scene, hung)
    gone = await a_server_that_is_gone_gets_its_mails_later(scene)
    await each_page_came_once(scene, hung, refused, gone)


async def a_target_that_never_ends_is_down(scene: Scene) -> None:
    """One that drips ends with the time, one that gushes with the bytes; both say so."""
    for name, words in (("drip", "no answer within 0.5 s"), ("endless", "its body did not end within 1 MiB")):
        ticket = scene.daemon.client.ticket(await scene.ticket(name)).ticket
        probe_now = scene.daemon.client.probe(name).probe
        await scene.post[ANN].expects(f"{name} is down")

        assert not probe_now.up
        assert words in ticket.summary, f"{name}: {ticket.summary}"


async def a_server_that_hangs_costs_one_attempt(scene: Scene) -> int:
    """The second address gets the page now, the first one when the server speaks again."""
    scene.post.hang(at="MAIL", times=1)
    scene.targets["shop"].status = 503
    number = await scene.ticket("shop")
    await scene.post[HOME].expects(f"shop is down (ticket {number})")

    assert scene.rows(number)[ANN].why
    assert [] == [row for row in scene.rows(number).values() if row.state == "failed"]
    return number


async def an_address_that_is_refused_is_given_up(scene: Scene, hung: int) -> int:
    """For good: nobody of that name. What waits for another attempt there is not touched by it."""
    await scene.post[ANN].expects(f"shop is down (ticket {hung})")
    scene.post.reject(ANN, 550)
    by_hand = scene.daemon.acting("bo").open_ticket("The tills are slow", "pay")
    assert by_hand.ticket is not None
    await scene.post[HOME].expects("The tills are slow")
    row = scene.rows(by_hand.ticket)[ANN]

    assert ("failed", 1) == (row.state, row.attempts)
    assert "550" in row.why
    scene.post.heal()
    return by_hand.ticket


async def a_server_that_is_gone_gets_its_mails_later(scene: Scene) -> int:
    """Connections are refused, at both addresses; then the server is back."""
    await scene.post.go_away()
    scene.targets["pay"].status = 503
    number = await scene.ticket("pay")
    await until(lambda: all(row.attempts for row in scene.rows(number).values()), why="both were tried")
    assert {"pending", "sending"} >= {row.state for row in scene.rows(number).values()}
    await scene.post.come_back()
    for address in (ANN, HOME):
        await scene.post[address].expects(f"pay is down (ticket {number})")
    return number


async def each_page_came_once(scene: Scene, hung: int, refused: int, gone: int) -> None:
    def settled() -> bool:
        rows = [row for number in (hung, refused, gone) for row in scene.rows(number).values()]
        return {"sent", "failed"} >= {row.state for row in rows}

    await until(settled)
    came = message_ids(pages(scene.post.mails))

    assert len(set(came)) == len(came)
    rows = scene.rows(refused)
    assert ("failed", "sent") == (rows[ANN].state, rows[HOME].state)
    for number in (hung, gone):
        assert {ANN: "sent", HOME: "sent"} == {a: row.state for a, row in scene.rows(number).items()}
