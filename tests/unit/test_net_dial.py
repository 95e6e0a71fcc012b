"""Dial: the order of addresses, and the race between them."""

import asyncio
import socket

import pytest

from monitord.net import dial
from monitord.net.dial import interleaved, is_literal, race
from tests.fakes import zoo
from tests.fakes.zoo import cage


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["::1", "::2", "127.0.0.1"], ["::1", "127.0.0.1", "::2"]),
        (["127.0.0.1", "127.0.0.2", "::1"], ["127.0.0.1", "::1", "127.0.0.2"]),
        (["127.0.0.1", "127.0.0.1"], ["127.0.0.1"]),
        ([], []),
    ],
)
def test_the_families_take_turns(addresses: list[str], expected: list[str]) -> None:
    assert expected == interleaved(addresses)


@pytest.mark.parametrize(("host", "literal"), [("127.0.0.1", True), ("::1", True), ("localhost", False)])
def test_a_literal_address_needs_no_resolver(host: str, literal: bool) -> None:
    assert literal is is_literal(host)


async def test_the_first_address_that_answers_wins() -> None:
    async with cage(zoo.hang) as it:
        transport, _, address = await race(asyncio.Protocol, ["127.0.0.2", "127.0.0.3", "127.0.0.1"], it.port)
        transport.abort()

    assert "127.0.0.1" == address


async def test_an_address_that_keeps_silent_does_not_hold_up_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really = dial.dial

    async def silent_at_first(
        factory: dial.Factory[asyncio.Protocol], address: str, port: int
    ) -> dial.Dialled[asyncio.Protocol]:
        if address == "127.0.0.2":
            await asyncio.Event().wait()
        return await really(factory, address, port)

    monkeypatch.setattr(dial, "dial", silent_at_first)
    async with cage(zoo.hang) as it, asyncio.timeout(5):
        transport, _, address = await race(asyncio.Protocol, ["127.0.0.2", "127.0.0.1"], it.port)
        transport.abort()

    assert "127.0.0.1" == address


async def test_if_all_refuse_so_does_the_race() -> None:
    with pytest.raises(ConnectionRefusedError):
        await race(asyncio.Protocol, ["127.0.0.1", "127.0.0.2"], zoo.dead_port())


async def test_who_is_cancelled_just_after_winning_leaves_nothing_open() -> None:
    async with cage(zoo.hang) as it:
        for turns in range(0, 30, 2):
            async with asyncio.TaskGroup() as group:
                racing = group.create_task(race(asyncio.Protocol, ["127.0.0.2", "127.0.0.1"], it.port))
                for _ in range(turns):
                    await asyncio.sleep(0)
                if not racing.cancel():
                    racing.result()[0].abort()
        async with asyncio.timeout(5):
            for _ in range(5):
                await asyncio.sleep(0.01)
                if it.visitors:
                    await asyncio.wait(it.visitors)


async def test_a_name_has_its_addresses() -> None:
    assert {"127.0.0.1", "::1"} & set(await dial.resolve("localhost", 80))


async def test_a_name_that_does_not_exist_has_none() -> None:
    with pytest.raises(socket.gaierror):
        await dial.resolve("nobody.invalid", 80)
