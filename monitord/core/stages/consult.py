"""consult: calendars elsewhere were read, or could not be; what they said last stays in force."""

from dataclasses import replace

from monitord.core.almanac import (
    Almanac,
    AlmanacStanding,
    CalendarChanged,
    CalendarFailing,
    CalendarNotRead,
    CalendarRead,
    CalendarReadAgain,
    CalendarSource,
    CalendarWell,
    ForgetCalendar,
)
from monitord.core.world import Draft, Stage


def read(draft: Draft, fact: CalendarRead) -> None:
    source = draft.configuration.calendars.get(fact.calendar)
    if source is None:
        return
    draft.put(Almanac(fact.calendar, fact.days, fact.spans, fact.left_out))
    draft.tell(CalendarChanged(source.id, source.host, source.people, len(fact.days) + len(fact.spans)))
    well(draft, source)


def unchanged(draft: Draft, fact: CalendarReadAgain) -> None:
    source = draft.configuration.calendars.get(fact.calendar)
    if source is not None and draft.get(Almanac, fact.calendar) is not None:
        well(draft, source)


def well(draft: Draft, source: CalendarSource) -> None:
    before = draft.get(AlmanacStanding, source.id)
    draft.put(AlmanacStanding(source.id, draft.now))
    if before is not None and before.failing is not None:
        draft.tell(CalendarWell(source.id, source.host, source.people))


def not_read(draft: Draft, fact: CalendarNotRead) -> None:
    """Said when it begins; another reason is remembered."""
    source = draft.configuration.calendars.get(fact.calendar)
    if source is None:
        return
    before = draft.get(AlmanacStanding, fact.calendar) or AlmanacStanding(fact.calendar)
    after = replace(before, failing=before.failing or draft.now, why=fact.why)
    if after == before:
        return
    draft.put(after)
    if before.failing is None:
        draft.tell(CalendarFailing(source.id, source.host, source.people, fact.why, before.read))


def dropped(draft: Draft, fact: ForgetCalendar) -> None:
    """Nobody asks for it any more; one that is configured stays."""
    if fact.calendar in draft.configuration.calendars:
        return
    said, standing = draft.get(Almanac, fact.calendar), draft.get(AlmanacStanding, fact.calendar)
    if said is not None:
        draft.put(replace(said, over=True))
    if standing is not None:
        draft.put(replace(standing, over=True))


CONSULT: Stage = {
    CalendarRead: read,
    CalendarReadAgain: unchanged,
    CalendarNotRead: not_read,
    ForgetCalendar: dropped,
}
