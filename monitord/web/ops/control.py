"""The control socket: the whole API for the command line, where the kernel says who asks.

Theory of operation. Whoever connects to a unix socket cannot lie about their uid (SO_PEERCRED, unix(7)). Let
in are root and the account that runs monitord; so nobody needs a token on the machine itself. They may act
for a person of the configuration by naming them in `Monitord-By`; otherwise the name of their account stands
in the timeline.
"""

import json
import os
import socket
import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.web.access.roles import Actor, Role, account_of
from monitord.web.answers import Answer, Receive, Scope, Send, send_answer
from monitord.web.ops.api import shared_api
from monitord.web.ops.bodies import bounded
from monitord.web.ops.envelope import API_HEADERS, as_get, guarded
from monitord.web.ops.errors import no_such_person
from monitord.web.ops.sources import Sources

BY = b"monitord-by"
VIA = "cli"
PEER = "peer"
UCRED = struct.Struct("3i")  # pid, uid, gid; see unix(7)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end, in the kernel's words."""

    uid: int
    pid: int

    @property
    def name(self) -> str:
        return account_of(self.uid)


def peer_of(connected: socket.socket) -> Peer:
    pid, uid, _ = UCRED.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size))
    return Peer(uid, pid)


class Control:
    """An ASGI application; connections say in their state who the peer is (see listening.py)."""

    def __init__(self, sources: Sources, log: FilteringBoundLogger, uids: Collection[int]) -> None:
        self.sources, self.uids = sources, uids
        self.api = bounded(guarded(shared_api(sources), log))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        let_in = self.let_in(scope)
        if isinstance(let_in, Answer):
            await send_answer(let_in, send)
            return
        state = {**scope.get("state", {}), "actor": let_in}
        await self.api({**as_get(scope), "state": state}, receive, send)

    def let_in(self, scope: Scope) -> Actor | Answer:
        """Who acts, or why nobody does."""
        peer: Any = scope.get("state", {}).get(PEER)
        if not isinstance(peer, Peer) or peer.uid not in self.uids:
            return refusal(403, "this account may not speak to monitord", "use root, or monitord's account")
        named = dict(scope["headers"]).get(BY)
        if named is None:
            return Actor(peer.name, VIA, Role.ADMINISTRATOR)
        return self.acting_for(named.decode("utf-8", "replace"))

    def acting_for(self, person: str) -> Actor | Answer:
        here = self.sources.configuration
        if person in here.people:
            return Actor(person, VIA, Role.ADMINISTRATOR)
        return refusal(422, *no_such_person(person, here))


def refusal(status: int, what: str, remedy: str) -> Answer:
    said = {"error": {"what": what, "where": "", "remedy": remedy}}
    headers = ((b"content-type", b"application/json"), (b"connection", b"close"), *API_HEADERS)
    return Answer(status, json.dumps(said).encode() + b"\n", headers)


def control_app(sources: Sources, log: FilteringBoundLogger, uids: Collection[int] | None = None) -> Control:
    """The application of the control socket; `uids` are those let in: root and ourselves."""
    return Control(sources, log, frozenset(uids) if uids is not None else frozenset({0, os.geteuid()}))
