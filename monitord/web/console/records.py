"""What has been: messages and what became of them, who did what, who signed in."""

from datetime import datetime

from monitord.client.staff import StaffRow
from monitord.core.check import Instant
from monitord.core.delivery import DeliveryState
from monitord.core.spoken import event_spoken
from monitord.core.timeline import sentence
from monitord.store.reads import Reads
from monitord.web.access.roles import Role
from monitord.web.answers import Answer
from monitord.web.console.limits import ROWS
from monitord.web.console.room import Room
from monitord.web.console.tickets import number_in
from monitord.web.console.visit import Visit
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.discretion import discreet
from monitord.web.ops.limits import ID_CHARS_MAX
from monitord.web.ops.staff_routes import listed

KEY_CHARS_MAX = 500


async def messages(room: Room, visit: Visit) -> Answer:
    """Newest first, with what the channel said."""
    state = next((each for each in DeliveryState if each.value == visit.query.get("state")), None)
    found = await room.sources.store.ask(Reads.messages, state, place_in(visit), ROWS + 1)
    shown = [ticketing.delivery_row(discreet(each, visit.actor)) for each in found[:ROWS]]
    last = found[ROWS - 1] if len(found) > ROWS else None
    return await room.show(
        visit,
        "messages",
        about="messages",
        deliveries=shown,
        states=[each.value for each in DeliveryState],
        state=state.value if state else "",
        older={"at": last.date.isoformat(), "after": last.id} if last else None,
    )


def place_in(visit: Visit) -> tuple[Instant, str] | None:
    """Where the page before ended."""
    try:
        at = datetime.fromisoformat(visit.query.get("at", ""))
    except ValueError:
        return None
    return (at, visit.query.get("after", "")[:KEY_CHARS_MAX]) if at.tzinfo else None


def may_audit(visit: Visit) -> bool:
    return visit.actor is not None and visit.actor.may(Role.OPERATOR)


async def audit(room: Room, visit: Visit) -> Answer:
    """What people did, newest first; for operators, as in the API."""
    if not may_audit(visit):
        return await room.nothing(visit, "Only operators see who did what.", 403)
    actor = visit.query.get("who", "").strip()[:ID_CHARS_MAX] or None
    found = await room.sources.store.ask(
        Reads.acts, actor, number_in(visit.query.get("before", "")), ROWS + 1
    )
    return await room.show(
        visit,
        "audit",
        about="tickets public",
        acts=[(act, sentence(event_spoken(act.event, room.sources.world))) for act in found[:ROWS]],
        who=actor or "",
        people=sorted(room.sources.configuration.people),
        older=found[ROWS - 1].id if len(found) > ROWS else None,
    )


async def staff_of(room: Room, visit: Visit) -> list[StaffRow]:
    """Who has joined and is not in the tree yet, or has left and is missed; for administrators."""
    if visit.actor is None or not visit.actor.may(Role.ADMINISTRATOR) or "before" in visit.query:
        return []
    return [each for each in await listed(room.sources) if each.yaml or each.missing]


async def access(room: Room, visit: Visit) -> Answer:
    """Who signed in and what was done about access; for operators, as in the API."""
    if not may_audit(visit):
        return await room.nothing(visit, "Only operators see who signed in.", 403)
    before = number_in(visit.query.get("before", ""))
    found = await room.sources.store.ask(Reads.access_log, before, ROWS + 1)
    return await room.show(
        visit,
        "access",
        lines=[line for _, line in found[:ROWS]],
        staff=await staff_of(room, visit),
        older=found[ROWS - 1][0] if len(found) > ROWS else None,
    )
