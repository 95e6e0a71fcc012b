"""The console's buttons: they do what the API does, in one's own name; two people are told of each other."""

import asyncio
import re
from dataclasses import replace
from html import unescape

from monitord.core.escalation import Escalation
from monitord.core.organization import Priority
from monitord.core.statuspage import Incident
from monitord.core.ticket import State, Ticket
from monitord.store.reads import Reads
from monitord.web.console.limits import PAGES_WAITING_MAX, STREAMS_MAX, STREAMS_PER_SESSION
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.daemon import until
from tests.fakes.patience import WITHIN
from tests.fakes.signed_in import SignedIn, signed_in

UNHELD, BOS = 3, 2  # tickets of the night: nobody has the payments yet, bo has the database


def ticket(sources: Sources, number: int) -> Ticket:
    found = sources.world.get(Ticket, number)
    assert found is not None
    return found


def climbing(sources: Sources, number: int) -> Escalation:
    found = sources.world.get(Escalation, number)
    assert found is not None
    return found


def hidden_in(page: str, action: str) -> dict[str, str]:
    """What the form for `action` carries besides what its sender says."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    return {name: said for name, said in fields.items() if name not in ("csrf", "key")}


def words(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))


async def press(visitor: SignedIn, number: int, word: str, **form: str) -> str:
    """Press a button on the page as it is now, and read the page that follows."""
    seen = await visitor.seen(f"/tickets/{number}")
    return words((await visitor.press(f"/tickets/{number}/{word}", seen=seen, **form)).text)


async def test_one_tap_takes_a_ticket(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    told = await press(ann, UNHELD, "acknowledge")

    assert (State.ACKNOWLEDGED, "ann") == (ticket(sources, UNHELD).state, ticket(sources, UNHELD).holder)
    assert "Acknowledged by ann (console)." in told
    assert "You have this since 02:36" in told


async def test_the_button_stands_on_the_first_screen_too(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    form = (await ann.get("/")).text.partition('action="/tickets/3/acknowledge"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    reply = await ann.post("/tickets/3/acknowledge", fields)

    assert (303, "ann") == (reply.status, ticket(sources, UNHELD).holder)


async def test_every_button_does_its_work(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)

    assert "ann: the provider says ten minutes" in await press(
        ann, UNHELD, "comment", text="the provider says ten minutes"
    )
    assert "cem" in await press(ann, UNHELD, "page", whom="cem", text="you know them")
    await press(ann, UNHELD, "acknowledge")
    assert "nooze" in await press(ann, UNHELD, "snooze", **{"for": "1h"})
    assert ticket(sources, UNHELD).snoozed_until is not None
    await press(ann, UNHELD, "priority", priority="high")
    assert Priority.HIGH is ticket(sources, UNHELD).priority
    assert "anded over by ann to bo" in await press(ann, UNHELD, "hand_over", to="bo")
    assert State.OPEN is ticket(sources, UNHELD).state
    told = await press(ann, UNHELD, "resolve", note="their fault", hold="until_clear")
    assert "their fault" in told and State.RESOLVED is ticket(sources, UNHELD).state


async def test_a_button_that_lacks_a_word_says_which(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)

    assert "Please choose to whom." in await press(ann, UNHELD, "hand_over", to="")
    assert "Please write something first." in await press(ann, UNHELD, "comment", text="  ")
    assert "Please choose for how long it may sleep." in await press(ann, UNHELD, "snooze")
    assert "There is no person nobody" in await press(ann, UNHELD, "hand_over", to="nobody")
    assert State.OPEN is ticket(sources, UNHELD).state


async def test_the_second_of_two_is_told_what_happened(door: OpsDoor, sources: Sources) -> None:
    ann, bo = await signed_in(door), await signed_in(door, "bo")
    shown = await ann.seen(f"/tickets/{UNHELD}")
    await press(bo, UNHELD, "acknowledge")
    late = words((await ann.press(f"/tickets/{UNHELD}/acknowledge", seen=shown)).text)

    assert "bo" == ticket(sources, UNHELD).holder
    assert "Somebody was faster: bo has it since 02:36." in late
    assert "Nothing was done" in late and "Take it over from bo" in late


async def test_of_two_at_the_same_instant_one_has_it_and_the_other_knows(
    door: OpsDoor, sources: Sources
) -> None:
    ann, bo = await signed_in(door), await signed_in(door, "bo")
    seen = await ann.seen(f"/tickets/{UNHELD}")
    path = f"/tickets/{UNHELD}/acknowledge"
    pages = await asyncio.gather(ann.press(path, seen=seen), bo.press(path, seen=seen))
    text = [words(page.text) for page in pages]

    assert "ann" == ticket(sources, UNHELD).holder
    assert "Acknowledged by ann" in text[0]
    assert "Somebody was faster: ann has it" in text[1]


async def test_of_two_who_want_the_next_tier_at_once_one_sends_it_on(door: OpsDoor, sources: Sources) -> None:
    ann, bo = await signed_in(door), await signed_in(door, "bo")
    before, path = climbing(sources, UNHELD), f"/tickets/{UNHELD}/escalate"
    form = hidden_in((await ann.get(f"/tickets/{UNHELD}")).text, path)
    pages = await asyncio.gather(bo.press(path, **form, key="bos"), ann.press(path, **form, key="anns"))
    told = [words(page.text) for page in pages]
    twice = words((await bo.press(path, **form, key="once more")).text)

    assert before.step + 1 == climbing(sources, UNHELD).step
    assert "Sent to the next tier by bo" in told[0]
    assert f"bo did so 0 s ago; tier {climbing(sources, UNHELD).tier + 1} is being paged" in told[1]
    assert "Nothing was done." in told[1]
    assert "You did so 0 s ago" in twice


async def test_a_form_that_names_no_step_sends_it_on(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    before = climbing(sources, UNHELD)
    await press(ann, UNHELD, "escalate")

    assert before.step + 1 == climbing(sources, UNHELD).step


async def test_a_ticket_is_taken_over_only_by_a_button_that_says_so(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    await press(ann, BOS, "acknowledge")
    assert "bo" == ticket(sources, BOS).holder

    assert "Taken over by ann from bo (console)." in await press(ann, BOS, "take_over")
    assert "ann" == ticket(sources, BOS).holder


async def test_a_form_sent_twice_acts_once(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    form = {"text": "only once", "key": "a key of that page"}
    for _ in range(2):
        told = await press(ann, UNHELD, "comment", **form)
    timeline = await sources.store.ask(Reads.timeline, UNHELD)

    assert "ann: only once" in told
    assert 1 == sum("only once" in str(event) for _, event in timeline)


async def test_a_viewer_sees_no_button_and_a_forged_one_is_refused(door: OpsDoor, sources: Sources) -> None:
    """eve may look, since today; the database is none of hers."""
    told = sources.configuration
    sources.world.accept(replace(told, access=replace(told.access, viewers=("eve",))))
    eve = await signed_in(door, "eve")
    page = await eve.get(f"/tickets/{BOS}")
    for word, form in (
        ("take_over", {}),
        ("resolve", {}),
        ("comment", {"text": "hello"}),
        ("priority", {"priority": "low"}),
    ):
        reply = await eve.press(f"/tickets/{BOS}/{word}", **form)
        assert 403 == reply.status
        assert "eve is no responder" in words(reply.text), word

    assert 200 == page.status
    assert f'action="/tickets/{BOS}/' not in page.text
    assert "I have it" not in (await eve.get("/")).text
    assert (State.ACKNOWLEDGED, "bo") == (ticket(sources, BOS).state, ticket(sources, BOS).holder)
    assert 403 == (await eve.get("/tickets/new")).status


async def test_a_ticket_is_opened_by_hand(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    wrong = await ann.press("/tickets/new", title="", service="shop")
    page = await ann.press("/tickets/new", title="Parcels are stuck", service="shop", priority="high")

    assert 422 == wrong.status and "Please say in a few words what is wrong." in wrong.text
    assert "Parcels are stuck" in page.text
    assert (Priority.HIGH, "shop") == (ticket(sources, 4).priority, ticket(sources, 4).service)


async def test_a_post_is_shown_before_it_is_sent(door: OpsDoor, sources: Sources) -> None:
    dee, ann = await signed_in(door, "dee"), await signed_in(door)
    form = {
        "title": "Payments are slow",
        "body": "We are looking into it.",
        "phase": "investigating",
        "affects.pay": "degraded",
    }
    stories = len(sources.world.all(Incident))
    preview = words((await dee.press("/public", **form)).text)
    assert stories == len(sources.world.all(Incident))
    sent = words((await dee.press("/public", **form, sure="yes", key="k1")).text)
    forged = words((await ann.press("/public", **form, sure="yes", key="k2")).text)

    assert "So it will stand there Payments are slow Investigating We are looking into it." in preview
    assert "0 subscribers will get it by mail." in preview
    assert "Posted (investigating): Payments are slow." in sent
    assert "ann is no operator" in forged
    assert "Begin a story" not in (await ann.get("/public")).text
    assert stories + 1 == len(sources.world.all(Incident))


async def test_the_audit_says_who_did_what(door: OpsDoor) -> None:
    ann = await signed_in(door)
    await press(ann, UNHELD, "acknowledge")
    root = await signed_in(door, "root", administrator=True)
    page = words((await root.get("/audit")).text)

    assert 403 == (await ann.get("/audit")).status
    assert page.index("acknowledged by ann (console)") < page.index("bo: failing over to db2")
    assert "failing over" not in words((await root.get("/audit?who=ann")).text)


async def test_what_was_said_is_for_whoever_it_was_said_to(door: OpsDoor) -> None:
    ann, bo = await signed_in(door), await signed_in(door, "bo")
    reply = await ann.post(
        f"/tickets/{UNHELD}/comment", {"csrf": ann.token, "text": "hm", "seen": "whatever"}
    )
    place = reply.headers["location"]

    assert 'id="said"' in (await ann.get(place)).text
    assert 'id="said"' not in (await bo.get(place)).text


# Live updates.


async def streamed(visitor: SignedIn, about: str, until: int) -> bytes:
    """Open a stream and read so many updates, then hang up."""
    told, gone = bytearray(), asyncio.Event()
    console = visitor.door.console
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live",
        "query_string": f"about={about}".encode(),
        "client": ("198.51.100.7", 1),
        "headers": [(b"cookie", f"{console.entry.cookie}={visitor.held}".encode())],
    }

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        told.extend(message.get("body", b""))  # type: ignore[arg-type]
        if told.count(b"event: changed") >= until or message.get("status") == 204:
            gone.set()

    await visitor.door(scope, receive, send)
    return bytes(told)


async def test_a_screen_hears_when_its_ticket_changes(door: OpsDoor) -> None:
    ann, bo = await signed_in(door), await signed_in(door, "bo")
    async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
        hers = group.create_task(streamed(ann, f"ticket/{UNHELD}", 1))
        await until(lambda: door.console.live.streams)
        await press(bo, UNHELD, "acknowledge")

    assert b"event: changed\ndata: \n\n" in hers.result()
    assert [] == door.console.live.streams


async def test_streams_are_few_and_end_with_the_door(door: OpsDoor) -> None:
    people = [await signed_in(door, name) for name in ("ann", "bo", "cem", "dee") for _ in range(3)]
    async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
        for person in people:
            for _ in range(STREAMS_PER_SESSION):
                group.create_task(streamed(person, "tickets", 1))
        for _ in range(50):
            await asyncio.sleep(0)
        most = len(door.console.live.streams)
        refused = await streamed(people[0], "tickets", 1)
        door.console.live.close()

    assert STREAMS_MAX == most
    assert b"" == refused
    assert [] == door.console.live.streams


async def test_a_stranger_gets_no_stream(door: OpsDoor) -> None:
    stranger = SignedIn(door)

    assert (303, "/sign-in?next=%2Flive") == (
        (reply := await stranger.get("/live")).status,
        reply.headers["location"],
    )


async def test_pages_are_shed_before_anything_else(door: OpsDoor) -> None:
    ann = await signed_in(door)
    door.console.room.waiting = PAGES_WAITING_MAX
    page, health = await ann.get("/"), await ann.get("/healthz")

    assert (503, "2", 200) == (page.status, page.headers["retry-after"], health.status)
