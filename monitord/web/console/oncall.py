"""Who is on call, and how to reach them: now, next, and where nobody is."""

import secrets
from urllib.parse import quote

from monitord.core.organization import ContactMethod
from monitord.core.quiet import quiet_until
from monitord.core.stages.verify import verified
from monitord.web.access.roles import Actor
from monitord.web.answers import Answer
from monitord.web.console.calendar_swaps import waiting
from monitord.web.console.room import Room
from monitord.web.console.visit import Visit
from monitord.web.ops.discretion import knows, masked
from monitord.web.ops.oncall import everybody_on_call
from monitord.web.threads import in_thread

DIALED = {"sms": "tel:", "voice": "tel:", "email": "mailto:"}


async def on_call(room: Room, visit: Visit) -> Answer:
    sources = room.sources
    people = sources.configuration.people
    return await room.show(
        visit,
        "oncall",
        about="oncall",
        rotations=await in_thread(everybody_on_call, sources.roster, sources.now, verified(sources.world)),
        reach={
            id: [contact(method, id, visit.actor) for method in each.reach] for id, each in people.items()
        },
        quiet={
            id: until for id, each in people.items() if (until := quiet_until(each, sources.now)) is not None
        },
        named={person: each.name for person, each in people.items()},
        swaps=waiting(room, visit),
        key=secrets.token_urlsafe(16),
    )


def contact(method: ContactMethod, person: str, actor: Actor | None) -> tuple[str, str, str, str]:
    """Channel, address, what a phone does when somebody touches it (nothing, if it cannot), and for which
    priorities it is.
    """
    served = ", ".join(each.value for each in method.priorities)
    if not knows(actor, person):
        return method.channel, masked(method.address), "", served
    scheme = DIALED.get(method.channel)
    dial = f"{scheme}{quote(method.address, safe='@+')}" if scheme else ""
    return method.channel, method.address, dial, served
