"""What an older version stored without a zone is listed in the zone that its rotation, or person, has now."""

from datetime import UTC, datetime, timedelta

from monitord.core.amendment import Amendment
from monitord.core.leave import Leave
from monitord.core.override import Override, OverrideKind
from monitord.core.swap import Span, Swap
from monitord.web.ops.sources import Sources
from tests.fakes.night import ZONE
from tests.fakes.terminal import Terminal, typed

BEGIN = datetime(2026, 12, 1, 15, tzinfo=UTC)
END = BEGIN + timedelta(hours=12)
CEM = Override("o1", BEGIN, END, OverrideKind.REPLACE_ALL, by=("cem",))
OLD = (
    Amendment("o1", "primary", CEM, "cem", "ill"),
    Leave("l1", "ann", BEGIN, END, "cem", BEGIN),
    Swap("w1", "primary", "ann", "bo", Span(BEGIN, END), "ann", "a wedding"),
)


async def test_it_is_listed_in_the_zone_of_now(beside: Terminal, sources: Sources) -> None:
    sources.world.apply(OLD)
    dee = beside.client("dee")
    rows = [*await typed(dee.overrides), *await typed(dee.leave), *await typed(dee.swaps)]

    assert "UTC" != ZONE
    assert [("o1", ZONE), ("l1", ZONE), ("w1", ZONE)] == [(row.id, row.time_zone) for row in rows]
    assert "primary, bo for ann 2026-12-01 09:00 to 2026-12-01 21:00 CST" == rows[-1].says
