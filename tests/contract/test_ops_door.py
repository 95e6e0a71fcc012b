"""The ops door: who has it, who is next, what is not well; for whoever has signed in."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from monitord.core.check import Outcome
from monitord.core.command import Acknowledge
from monitord.core.ticket import State, Ticket
from monitord.core.world import Configuration
from monitord.engine.clock import VirtualClock
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from tests.fakes.night import Play, night, opened
from tests.fakes.shop import logbook
from tests.fakes.signed_in import SignedIn, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCREENS = ("/", "/tickets", "/tickets/1", "/tickets/3", "/probes", "/probes/db1", "/oncall")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sources(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sources]:
    """One night for all of them: nobody here changes what has happened in it."""
    async with night(tmp_path_factory.mktemp("night") / "store") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(door: OpsDoor) -> SignedIn:
    """ann, who has signed in."""
    return await signed_in(door)


def seen(html: str) -> str:
    """What a person reads; a time stands within its sentence."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?time[^>]*>", "", html)).split())


async def test_the_first_screen_says_what_is_on_fire(visitor: SignedIn) -> None:
    text = seen((await visitor.get("/")).text)

    assert "Nobody has ticket 3 yet 1 further ticket in hand" in text
    assert text.index("cards is down") < text.index("db1 is down"), "what nobody has comes first"
    assert "Since 02:27, 9 min 503 Service Unavailable after 1.2 s Nobody has this yet I have it" in text
    assert "bo has this since 02:27" in text


async def test_the_manual_is_there_when_the_internet_is_not(visitor: SignedIn) -> None:
    first, page = await visitor.get("/docs"), await visitor.get("/docs/escalation")

    assert (200, 200) == (first.status, page.status)
    assert "last_resort" in page.text


async def test_it_says_what_happens_if_nobody_answers(visitor: SignedIn) -> None:
    text = seen((await visitor.get("/")).text)

    assert "Next cem is paged in 1 min, and bo, ann again (02:38)" in text
    assert "Next bo is asked in 15 min whether still on it (02:52)" in text


async def test_what_wakes_nobody_is_said_with_its_reason(visitor: SignedIn) -> None:
    text = seen((await visitor.get("/")).text)

    assert "Not well, and no ticket search no answer within 10 s, 20 s ago failing, 2 of 3" in text
    assert (
        "orders 500 Internal Server Error after 310 ms. Held back: what it depends on is down (db1)" in text
    )


async def test_a_ticket_tells_its_whole_story(visitor: SignedIn) -> None:
    text = seen((await visitor.get("/tickets/1")).text)

    story = ["resolved: it has recovered", "acknowledged by ann (link)", "opened, urgent: down"]
    places = [text.index(line) for line in story]
    assert sorted(places) == places, "newest first"
    assert "Over since 02:24" in text
    assert "bo page by sms 02:22 · +13125550101 withdrawn: ann has acknowledged" in text


async def test_a_ticket_leads_to_its_runbook(visitor: SignedIn) -> None:
    html = (await visitor.get("/tickets/3")).text

    assert 'href="https://wiki.example.org/payments"' in html
    assert "tier 2 of 4" in html


async def test_the_list_can_be_narrowed_and_leafed_through(visitor: SignedIn) -> None:
    titles = ("cards is down", "db1 is down", "mail is down")

    async def listed(query: str) -> list[str]:
        html = (await visitor.get(f"/tickets?{query}")).text
        return [title for title in titles if title in html]

    assert list(titles) == await listed("")
    assert ["mail is down"] == await listed("state=resolved")
    assert ["db1 is down"] == await listed("service=database")
    assert ["db1 is down", "mail is down"] == await listed("before=3")
    assert list(titles) == await listed("state=odd&before=-1")


async def test_probes_show_how_far_a_failure_has_counted(visitor: SignedIn) -> None:
    html = (await visitor.get("/probes")).text
    text = seen(html)

    assert "search no answer within 10 s · 20 s ago failing, 2 of 3" in text
    assert "certificate no result since the start not checked yet" in text
    assert text.index("cards") < text.index("search") < text.index("shop 200 OK"), "the worst first"
    assert 6 == html.count('<svg class="latency"'), "a line for everybody who was checked"


async def test_a_probe_shows_each_phase_in_a_table(visitor: SignedIn) -> None:
    text = seen((await visitor.get("/probes/db1")).text)

    assert "The last 56 checks: usually 85 ms, at most 118 ms; 11 failed." in text
    assert (
        "02:35:00 10 s critical db1.example.org:5432 no answer within 10 s 500 ms 1.5 s 3 s 4 s 1 s" in text
    )


async def test_a_probe_says_what_it_is_called_unless_that_is_its_heading(
    visitor: SignedIn, sources: Sources
) -> None:
    called = seen((await visitor.get("/probes/db1")).text)
    here = sources.configuration
    plain = {**here.probes, "db1": replace(here.probes["db1"], title="db1")}
    sources.engine.world.accept(replace(here, probes=plain))
    plainly = seen((await visitor.get("/probes/db1")).text)
    sources.engine.world.accept(here)

    assert "Called db1.example.org:5432" in called
    assert "Called" not in plainly


async def test_on_call_shows_whom_to_ring_and_where_nobody_is(visitor: SignedIn) -> None:
    html = (await visitor.get("/oncall")).text
    text = seen(html)

    assert 'href="tel:+13125550101"' in html
    assert "database Nobody is on call Fri 20 Nov, 17:00 – Sun 22 Nov, 17:00" in text
    assert "Cannot be reached: Eve Example." in text
    assert "Next Ann Example in 1 d 6 h (Mon 23 Nov, 09:00)" in text


@pytest.mark.parametrize("path", SCREENS)
async def test_a_screen_has_nothing_from_elsewhere_and_only_scripts_of_its_own(
    visitor: SignedIn, path: str
) -> None:
    reply = await visitor.get(path)
    policy = reply.headers["content-security-policy"]
    scripts = re.findall(r"<script([^>]*)>", reply.text)
    (nonce,) = re.findall(r"script-src 'nonce-([^']+)';", policy)

    assert 200 == reply.status
    assert all(f'nonce="{nonce}"' in script for script in scripts)
    assert nonce not in (await visitor.get(path)).text, "drawn anew for every page"
    assert " style=" not in reply.text and "<style" not in reply.text and " on" not in " ".join(scripts)
    assert "no-store" in reply.headers["cache-control"]
    assert "no-referrer" == reply.headers["referrer-policy"]
    sheets = re.findall(r'<(?:link rel="stylesheet" href|script [^>]*src)="([^"]+)"', reply.text)
    assert {200} == {(await visitor.get(sheet)).status for sheet in sheets}


async def test_a_screen_is_live_unless_it_is_told_to_stand_still(visitor: SignedIn) -> None:
    moving = await visitor.get("/tickets?state=open")
    still = await visitor.get("/tickets?state=open&refresh=off")

    assert 'sse-connect="/live?about=tickets"' in moving.text
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in moving.text
    assert 'href="/tickets?state=open&amp;refresh=off" class="still">Stand still' in moving.text
    assert "sse-connect" not in still.text and "http-equiv" not in still.text
    assert 'href="/tickets?state=open" class="still">Go on' in still.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/tickets/4", "/tickets/x", "/probes/none", "/%2e%2e/etc", "/tickets/9" * 9]
)
async def test_what_is_not_there_is_a_page_that_leads_back(visitor: SignedIn, path: str) -> None:
    reply = await visitor.get(path)

    assert (404, True) == (reply.status, 'href="/"' in reply.text)


async def test_names_cannot_become_markup(tmp_path: Path) -> None:
    play = Play()
    play.house.world.accept(evil(play.house.configuration))
    play.house.configuration = play.house.world.configuration
    for _ in range(3):
        play.check("mail", Outcome.CRITICAL, "<script>alert(1)</script>\u202e", 3)
    async with opened(tmp_path / "store", play) as sources:
        visitor = await signed_in(ops_app(sources, logbook()[0]))
        pages = [(await visitor.get(path)).text for path in ("/", "/tickets/1", "/probes", "/probes/mail")]

    assert all("<script>" not in page and "\u202e" not in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages)


def evil(told: Configuration) -> Configuration:
    return replace(told, organization="<b>Shop</b>")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/v1/tickets/3/acknowledge", "/healthz", "/api/v1/tickets"])
async def test_a_session_alone_does_not_act_through_the_api(
    sources: Sources, visitor: SignedIn, method: str, path: str
) -> None:
    reply = await visitor.get(path, method=method)
    ticket = sources.world.get(Ticket, 3)

    assert reply.status in (401, 403)
    assert json.loads(reply.text)["error"]["remedy"]
    assert ticket is not None and ticket.state is State.OPEN


async def test_head_is_answered_like_get(visitor: SignedIn) -> None:
    for path in ("/", "/healthz"):
        reply = await visitor.get(path, method="HEAD")
        assert (200, b"") == (reply.status, reply.body)


async def test_the_process_is_alive(visitor: SignedIn) -> None:
    reply = await visitor.get("/healthz")

    assert (200, "ok\n") == (reply.status, reply.text)


async def test_it_is_ready_while_the_engine_goes_round_and_the_store_takes_it(
    sources: Sources, visitor: SignedIn
) -> None:
    assert (200, {"ready": True, "missing": []}) == await readiness(visitor)

    assert isinstance(sources.clock, VirtualClock)
    sources.clock.passed += 6
    assert (503, {"ready": False, "missing": ["the engine has not gone round for 6 s"]}) == await readiness(
        visitor
    )
    assert "What you see may be old:" in (await visitor.get("/")).text

    sources.clock.passed -= 6
    sources.engine.commits.healthy = False
    assert (503, {"ready": False, "missing": ["the store cannot be written"]}) == await readiness(visitor)


async def readiness(visitor: SignedIn) -> tuple[int, object]:
    reply = await visitor.get("/readyz")
    said = json.loads(reply.text)
    return reply.status, {"ready": said["ready"], "missing": said["missing"]}


async def test_prometheus_can_read_the_figures(visitor: SignedIn) -> None:
    reply = await visitor.get("/metrics")
    names = {family.name for family in text_string_to_metric_families(reply.text)}

    assert reply.headers["content-type"].startswith("text/plain")
    assert {"monitord_checks", "monitord_tickets_open"} <= names


async def test_a_quiet_night_says_so(tmp_path: Path) -> None:
    play = Play()
    play.all_well()
    play.house.wait(timedelta(minutes=1))
    async with opened(tmp_path / "store", play) as sources:
        visitor = await signed_in(ops_app(sources, logbook()[0]))
        text = seen((await visitor.get("/")).text)

    assert "All quiet: no open tickets 7 probes, none of them failing" in text


async def test_what_is_in_hand_is_not_called_well(tmp_path: Path) -> None:
    """The ticket says what is down; the line above it does not deny it."""
    play = Play()
    for _ in range(3):
        play.check("mail", Outcome.CRITICAL, "connection refused", 3)
        play.all_well("mail")
        play.wait(1)
    play.house.do(Acknowledge(1, "ann"))
    async with opened(tmp_path / "store", play) as sources:
        visitor = await signed_in(ops_app(sources, logbook()[0]))
        text = seen((await visitor.get("/")).text)

    assert "1 open ticket 7 probes, 1 not well" in text


async def test_a_shop_without_anything_has_its_screens_too(tmp_path: Path) -> None:
    play = Play()
    play.house.configuration = Configuration(organization="New Shop")
    play.house.world.accept(play.house.configuration)
    async with opened(tmp_path / "store", play) as sources:
        visitor = await signed_in(ops_app(sources, logbook()[0]), "root", administrator=True)
        replies = [(await visitor.get(path)).status for path in ("/", "/tickets", "/probes", "/oncall")]

    assert [200] * 4 == replies
