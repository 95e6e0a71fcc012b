"""What the client asks about who is away."""

from dataclasses import dataclass
from datetime import datetime

from monitord.client.asking import Asking, spelled
from monitord.client.calendars import CalendarRow
from monitord.client.shapes import Done


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """`person` is away in [start, end), and `cover` stands in if anybody is named. `id` and `by` are None for
    one that was not entered at run time; `origin` says where it is known from: `file`, `run time`,
    `calendar`, which was `read` then. `time_zone` is the person's.
    """

    id: str | None
    person: str
    start: datetime
    end: datetime
    why: str
    cover: str | None
    by: str | None
    via: str | None
    origin: str
    running: bool
    read: datetime | None = None
    time_zone: str = "UTC"


class Leaving(Asking):
    """Leave: questions and acts."""

    def leave(self, person: str | None = None, since: datetime | None = None) -> tuple[LeaveRow, ...]:
        """That which is not over, or was not at `since`; the first to begin first."""
        at = since.isoformat() if since is not None else None
        return self.get(tuple[LeaveRow, ...], "leave", person=person, since=at)

    def calendars(self, *, entries: bool = False) -> tuple[CalendarRow, ...]:
        """Those elsewhere, how it stands with reading them, and what they say if that is wanted."""
        return self.get(tuple[CalendarRow, ...], "calendars", entries="true" if entries else None)

    def add_leave(
        self,
        end: datetime,
        person: str | None = None,
        start: datetime | None = None,
        why: str = "",
        cover: str | None = None,
    ) -> Done:
        """`person` is whoever asks, unless said; without a `start` it begins now."""
        return self.act(
            "leave",
            person=person,
            start=start.isoformat() if start is not None else None,
            end=end.isoformat(),
            why=why,
            cover=cover,
        )

    def remove_leave(self, leave: str) -> Done:
        return self.act(f"leave/{spelled(leave)}/remove")
