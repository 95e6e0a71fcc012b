"""What each channel owes us, whoever wrote it: a new file in the folder is tested without being named."""

import asyncio
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, TypeAdapter

import monitord.channels
from monitord.kinds import Channel, Kind, Letter, Refused, Sent, discover
from monitord.net import Net
from monitord.net.smtp import server
from tests.fakes import zoo
from tests.fakes.left_open import everybody_left, sockets
from tests.fakes.zoo import Certificates, cage

EVERY_LOOP = True
FOUND = discover(monitord.channels, "monitord.channels")
CANARY = "canary-7f3a"  # stands for a secret
# What a field must say to aim a channel at a port of ours; a channel with other words adds them here.
AIMS: dict[str, Callable[[int, bool], Any]] = {
    "server": lambda port, tls: server(f"smtp{'s' if tls else ''}://127.0.0.1:{port}"),
    "url": lambda port, tls: f"http{'s' if tls else ''}://127.0.0.1:{port}/",
}
STEPS = range(0, 40, 3)  # after how many turns of the loop a send is cancelled
LETTER = Letter(
    id="e1/1/1/1/ann/email",
    address="ann@example.org",
    subject="shop is down",
    text="shop is down since 12:00 UTC.\n",
    html="<p>shop is down since 12:00 UTC.</p>\n",
    headers=(("Monitord-Ticket", "1"),),
    date=datetime(2026, 1, 5, 12, tzinfo=UTC),
    message_id="<0123456789abcdef@status.example.org>",
)

every_channel = pytest.mark.parametrize("kind", FOUND.kinds.values(), ids=lambda kind: kind.name)


@cache
def example(kind: Kind[Channel[Any]]) -> Any:
    """The options of the manual's example."""
    return TypeAdapter(kind.spec.options).validate_python(yaml.safe_load(kind.example)[kind.name])


def aimed(kind: Kind[Channel[Any]], port: int, *, tls: bool = False) -> Any:
    """The example's options, aimed at one of our own ports."""
    ours = {field.name for field in fields(kind.spec.options)}
    return replace(example(kind), **{name: say(port, tls) for name, say in AIMS.items() if name in ours})


def test_no_channel_is_disabled() -> None:
    assert () == FOUND.problems
    assert "email" in FOUND.kinds


@every_channel
def test_options_are_frozen_and_can_be_told_apart(kind: Kind[Channel[Any]]) -> None:
    assert is_dataclass(kind.spec.options)
    assert kind.spec.options.__dataclass_params__.frozen
    assert hash(example(kind)) == hash(example(kind))


@every_channel
def test_the_example_of_the_manual_loads(kind: Kind[Channel[Any]]) -> None:
    assert [kind.name] == list(yaml.safe_load(kind.example))
    assert isinstance(example(kind), kind.spec.options)


@every_channel
def test_the_manual_begins_with_the_name(kind: Kind[Channel[Any]]) -> None:
    assert kind.manual.startswith(f"{kind.name}: ")


@every_channel
def test_the_options_have_a_json_schema(kind: Kind[Channel[Any]]) -> None:
    assert "properties" in TypeAdapter(kind.spec.options).json_schema()


@every_channel
async def test_an_unreachable_peer_is_a_refusal_that_is_tried_again(kind: Kind[Channel[Any]]) -> None:
    outcome = await kind.spec.send(aimed(kind, zoo.dead_port()), LETTER, Net())

    assert isinstance(outcome, Refused)
    assert (False, False) == (outcome.permanent, outcome.ambiguous)
    assert "refused the connection" in outcome.why


ANIMALS = {
    "fine": zoo.fine,
    "reset": zoo.reset,
    "bomb": zoo.bomb,
    "greet": zoo.greet,
    "endless": zoo.endless,
    **zoo.GARBLED,
}


@every_channel
@pytest.mark.parametrize("animal", ANIMALS)
async def test_whatever_a_peer_does_there_is_an_outcome_or_the_deadline(
    kind: Kind[Channel[Any]], animal: str
) -> None:
    net = Net()
    async with cage(ANIMALS[animal]) as it:
        try:
            async with asyncio.timeout(0.1):
                outcome = await kind.spec.send(aimed(kind, it.port), LETTER, net)
        except TimeoutError:
            return

    assert isinstance(outcome, Sent | Refused)
    assert str(outcome).isprintable()


@every_channel
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_cancellation_leaves_no_socket_open(kind: Kind[Channel[Any]], tls: bool) -> None:
    certificates = Certificates()
    net = Net(authorities=certificates.pem)
    async with cage(zoo.hang, certificates.good() if tls else None) as it:
        options = aimed(kind, it.port, tls=tls)
        await cancelled_after(0, kind, options, net)
        await everybody_left(it)
        before = sockets()
        for steps in STEPS:
            await cancelled_after(steps, kind, options, net)
        await everybody_left(it)

        assert before == sockets()


async def cancelled_after(steps: int, kind: Kind[Channel[Any]], options: Any, net: Net) -> None:
    """Begin to send and cancel it some turns of the loop later."""
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(kind.spec.send(options, LETTER, net))
        for _ in range(steps):
            await asyncio.sleep(0)
        sending.cancel()


@every_channel
async def test_secrets_are_never_shown(kind: Kind[Channel[Any]]) -> None:
    secret = {
        field.name: SecretStr(CANARY)
        for field in fields(kind.spec.options)
        if isinstance(getattr(example(kind), field.name), SecretStr)
    }
    options = replace(aimed(kind, zoo.dead_port()), **secret)
    outcome = await kind.spec.send(options, LETTER, Net())

    assert CANARY not in repr(options)
    assert CANARY not in str(outcome)
    assert CANARY not in TypeAdapter(kind.spec.options).dump_json(options).decode()
