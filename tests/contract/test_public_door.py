"""The public door, as browsers, programs and mail clients see it."""

import asyncio
import gzip
import json
import re
from datetime import timedelta

import pytest

from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.core.subscription import (
    ConfirmSubscription,
    Subscribe,
    Subscriber,
    SubscriberState,
    Unsubscribe,
    subscriber_id,
)
from monitord.core.wording import Link
from tests.fakes.front import PUBLIC, Front, configuration, window
from tests.fakes.patience import WITHIN
from tests.fakes.visitor import Reply, Visitor

MINUTE = timedelta(minutes=1)
EVERY_PAGE = ["/", "/history", "/subscribe"]
ASKED = "Look into your mail"


async def opened(front: Front | None = None) -> tuple[Front, Visitor]:
    front = front or Front()
    await front.publisher.start()
    return front, Visitor(front.public)


async def again(front: Front) -> None:
    """As the publisher does after a commit."""
    await front.publisher.publish()


# Reading.


async def test_one_glance_tells_the_state() -> None:
    front, visitor = await opened()
    assert "<h1>All Systems Operational</h1>" in (await visitor.get("/")).text

    front.fails()
    await again(front)
    page = await visitor.get("/")

    assert "<h1>Partial System Outage</h1>" in page.text
    assert re.search(r'class="state major_outage">.*?Major outage</span>', page.text, re.DOTALL)


async def test_a_story_is_told_newest_first_and_has_a_page_of_its_own() -> None:
    front, visitor = await opened()
    front.fails("cards")
    incident = front.world.all(Incident)[0]
    front.do(WritePost("cem", "We have found it.\n\nIt was <the> cache.", Phase.IDENTIFIED, incident.id))
    await again(front)

    for path in ("/", f"/incidents/{incident.id}"):
        page = (await visitor.get(path)).text
        assert page.index("We have found it.") < page.index("Our monitoring has found a problem")
        assert "<p>It was &lt;the&gt; cache.</p>" in page
        assert '<time datetime="2026-11-22T09:12:00Z" data-form="moment">22 Nov, 03:12 CST</time>' in page


async def test_what_is_over_is_in_the_history() -> None:
    front, visitor = await opened()
    front.fails("cards")
    front.passes(14 * MINUTE)
    front.heals("cards")
    await again(front)

    page = (await visitor.get("/history")).text
    assert "November 2026" in page
    assert "Payments: degraded" in page
    assert "lasted 14 minutes" in page


async def test_a_maintenance_is_announced() -> None:
    planned = window(timedelta(days=1), timedelta(days=1, hours=2))
    _, visitor = await opened(Front(configuration(windows=(planned,))))
    page = (await visitor.get("/")).text

    assert "New search index" in page
    assert "23 Nov, 03:12 – 05:12 CST" in page


async def test_a_page_that_is_too_old_says_so() -> None:
    front, visitor = await opened()
    front.clock.passed += 61
    page = (await visitor.get("/")).text

    assert "This page could not be updated since" in page
    assert "Last known:</span> All Systems Operational" in page
    assert (
        "not updated since"
        in json.loads((await visitor.get("/api/v2/status.json")).body)["status"]["description"]
    )


async def test_a_page_that_is_new_says_so_to_whoever_runs_no_script() -> None:
    """What the script may have to say later is in no reader's text: neither w3m's nor a search engine's."""
    _, visitor = await opened()
    page = (await visitor.get("/")).text
    before, _, after = page.partition("<template data-late>")

    assert "could not be updated" in after.partition("</template>")[0]
    assert "could not be updated" not in before + after.partition("</template>")[2]


async def test_rendering_does_not_hide_that_the_engine_stands_still() -> None:
    front, visitor = await opened()
    front.standing_still = True
    front.clock.passed += 61
    await again(front)

    assert "Last known:" in (await visitor.get("/")).text


async def test_nothing_that_people_write_is_markup() -> None:
    front, visitor = await opened()
    front.fails("cards")
    incident = front.world.all(Incident)[0]
    front.do(WritePost("cem", "<script>alert(1)</script>\u202egnp", Phase.IDENTIFIED, incident.id))
    await again(front)
    page = (await visitor.get("/")).text

    assert "<script>alert" not in page
    assert "\u202e" not in page


async def test_a_reader_gets_packed_bytes_once() -> None:
    _, visitor = await opened()
    first = await visitor.get("/", accept_encoding="gzip, br")
    second = await visitor.get("/", accept_encoding="gzip, br", if_none_match=first.headers["etag"])

    assert b"All Systems Operational" in gzip.decompress(first.body)
    assert "public, max-age=10" == first.headers["cache-control"]
    assert (304, b"") == (second.status, second.body)
    assert first.headers["etag"] == second.headers["etag"]


async def test_what_has_not_changed_keeps_its_tag() -> None:
    front, visitor = await opened()
    before = {path: (await visitor.get(path)).headers["etag"] for path in ("/", "/history", "/history.atom")}
    front.passes(MINUTE)
    await again(front)
    after = {path: (await visitor.get(path)).headers["etag"] for path in before}

    assert ["/"] == [path for path in before if before[path] != after[path]]


@pytest.mark.parametrize("path", [*EVERY_PAGE, "/nowhere", "/unsubscribe/forged"])
async def test_every_page_keeps_to_itself(path: str) -> None:
    _, visitor = await opened()
    headers = (await visitor.get(path)).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "no-referrer" == headers["referrer-policy"]
    assert "nosniff" == headers["x-content-type-options"]
    assert "server" not in headers


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_a_page_needs_nothing_from_elsewhere(path: str) -> None:
    _, visitor = await opened()
    page = await visitor.get(path)
    linked = re.findall(
        r'(?:<link rel="(?:stylesheet|icon)"[^>]*href|<script src|<img src)="([^"]+)"', page.text
    )

    assert not re.search(r"<style|style=|<script>|\son\w+=", page.text)
    assert linked
    for asset in linked:
        found = await visitor.get(asset)
        assert (200, "public, max-age=31536000, immutable") == (found.status, found.headers["cache-control"])


async def test_programs_read_from_anywhere() -> None:
    _, visitor = await opened()
    for name in ("summary", "status", "components", "incidents", "incidents/unresolved"):
        found = await visitor.get(f"/api/v2/{name}.json")
        assert (200, "*") == (found.status, found.headers["access-control-allow-origin"])
        assert "page" in json.loads(found.body)
    for path, kind in (("/history.atom", "application/atom+xml"), ("/history.rss", "application/rss+xml")):
        assert (await visitor.get(path)).headers["content-type"].startswith(kind)
    assert 204 == (await visitor.get("/api/v2/summary.json", method="OPTIONS")).status


async def test_what_is_not_there_is_said_kindly() -> None:
    _, visitor = await opened()
    missing = await visitor.get("/incidents/nosuchthing")

    assert 404 == missing.status
    assert "There is nothing here" in missing.text


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/"), ("POST", "/"), ("PUT", "/subscribe"), ("PATCH", "/unsubscribe/x")]
)
async def test_other_methods_are_refused(method: str, path: str) -> None:
    _, visitor = await opened()
    refused = await visitor.get(path, method=method)

    assert 405 == refused.status
    assert refused.headers["allow"].startswith("GET, HEAD")


async def test_head_has_the_headers_of_get() -> None:
    _, visitor = await opened()
    got, head = await visitor.get("/"), await visitor.get("/", method="HEAD")

    assert (got.headers, b"") == (head.headers, head.body)


async def test_before_the_first_rendering_the_door_asks_for_patience() -> None:
    assert 503 == (await Visitor(Front().public).get("/")).status


# The publisher.


async def test_a_commit_that_the_public_can_see_is_rendered_soon() -> None:
    front, visitor = await opened()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(front.publisher.run())
        await front.clock.advance(timedelta(seconds=1))
        front.fails("cards")
        await front.clock.advance(timedelta(seconds=1))
        for _ in range(200):
            if "Payments: degraded" in (await visitor.get("/")).text:
                break
            await asyncio.to_thread(lambda: None)
        running.cancel()

    assert "Payments: degraded" in (await visitor.get("/")).text


async def test_without_any_commit_the_page_stays_true() -> None:
    front, visitor = await opened()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(front.publisher.run())
        for _ in range(60):
            await front.clock.advance(timedelta(seconds=5))
            await asyncio.to_thread(lambda: None)
        async with asyncio.timeout(WITHIN):  # a busy machine may still be drawing it
            while "Last known:" in (await visitor.get("/")).text:
                await asyncio.to_thread(lambda: None)
        running.cancel()

    assert "Last known:" not in (await visitor.get("/")).text


async def test_a_rendering_that_fails_leaves_the_old_bytes() -> None:
    front, visitor = await opened()
    front.world.accept(configuration(time_zone="Nowhere/Atall"))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(front.publisher.run())
        await front.clock.advance(timedelta(seconds=90))
        running.cancel()

    assert "Last known:" in (await visitor.get("/")).text
    assert "public pages not rendered" in [line["event"] for line in front.lines]


# Subscribing.


def subscriber(front: Front) -> Subscriber | None:
    return front.world.get(Subscriber, subscriber_id("e1", "email", "sub@example.org"))


def token(front: Front, purpose: str) -> str:
    return front.links.token(Link(purpose, "", who=subscriber_id("e1", "email", "sub@example.org")))


async def asked(front: Front, **more: str) -> Reply:
    return await Visitor(front.public).post("/subscribe", {"email": "sub@example.org", **more})


async def test_whoever_subscribes_is_asked_by_mail() -> None:
    front, _ = await opened()
    answer = await asked(front)

    assert 200 == answer.status
    assert ASKED in answer.text
    assert [Subscribe("sub@example.org")] == front.facts


async def test_known_and_unknown_get_the_same_answer() -> None:
    front, _ = await opened()
    unknown = await asked(front)
    front.do(ConfirmSubscription(subscriber_id("e1", "email", "sub@example.org")))
    known = await asked(front)

    assert (unknown.status, unknown.headers, unknown.body) == (known.status, known.headers, known.body)


async def test_a_wrong_address_is_told_what_is_wrong() -> None:
    front, visitor = await opened()
    answer = await visitor.post("/subscribe", {"email": '"><b>sub'})

    assert 422 == answer.status
    assert "A mail address has an @" in answer.text
    assert 'value="&#34;&gt;&lt;b&gt;sub"' in answer.text
    assert [] == front.facts


async def test_a_machine_that_fills_in_everything_subscribes_nobody() -> None:
    front, _ = await opened()

    assert ASKED in (await asked(front, website="https://spam.example")).text
    assert [] == front.facts


async def test_one_network_subscribes_only_so_often() -> None:
    front, visitor = await opened()
    statuses = [(await visitor.post("/subscribe", {"email": f"s{n}@d{n}.org"})).status for n in range(12)]

    assert [200] * 10 + [429] * 2 == statuses
    assert 200 == (await Visitor(front.public, "203.0.113.9").post("/subscribe", {"email": "a@b.org"})).status


async def test_one_domain_is_not_flooded_from_everywhere() -> None:
    front, _ = await opened()
    statuses = [
        (await Visitor(front.public, f"198.51.{n}.7").post("/subscribe", {"email": f"s{n}@one.org"})).status
        for n in range(101)
    ]

    assert [200] * 100 + [429] == statuses


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": PUBLIC}, 200),
        ({"origin": "null"}, 200),
        ({"origin": "http://127.0.0.1:8080", "host": "127.0.0.1:8080"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null", "sec_fetch_site": "cross-site"}, 403),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, 200),
    ],
)
async def test_another_sites_form_is_refused(headers: dict[str, str], status: int) -> None:
    _, visitor = await opened()

    assert status == (await visitor.post("/subscribe", {"email": "sub@example.org"}, **headers)).status


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"email=sub%40example.org", "application/x-www-form-urlencoded; charset=utf-8", 200),
        (b'{"email": "sub@example.org"}', "application/json", 415),
        (b"email=" + b"a" * 5000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"f%d=1" % n for n in range(30)), "application/x-www-form-urlencoded", 400),
        (b"email=\xff\xfe%ff", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_a_form_has_its_limits(body: bytes, kind: str, status: int) -> None:
    _, visitor = await opened()

    assert status == (await visitor.post("/subscribe", body, content_type=kind)).status


async def test_a_get_confirms_nothing_and_a_post_does() -> None:
    front, visitor = await opened()
    await asked(front)
    path = f"/subscribe/confirm/{token(front, 'confirm')}"

    for _ in range(100):
        page = await visitor.get(path)
    assert "Yes, send me updates" in page.text
    assert SubscriberState.PENDING is getattr(subscriber(front), "state", None)

    assert "You are subscribed" in (await visitor.post(path)).text
    assert SubscriberState.CONFIRMED is getattr(subscriber(front), "state", None)
    assert "You are subscribed" in (await visitor.post(path)).text
    assert 1 == len([fact for fact in front.facts if isinstance(fact, ConfirmSubscription)])


async def test_one_click_leaves_at_once() -> None:
    front, visitor = await opened()
    await asked(front)
    path = f"/unsubscribe/{token(front, 'unsubscribe')}"

    assert "Yes, no more mails" in (await visitor.get(path)).text
    assert subscriber(front) is not None

    answer = await visitor.post(path, b"List-Unsubscribe=One-Click")
    assert (200, None) == (answer.status, subscriber(front))
    assert "You have left" in (await visitor.post(path)).text
    assert 1 == len([fact for fact in front.facts if isinstance(fact, Unsubscribe)])


async def test_one_click_may_be_multipart() -> None:
    front, visitor = await opened()
    await asked(front)
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    path = f"/unsubscribe/{token(front, 'unsubscribe')}"
    answer = await visitor.post(path, body, content_type="multipart/form-data; boundary=x")

    assert (200, None) == (answer.status, subscriber(front))


async def test_a_link_that_expired_says_so() -> None:
    front, visitor = await opened()
    await asked(front)
    front.passes(timedelta(hours=49))
    expired = await visitor.post(f"/subscribe/confirm/{token(front, 'confirm')}")

    assert 410 == expired.status
    assert "This link is no longer valid" in expired.text


async def test_a_forged_link_does_nothing() -> None:
    front, visitor = await opened()
    await asked(front)
    wrong_purpose = token(front, "unsubscribe")

    for path in ("/unsubscribe/forged", f"/subscribe/confirm/{wrong_purpose}", "/subscribe/confirm/"):
        answer = await visitor.post(path)
        assert 404 == answer.status
        assert "not one of ours" in answer.text
    assert 1 == len(front.facts)


async def test_a_page_that_sends_no_mails_offers_none() -> None:
    front = Front()
    front.publisher.offers_mail = False
    _, visitor = await opened(front)

    assert 'action="/subscribe"' not in (await visitor.get("/")).text
    assert 404 == (await asked(front)).status
