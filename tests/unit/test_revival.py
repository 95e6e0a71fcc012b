"""revival: a part that fails begins anew; one that goes on failing is told, until it goes on working."""

from monitord.core.ticket import State, Ticket
from monitord.engine.alarms import Alarms, standing
from monitord.engine.revival import Revived
from tests.fakes.shop import Shop


class Part:
    """Works for so many seconds each time, and fails; at the end of the list it goes on."""

    def __init__(self, shop: Shop, lasts: list[float], ends: bool = False) -> None:
        self.shop, self.lasts, self.ends = shop, lasts, ends
        self.begun: list[float] = []

    async def work(self) -> None:
        self.begun.append(self.shop.clock.monotonic())
        if self.lasts:
            await self.shop.clock.sleep(self.lasts.pop(0))
            raise OSError("the folder is gone")
        if not self.ends:
            await self.shop.clock.sleep(10**9)

    @property
    def pauses(self) -> list[float]:
        """Between two beginnings."""
        return [after - before for before, after in zip(self.begun, self.begun[1:], strict=False)]


def revived(part: Part) -> Revived:
    shop = part.shop
    return Revived("intake", part.work, Alarms(shop.engine, shop.clock), shop.clock, shop.log)


async def test_the_pause_grows_while_a_part_goes_on_failing() -> None:
    shop = Shop()
    part = Part(shop, [0.0] * 5)
    async with shop.running(revived(part)):
        await shop.minutes(10)

    assert [1, 5, 30, 60, 60] == part.pauses


async def test_a_part_that_has_worked_for_long_begins_anew_at_once() -> None:
    """Five failures in a year are five times the first one."""
    shop = Shop()
    part = Part(shop, [3600.0] * 5)
    async with shop.running(revived(part)):
        await shop.minutes(400)

    assert [3601.0] * 5 == part.pauses
    assert 5 == len(shop.told("part failed"))
    assert [] == shop.world.all(Ticket)


async def test_the_second_failure_in_a_row_is_told_and_its_end_too() -> None:
    shop = Shop()
    part = Part(shop, [0.0, 30.0, 30.0])
    async with shop.running(revived(part)):
        await shop.minutes(0.5)
        assert {} == standing(shop.world), "once may be a moment's trouble"

        await shop.minutes(0.5)
        (ticket,) = shop.world.all(Ticket)
        assert ("part/intake", "monitord's intake fails again and again") == (
            *standing(shop.world),
            ticket.title,
        )
        assert "OSError: the folder is gone" in standing(shop.world)["part/intake"].summary

        await shop.minutes(3)
        assert {} == standing(shop.world)

    assert [State.RESOLVED] == [ticket.state for ticket in shop.world.all(Ticket)]


async def test_what_the_process_before_has_told_is_over_when_the_part_works() -> None:
    shop = Shop()
    async with shop.running(revived(Part(shop, [0.0] * 2))):
        await shop.minutes(0.2)
    assert {"part/intake"} == set(standing(shop.world))

    async with shop.running(revived(Part(shop, []))):
        await shop.minutes(0.9)
        assert {"part/intake"} == set(standing(shop.world))
        await shop.minutes(0.2)

    assert {} == standing(shop.world)


async def test_a_part_that_has_done_its_work_is_not_begun_again() -> None:
    shop = Shop()
    part = Part(shop, [0.0] * 2, ends=True)
    async with shop.running(revived(part)):
        await shop.minutes(10)

    assert [1, 5] == part.pauses
    assert {} == standing(shop.world)
