"""The stage on which a transcript is played: facts in, monitord's answers in words a manager can sign.

Lines before the first empty line set the scene; a line with a time is a fact; the indented lines below it are
what monitord answers, which the runner writes itself.

    probe web failures=3 passes=2 component=shop effect=degraded publish_after=0s depends=db tiers ann 10m >
    bo 10m > cem 15m          (a tier may name several people: ann+bo; `nobody` is an empty one) person ann
    email sms+2m acknowledgement_lasts 30m · reopen_within 30m · last_resort cem, dee · public sub@example.org
    maintenance web 00:10-00:20 · webhook audit

    00:00 check web critical · tick · ack 1 by bo · decline 1 by bo · handover 1 by bo to cem
    resolve 1 by bo [hold] · comment 1 by bo words · open urgent web "words" by cem
    snooze 1 by bo 2h · priority 1 urgent by bo · page bo+cem "words" by ann · page bo "words" 1 by ann
    email refuses ann [for good] · email works · clock -1h
    remove web · dismiss bo · move web to cart · forget policies · restart
    post investigating shop major_outage "words" by cem · update resolved "words" by cem
    report, ping, deaf, silence, lose: see outside.py
    webhook refuses audit [for good] · webhook works
    subscribe x@example.org · confirm x@example.org · unsubscribe x@example.org
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from monitord.core import (
    command,
    escalation,
    health,
    organization,
    paging,
    statuspage,
    subscription,
    ticket,
    verdict,
    webhook,
)
from monitord.core import delivery as deliveries
from monitord.core.check import CheckResult, ClockSet, Outcome, Probe
from monitord.core.delivery import Delivery, DeliveryRefused, DeliverySent, Purpose
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    PublicEffect,
    Service,
    StatusPage,
)
from monitord.core.policy import Policy, Tier
from monitord.core.subscription import subscriber_id
from monitord.core.verdict import Action, Window
from monitord.core.webhook import Webhook, channel_of
from monitord.core.world import Configuration, ConfigurationAccepted
from tests.fakes.house import START, House, delivered
from tests.transcripts import outside

CAST = {
    name: Person(name, name, "UTC", (ContactMethod("email", name),)) for name in ("ann", "bo", "cem", "dee")
}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def span(text: str) -> timedelta:
    """`90s`, `10m`, `-1h`."""
    number, unit = re.fullmatch(r"(-?\d+)([smhd])", text).groups()  # type: ignore[union-attr]
    return timedelta(seconds=int(number) * UNITS[unit])


def instant(text: str) -> datetime:
    """`00:12` or `1d 00:12:30` after the story's midnight."""
    days, _, clock = text.rpartition("d ")
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return START + timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=sum(seconds))


def from_outside(known: Configuration, word: str, *rest: str) -> Configuration:
    """Who tells us, and whom we tell."""
    if word == "webhook":
        return replace(known, webhooks={**known.webhooks, rest[0]: Webhook(rest[0])})
    found: Configuration = outside.scenery(known, span, word, *rest)
    return found


@dataclass
class Scene:
    """What the lines before the first empty line describe."""

    configuration: Configuration = field(default_factory=lambda: Configuration("Shop", people=CAST))
    tiers: tuple[Tier, ...] = ()
    acknowledgement_lasts: timedelta = timedelta(minutes=30)
    subscribers: list[str] = field(default_factory=list)

    def change(self, **changes: Any) -> None:
        self.configuration = replace(self.configuration, **changes)

    def probe(self, name: str, *words: str) -> None:
        said = dict(word.split("=") for word in words)
        known = self.configuration
        component = said.get("component")
        effect = ComponentState(said.get("effect", "degraded"))
        probe = Probe(
            name,
            name,
            span(said.get("every", "1m")),
            failures=int(said.get("failures", 3)),
            passes=int(said.get("passes", 2)),
            unknowns=int(said.get("unknowns", 3)),
            depends_on=tuple(filter(None, said.get("depends", "").split("+"))),
        )
        service = Service(
            name,
            policies=(("default", "up"),),
            components=(component,) if component else (),
            public=PublicEffect(effect, span(said.get("publish_after", "5m"))),
        )
        pages = known.status_pages or (StatusPage("status", "Shop status"),)
        if component and known.component(component) is None:
            here = replace(pages[0], components=(*pages[0].components, Component(component, component)))
            pages = (here,)
        self.change(
            probes={**known.probes, name: probe},
            services={**known.services, name: service},
            status_pages=pages,
        )

    def tiers_are(self, *words: str) -> None:
        parts = [part.split() for part in " ".join(words).split(">")]
        self.tiers = tuple(
            Tier(() if whom == "nobody" else tuple(whom.split("+")), span(lasts)) for whom, lasts in parts
        )

    def person(self, name: str, *methods: str) -> None:
        reach = tuple(
            ContactMethod(channel, name, span(after) if after else timedelta(0))
            for channel, _, after in (method.partition("+") for method in methods)
        )
        self.change(people={**self.configuration.people, name: replace(CAST[name], reach=reach)})

    def maintenance(self, probe: str, times: str) -> None:
        start, end = times.split("-")
        window = Window(f"maintenance of {probe}", instant(start), instant(end), services=(probe,))
        self.change(windows=(*self.configuration.windows, window))

    def read(self, line: str) -> None:
        word, *rest = line.split()
        match word:
            case "probe":
                self.probe(*rest)
            case "tiers":
                self.tiers_are(*rest)
            case "person":
                self.person(*rest)
            case "maintenance":
                self.maintenance(*rest)
            case "integration" | "heartbeat" | "webhook":
                self.configuration = from_outside(self.configuration, word, *rest)
            case "public":
                self.subscribers.append(rest[0])
            case "acknowledgement_lasts":
                self.acknowledgement_lasts = span(rest[0])
            case "reopen_within":
                self.change(reopen_within=span(rest[0]))
            case "last_resort":
                self.change(last_resort=tuple(name.strip(",") for name in rest))
            case _:
                raise ValueError(f"no such scenery: {line}")

    def house(self) -> House:
        policy = Policy("up", self.tiers, self.acknowledgement_lasts)
        self.change(policies={"up": policy})
        house = House(self.configuration)
        for address in self.subscribers:
            house.do(subscription.Subscribe(address))
            house.do(subscription.ConfirmSubscription(subscriber_id("e1", "email", address)))
        house.deliver()
        return house


class Stage:
    """Plays facts on a house and says what came of each."""

    def __init__(self, scene: Scene) -> None:
        self.house = scene.house()
        self.house.answer = self.answer
        self.house.after = lambda fact, decision: self.said.extend(heard(decision.events))
        self.refuses: dict[str, bool] = {}
        self.said: list[str] = []
        self.incident = ""
        self.outside = outside.Outside(self.house, span, instant, self.accept)

    def answer(self, delivery: Delivery) -> DeliverySent | DeliveryRefused:
        permanent = self.refuses.get(f"{delivery.channel} {delivery.address}")
        if permanent is None:
            return delivered(delivery)
        return DeliveryRefused(delivery.id, "refused", permanent=permanent)

    def play(self, at: str, fact: str) -> list[str]:
        self.house.now = instant(at)
        self.said = []
        word, *rest = fact.split()
        act = getattr(self, f"do_{word}", None) or getattr(self.outside, word)
        act(*rest)
        self.said += told(self.house.deliver())
        return self.said

    def do_check(self, probe: str, outcome: str) -> None:
        self.house.do(CheckResult(probe, Outcome(outcome), self.house.now, f"{probe} said {outcome}"))

    def do_tick(self) -> None:
        self.house.tick()

    def do_ack(self, number: str, _by: str, person: str) -> None:
        self.house.do(command.Acknowledge(int(number), person))

    def do_decline(self, number: str, _by: str, person: str) -> None:
        self.house.do(command.Decline(int(number), person))

    def do_handover(self, number: str, _by: str, person: str, _to: str, other: str) -> None:
        self.house.do(command.HandOver(int(number), person, other))

    def do_resolve(self, number: str, _by: str, person: str, hold: str = "") -> None:
        self.house.do(command.Resolve(int(number), person, hold_until_clear=bool(hold)))

    def do_comment(self, number: str, _by: str, person: str, *words: str) -> None:
        self.house.do(command.Comment(int(number), person, " ".join(words)))

    def do_open(self, priority: str, service: str, *words: str) -> None:
        title, person = quoted(words)
        self.house.do(command.OpenTicket(title, service, organization.Priority(priority), person))

    def do_snooze(self, number: str, _by: str, person: str, how_long: str) -> None:
        self.house.do(command.Snooze(int(number), person, self.house.now + span(how_long)))

    def do_priority(self, number: str, priority: str, _by: str, person: str) -> None:
        self.house.do(command.SetPriority(int(number), person, organization.Priority(priority)))

    def do_page(self, whom: str, *words: str) -> None:
        """`page bo "words" by ann`: a ticket for bo; `page bo "words" 1 by ann`: bo, too, for ticket 1."""
        asked = re.fullmatch(r'"(.*)"(?: (\d+))? by (\w+)', " ".join(words)).groups()  # type: ignore[union-attr]
        text, number, person = asked
        names = tuple(whom.split("+"))
        if number:
            self.house.do(command.PageAlso(int(number), person, names, text))
            return
        urgent = organization.Priority.URGENT
        self.house.do(command.OpenTicket(text, "", urgent, person, page=names))

    def do_email(self, verb: str, address: str = "", *for_good: str) -> None:
        self.channel("email", verb, address, *for_good)

    def do_sms(self, verb: str, address: str = "", *for_good: str) -> None:
        self.channel("sms", verb, address, *for_good)

    def do_webhook(self, verb: str, name: str = "", *for_good: str) -> None:
        self.channel(channel_of(name), verb, name, *for_good)

    def channel(self, channel: str, verb: str, address: str, *for_good: str) -> None:
        if verb == "works":
            self.refuses = {key: value for key, value in self.refuses.items() if not key.startswith(channel)}
        else:
            self.refuses[f"{channel} {address}"] = bool(for_good)

    def do_post(self, phase: str, component: str, state: str, *words: str) -> None:
        body, person = quoted(words)
        affects = ((component, ComponentState(state)),)
        self.house.do(
            statuspage.WritePost(person, body, statuspage.Phase(phase), None, f"{component} trouble", affects)
        )

    def do_update(self, phase: str, *words: str) -> None:
        body, person = quoted(words)
        incident = self.house.world.all(statuspage.Incident)
        where = incident[0].id if incident else "none"
        self.house.do(statuspage.WritePost(person, body, statuspage.Phase(phase), where))

    def do_subscribe(self, address: str) -> None:
        self.house.do(subscription.Subscribe(address))

    def do_confirm(self, address: str) -> None:
        self.house.do(subscription.ConfirmSubscription(subscriber_id("e1", "email", address)))

    def do_unsubscribe(self, address: str) -> None:
        self.house.do(subscription.Unsubscribe(subscriber_id("e1", "email", address)))

    def do_remove(self, probe: str) -> None:
        known = self.house.world.configuration.probes
        self.accept(probes={name: value for name, value in known.items() if name != probe})

    def do_dismiss(self, person: str) -> None:
        known = self.house.world.configuration.people
        self.accept(people={name: value for name, value in known.items() if name != person})

    def do_move(self, probe: str, _to: str, service: str) -> None:
        """The probe answers for another service now, which takes the old one's policies and effect."""
        known = self.house.world.configuration
        moved = replace(known.probes[probe], service=service)
        services = {service: replace(known.services[probe], id=service), **known.services}
        self.accept(probes={**known.probes, probe: moved}, services=services)

    def do_forget(self, _policy: str) -> None:
        """No service has a policy any more."""
        self.accept(policies={})

    def do_restart(self) -> None:
        self.accept()

    def accept(self, **changes: Any) -> None:
        known = self.house.world.configuration
        self.house.world.configuration = replace(known, **changes)
        self.house.do(ConfigurationAccepted("next"))

    def do_clock(self, by: str) -> None:
        self.house.do(ClockSet(span(by)))


def quoted(words: tuple[str, ...]) -> tuple[str, str]:
    """`"some words" by cem`: the words, and who."""
    text, person = re.fullmatch(r'"(.*)" by (\w+)', " ".join(words)).groups()  # type: ignore[union-attr]
    return text, person


LINES: dict[type[Any], Callable[[Any], str]] = {
    **outside.LINES,
    health.ProbeWentDown: lambda e: f"{e.probe} is down",
    health.ProbeCameUp: lambda e: f"{e.probe} is up",
    health.ProbeWentBlind: lambda e: f"nobody can tell how {e.probe} is",
    health.ProbeSawAgain: lambda e: f"{e.probe} can be judged again",
    verdict.Judged: lambda e: judged(e.verdict),
    ticket.TicketOpened: lambda e: f"ticket {e.ticket} open {e.priority.value}",
    ticket.TicketReopened: lambda e: f"ticket {e.ticket} reopened",
    ticket.TicketAcknowledged: lambda e: f"ticket {e.ticket} acknowledged",
    ticket.AcknowledgementRenewed: lambda e: f"{e.by} is still on ticket {e.ticket}",
    ticket.TicketTakenOver: lambda e: f"{e.by} takes ticket {e.ticket} over from {e.before}",
    ticket.PersonDeclined: lambda e: f"{e.by} declines ticket {e.ticket}",
    ticket.TicketHandedOver: lambda e: f"ticket {e.ticket} handed over to {e.to}",
    ticket.TicketResolved: lambda e: f"ticket {e.ticket} resolved: {e.resolution.value}",
    ticket.TicketCommented: lambda e: f"{e.by} comments on ticket {e.ticket}",
    ticket.CommandIgnored: lambda e: f"{e.command} by {e.by} changes nothing on ticket {e.ticket}: {e.why}",
    ticket.TicketSnoozed: lambda e: f"ticket {e.ticket} sleeps until {e.until:%H:%M}, {e.holder} has it",
    ticket.TicketWoken: lambda e: f"{e.by} wakes ticket {e.ticket}",
    ticket.PriorityRaised: lambda e: (
        f"ticket {e.ticket} is {e.priority.value} now, no longer {e.before.value}"
    ),
    ticket.PriorityLowered: lambda e: f"ticket {e.ticket} is only {e.priority.value} now",
    ticket.PeopleCalled: lambda e: f"{e.by} wants {', '.join(e.people)} for ticket {e.ticket}",
    ticket.PersonJoined: lambda e: f"{e.by} comes; {e.holder} has ticket {e.ticket}",
    ticket.PageRefused: lambda e: f"no ticket for {', '.join(e.whom)}: {e.why}",
    escalation.RoundStarted: lambda e: f"round {e.round}: {e.reason.value}" if e.round > 1 else "",
    escalation.TierSkipped: lambda e: f"tier {e.tier} skipped: nobody there",
    escalation.LastResortJoined: lambda e: f"last resort: {', '.join(e.people)}",
    escalation.NobodyToPage: lambda e: "NOBODY to page",
    escalation.SnoozeEnded: lambda e: f"the snooze of {e.holder} is over",
    escalation.HolderLeft: lambda e: f"{e.holder} had ticket {e.ticket}, and is gone",
    escalation.AcknowledgementLapsed: lambda e: f"the acknowledgement of {e.holder} lapsed",
    paging.NobodyReached: lambda e: f"nobody reached in step {e.step}",
    paging.PersonUnreachable: lambda e: f"{e.person} cannot be paged: {e.why}",
    paging.NextMethodBroughtForward: lambda e: f"{e.channel} to {e.person} brought forward",
    deliveries.DeliveryPutOff: lambda e: f"{e.channel} to {e.person} {e.why}, again at {e.again:%H:%M:%S}",
    deliveries.DeliveryFailed: lambda e: f"{e.channel}{whom(e)} failed: {e.why}",
    deliveries.DeliveryWithdrawn: lambda e: f"{e.channel}{whom(e)} withdrawn: {e.why}",
    webhook.WebhookDisabled: lambda e: f"webhook {e.webhook} is disabled until {e.until:%d %b, %H:%M}",
    statuspage.PostPublished: lambda e: f"post ({e.post.phase.value}): {e.post.heading}: {e.post.body}",
    statuspage.PostRefused: lambda e: f"post refused: {e.why}",
    subscription.SubscriptionConfirmed: lambda e: "a subscriber confirmed",
    subscription.SubscriptionEnded: lambda e: f"a subscriber left: {e.why}",
}


def whom(event: Any) -> str:
    """A webhook is nobody."""
    if event.channel.startswith(f"{webhook.CHANNEL}/"):
        return ""
    return f" to {event.person or 'a subscriber'}"


def judged(found: verdict.Verdict) -> str:
    because = f" ({found.because})" if found.action is Action.HOLD and found.because else ""
    return f"{found.action.value}: {found.reason.value}{because}"


def heard(events: tuple[Any, ...]) -> list[str]:
    """What the transcript says of the events that it knows; the others show in what is delivered."""
    lines = (LINES[type(event)](event) for event in events if type(event) in LINES)
    return [line for line in lines if line]


def told(sent: list[Delivery]) -> list[str]:
    """What left: a line a page, one line for everybody who hears the same news."""
    lines: list[str] = []
    news: dict[str, list[str]] = {}
    for delivery in sent:
        if delivery.purpose is Purpose.NEWS:
            news.setdefault(delivery.text.subject, []).append(delivery.address)
    for delivery in sent:
        by = "" if delivery.channel == "email" else f" by {delivery.channel}"
        if delivery.purpose is Purpose.PAGE:
            lines.append(f"to {delivery.address}{by}: ticket {delivery.ticket}")
        elif delivery.notice is not None:
            lines.append(f"webhook {delivery.address}: {delivery.notice.event}")
        elif delivery.purpose is not Purpose.NEWS:
            lines.append(f"to {delivery.address}{by}: {delivery.text.subject}")
    return lines + [f"news to {', '.join(people)}: {words}" for words, people in news.items()]


def perform(story: str) -> str:
    """The story as it comes out: the same scene and facts, with what monitord answers now."""
    head, _, body = story.partition("\n\n")
    scene = Scene()
    for line in head.splitlines():
        if line.strip() and not line.startswith("#"):
            scene.read(line)
    stage, out = Stage(scene), [head, ""]
    for line in body.splitlines():
        if line.startswith((" ", "\t")):
            continue
        fact = re.fullmatch(r"((?:\d+d )?[\d:]+) (.*)", line)
        out.append(line)
        if fact:
            out += [f"      {said}" for said in stage.play(*fact.groups())]
    return "\n".join(out).rstrip() + "\n"
