"""The calendar: who is on call in the next weeks, of all rotations or of one, and what are one's own shifts.

It shows what `monitord oncall shifts` prints, in the reader's zone. To go on or back is a link.
"""

import secrets
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitord.core.amendment import Amendment
from monitord.core.rotation import Rotation
from monitord.store.faults import StoreError
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Form, no_words
from monitord.web.console.calendar_away import away_weeks
from monitord.web.console.calendar_notes import Notes, said_with
from monitord.web.console.calendar_swaps import Waiting, waiting
from monitord.web.console.room import Room, Told
from monitord.web.console.visit import Visit
from monitord.web.console.weeks import Reader, Span, monday_of, picture, shifts_of
from monitord.web.console.words import GOOD
from monitord.web.ops.feed_routes import may_read, may_renew
from monitord.web.threads import in_thread

PLACE = "/oncall/calendar"
REMOVE, RENEW = "/overrides/{override}/remove", "/feeds/{feed}/renew"
MINE = "mine"
WEEKS, WEEKS_OF_MINE = 4, 8
FEW, WEEKS_OF_MANY = 12, 2  # of more rotations than that, fewer weeks
ON_A_PAGE = 25  # rotations
OPEN_WEEKS = 2  # on a phone; the others open at a touch
GAPS_SHOWN, MINE_SHOWN, OVERRIDES_SHOWN = 4, 100, 50
FARTHEST = timedelta(days=3650)


class Calendar:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def show(self, visit: Visit) -> Answer:
        """The weeks from a Monday on, unless it is another one that is asked for, this one."""
        if visit.query.get("of") == MINE:
            return await self.mine(visit)
        roster, one = self.sources.roster, visit.query.get("rotation", "")
        known = [each for _, each in sorted(roster.rotations.items())]
        wanted = [each for each in known if each.id == one] or known
        shown = wanted[page_of(visit) * ON_A_PAGE :][:ON_A_PAGE]
        span = span_of(visit, WEEKS if len(shown) <= FEW else WEEKS_OF_MANY)
        reader = Reader(visit.me, visit.now, self.names())
        found = await in_thread(picture, shown, span, reader)
        away = await in_thread(away_weeks, roster.absences, shown, span, reader)
        overrides, swaps = self.overrides(span, shown), self.swaps(visit, shown)
        notes = Notes(overrides, [each.swap for each in swaps], reader.names)
        one = one if one in roster.rotations else ""
        return await self.room.show(
            visit,
            "calendar",
            about="oncall",
            picture=found,
            away=away,
            notes=notes,
            swaps=[each for each in swaps if each.may_decline],  # all of them are on the first page
            one=one,
            rotations=[each.id for each in known],
            more=pages(len(wanted), page_of(visit)),
            overrides=overrides,
            said_of=said_with,
            may_remove=self.room.may(visit, REMOVE),
            gaps_shown=GAPS_SHOWN,
            open_weeks=OPEN_WEEKS,
            **await self.frame(visit, span, one or visit.me),
        )

    async def mine(self, visit: Visit) -> Answer:
        """One's own shifts: of the weeks that have today in them, those that are not over."""
        span = span_of(visit, WEEKS_OF_MINE)
        rotations = [each for _, each in sorted(self.sources.roster.rotations.items())]
        reader = Reader(visit.me, visit.now, self.names())
        found = await in_thread(shifts_of, visit.me, rotations, span, reader)
        begun = span.start <= visit.now < span.end
        left = [each for each in found if each.shift.end > visit.now or not begun]
        return await self.room.show(
            visit,
            "shifts",
            about="oncall",
            span=span,
            found=left[:MINE_SHOWN],
            left_out=max(0, len(left) - MINE_SHOWN),
            **await self.frame(visit, span, visit.me),
        )

    async def frame(self, visit: Visit, span: Span, whose: str) -> dict[str, Any]:
        """What both of them say."""
        return {
            "names": self.names(),
            "steps": steps(visit, span),
            "feed": await self.feed(visit, whose),
            "key": secrets.token_urlsafe(16),
        }

    def names(self) -> dict[str, str]:
        return {id: person.name or id for id, person in self.sources.configuration.people.items()}

    def overrides(self, span: Span, shown: list[Rotation]) -> list[Amendment]:
        """Those made at run time that reach into these weeks."""
        rotations = {each.id for each in shown}
        made = (
            each
            for each in self.sources.world.all(Amendment)
            if each.live and each.rotation in rotations and reaches(each, span)
        )
        return sorted(made, key=lambda each: each.override.start)[:OVERRIDES_SHOWN]

    def swaps(self, visit: Visit, shown: list[Rotation]) -> list[Waiting]:
        """Those that wait for an answer."""
        rotations = {each.id for each in shown}
        return [each for each in waiting(self.room, visit) if each.swap.rotation in rotations]

    async def feed(self, visit: Visit, whose: str) -> dict[str, Any] | None:
        """The address at which other calendars read the same; none where the visitor may not have it."""
        feeds = self.sources.feeds
        subject = feeds.subject(whose)
        if subject is None or visit.actor is None or not may_read(visit.actor, subject):
            return None
        try:
            url = await feeds.address(subject)
        except StoreError:
            return None
        return {"whose": whose, "url": url, "may_renew": may_renew(visit.actor, subject)}

    async def renew(self, visit: Visit, whose: str, form: Form) -> Answer:
        """Another address for that feed."""
        told = await self.buttons.call(visit, RENEW.format(feed=whose), no_words, form)
        if told.tone == GOOD:
            told = Told(GOOD, "Here is another address.", ("At the old one there is nothing any more.",))
        return self.buttons.back(visit, PLACE, told)


def reaches(amendment: Amendment, span: Span) -> bool:
    return amendment.override.start < span.end and amendment.override.end > span.start


def span_of(visit: Visit, weeks: int) -> Span:
    """From the Monday of the week that is asked for, near enough to have a calendar."""
    today = today_of(visit)
    try:
        asked = date.fromisoformat(visit.query.get("week", ""))
    except ValueError:
        asked = today
    near = min(max(asked, today - FARTHEST), today + FARTHEST)
    return Span(monday_of(near), weeks, visit.zone)


def today_of(visit: Visit) -> date:
    return visit.now.astimezone(ZoneInfo(visit.zone)).date()


def page_of(visit: Visit) -> int:
    asked = visit.query.get("page", "")
    return min(int(asked), 1000) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0


def pages(rotations: int, page: int) -> dict[str, Any] | None:
    """Where the other rotations are, when there are too many for a page."""
    if rotations <= ON_A_PAGE:
        return None
    last = (rotations - 1) // ON_A_PAGE
    first = page * ON_A_PAGE
    return {
        "first": first + 1,
        "last": min(rotations, first + ON_A_PAGE),
        "all": rotations,
        "before": page - 1 if page else None,
        "after": page + 1 if page < last else None,
    }


def steps(visit: Visit, span: Span) -> dict[str, str]:
    """The addresses of the weeks before, of today, and of the weeks after."""
    return {
        "before": visit.here(week=span.moved(-span.weeks), said=None),
        "today": visit.here(week=None, said=None),
        "after": visit.here(week=span.moved(span.weeks), said=None),
    }
