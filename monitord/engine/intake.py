"""The intake: what others say over HTTP is proved, kept, answered, and decided.

Theory of operation. A request is answered 2xx only after its raw body was committed to the inbox; before that
it is refused so that its sender comes again (503). Who it is from is proved before anything of it is read.
What a kind makes of it is a pure function of the request, so a kept one can be read again after a crash.

What only repeats has a quota; see repeats.py.
"""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from structlog.typing import FilteringBoundLogger

from monitord.config.inlets import Inlet
from monitord.config.loading import Loaded
from monitord.config.settings import Broken
from monitord.core.check import Instant
from monitord.core.heartbeat import Pinged, PingKind
from monitord.core.organization import Priority
from monitord.core.report import Report
from monitord.engine import rules
from monitord.engine.addresses import Kinds, Place, find
from monitord.engine.clock import Clock
from monitord.engine.desk import Desk, Facts, Keeping, NotKept
from monitord.engine.engine import COMMIT_WITHIN, Engine, EngineBusy, FactRefused
from monitord.engine.keyring import HEARTBEAT, Keyring
from monitord.engine.proof import IN_QUERY, Taken, Unproved, fingerprint, shown, signed_at
from monitord.engine.quota import Quota
from monitord.engine.repeats import Repeats
from monitord.engine.seen import seen_by
from monitord.kinds import JSON_HEADERS, Beat, Inbound, Reply, Request, Said, Standing
from monitord.net.documents import Unreadable
from monitord.store.inbox import Arrival, Event

BREATH = 0.05  # seconds between two portions of what is forgotten
AGAIN_IN = "1"  # seconds after which a sender may come again
STRANGERS_A_MINUTE = 30  # in the log
ALARM_LASTS = timedelta(hours=1)
FLOOD_LASTS = timedelta(minutes=2)  # after the last repeat that was refused, to the minute
HEADERS_KEPT = ("content-type", "user-agent")
HEARTBEATS = "heartbeat/"


class Alarm(Protocol):
    def __call__(
        self, name: str, title: str, summary: str, lasts: timedelta, priority: Priority = Priority.URGENT, /
    ) -> None: ...


class Intake:
    """What the edge door asks; `accept` gives it a configuration, `run` is its task."""

    def __init__(
        self,
        engine: Engine,
        store: Keeping,
        clock: Clock,
        log: FilteringBoundLogger,
        secret: bytes,
        kinds: Kinds,
        alarm: Alarm = lambda name, title, summary, lasts, priority=Priority.URGENT: None,
    ) -> None:
        self.engine, self.clock, self.log, self.secret = engine, clock, log, secret
        self.kinds, self.alarm = kinds, alarm
        self.repeats = Repeats(engine, clock, log)
        self.desk = Desk(engine, store, clock, log, self.understood, self.repeats.decided)
        self.started = clock.now()
        self.taken = Taken()
        self.strangers = Quota(STRANGERS_A_MINUTE)

    def accept(self, loaded: Loaded) -> None:
        """From now on, these integrations and heartbeats."""
        self.keyring = Keyring(self.secret, loaded.settings, loaded.configuration.heartbeats)
        self.url = loaded.settings.doors.edge.url
        self.repeats.begin_anew()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.desk.run(), name="inbox")
            group.create_task(self.repeats.run(self.desk), name="repeats")

    async def forget(self) -> int:
        """Delete what was kept for long enough, in portions; how much went."""
        gone = 0
        while portion := await self.desk.forget(self.clock.now()):
            gone += portion
            await self.clock.sleep(BREATH)
        return gone

    # What the door asks.

    def find(self, path: str) -> Place | None:
        """What an address leads to; None if it is nobody's."""
        return find(path, self.keyring, self.kinds, self.engine.world.configuration)

    async def take(self, place: Place, request: Request, client: str = "") -> Reply:
        """The answer to a request at that place, counted."""
        reply = await self.taken_at(place, request, client)
        whose = place.integration or place.heartbeat or place.kind
        self.engine.metrics.events.labels(whose, str(reply.status)).inc()
        return reply

    async def taken_at(self, place: Place, request: Request, client: str) -> Reply:
        kind = self.kinds[place.kind].spec
        request = replace(request, path=place.path)
        route = place.route(request.method)
        if route is None:
            return not_allowed(kind, place)
        if not self.desk.ready:
            return come_again(kind, "monitord is starting")
        try:
            inlet = None if route.open or place.heartbeat else self.proved(place, request)
            if route.tells:
                return await self.told(kind, inlet, place, request)
            return await self.answered(kind, inlet, request)
        except Unproved as error:
            self.note_stranger(place, client, str(error))
            return with_headers(kind.refuse(401, str(error)), ("www-authenticate", "Bearer"))
        except Unreadable as error:
            return kind.refuse(error.status, str(error))
        except (NotKept, EngineBusy, FactRefused, TimeoutError) as error:
            return come_again(kind, str(error) or "the store takes too long")

    # Who it is.

    def proved(self, place: Place, request: Request) -> Inlet:
        """The integration that the sender has shown to be. Raises Unproved, NotKept."""
        secrets = tuple(shown(request, place.secret))
        id = place.integration or self.keyring.owner(secrets, (place.kind,))
        if id is None:
            raise Unproved("no integration of this kind has the secret that was shown")
        inlet = self.keyring.inlets[id]
        if isinstance(inlet.options, Broken):
            raise NotKept("this integration cannot be used: what its configuration refers to is gone")
        if inlet.signature is not None:
            signed_at(inlet.signature, request, self.keyring.of[id], self.clock.now())
        elif not self.keyring.holds(id, secrets):
            raise Unproved("the secret is not this integration's" if secrets else NOTHING_SHOWN)
        return inlet

    def note_stranger(self, place: Place, client: str, why: str) -> None:
        if self.strangers.take(self.clock.monotonic()):
            whose = place.integration or place.kind
            self.log.warning("sender not known", integration=whose, client=client, why=why)

    # What it tells.

    async def told(self, kind: Inbound[Any], inlet: Inlet | None, place: Place, request: Request) -> Reply:
        """Read it, keep it, and answer; raises Unreadable, NotKept."""
        now = self.clock.now()
        source = inlet.id if inlet else f"{HEARTBEATS}{place.heartbeat}"
        signed = inlet.signature if inlet and inlet.signature and inlet.signature.time else None
        digest = fingerprint(source, request, signed) if signed else b""
        if signed and (known := self.taken.before(digest, now)) is not None:
            return taken_before(known)
        try:
            reply = kind.read(inlet.options if inlet else kind.options(), request, now)
        except Unreadable as error:
            await self.keep_refused(source, request, now, Reply(error.status, note=f"refused: {error}"))
            raise
        except Exception as error:
            self.log.exception("kind failed", kind=place.kind, integration=source)
            return await self.failed(kind, source, request, now, f"{type(error).__name__}: {error}")
        facts = self.facts(source, reply, now)
        arrival = arrived(source, request, reply, now, repeats=all(map(self.repeats.is_one, facts)))
        if arrival.repeats and not self.repeats.may_come(source, inlet):
            return self.put_together(kind, arrival, facts, inlet)
        id = await self.kept(arrival, facts)
        if signed:
            self.taken.take(digest, now, id)
        return with_headers(reply, ("monitord-event", str(id)))

    async def kept(self, arrival: Arrival, facts: Facts) -> int:
        """Its number, when it is durable. Raises NotKept, TimeoutError."""
        self.repeats.expect(facts)
        try:
            taken = self.desk.keep(arrival, facts)
        except NotKept:
            for fact in facts:
                self.repeats.decided(fact)
            raise
        async with self.clock.deadline(COMMIT_WITHIN):
            return await asyncio.shield(taken)

    async def failed(
        self, kind: Inbound[Any], source: str, request: Request, now: Instant, why: str
    ) -> Reply:
        """A bug in a kind: the request is kept for whoever mends it, and somebody is told."""
        self.alarm(f"kind/{source}", f"what {source} sent could not be understood", why, ALARM_LASTS)
        await self.keep_refused(source, request, now, Reply(500, note=f"its kind failed: {why}"))
        return kind.refuse(500, "this could not be understood because of a bug here; it is kept and was told")

    async def keep_refused(self, source: str, request: Request, now: Instant, reply: Reply) -> None:
        """So that somebody can see why it opened no ticket; as far as the quota goes."""
        if self.repeats.may_come(source, self.keyring.inlets.get(source)):
            await self.kept(arrived(source, request, reply, now, repeats=True), ())

    def facts(self, source: str, reply: Reply, now: Instant) -> Facts:
        """What the core is told."""
        inlet = self.keyring.inlets.get(source)
        found: list[Any] = []
        for each in reply.heard:
            if isinstance(each, Said) and inlet is not None:
                found.append(rules.report(inlet, each))
            elif isinstance(each, Beat):
                found.append(pinged(source.removeprefix(HEARTBEATS), each, now))
        return tuple(found)

    def understood(self, event: Event) -> Facts:
        """The facts of a kept arrival, read as it was read when it came. Raises LookupError, Unreadable."""
        said = event.arrival
        inlet = self.keyring.inlets.get(said.integration)
        if inlet is None and not said.integration.startswith(HEARTBEATS):
            raise LookupError(f"the integration {said.integration} is gone")
        kind = self.kinds[inlet.kind if inlet else HEARTBEAT].spec
        request = Request(said.method, said.path, said.query, dict(said.headers), said.body)
        reply = kind.read(inlet.options if inlet else kind.options(), request, said.at)
        facts = self.facts(said.integration, reply, said.at)
        return tuple(replace(each, times=said.times) if isinstance(each, Report) else each for each in facts)

    def put_together(self, kind: Inbound[Any], arrival: Arrival, facts: Facts, inlet: Inlet | None) -> Reply:
        """Count it, and say so: what was sent is not kept whole."""
        self.repeats.put_together(arrival, facts)
        if inlet is not None:
            title = f"integration {inlet.id} repeats itself too often"
            self.alarm(f"quota/{inlet.id}", title, too_often(inlet, arrival.at), FLOOD_LASTS, Priority.HIGH)
        why = "these are repeats, and too many: they are counted, not kept one by one"
        return with_headers(kind.refuse(429, why), ("retry-after", AGAIN_IN))

    # What it asks.

    async def answered(self, kind: Inbound[Any], inlet: Inlet | None, request: Request) -> Reply:
        """A question, or a wish. Raises Unreadable, EngineBusy, FactRefused, TimeoutError."""
        assert kind.answer is not None, "a route that tells nothing asks something"
        reply = kind.answer(inlet.options if inlet else kind.options(), request, self.standing(inlet))
        if reply.wish is None:
            return reply
        events: tuple[Any, ...] = ()
        async with self.clock.deadline(COMMIT_WITHIN):
            for command in reply.wish.commands:
                decision = await self.engine.submit(command)
                events += decision.events
                if not decision.records:
                    break
        return reply.wish.done(events)

    def standing(self, inlet: Inlet | None) -> Standing:
        """What the sender may see."""
        now = self.clock.now()
        if inlet is None:
            return Standing("", (), (), self.started, now)
        signals, silences = seen_by(inlet.id, self.engine.world, now)
        return Standing(inlet.id, signals, silences, self.started, now)


NOTHING_SHOWN = "show this integration's secret: Authorization: Bearer SECRET, or /in/NAME/SECRET"


def taken_before(event: int) -> Reply:
    """The same signed request once more: nothing is done twice, and nothing has to be sent again."""
    said = {"status": "known", "event": event, "says": f"it was taken before, as event {event}"}
    return Reply(200, json.dumps(said).encode(), headers=(*JSON_HEADERS, ("monitord-event", str(event))))


def pinged(heartbeat: str, beat: Beat, now: Instant) -> Pinged:
    return Pinged(heartbeat, PingKind(beat.what), now, beat.exit_code or 0, beat.text, beat.run)


def too_often(inlet: Inlet, now: Instant) -> str:
    """The same words for a minute, and others in the next one: so the alarm is renewed while it goes on."""
    over = f"over at {now + FLOOD_LASTS:%H:%M} UTC unless it goes on"
    return f"more than {inlet.quota} repeats a minute: they are counted, and kept once a second; {over}"


def arrived(source: str, request: Request, reply: Reply, now: Instant, *, repeats: bool) -> Arrival:
    """What is kept of a request: its body whole, nothing that is a secret."""
    return Arrival(
        at=now,
        integration=source,
        method=request.method,
        path=request.path,
        query=tuple((name, value) for name, value in request.query if name not in IN_QUERY),
        headers=tuple((name, request.headers[name]) for name in HEADERS_KEPT if name in request.headers),
        body=request.body,
        repeats=repeats,
        status=reply.status,
        outcome=(reply.note,) if reply.note else (),
    )


def come_again(kind: Inbound[Any], why: str) -> Reply:
    return with_headers(kind.refuse(503, f"{why}; send it again"), ("retry-after", AGAIN_IN))


def not_allowed(kind: Inbound[Any], place: Place) -> Reply:
    methods = ", ".join(dict.fromkeys(each.method for each in place.routes))
    return with_headers(kind.refuse(405, f"this address takes {methods}"), ("allow", methods))


def with_headers(reply: Reply, *more: tuple[str, str]) -> Reply:
    return replace(reply, headers=(*reply.headers, *more))
