"""The calendar: who is on call in the next weeks, of all rotations or of one, and what are one's own shifts.

It shows what `monitord oncall shifts` prints, in the reader's zone. To go on or back is a link.
"""

import secrets
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitord.core.amendment import Amendment, said
from monitord.core.rotation import Rotation
from monitord.store.faults import StoreError
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Form, no_words
from monitord.web.console.room import Room, Told
from monitord.web.console.visit import Visit
from monitord.web.console.weeks import Picture, Reader, Span, monday_of, picture, tints_of
from monitord.web.console.words import GOOD
from monitord.web.feeds.feeds import Feeds
from monitord.web.ops.feed_routes import may_read, may_renew
from monitord.web.ops.threads import in_thread

PLACE = "/oncall/calendar"
REMOVE, RENEW = "/overrides/{override}/remove", "/feeds/{feed}/renew"
MINE = "mine"
WEEKS, WEEKS_OF_MINE = 4, 8
FEW, WEEKS_OF_MANY = 12, 2  # of more rotations than that, fewer weeks
ON_A_PAGE = 40  # rotations
GAPS_SHOWN, MINE_SHOWN, OVERRIDES_SHOWN = 8, 100, 50
FARTHEST = timedelta(days=3650)


class Calendar:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def show(self, visit: Visit) -> Answer:
        """The weeks from a Monday on, unless it is another one that is asked for, this one."""
        roster, one = self.sources.roster, visit.query.get("rotation", "")
        mine = visit.query.get("of") == MINE
        known = [each for _, each in sorted(roster.rotations.items())]
        wanted = [each for each in known if each.id == one] if one in roster.rotations else known
        shown = wanted if mine else wanted[page_of(visit) * ON_A_PAGE :][:ON_A_PAGE]
        span = span_of(visit, weeks_of(len(shown), mine=mine))
        found = await in_thread(
            picture, shown, span, Reader(visit.me, visit.now), tints_of(list(roster.people))
        )
        return await self.room.show(
            visit,
            "calendar",
            about="oncall",
            picture=found,
            mine=mine,
            one=one if one in roster.rotations else "",
            rotations=[each.id for each in known],
            more=pages(len(wanted), page_of(visit)) if not mine else None,
            names=self.names(),
            overrides=self.overrides(found, shown) if not mine else [],
            feed=await self.feed(visit, one if one in roster.rotations and not mine else visit.me),
            steps=steps(visit, found),
            said_of=said,
            may_remove=self.room.may(visit, REMOVE),
            key=secrets.token_urlsafe(16),
            gaps_shown=GAPS_SHOWN,
            mine_shown=MINE_SHOWN,
        )

    def names(self) -> dict[str, str]:
        return {id: person.name or id for id, person in self.sources.configuration.people.items()}

    def overrides(self, found: Picture, shown: list[Rotation]) -> list[Amendment]:
        """Those made at run time that reach into these weeks."""
        rotations = {each.id for each in shown}
        made = (
            each
            for each in self.sources.world.all(Amendment)
            if each.live and each.rotation in rotations and reaches(each, found.span)
        )
        return sorted(made, key=lambda each: each.override.start)[:OVERRIDES_SHOWN]

    async def feed(self, visit: Visit, whose: str) -> dict[str, Any] | None:
        """The address at which other calendars read the same; none where the visitor may not have it."""
        feeds: Feeds | None = self.sources.feeds
        subject = feeds.subject(whose) if feeds is not None else None
        if feeds is None or subject is None or visit.actor is None or not may_read(visit.actor, subject):
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


def weeks_of(rotations: int, *, mine: bool) -> int:
    """What fits on a screen."""
    return WEEKS_OF_MINE if mine else WEEKS if rotations <= FEW else WEEKS_OF_MANY


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


def steps(visit: Visit, found: Picture) -> dict[str, str]:
    """The addresses of the weeks before, of today, and of the weeks after."""
    span = found.span
    return {
        "before": visit.here(week=span.moved(-span.weeks), said=None),
        "today": visit.here(week=None, said=None),
        "after": visit.here(week=span.moved(span.weeks), said=None),
    }
