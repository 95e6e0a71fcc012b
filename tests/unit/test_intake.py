"""The intake: proved, kept, answered, decided; exactly once, whatever happens."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitord.core.heartbeat import Pulse, PulseState
from monitord.core.organization import Priority
from monitord.engine.desk import BYTES_MAX, REPEATS_BYTES_MAX
from monitord.engine.intake import FLOOD_LASTS
from monitord.engine.repeats import TOGETHER_BYTES_MAX
from monitord.kinds import Reply
from monitord.store.faults import StoreFull
from tests.fakes.lobby import ANY, NIGHTLY, PROM, TREE, Lobby, lobby
from tests.fakes.shop import MORNING

CASES = Path(__file__).parents[1] / "cases"
FIRING = json.loads((CASES / "alertmanager_firing.json").read_text())
RESOLVED = json.loads((CASES / "alertmanager_resolved.json").read_text())
DISK = {"title": "disk full on web1", "status": "firing"}


def header(reply: Reply, name: str) -> str | None:
    return dict(reply.headers).get(name)


async def test_what_fires_opens_a_ticket_and_what_resolves_ends_it(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        assert 200 == (await it.post("/in/prom", FIRING)).status
        await it.settled()
        assert [("Always on", "shop", "open")] == it.tickets

        assert 200 == (await it.post("/in/prom", RESOLVED)).status
        await it.settled()
        assert [("Always on", "shop", "resolved")] == it.tickets


async def test_the_body_is_kept_before_the_answer(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        reply = await it.post("/in/any", DISK, user_agent="curl", x_other="no")

        (event,) = it.events
        assert (202, str(event.id)) == (reply.status, header(reply, "monitord-event"))
        assert DISK == json.loads(event.arrival.body)
        assert (("user-agent", "curl"),) == event.arrival.headers


async def test_what_became_of_it_is_noted(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post("/in/any", DISK)
        await it.settled()
        await it.post("/in/any", {**DISK, "title": "never raised", "status": "ok"})
        await it.settled()

        first, second = (event.arrival.outcome[0] for event in it.events)
        assert "ticket 1 opened" in first
        assert "it was not raised" in second


async def test_what_was_cut_off_is_noted_beside_what_became_of_the_rest(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post("/in/prom", {**FIRING, "truncatedAlerts": 7})
        await it.settled()

        (event,) = it.events
        assert "ticket 1 opened" in event.arrival.outcome[0]
        assert "Alertmanager cut off 7 more alerts of this group" == event.arrival.outcome[1]


async def test_a_lone_resolve_wakes_nobody(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        assert 200 == (await it.post("/in/prom", RESOLVED)).status
        await it.settled()

        assert [] == it.tickets


@pytest.mark.parametrize(
    ("path", "secret", "headers"),
    [
        ("/in/any", ANY, {}),
        (f"/in/any/{ANY}", "", {}),
        (f"/in/any?token={ANY}", "", {}),
        ("/in/any", "", {"authorization": f"Token token={ANY}"}),
        ("/in/any", "", {"authorization": "Basic bW9uaXRvcmQ6YW55LTAxMjM0NTY3ODlhYg=="}),
        (f"/api/v2/generic/incoming?token={ANY}", "", {}),
    ],
)
async def test_the_secret_may_be_shown_in_many_ways(
    tmp_path: Path, path: str, secret: str, headers: dict[str, str]
) -> None:
    async with lobby(tmp_path) as it:
        assert (await it.post(path, DISK, secret, **headers)).status in (202, 204)
        assert ANY not in repr(it.events)


@pytest.mark.parametrize("secret", ["", "wrong-0123456789", PROM])
async def test_whoever_shows_another_secret_is_refused(tmp_path: Path, secret: str) -> None:
    async with lobby(tmp_path) as it:
        reply = await it.post("/in/any", DISK, secret)

        assert (401, "Bearer") == (reply.status, header(reply, "www-authenticate"))
        assert [] == it.events
        assert secret == "" or secret.encode() not in reply.body


async def test_without_a_secret_of_its_own_an_integration_has_one_that_only_we_know(tmp_path: Path) -> None:
    tree = TREE.replace(f"secret: {ANY}, ", "")
    async with lobby(tmp_path, tree) as it:
        assert 401 == (await it.post("/in/any", DISK)).status
        (secret,) = it.intake.keyring.of["any"]
        assert 202 == (await it.post("/in/any", DISK, secret)).status
    async with lobby(tmp_path, tree) as it:
        assert (secret,) == it.intake.keyring.of["any"]


# Signatures.

SIGNED = TREE.replace(
    f"secret: {ANY}, ", f"secret: {ANY}, signature: {{header: X-Signature, prefix: sha256=, time: X-Time}}, "
)


def signed(body: Any, at: float, secret: str = ANY) -> dict[str, str]:
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + json.dumps(body).encode(), hashlib.sha256)
    return {"x_time": stamp, "x_signature": f"sha256={digest.hexdigest()}"}


async def test_a_signed_request_is_taken_once(tmp_path: Path) -> None:
    async with lobby(tmp_path, SIGNED) as it:
        proof = signed(DISK, it.clock.now().timestamp())

        assert 202 == (await it.post("/in/any", DISK, "", **proof)).status
        again = await it.post("/in/any", DISK, "", **proof)
        (event,) = it.events
        assert (200, "known", event.id) == (again.status, *list(json.loads(again.body).values())[:2])
        assert ("monitord-event", str(event.id)) in again.headers


@pytest.mark.parametrize(
    ("late", "secret", "body"),
    [(600, ANY, DISK), (-600, ANY, DISK), (0, "wrong-0123456789", DISK), (0, ANY, {**DISK, "status": "ok"})],
    ids=["stale", "from the future", "forged", "tampered with"],
)
async def test_a_signature_that_is_not_good_is_refused(
    tmp_path: Path, late: int, secret: str, body: Any
) -> None:
    async with lobby(tmp_path, SIGNED) as it:
        proof = signed(DISK, it.clock.now().timestamp() - late, secret)

        assert 401 == (await it.post("/in/any", body, ANY, **proof)).status
        assert 401 == (await it.post("/in/any", DISK, ANY)).status
        assert [] == it.events


# Bodies that nobody can read.


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"title": "\xff"}', "byte 11 is 0xff"),
        (b"[" * 100_000, "nested more than"),
        (b'{"title": ' + b"[" * 40 + b"]" * 40 + b"}", "nested more than 32 deep"),
        (b'{"title": "x"', "line 1, column 14"),
        (b'{"title": NaN}', "NaN in line 1, column 11 is no number"),
        (b'{"title": 1' + b"0" * 5000 + b"}", "column 11 has 5001 digits"),
        (b'"text"', "a text"),
        (b"{}", "entry 0 has no title"),
        (b"", "not JSON"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_the_place_and_noted(
    tmp_path: Path, body: bytes, says: str
) -> None:
    async with lobby(tmp_path) as it:
        reply = await it.post("/in/any", body)

        assert 400 == reply.status
        assert says in json.loads(reply.body)["error"]
        (event,) = it.events
        assert says in event.arrival.outcome[0]
        assert not event.undecided


# Crashes and bad disks.


async def test_what_a_crash_left_undecided_is_decided_at_the_next_start(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        it.engine.post = lost  # type: ignore[method-assign,assignment]  # the engine gets nothing any more
        assert 200 == (await it.post("/in/prom", FIRING)).status
        assert it.events[0].undecided

    async with lobby(tmp_path) as it:
        await it.settled()
        assert [("Always on", "shop", "open")] == it.tickets
        assert not it.events[0].undecided


def lost(fact: Any, lane: Any = None) -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


async def test_what_was_decided_is_not_decided_again(tmp_path: Path) -> None:
    """The raise is decided, but the crash comes before that is noted; meanwhile it was cleared."""
    async with lobby(tmp_path) as it:
        await it.post("/in/prom", FIRING)
        await it.post("/in/prom", RESOLVED)
        await it.seconds(0.1)
        assert [("Always on", "shop", "resolved")] == it.tickets

    async with lobby(tmp_path) as it:
        await it.settled()
        assert [("Always on", "shop", "resolved")] == it.tickets
        assert 0 == it.kept.store.reads.tickets()[0].reopened


async def test_of_a_body_with_several_only_the_undecided_are_decided(tmp_path: Path) -> None:
    bodies = [{"title": f"thing {number}"} for number in range(3)]
    async with lobby(tmp_path) as it:
        post, posted = it.engine.post, []

        def two(fact: Any, lane: Any) -> Any:
            posted.append(fact)
            return post(fact, lane) if len(posted) <= 2 else lost(fact)

        it.engine.post = two  # type: ignore[method-assign,assignment]
        await it.post("/in/any", bodies)
        await it.seconds(0)
        assert (3, 2) == (it.events[0].arrival.reports, it.events[0].decided)

    async with lobby(tmp_path) as it:
        await it.settled()
        assert [1, 1, 1] == [signal.count for signal in it.raised]


async def test_a_full_disk_is_a_503_and_heals_by_itself(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        it.kept.weather = full
        reply = await it.post("/in/any", DISK)
        assert (503, "1") == (reply.status, header(reply, "retry-after"))

        it.kept.weather = lambda what: None
        assert 202 == (await it.post("/in/any", DISK)).status
        await it.settled()
        assert [("disk full on web1", "shop", "open")] == it.tickets


def full(what: str) -> None:
    raise StoreFull("no room")


async def test_before_the_old_is_taken_up_nothing_new_is_taken_in(tmp_path: Path) -> None:
    it = Lobby(tmp_path)
    reply = await it.post("/in/any", DISK)

    assert (503, "1") == (reply.status, header(reply, "retry-after"))
    it.crash()


async def test_an_arrival_that_nobody_understands_any_more_stops_nothing(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        it.engine.post = lost  # type: ignore[method-assign,assignment]
        await it.post("/in/any", DISK)
        await it.post("/in/prom", FIRING)

    async with lobby(tmp_path, TREE.replace("  any: {", "  other: {")) as it:
        await it.settled()
        assert [("Always on", "shop", "open")] == it.tickets
        assert [False, False] == [event.undecided for event in it.events]
        assert "could not be understood" in it.events[0].arrival.outcome[0]


# Floods.


async def test_a_flood_of_one_key_is_a_few_commits_and_every_one_counts(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post("/in/any", DISK)
        await it.settled()
        before = it.kept.commits
        replies = await asyncio.gather(*(it.post("/in/any", DISK) for _ in range(1000)))
        await it.settled()

        statuses = [reply.status for reply in replies]
        assert {202, 429} == set(statuses)
        assert statuses.count(202) <= 5
        assert it.kept.commits - before <= 6
        assert [1001] == [signal.count for signal in it.raised]
        assert len(it.events) <= 8
        assert {"quota/any"} == set(it.told)
        summary, lasts, priority = it.said[0]
        assert (FLOOD_LASTS, Priority.HIGH) == (lasts, priority), (
            "nothing is lost: nobody is woken twice for it"
        )
        assert "UTC unless it goes on" in summary
        kept = it.events[-1].arrival
        assert 429 == kept.status
        assert f"{kept.times} refused with 429, counted here as one: repeats, and too many" in kept.outcome


async def test_first_raises_and_changes_have_no_quota(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        first = await asyncio.gather(
            *(it.post("/in/any", {"title": f"{n}", "severity": "low"}) for n in range(50))
        )
        worse = await asyncio.gather(
            *(it.post("/in/any", {"title": f"{n}", "severity": "critical"}) for n in range(50))
        )
        over = await asyncio.gather(
            *(it.post("/in/any", {"title": f"{n}", "status": "ok"}) for n in range(50))
        )
        await it.settled()

        assert {202} == {reply.status for reply in (*first, *worse, *over)}
        assert [] == it.raised


async def test_what_is_said_to_be_milder_is_a_repeat(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post("/in/any", DISK)
        await it.settled()

        milder = [(await it.post("/in/any", {**DISK, "severity": "low"})).status for _ in range(8)]
        assert [202] * 5 + [429] * 3 == milder


async def test_whoever_waits_when_we_stop_is_told_to_come_again(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        it.kept.inbox = never  # type: ignore[method-assign]
        waiting = asyncio.create_task(it.post("/in/any", DISK))  # noqa: TID251 - awaited three lines below
        await it.seconds(0)
        it.crash()

        assert 503 == (await waiting).status


async def never(*args: Any, **kwargs: Any) -> None:
    """A store that says nothing for now."""
    await asyncio.Event().wait()


async def test_a_raise_and_a_clear_at_once_are_both_taken(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        for _ in range(20):
            pair = (it.post("/in/any", DISK), it.post("/in/any", {**DISK, "status": "ok"}))
            assert [202, 202] == [reply.status for reply in await asyncio.gather(*pair)]
        await it.settled()

        assert [] == it.raised


async def test_the_quota_comes_back(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        statuses = [(await it.post("/in/any", DISK)).status for _ in range(8)]
        await it.seconds(61)

        assert [202] * 6 + [429] * 2 == statuses
        assert 202 == (await it.post("/in/any", DISK)).status


async def test_a_store_that_is_overrun_says_so(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        it.intake.desk.undecided = 60_000

        assert 503 == (await it.post("/in/any", DISK)).status
        it.intake.desk.undecided = 0


async def test_large_bodies_wait_by_their_bytes_and_not_by_their_number(tmp_path: Path) -> None:
    """Half a megabyte each: what is more than may wait in memory has to come again."""
    async with lobby(tmp_path) as it:
        many = [{"title": f"thing {number}", "filler": "x" * 500_000} for number in range(200)]
        replies = await asyncio.gather(*(it.post("/in/any", each) for each in many))
        refused = [reply for reply in replies if reply.status == 503]
        await it.settled()

        assert BYTES_MAX // 500_000 + 1 >= 200 - len(refused) > 100
        assert {"1"} == {header(reply, "retry-after") for reply in refused}
        assert 200 - len(refused) == len(it.raised)
        assert 202 == (await it.post("/in/any", many[-1])).status
        await it.settled()
        assert 0 == it.intake.desk.size


async def test_repeats_leave_room_for_what_is_new(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post("/in/any", DISK)
        await it.settled()
        it.intake.desk.size = REPEATS_BYTES_MAX

        assert 503 == (await it.post("/in/any", DISK)).status
        assert 202 == (await it.post("/in/any", {"title": "load"})).status
        it.intake.desk.size = 0


async def test_what_the_store_refuses_waits_no_longer(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        it.kept.weather = full
        await it.post("/in/any", DISK)

        assert 0 == it.intake.desk.size


async def test_repeats_are_put_together_within_their_bytes(tmp_path: Path) -> None:
    """What does not fit is counted by nobody, but its sender heard 429, and comes again."""
    async with lobby(tmp_path) as it:
        many = [{"title": f"thing {number}", "filler": "x" * 500_000} for number in range(60)]
        for each in many:
            await it.post("/in/any", each)
            await it.settled()
        for each in many:
            await it.post("/in/any", each)

        held = [len(each.arrival.body) for each in it.intake.repeats.together.values()]
        assert TOGETHER_BYTES_MAX - 500_100 < sum(held) <= TOGETHER_BYTES_MAX


# Heartbeats.


async def test_a_ping_is_heard(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        for path in (f"/ping/{NIGHTLY}", f"/{NIGHTLY.upper()}", "/ping/ping-0123456789ab/nightly"):
            reply = await it.get(path)
            assert (200, b"OK", "10000") == (reply.status, reply.body, header(reply, "ping-body-limit"))
        await it.settled()

        pulse = it.engine.world.get(Pulse, "nightly")
        assert pulse is not None
        assert (PulseState.UP, 3) == (pulse.state, pulse.pings)


async def test_a_failing_job_pages_and_a_success_ends_it(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post(f"/ping/{NIGHTLY}/1", b"cannot reach the tape\n")
        await it.settled()
        assert [("nightly failed", "shop", "open")] == it.tickets

        await it.get(f"/ping/{NIGHTLY}/0")
        await it.settled()
        assert [("nightly failed", "shop", "resolved")] == it.tickets


async def test_a_flood_of_pings_is_limited(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        statuses = [(await it.get(f"/ping/{NIGHTLY}")).status for _ in range(70)]

        assert {200, 429} == set(statuses)
        assert 429 not in statuses[:60]


async def test_in_a_flood_a_log_does_not_take_the_place_of_a_success(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        for _ in range(62):
            await it.get(f"/ping/{NIGHTLY}")
        await it.post(f"/ping/{NIGHTLY}/log", b"still busy")
        await it.settled()

        pulse = it.engine.world.get(Pulse, "nightly")
        assert pulse is not None
        assert 63 == pulse.pings


async def test_after_a_week_it_is_forgotten_and_repeats_after_a_day(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        await it.post("/in/any", DISK)
        await it.post("/in/any", DISK)
        await it.settled()

    for days, gone in ((0, 0), (2, 1), (8, 1), (8, 0)):
        async with lobby(tmp_path, at=MORNING + timedelta(days=days)) as it:
            assert gone == await forgotten(it)


async def forgotten(it: Lobby) -> int:
    forgetting = asyncio.create_task(it.intake.forget())  # noqa: TID251 - awaited two lines below
    await it.seconds(1)
    return await forgetting


async def test_a_bug_in_a_kind_costs_that_request_and_is_told(tmp_path: Path) -> None:
    async with lobby(tmp_path) as it:
        kind = it.intake.kinds["generic"]
        it.intake.kinds = {**it.intake.kinds, "generic": replace(kind, spec=replace(kind.spec, read=broken))}
        reply = await it.post("/in/any", DISK)

        assert 500 == reply.status
        assert ["kind/any"] == it.told
        assert [DISK] == [json.loads(event.arrival.body) for event in it.events]
        assert 200 == (await it.post("/in/prom", FIRING)).status


def broken(options: Any, request: Any, now: Any) -> Reply:
    raise KeyError("a bug")
