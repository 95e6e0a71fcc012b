"""One outage, end to end: a server breaks, mails go up the tiers, a link stops them, and customers know."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from monitord.config.settings import Door, Doors
from monitord.core.wording import Link
from monitord.engine.links import Links
from tests.e2e.mails import Answering, address, answering, first_paged, message_ids, pages
from tests.fakes.daemon import Daemon, daemon, policy, probe, until
from tests.fakes.mailbox import Mail, Post, mail_server
from tests.fakes.zoo import Target

pytestmark = pytest.mark.cold

REPLAYS = 100
QUIET_FOR = timedelta(seconds=3)  # three times a tier's time
CAST = {f"{name}@example.org" for name in ("ann", "bo", "cem", "dee")}


@dataclass(frozen=True)
class Scene:
    post: Post
    target: Target
    daemon: Daemon

    async def summary(self) -> Any:
        return (await self.daemon.get(f"{self.daemon.public}/api/v2/summary.json")).json()

    async def front_page(self) -> str:
        return (await self.daemon.get(f"{self.daemon.public}/")).text

    def state(self) -> str:
        return self.daemon.client.ticket(1).ticket.state

    def told(self, kind: str) -> list[str]:
        """What the timeline says of that kind."""
        return [line.says for line in self.daemon.client.ticket(1).timeline if line.kind == kind]

    async def mail(self, name: str, words: str) -> Mail:
        return await self.post[f"{name}@example.org"].expects(words)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Tiers of a second; everything is well."""
    async with mail_server() as post, Target() as target:
        policies = {"urgent": policy("ann", "bo", "cem", lasts="1s")}
        probes = [probe("web", target.url, failures=2, passes=2)]
        async with daemon(tmp_path, post, probes=probes, policies=policies) as it:
            yield Scene(post, target, it)


async def test_an_outage_from_the_first_failure_to_the_last_mail(scene: Scene) -> None:
    """Nobody answers until everybody was asked; then bo does, and the server recovers."""
    await everything_is_well(scene)
    subscribed = await somebody_subscribes(scene)
    scene.target.status = 503
    page = await nobody_answers(scene)
    await the_public_knows(scene)
    await looking_acknowledges_nothing(scene, page)
    await strange_links_are_refused(scene, page)
    await the_number_acknowledges(scene, page)
    await no_page_leaves_any_more(scene)
    scene.target.status = 200
    await all_is_well_again(scene)
    await the_subscriber_leaves(scene, subscribed)


async def everything_is_well(scene: Scene) -> None:
    await until(lambda: scene.daemon.client.probe("web").probe.state == "up")
    summary = await scene.summary()

    assert ("none", []) == (summary["status"]["indicator"], summary["incidents"])
    assert "All Systems Operational" in await scene.front_page()


async def somebody_subscribes(scene: Scene) -> str:
    """Double opt-in: asking sends one mail, looking at its link changes nothing, a POST does."""
    asked = await scene.daemon.post(f"{scene.daemon.public}/subscribe", email="sub@example.org")
    confirm = address(await scene.mail("sub", "Confirm"), "/subscribe/confirm/")
    looked = await scene.daemon.get(confirm)

    assert (200, 200) == (asked.status_code, looked.status_code)
    assert "Yes, send me updates" in looked.text
    assert 0 == scene.daemon.client.status().counts.subscribers
    assert "You are subscribed" in (await scene.daemon.post(confirm)).text
    assert 1 == scene.daemon.client.status().counts.subscribers
    return confirm


async def nobody_answers(scene: Scene) -> Answering:
    """The circle widens in the policy's order, the top is told again, the last resort joins; bo's page."""
    await scene.mail("dee", "Still: web is down (ticket 1)")
    steps = await until(lambda: handed_over(scene))

    assert ["ann", "bo", "cem", "dee"] == first_paged(scene.post.mails)
    assert [{"ann"}, {"ann", "bo"}] == steps[:2]
    assert [{"ann", "bo", "cem"}] * 2 == steps[2:4]
    assert {"ann", "bo", "cem", "dee"} == steps[4]
    return answering(await scene.mail("bo", "Found:"))


def handed_over(scene: Scene) -> list[set[str]]:
    """Who was paged at each of the first five steps; nothing until their mails have all come."""
    rows = [row for row in scene.daemon.client.deliveries(1) if row.purpose == "page"]
    first = [row for row in rows if step_of(row.id) <= 5]
    came = set(message_ids(scene.post.mails))
    if not first or not {f"<{sha256(row.id.encode()).hexdigest()[:32]}@127.0.0.1>" for row in first} <= came:
        return []
    steps = {step_of(row.id) for row in first}
    return [{str(row.person) for row in first if step_of(row.id) == step} for step in sorted(steps)]


def step_of(delivery: str) -> int:
    """A page's key is epoch/ticket/round/step/person/method."""
    return int(delivery.split("/")[3])


async def the_public_knows(scene: Scene) -> None:
    summary = await scene.summary()
    page = await scene.front_page()
    mail = await scene.mail("sub", "Shop: major outage")

    assert "major" == summary["status"]["indicator"]
    assert "major_outage" == next(c["status"] for c in summary["components"] if c["name"] == "Shop")
    assert ["Shop: major outage"] == [incident["name"] for incident in summary["incidents"]]
    assert "Major outage" in page and "All Systems Operational" not in page
    assert not {"web is down", "503", "ann"} & set(page.split()), "the inside stays inside"
    assert None is mail.message["Monitord-Ticket"]


async def looking_acknowledges_nothing(scene: Scene, page: Answering) -> None:
    """GET and HEAD, by curl and by a library, and a POST without the number or with another one."""
    curl = await asyncio.create_subprocess_exec("curl", "-sSI", page.url, stdout=asyncio.subprocess.PIPE)
    head, _ = await curl.communicate()
    looked = await scene.daemon.get(page.url)
    tried = [
        await scene.daemon.http.head(page.url),
        await scene.daemon.post(page.url, number=""),
        await scene.daemon.post(page.url, number=page.wrong_number),
    ]

    assert head.startswith(b"HTTP/1.1 200")
    assert 200 == looked.status_code and "Nobody has this yet" in looked.text
    assert [200, 422, 403] == [reply.status_code for reply in tried]
    assert "not the number in your mail" in tried[2].text
    assert "open" == scene.state()


async def strange_links_are_refused(scene: Scene, page: Answering) -> None:
    """Forged, cut off, or of a ticket that is long over: each says so, and does nothing."""
    door = f"{scene.daemon.edge}/a"
    last = page.token[-1]
    forged = page.token[:-1] + ("A" if last != "A" else "B")
    over = signed(scene.daemon, Link("answer", "", 4711, 1, "bo"))
    replies = {
        token: await scene.daemon.post(f"{door}/{token}", number=page.number)
        for token in (forged, page.token[:-4], over)
    }

    assert [404, 404, 410] == [reply.status_code for reply in replies.values()]
    assert "not one of ours" in replies[forged].text
    assert "This ticket is long over" in replies[over].text
    assert "open" == scene.state()


def signed(it: Daemon, link: Link) -> str:
    """A token that the daemon itself could have made, with the secret of its store."""
    with sqlite3.connect(f"file:{it.store}/live.sqlite3?mode=ro", uri=True) as store:
        (secret,) = store.execute("select secret from ledger").fetchone()
        (epoch,) = store.execute("select body ->> 'epoch' from installation").fetchone()
    store.close()
    nowhere = Door("127.0.0.1", 0, it.edge)
    return Links(secret, Doors(nowhere, nowhere, nowhere), epoch).token(link)


async def the_number_acknowledges(scene: Scene, page: Answering) -> None:
    """Once, however often it is sent."""
    first = await scene.daemon.post(page.url, number=page.number)
    replies = [await scene.daemon.post(page.url, number=page.number) for _ in range(REPLAYS)]

    assert "Nobody else is paged now" in first.text
    assert {200} == {reply.status_code for reply in replies}
    assert "acknowledged" == scene.state()
    assert 1 == len(scene.told("ticket_acknowledged"))
    await asyncio.gather(*(scene.mail(name, "Bo Example has ticket 1") for name in ("ann", "cem", "dee")))


async def no_page_leaves_any_more(scene: Scene) -> None:
    """Those that were on their way have come; none follows for as long as several tiers would have lasted."""
    answered = scene.daemon.client.ticket(1).ticket.acknowledged
    assert answered is not None
    rows = scene.daemon.client.deliveries(1)
    assert not [row for row in rows if row.purpose == "page" and row.state == "pending"]
    await until(lambda: scene.daemon.client.status().now > answered + QUIET_FOR)

    assert [] == [mail for mail in pages(scene.post.mails) if mail.message["Date"].datetime > answered]
    assert len(set(message_ids(pages(scene.post.mails)))) == len(pages(scene.post.mails))
    assert {"bo"} == {scene.daemon.client.ticket(1).ticket.holder}


async def all_is_well_again(scene: Scene) -> None:
    await asyncio.gather(*(scene.mail(name, "Resolved: web is down") for name in ("ann", "bo", "cem", "dee")))
    await scene.mail("sub", "Resolved: Shop: major outage")
    summary = await scene.summary()

    assert "resolved" == scene.state()
    assert ("none", []) == (summary["status"]["indicator"], summary["incidents"])
    assert "All Systems Operational" in await scene.front_page()
    assert "Shop: major outage" in (await scene.daemon.get(f"{scene.daemon.public}/history")).text


async def the_subscriber_leaves(scene: Scene, confirm: str) -> None:
    """One click in a mail program (RFC 8058); the old confirmation is worth nothing afterwards."""
    mail = [mail for mail in scene.post.mails if mail.recipients == ("sub@example.org",)][-1]
    leave = str(mail.message["List-Unsubscribe"]).strip("<>")
    looked = await scene.daemon.get(leave)
    one_click = {"List-Unsubscribe": "One-Click"}

    assert "List-Unsubscribe=One-Click" == mail.message["List-Unsubscribe-Post"]
    assert 200 == looked.status_code and 1 == scene.daemon.client.status().counts.subscribers
    assert "You have left" in (await scene.daemon.post(leave, **one_click)).text
    assert 0 == scene.daemon.client.status().counts.subscribers
    assert 410 == (await scene.daemon.post(confirm)).status_code
    assert {*CAST, "sub@example.org"} == {mail.recipients[0] for mail in scene.post.mails}
