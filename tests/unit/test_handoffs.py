"""The job that looks at rotations: at the start at all of them, and then at what has changed."""

from dataclasses import replace
from datetime import datetime

from monitord.core.handoff import Duty
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.engine.handoffs import Handoffs
from tests.fakes.shop import MORNING, Shop, configuration

HOURLY = Layer("all", (("ann",), ("bo",)), datetime(2026, 1, 5), Turn(1, Unit.HOURS))


async def test_a_handoff_is_noticed_and_nothing_else_is_submitted() -> None:
    known = replace(configuration(), rotations={"primary": Rotation("primary", "UTC", layers=(HOURLY,))})
    shop = Shop(known)
    async with shop.running(Handoffs(shop.engine, shop.clock)):
        await shop.settle()
        first = shop.world.get(Duty, "primary")
        await shop.minutes(1)
        quiet = shop.world.get(Duty, "primary")
        await shop.minutes(60)
        second = shop.world.get(Duty, "primary")

    assert first is quiet
    assert first is not None and second is not None
    assert {("ann",), ("bo",)} == {first.people, second.people}
    assert MORNING == first.since
