"""What each prober owes us, whoever wrote it: a new file in the folder is tested here without being named."""

import asyncio
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, TypeAdapter

import monitord.probers
from monitord.core.check import Outcome
from monitord.kinds import Finding, Kind, Prober, discover
from monitord.net import Net
from tests.fakes import zoo
from tests.fakes.left_open import everybody_left, sockets
from tests.fakes.zoo import Certificates, cage

EVERY_LOOP = True
FOUND = discover(monitord.probers, "monitord.probers")
CANARY = "canary-7f3a"  # stands for a secret
# What a field must say to aim a prober at a host and port of ours, whatever kind it is.
AIMS: dict[str, Callable[[str, int], Any]] = {
    "host": lambda host, port: host,
    "server": lambda host, port: host,
    "port": lambda host, port: port,
    "url": lambda host, port: f"http://{host}:{port}/",
    "expect": lambda host, port: "what nobody says",
    "follow_redirects": lambda host, port: 3,
}
STEPS = range(0, 40, 3)  # after how many turns of the loop a check is cancelled

every_prober = pytest.mark.parametrize("kind", FOUND.kinds.values(), ids=lambda kind: kind.name)


@cache
def example(kind: Kind[Prober[Any]]) -> Any:
    """The options of the manual's example; its other keys are those of every probe."""
    written = yaml.safe_load(kind.example)
    ours = {field.name for field in fields(kind.spec.options)}
    return TypeAdapter(kind.spec.options).validate_python(
        {key: value for key, value in written.items() if key in ours}
    )


def aimed(kind: Kind[Prober[Any]], port: int, **others: Any) -> Any:
    """The example's options, aimed at one of our own ports."""
    ours = {field.name for field in fields(kind.spec.options)}
    aim = {name: say("127.0.0.1", port) for name, say in AIMS.items() if name in ours}
    return replace(example(kind), **aim | {name: value for name, value in others.items() if name in ours})


def test_no_prober_is_disabled() -> None:
    assert () == FOUND.problems


@every_prober
def test_options_are_frozen(kind: Kind[Prober[Any]]) -> None:
    assert is_dataclass(kind.spec.options)
    assert kind.spec.options.__dataclass_params__.frozen


@every_prober
def test_the_example_of_the_manual_loads(kind: Kind[Prober[Any]]) -> None:
    assert kind.name == yaml.safe_load(kind.example)["kind"]
    assert isinstance(example(kind), kind.spec.options)


@every_prober
def test_the_manual_begins_with_the_name(kind: Kind[Prober[Any]]) -> None:
    assert kind.manual.startswith(f"{kind.name}: ")


@every_prober
def test_the_options_have_a_json_schema(kind: Kind[Prober[Any]]) -> None:
    assert "properties" in TypeAdapter(kind.spec.options).json_schema()


@every_prober
async def test_an_unreachable_peer_gives_a_finding(kind: Kind[Prober[Any]]) -> None:
    finding = await kind.spec.check(aimed(kind, zoo.dead_port()), Net())

    assert Outcome.CRITICAL is finding.outcome
    assert "refused the connection" in finding.summary


ANIMALS = {
    "fine": zoo.fine,
    "reset": zoo.reset,
    "bomb": zoo.bomb,
    "greet": zoo.greet,
    "endless": zoo.endless,
    **zoo.GARBLED,
}


@every_prober
@pytest.mark.parametrize("animal", ANIMALS)
async def test_whatever_a_peer_does_there_is_a_finding_or_the_deadline(
    kind: Kind[Prober[Any]], animal: str
) -> None:
    async with cage(ANIMALS[animal]) as it:
        try:
            async with asyncio.timeout(0.1):
                finding = await kind.spec.check(aimed(kind, it.port), Net())
        except TimeoutError:
            return

    assert isinstance(finding, Finding)
    assert finding.summary.isprintable()


@every_prober
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_cancellation_leaves_no_socket_open(kind: Kind[Prober[Any]], tls: bool) -> None:
    certificates = Certificates()
    net = Net(authorities=certificates.pem)
    net.context(verify=True)
    async with cage(zoo.hang, certificates.good() if tls else None) as it:
        options = aimed(kind, it.port, url=it.url, tls=tls)
        await cancelled_after(0, kind, options, net)
        await everybody_left(it)
        before = sockets()
        for steps in STEPS:
            await cancelled_after(steps, kind, options, net)
        await everybody_left(it)

        assert before == sockets()


async def cancelled_after(steps: int, kind: Kind[Prober[Any]], options: Any, net: Net) -> None:
    """Begin a check and cancel it some turns of the loop later."""
    async with asyncio.TaskGroup() as group:
        check = group.create_task(kind.spec.check(options, net))
        for _ in range(steps):
            await asyncio.sleep(0)
        check.cancel()


@every_prober
async def test_secrets_are_never_shown(kind: Kind[Prober[Any]]) -> None:
    secret = {
        field.name: SecretStr(CANARY)
        for field in fields(kind.spec.options)
        if isinstance(getattr(example(kind), field.name), SecretStr)
    }
    async with cage(zoo.fine) as it:
        options = replace(aimed(kind, it.port, expect=""), **secret)
        finding = await kind.spec.check(options, Net())

    assert CANARY not in repr(options)
    assert CANARY not in str(finding)
    assert CANARY not in TypeAdapter(kind.spec.options).dump_json(options).decode()
