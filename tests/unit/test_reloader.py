"""reloader: another configuration while everything goes on, or the old one and a ticket that says why."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused
from monitord.config.settings import Door, Settings
from monitord.core.check import Instant, Outcome
from monitord.core.command import OpenTicket
from monitord.core.escalation import Escalation, EscalationDue
from monitord.core.health import Health, ProbeRenamed
from monitord.core.organization import Priority
from monitord.core.report import SYSTEM
from monitord.core.signal import Signal
from monitord.core.ticket import Resolution, State, Ticket
from monitord.core.verdict import Verdict
from monitord.core.wording import subject
from monitord.core.world import World
from monitord.engine.agent import Observation
from monitord.engine.alarms import Alarms, standing
from monitord.engine.checker import LocalAgent
from monitord.engine.reloader import HALF_TAKEN, REFUSED, Answer, Reloader, changes, lasting
from monitord.engine.revisions import strictly
from monitord.engine.unreached import Unreached
from monitord.kinds import Finding, Kind, Prober
from monitord.net import Net
from monitord.store.faults import StoreFull
from tests.fakes.shop import Shop
from tests.unit.config_tree import HEAD, PEOPLE, tree

PROBES = """\
probes:
  - {name: web, kind: http, url: "http://127.0.0.1/", policy: urgent, every: 7s, failures: 1, passes: 1}
  - {name: db, kind: tcp, host: db1, port: 5432, policy: urgent, every: 11s, failures: 1, passes: 1}
"""
OK = Finding(Outcome.OK, "fine")


@dataclass
class Accepted:
    """A store's shelf of revisions."""

    hashes: list[str] = field(default_factory=list)
    full: bool = False

    async def accept_revision(self, hash: str, content: str, at: Instant, tzdata: str, who: str = "") -> None:
        if self.full:
            raise StoreFull("no room")
        self.hashes.append(hash)


class Stage:
    """A tree on the disk, and a shell that goes by it: the engine, the checks, and the reloader."""

    def __init__(
        self, main: Path, environ: dict[str, str] | None = None, first: Loaded | None = None
    ) -> None:
        self.main, self.environ = main, environ or {}
        first = first or load(main, self.environ)
        self.shop = Shop(first.configuration)
        self.store = Accepted([first.revision])
        self.alarms = Alarms(self.shop.engine, self.shop.clock)
        self.slots: dict[str, list[datetime]] = {}
        self.found: dict[str, Outcome] = {}
        kinds = {name: Kind(name, Prober(object, self.check), "") for name in ("http", "tcp")}
        self.agent = LocalAgent(kinds, Net(), self.shop.clock, self.shop.log, self.shop.metrics)
        self.agent.update(first.configuration.probes)
        self.unreached = Unreached(self.shop.engine, self.alarms, self.shop.clock)
        self.reloader = Reloader(
            self.read,
            first,
            self.shop.engine,
            self.store,
            self.alarms,
            self.shop.clock,
            self.shop.log,
            "2026a",
            accepts={"checks": lambda loaded: self.agent.update(loaded.configuration.probes)},
        )

    def read(self) -> Loaded:
        return strictly(self.main, self.environ)

    async def check(self, options: object, net: Net) -> Finding:
        return OK

    def report(self, observations: Any) -> None:
        for each in observations:
            result = each.result
            self.slots.setdefault(result.probe, []).append(result.at)
            outcome = self.found.get(result.probe, Outcome.OK)
            self.shop.engine.observe(Observation(replace(result, outcome=outcome)))

    async def run(self) -> None:
        await self.agent.run(self.report)

    @contextmanager
    def written(self, file: str, text: str) -> Any:
        """The file says something else for a while."""
        path = self.main.parent.parent / file
        before = path.read_text()
        path.write_text(text)
        yield
        path.write_text(before)

    async def seconds(self, number: float) -> None:
        await self.shop.clock.advance(timedelta(seconds=number))

    async def reload(self) -> Answer:
        answer = await self.reloader.reload()
        await self.shop.settle()
        return answer

    @property
    def tickets(self) -> dict[str, Ticket]:
        return {ticket.title: ticket for ticket in self.shop.world.all(Ticket)}

    def gaps(self, probe: str) -> set[float]:
        """The seconds between two checks, each rounded to a tenth, after the first few."""
        return {round((b - a).total_seconds(), 1) for a, b in pairwise(self.slots[probe][2:])}


async def test_a_probe_that_is_down_is_renamed_and_its_ticket_goes_on(tmp_path: Path) -> None:
    """A second reload with the key, and what the journal makes of it all, are the same."""
    stage = Stage(tree(tmp_path, PROBES))
    stage.found = {"web": Outcome.CRITICAL, "shop-web": Outcome.CRITICAL}
    async with stage.shop.running(stage):
        await stage.seconds(20)
        (before,) = stage.shop.world.all(Ticket)
        renamed = PROBES.replace("name: web", "name: shop-web, renamed_from: web")
        for text in (renamed, renamed.replace("every: 7s", "every: 6s")):
            (tmp_path / "probes" / "x.yaml").write_text(text)
            assert (await stage.reload()).accepted
            await stage.seconds(20)
            (during,) = stage.shop.world.all(Ticket)
            assert (before.number, State.OPEN) == (during.number, during.state)
            assert ("probe/shop-web:down",) == during.signals
        replayed = stage.shop.store.replayed(
            stage.shop.world.configuration,
            World(stage.shop.world.configuration, stage.shop.world.installation),
        )
        for kind in (Health, Signal, Verdict, Ticket):
            assert stage.shop.world.all(kind) == replayed.all(kind)

        stage.found = {}
        await stage.seconds(20)
        assert Resolution.CLEARED is stage.shop.world.all(Ticket)[0].resolution
    told = [event for batch in stage.shop.store.batches for entry in batch.entries for event in entry.events]
    assert [ProbeRenamed("shop-web", "web")] == [each for each in told if isinstance(each, ProbeRenamed)]


async def test_a_good_tree_is_taken_over(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    async with stage.shop.running(stage):
        await stage.seconds(60)
        (tmp_path / "probes" / "x.yaml").write_text(PROBES.replace("name: db", "name: mail"))
        answer = await stage.reload()
        await stage.seconds(60)

    assert (answer.revision, True, ()) == (
        load(stage.main, {}).revision,
        answer.accepted,
        answer.takes_restart,
    )
    assert ["web", "mail"] == list(stage.shop.world.configuration.probes)
    assert answer.revision == stage.store.hashes[-1] == stage.shop.world.configuration.revision
    assert len(stage.slots["mail"]) >= 4
    assert stage.slots["db"][-1] <= stage.slots["mail"][0]
    (line,) = stage.shop.told("reloaded")
    assert (2, 1, 1, 0) == (line["probes"], line["added"], line["removed"], line["changed"])


async def test_a_bad_tree_changes_nothing_and_opens_a_ticket_with_the_place(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    async with stage.shop.running(stage):
        await stage.seconds(60)
        (tmp_path / "probes" / "x.yaml").write_text(PROBES.replace("every: 7s", "evry: 7s"))
        answer = await stage.reload()
        await stage.seconds(60)

    assert not answer.accepted
    assert [stage.store.hashes[0]] == stage.store.hashes
    assert {7.0} == stage.gaps("web")
    ticket = stage.tickets["the configuration has a mistake"]
    assert (SYSTEM, State.OPEN, "urgent") == (ticket.service, ticket.state, ticket.priority.value)
    assert f"{tmp_path}/probes/x.yaml:2:" in standing(stage.shop.world)["configuration"].summary
    assert "did you mean `every`?" in standing(stage.shop.world)["configuration"].summary
    assert (
        f"revision {answer.revision[:12]} stays in force"
        in standing(stage.shop.world)["configuration"].summary
    )


@pytest.mark.parametrize("title", [REFUSED, HALF_TAKEN])
def test_what_is_wrong_with_the_configuration_fits_into_a_subject(title: str) -> None:
    end = " (ticket 12345)"

    assert f"{title}{end}" == subject(title, end)


async def test_a_good_tree_ends_the_ticket(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    async with stage.shop.running(stage):
        with stage.written("probes/x.yaml", "probes: ["):
            await stage.reload()
        assert {"configuration"} == set(standing(stage.shop.world))
        await stage.reload()

    assert {} == standing(stage.shop.world)
    assert [State.RESOLVED] == [ticket.state for ticket in stage.shop.world.all(Ticket)]


async def test_a_reload_skips_no_check_and_repeats_none(tmp_path: Path) -> None:
    """Neither of what stays, nor of what changes in anything but its period."""
    stage = Stage(tree(tmp_path, PROBES))
    async with stage.shop.running(stage):
        for number in range(40):
            url = f"http://127.0.0.1/{number}"
            (tmp_path / "probes" / "x.yaml").write_text(PROBES.replace("http://127.0.0.1/", url))
            await stage.reload()
            await stage.seconds(5.3)

    assert {7.0} == stage.gaps("web")
    assert {11.0} == stage.gaps("db")
    assert 41 == len(stage.store.hashes)


async def test_what_cannot_be_stored_is_not_accepted(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    before = stage.shop.world.configuration
    async with stage.shop.running(stage):
        stage.store.full = True
        (tmp_path / "probes" / "x.yaml").write_text("")
        answer = await stage.reload()

    assert not answer.accepted
    assert before is stage.shop.world.configuration
    told = standing(stage.shop.world)["configuration"].summary
    assert "it could not be stored: no room" == told.splitlines()[0]


async def test_a_bug_in_reading_is_a_mistake_like_others(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))

    def bug() -> Loaded:
        raise ConfigurationRefused(strange(lambda: 1 / 0))

    stage.reloader.read = bug
    async with stage.shop.running(stage):
        answer = await stage.reload()

    assert not answer.accepted
    assert "division by zero" in standing(stage.shop.world)["configuration"].summary


def strange(act: Callable[[], object]) -> Any:
    from monitord.config.problem import Place, at  # noqa: PLC0415

    try:
        act()
    except ZeroDivisionError as error:
        return [at(Place("x", 1, 1), str(error), "")]


async def test_a_door_that_cannot_be_opened_is_a_mistake_now_and_not_at_the_next_start(
    tmp_path: Path,
) -> None:
    stage = Stage(tree(tmp_path, PROBES))

    async def closed(running: Settings, wanted: Settings) -> str:
        return "" if wanted.doors == running.doors else "203.0.113.9 is no address of this machine"

    stage.reloader.closed = closed
    async with stage.shop.running(stage):
        with stage.written("config/monitord.yaml", HEAD.replace("127.0.0.1:8081", "203.0.113.9:8081")):
            assert not (await stage.reload()).accepted
        told = standing(stage.shop.world)["configuration"].summary
        assert "the next start would fail: 203.0.113.9 is no address of this machine" == told.splitlines()[0]
        assert (await stage.reload()).accepted


async def test_a_part_that_fails_keeps_no_other_from_changing(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))

    def broken(loaded: Loaded) -> None:
        raise ValueError("not today")

    stage.reloader.accepts = {"broken": broken, **stage.reloader.accepts}
    async with stage.shop.running(stage):
        (tmp_path / "probes" / "x.yaml").write_text(PROBES.replace("name: db", "name: mail"))
        answer = await stage.reload()

    assert answer.accepted
    assert {"web", "mail"} == set(stage.agent.schedule.turns)
    assert ["broken"] == [line["part"] for line in stage.shop.told("part keeps its old configuration")]
    assert "broken" in standing(stage.shop.world)["configuration"].summary


async def test_wishes_at_once_are_one_reload(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    telling: list[str] = []

    @contextmanager
    def told() -> Any:
        telling.append("reloading")
        yield
        telling.append("ready")

    stage.reloader.telling = told
    async with stage.shop.running(stage.reloader):
        for _ in range(5):
            stage.reloader.ask()
        while "ready" not in telling:
            await stage.shop.settle()

    assert ["reloading", "ready"] == telling


# What takes a restart.


def test_addresses_and_the_store_take_a_restart(tmp_path: Path) -> None:
    running = load(tree(tmp_path / "a"), {})
    head = HEAD.replace("127.0.0.1:8080", "127.0.0.1:9090") + "store: sqlite:////elsewhere\n"
    wanted = load(tree(tmp_path / "b", head=head), {})
    loaded, waiting = lasting(running.settings, wanted)

    assert Door("127.0.0.1", 8080, "http://127.0.0.1:8080") == loaded.settings.doors.public
    assert running.settings.store == loaded.settings.store
    assert [
        "`doors.public.listen` is another address; 127.0.0.1:8080 serves until then",
        f"`store` is another place; {running.settings.store} is used until then, and stays there",
    ] == list(waiting)


def test_a_url_of_its_own_counts_at_once(tmp_path: Path) -> None:
    running = load(tree(tmp_path / "a"), {})
    new = '"127.0.0.1:9090", url: "https://status.example.org"'
    wanted = load(tree(tmp_path / "b", head=HEAD.replace('"127.0.0.1:8080"', new)), {})
    loaded, _ = lasting(running.settings, wanted)

    assert Door("127.0.0.1", 8080, "https://status.example.org") == loaded.settings.doors.public


def test_changes_are_counted(tmp_path: Path) -> None:
    before = load(tree(tmp_path / "a", PROBES), {}).configuration
    now = load(
        tree(tmp_path / "b", PROBES.replace("name: db", "name: x").replace("7s", "8s")), {}
    ).configuration

    assert {"probes": 2, "added": 1, "removed": 1, "changed": 1} == changes(before, now)


# Removing what an open ticket needs.


async def down(stage: Stage) -> Ticket:
    stage.found["web"] = Outcome.CRITICAL
    await stage.seconds(20)
    return stage.tickets["web is down"]


async def test_a_removed_probe_ends_its_ticket_with_that_reason(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    async with stage.shop.running(stage):
        await down(stage)
        (tmp_path / "probes" / "x.yaml").write_text(PROBES.replace("name: web", "name: shop"))
        await stage.reload()

    ticket = stage.tickets["web is down"]
    assert (State.RESOLVED, Resolution.REMOVED) == (ticket.state, ticket.resolution)


async def test_a_removed_policy_goes_on_in_the_rounds_that_it_began(tmp_path: Path) -> None:
    stage = Stage(tree(tmp_path, PROBES))
    async with stage.shop.running(stage):
        ticket = await down(stage)
        before = stage.shop.world.get(Escalation, ticket.number)
        (tmp_path / "config" / "people.yaml").write_text(PEOPLE.replace("urgent:", "other:"))
        (tmp_path / "probes" / "x.yaml").write_text(PROBES.replace("policy: urgent", "policy: other"))
        await stage.reload()
        after = stage.shop.world.get(Escalation, ticket.number)

    assert before is not None and after is not None
    assert ("urgent", before.policy) == (after.policy.id, after.policy)
    assert State.OPEN is stage.tickets["web is down"].state


async def test_a_removed_person_is_passed_over_with_an_alarm_and_stays_in_history(tmp_path: Path) -> None:
    two = PEOPLE.replace("[{page: [ann], for: 5m}]", "[{page: [bo], for: 5m}, {page: [ann], for: 5m}]")
    stage = Stage(tree(tmp_path, PROBES, people=two))
    async with stage.shop.running(stage):
        ticket = await down(stage)
        without = two.replace("ann: {", "zoe: {").replace("[ann]", "[zoe]").replace("ann, bo", "bo")
        (tmp_path / "config" / "people.yaml").write_text(without)
        await stage.reload()
        assert {} == standing(stage.shop.world)
        await stage.seconds(300)
        await stage.shop.engine.submit(EscalationDue(ticket.number))
        await stage.shop.settle()

        escalation = stage.shop.world.get(Escalation, ticket.number)
        assert escalation is not None and ("bo",) == escalation.circle, "the round goes on without ann"
        alarm = standing(stage.shop.world)["person/ann"]
        assert ("ann cannot be paged", True) == (
            alarm.title,
            "no longer in the configuration" in alarm.summary,
        )
        stage.unreached.look()
        await stage.shop.settle()
        assert "person/ann" in standing(stage.shop.world), "as long as the ticket is open"

        stage.found["web"] = Outcome.OK
        await stage.seconds(20)
        stage.unreached.look()
        await stage.shop.settle()
        assert {} == standing(stage.shop.world)


async def test_a_person_who_comes_back_ends_the_alarm(tmp_path: Path) -> None:
    silent = PEOPLE.replace("  ann: {reach: [{email: ann@example.org}]}", "  ann: {}")
    stage = Stage(tree(tmp_path, PROBES, people=silent))
    async with stage.shop.running(stage):
        await down(stage)
        assert {"person/ann", "nobody/1"} == set(standing(stage.shop.world))
        (tmp_path / "config" / "people.yaml").write_text(PEOPLE)
        await stage.reload()
        stage.unreached.look()
        await stage.shop.settle()

    assert {"nobody/1"} == set(standing(stage.shop.world)), "the ticket still waits for somebody"


async def test_a_removed_service_leaves_its_open_ticket_on_the_way_it_began(tmp_path: Path) -> None:
    services = "services:\n  shop: {policies: {default: urgent}}\n"
    stage = Stage(tree(tmp_path, services))
    async with stage.shop.running():
        await stage.shop.engine.submit(OpenTicket("no shoes", "shop", Priority.URGENT, "bo"))
        (tmp_path / "probes" / "x.yaml").write_text(PROBES)
        await stage.reload()
        await stage.seconds(300)
        await stage.shop.engine.submit(EscalationDue(1))
        await stage.shop.settle()
        escalation = stage.shop.world.get(Escalation, 1)

    assert "shop" not in stage.shop.world.configuration.services
    assert escalation is not None and ("urgent", 1) == (escalation.policy.id, escalation.repeats)


async def test_a_removed_rotation_is_passed_over_like_a_person(tmp_path: Path) -> None:
    two = PEOPLE.replace("[{page: [ann], for: 5m}]", "[{page: [ann], for: 5m}, {page: [primary], for: 5m}]")
    primary = "rotation: primary\nlayers: [{people: [bo]}]\n"
    stage = Stage(tree(tmp_path, PROBES, people=two, primary=primary))
    async with stage.shop.running(stage):
        ticket = await down(stage)
        (tmp_path / "rotations" / "primary.yaml").write_text("")
        (tmp_path / "config" / "people.yaml").write_text(PEOPLE)
        assert (await stage.reload()).accepted
        await stage.seconds(300)
        await stage.shop.engine.submit(EscalationDue(ticket.number))
        await stage.shop.settle()

    assert "no longer in the configuration" in standing(stage.shop.world)["person/primary"].summary
