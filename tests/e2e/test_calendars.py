"""A daemon reads a calendar of public holidays; what it said stays in force when its server is gone."""

from pathlib import Path

from monitord.client.calendars import CalendarRow
from tests.fakes.daemon import Daemon, installed, until
from tests.fakes.mailbox import mail_server
from tests.fakes.zoo import answer, cage, says

EVENT = (
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=MONTHLY\r\nEND:VEVENT\r\n"
)
DAYS = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{EVENT}END:VCALENDAR\r\n".encode()


def calendar(it: Daemon) -> CalendarRow:
    (row,) = it.client.calendars()
    return row


async def test_what_a_calendar_said_outlives_its_server_and_our_restart(tmp_path: Path) -> None:
    async with mail_server() as post:
        async with cage(says(answer(DAYS))) as server:
            it = installed(tmp_path, post, public_holidays={"calendar": f"{server.url}0123456789.ics"})
            try:
                await it.restart()
                await until(lambda: calendar(it).read)
                before = calendar(it)
                assert 0 == await it.stop()
            except BaseException:
                await it.close()
                raise
        try:
            await it.restart()
            await until(lambda: calendar(it).failing)
            after, log = calendar(it), it.log
        finally:
            await it.close()

    assert (True, "127.0.0.1 refused the connection") == (before.entries >= 12, after.why)
    assert (before.read, before.entries) == (after.read, after.entries)
    assert "0123456789" not in log
