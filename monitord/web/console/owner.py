"""The owner of an account hears of what somebody who was signed in as them has made there."""

from monitord.core.way_in import WarnOwner, WayIn
from monitord.web.console.browsers import browser
from monitord.web.console.visit import VIA, Visit
from monitord.web.ops.owners import warn_owner
from monitord.web.ops.sources import Sources


def warn(sources: Sources, visit: Visit, way: WayIn, name: str = "") -> None:
    """`name` is how a passkey is called."""
    client, agent = visit.request.client, browser(visit.agent)
    warn_owner(sources, WarnOwner(visit.me, way, visit.me, VIA, name, client, agent))
