"""The time of a transcript: on the wall of its zone, also where it shows an hour twice, or not at all."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from monitord.config.problem import Wrong
from monitord.play.days import Days

CHICAGO = Days(date(2026, 11, 1), ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("00:12", datetime(2026, 11, 1, 5, 12, tzinfo=UTC)),
        ("00:12:30", datetime(2026, 11, 1, 5, 12, 30, tzinfo=UTC)),
        ("1d 00:12", datetime(2026, 11, 2, 6, 12, tzinfo=UTC)),
        ("2026-11-01T01:30:00-05:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("2026-11-01T01:30:00-06:00", datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, at: datetime) -> None:
    assert (at, text) == (CHICAGO.instant(text), CHICAGO.text(at))


@pytest.mark.parametrize("text", ["24:00", "1:99", "noon", "01:30", "1d", "-1d 00:00", "2026-11-01T"])
def test_what_is_no_one_time_is_refused(text: str) -> None:
    with pytest.raises(Wrong, match="write"):
        CHICAGO.instant(text)
