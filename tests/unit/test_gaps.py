"""The job of every morning that looks for gaps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitord.core.absence import Absence, AwayRule, Instead
from monitord.core.gap import GapAhead
from monitord.core.rotation import Layer, Rotation, Turn, Unit, with_absences
from monitord.engine.calendar import Calendar
from monitord.engine.gaps import MORNING, Gaps
from tests.fakes import shop as fakes
from tests.fakes.shop import Shop, configuration

WEEKS = Layer("weeks", (("ann",),), datetime(2026, 1, 5), Turn(1, Unit.WEEKS))


async def test_every_rotation_with_somebody_away_is_looked_at() -> None:
    begin = fakes.MORNING + timedelta(days=1)
    plain = Rotation("primary", "UTC", layers=(WEEKS,), away=AwayRule(Instead.GAP))
    lacking = with_absences(
        replace(plain, id="secondary"), [Absence("ann", begin, begin + timedelta(days=1))]
    )
    shop = Shop(replace(configuration(), rotations={"primary": plain, "secondary": lacking}))
    told: list[object] = []
    shop.engine.listen(lambda records, events: told.extend(events))
    async with shop.running():
        await Gaps(shop.engine).look()
        await shop.settle()

    assert ["secondary"] == [each.rotation for each in told if isinstance(each, GapAhead)]


async def test_the_morning_stays_one_when_the_zone_changes() -> None:
    shop = Shop()
    calendar = Calendar(shop.store, shop.clock, shop.log, "America/Chicago")
    calendar.add("gaps", Gaps(shop.engine).look, MORNING)
    calendar.accept("Europe/Berlin")
    job = calendar.scheduler.get_job("gaps")

    assert datetime(2026, 1, 6, 8, tzinfo=UTC) == job.trigger.get_next_fire_time(
        None, datetime(2026, 1, 5, 12, tzinfo=UTC)
    )
