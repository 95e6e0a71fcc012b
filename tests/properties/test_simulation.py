"""A simulation comes true: what it foresees is what engine, courier and channels then do, to the instant.

Everything is small: minutes are seconds here, because the engine's timer looks up once a second.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.amendment import AddOverride
from monitord.core.check import Instant, Outcome, Probe
from monitord.core.command import Acknowledge, OpenTicket
from monitord.core.facts import RECORDS, Fact, Record
from monitord.core.organization import ContactMethod, Person, Priority, Quiet, Service, Team
from monitord.core.override import OverrideKind
from monitord.core.policy import ANY, EACH, Policy, Tier
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.world import Configuration
from monitord.engine.courier import Courier
from monitord.engine.dispatch import Way
from monitord.engine.timer import Timer
from monitord.kinds import Channel, Letter, Refused, Sent
from monitord.net import Net
from monitord.play.house import House
from monitord.play.simulation import TAKEN, Foreseen, Question
from monitord.play.trouble import Trouble, foresee, foresee_ticket, opened_by_hand, probe_down, reported
from tests.fakes.shop import MORNING, Shop, observed

CAST = ("ann", "bo", "cem", "dee")
CHANNELS = ("email", "sms", "voice")
ROTATIONS = ("first", "second", "office")
Rung = Counter[tuple[Instant, str]]  # when which address was paged
LASTS = timedelta(minutes=4)
BEGINS = MORNING + timedelta(minutes=2)  # when the trouble is confirmed

spans = st.integers(5, 60).map(lambda number: timedelta(seconds=number))
people = st.sampled_from(CAST)


@st.composite
def persons(draw: st.DrawFn, name: str) -> Person:
    """Somebody with some ways to be reached, some only for what is urgent, and perhaps a quiet morning."""
    ways = draw(st.lists(st.sampled_from(CHANNELS), max_size=3, unique=True))
    reach = tuple(
        ContactMethod(
            way,
            f"{name}@{way}",
            timedelta(seconds=draw(st.integers(0, 40))) * bool(position),
            draw(st.sampled_from(((), (), (Priority.URGENT,), (Priority.HIGH, Priority.LOW)))),
        )
        for position, way in enumerate(ways)
    )
    quiet = draw(st.sampled_from((None, None, Quiet(((time(8), time(9, 4)),)))))
    return Person(name, name.title(), "UTC", reach, quiet)


@st.composite
def rotations(draw: st.DrawFn, name: str) -> Rotation:
    """Turns of hours, so that there are handoffs on the way up; sometimes in office hours only."""
    turn = Turn(draw(st.sampled_from((1, 2, 5))), Unit.HOURS)
    entries = st.lists(people, max_size=2, unique=True).map(tuple)
    layer = Layer(
        name="only",
        people=tuple(draw(st.lists(entries, min_size=1, max_size=3))),
        start=datetime(2026, 1, 1, draw(st.integers(0, 3)), 4),
        turn=turn,
        hours=draw(st.sampled_from(((), ((time(9, 3), time(11)),)))),
    )
    return Rotation(name, draw(st.sampled_from(("UTC", "America/Chicago"))), layers=(layer,))


TARGETS = st.sampled_from((*CAST, *ROTATIONS, "support", "everybody"))
TIERS = st.builds(
    Tier,
    st.lists(TARGETS, min_size=1, max_size=2, unique=True).map(tuple),
    spans,
    st.sampled_from((ANY, ANY, 2, EACH)),
)
POLICIES = st.builds(
    Policy,
    st.just("up"),
    st.lists(TIERS, min_size=1, max_size=4).map(tuple),
    spans.map(lambda span: span * 2),
)


@st.composite
def organizations(draw: st.DrawFn) -> Configuration:
    """Anything that an organization may write, small."""
    return Configuration(
        organization="Example Shop",
        probes={"web": Probe("web", "shop", failures=draw(st.integers(1, 3)), kind="http")},
        services={"shop": Service("shop", "Shop", policies=(("default", "up"), ("low", "calm")))},
        people={name: draw(persons(name)) for name in CAST},
        teams={"support": Team("support", draw(st.lists(people, max_size=3, unique=True).map(tuple)))},
        rotations={name: draw(rotations(name)) for name in ROTATIONS},
        policies={"up": draw(POLICIES), "calm": replace(draw(POLICIES), id="calm")},
        last_resort=draw(st.lists(people, max_size=2, unique=True).map(tuple)),
        calling_channels=frozenset({"voice"}),
        revision="r1",
    )


@dataclass
class Phones:
    """Channels that write down who was paged when by what; some people's refuse everything."""

    shop: Shop
    unreachable: tuple[str, ...]
    rung: list[tuple[Instant, str]] = field(default_factory=list)

    async def send(self, options: object, letter: Letter, net: Net) -> Sent | Refused:
        if letter.address.split("@")[0] in self.unreachable:
            return Refused("nobody there", permanent=True)
        if (
            letter.id.rpartition(".")[2] in CHANNELS
        ):  # a page; news and questions have no contact method's number
            self.rung.append((self.shop.clock.now(), letter.address))
        return Sent("taken")

    def ways(self) -> dict[str, Way]:
        return {name: Way(Channel(object, self.send, bulkhead=8), None) for name in CHANNELS}


def arranged(organization: Configuration, override: AddOverride | None) -> tuple[Record, ...]:
    """What is in the store when somebody has asked for that."""
    house = House(organization, MORNING)
    return house.do(override).records if override else ()


@asynccontextmanager
async def open_for_business(
    trouble: Trouble, unreachable: tuple[str, ...], override: AddOverride | None = None
) -> AsyncIterator[tuple[Shop, Phones]]:
    """The daemon's own parts on the virtual clock, and the trouble has just begun."""
    shop = Shop(trouble.configuration)
    phones = Phones(shop, unreachable)
    dispatch = shop.dispatch(**phones.ways())
    async with shop.running(Courier(shop.engine, dispatch, shop.clock), Timer(shop.engine, shop.clock)):
        if override is not None:
            shop.engine.post(override)
        for at, fact in trouble.facts:
            await until(shop, at)
            report(shop, fact)
        await shop.settle()
        yield shop, phones
    assert [] == shop.store.aside


async def lived(trouble: Trouble, question: Question, override: AddOverride | None) -> Rung:
    """Who was paged when."""
    async with open_for_business(trouble, question.unreachable, override) as (shop, phones):
        if question.acknowledged_by and question.after is not None:
            await until(shop, question.at + question.after)
            shop.engine.post(Acknowledge(1, question.acknowledged_by))
        await until(shop, question.at + (question.lasts or LASTS))
    return Counter(phones.rung)


async def halfway(trouble: Trouble, after: timedelta, unreachable: tuple[str, ...]) -> tuple[Rung, Rung]:
    """What is foreseen for the ticket some time after it began, and what then happens."""
    async with open_for_business(trouble, unreachable) as (shop, phones):
        await until(shop, BEGINS + after)
        before = Counter(phones.rung)
        records = [record for kind in RECORDS for record in shop.world.all(kind)]
        question = Question(shop.clock.now(), LASTS - after, unreachable=unreachable)
        foreseen = foresee_ticket(shop.world.configuration, 1, question, records)
        await until(shop, BEGINS + LASTS)
    return rung(foreseen), Counter(phones.rung) - before


def rung(foreseen: Foreseen) -> Rung:
    return Counter((call.at, call.address) for call in foreseen.calls if call.outcome == TAKEN)


async def until(shop: Shop, at: Instant) -> None:
    await shop.clock.advance(max(at - shop.clock.now(), timedelta(0)))


def report(shop: Shop, fact: Fact) -> None:
    """Checks come in from checkers, everything else by the front door."""
    if hasattr(fact, "outcome"):
        shop.engine.observe(observed(fact.probe, Outcome.CRITICAL, shop.clock.now()))  # type: ignore[union-attr]
    else:
        shop.engine.post(fact)


ANSWERS = st.one_of(
    st.none(), st.tuples(people, st.integers(0, 120).map(lambda number: timedelta(seconds=number + 0.5)))
)
BY_HAND = st.builds(
    OpenTicket,
    title=st.just("A problem"),
    service=st.just("shop"),
    priority=st.sampled_from(Priority),
    by=people,
    severity=st.sampled_from((None, None, 1, 2, 4)),
    catastrophic=st.sampled_from((False, False, True)),
)
TROUBLES = st.one_of(st.just("probe"), st.sampled_from(Priority), BY_HAND)


UNREACHABLE = st.lists(people, max_size=2, unique=True).map(tuple)
OVERRIDES = st.none() | st.builds(
    AddOverride,
    rotation=st.sampled_from(ROTATIONS),
    start=st.integers(1, 4).map(lambda number: MORNING + timedelta(minutes=number)),
    end=st.just(MORNING + timedelta(minutes=5)),
    kind=st.just(OverrideKind.REPLACE_ALL),
    by=people,
    why=st.just("something came up"),
    people=st.lists(people, min_size=1, max_size=2, unique=True).map(tuple),
)


def begun(organization: Configuration, kind: str | Priority | OpenTicket) -> Trouble:
    match kind:
        case Priority():
            return reported(organization, "shop", kind, BEGINS)
        case OpenTicket():
            return opened_by_hand(organization, kind, BEGINS)
    return probe_down(organization, organization.probes["web"], BEGINS)


@settings(max_examples=10)
@given(
    organization=organizations(),
    kind=TROUBLES,
    answer=ANSWERS,
    unreachable=UNREACHABLE,
    override=OVERRIDES,
)
def test_what_is_foreseen_is_what_happens(
    organization: Configuration,
    kind: str | Priority | OpenTicket,
    answer: tuple[str, timedelta] | None,
    unreachable: tuple[str, ...],
    override: AddOverride | None,
) -> None:
    who, after = answer or (None, None)
    question = Question(BEGINS, LASTS, who, after, unreachable)
    trouble = begun(organization, kind)

    foreseen = foresee(trouble, question, arranged(organization, override))

    assert rung(foreseen) == asyncio.run(lived(trouble, question, override))


@settings(max_examples=6)
@given(
    organization=organizations(),
    kind=TROUBLES,
    after=st.integers(0, 120).map(lambda number: timedelta(seconds=number + 0.5)),
    unreachable=UNREACHABLE,
)
def test_what_is_foreseen_for_an_open_ticket_is_what_happens(
    organization: Configuration,
    kind: str | Priority | OpenTicket,
    after: timedelta,
    unreachable: tuple[str, ...],
) -> None:
    foreseen, happened = asyncio.run(halfway(begun(organization, kind), after, unreachable))

    assert foreseen == happened
