"""The stage on which a transcript is played: facts in, monitord's answers in words a manager can sign.

FORMS and outside.py's have every line that may stand behind a time. A person or channel that refuses does so
until it `works` again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitord.config.problem import Wrong, quoted
from monitord.config.suggest import Guesses
from monitord.core import command, statuspage, subscription
from monitord.core.check import CheckResult, ClockSet, Instant, Outcome
from monitord.core.delivery import Delivery, DeliveryRefused, DeliverySent
from monitord.core.facts import ConfigurationAccepted, Fact
from monitord.core.flow import Decision
from monitord.core.gap import LookForGaps
from monitord.core.handoff import LookAtDuty
from monitord.core.organization import ComponentState, Priority
from monitord.core.subscription import subscriber_id
from monitord.core.webhook import CHANNEL as WEBHOOK
from monitord.core.world import Configuration
from monitord.play.arranging import Arranging
from monitord.play.days import Days
from monitord.play.house import House, delivered
from monitord.play.language import Form, Language, form
from monitord.play.lines import heard, told
from monitord.play.outside import Outside


class Stage:
    """Plays facts on a house and says what came of each; names must be those of `known`, if it is given."""

    def __init__(self, house: House, days: Days, known: Configuration | None = None) -> None:
        self.house, self.wall = house, days.wall
        self.house.answer = self.answer
        self.house.after = self.listen
        self.refuses: dict[str, bool] = {}
        self.said: list[str] = []
        self.language = Language(
            (
                *self.forms(),
                *Outside(house, days.instant, self.accept).forms(),
                *Arranging(house, days.instant).forms(),
            ),
            known,
        )

    def listen(self, fact: Fact, decision: Decision) -> None:
        self.said.extend(heard(decision.events, self.wall))

    def answer(self, delivery: Delivery) -> DeliverySent | DeliveryRefused:
        permanent = self.refuses.get(f"{delivery.channel} {delivery.address}")
        if permanent is None:
            return delivered(delivery)
        return DeliveryRefused(delivery.id, "refused", permanent=permanent)

    def play(self, at: Instant, line: str) -> list[str]:
        """What comes of the fact that this line says. Raises Wrong for a line that cannot be read."""
        read, values = self.language.read(line)
        self.house.now, self.said = at, []
        read.act(**values)
        self.said += told(self.house.deliver())
        return self.said

    def let_pass(self, at: Instant) -> list[str]:
        """What comes of nothing but the time."""
        self.said = []
        sent = self.house.go_to(at)
        return self.said + told(sent)

    def forms(self) -> tuple[Form, ...]:
        return tuple(form(text, act.__get__(self)) for text, act in FORMS.items())

    def check(self, probe: str, outcome: Outcome) -> None:
        self.house.do(CheckResult(probe, outcome, self.house.now, f"{probe} said {outcome.value}"))

    def tick(self) -> None:
        self.house.tick()

    def look_at_duty(self, rotation: str) -> None:
        self.house.do(LookAtDuty(rotation))

    def look_for_gaps(self, rotation: str) -> None:
        self.house.do(LookForGaps(rotation))

    def acknowledge(self, ticket: int, person: str) -> None:
        self.house.do(command.Acknowledge(ticket, person))

    def decline(self, ticket: int, person: str) -> None:
        self.house.do(command.Decline(ticket, person))

    def hand_over(self, ticket: int, person: str, other: str) -> None:
        self.house.do(command.HandOver(ticket, person, other))

    def resolve(self, ticket: int, person: str) -> None:
        self.house.do(command.Resolve(ticket, person))

    def resolve_and_hold(self, ticket: int, person: str) -> None:
        self.house.do(command.Resolve(ticket, person, hold_until_clear=True))

    def escalate(self, ticket: int, person: str) -> None:
        """To the next tier, now."""
        self.house.do(command.Escalate(ticket, person))

    def reopen(self, ticket: int, person: str) -> None:
        self.house.do(command.Reopen(ticket, person))

    def comment(self, ticket: int, person: str, rest: str) -> None:
        self.house.do(command.Comment(ticket, person, rest))

    def open(self, priority: Priority, service: str, words: str, person: str) -> None:
        self.house.do(command.OpenTicket(words, service, priority, person))

    def open_rated(self, severity: int, service: str, words: str, person: str) -> None:
        """How bad it is sets the priority, and the target."""
        self.house.do(command.OpenTicket(words, service, Priority.LOW, person, severity=severity))

    def call_everybody(self, words: str, person: str) -> None:
        """A catastrophe."""
        self.house.do(command.OpenTicket(words, "", Priority.URGENT, person, catastrophic=True))

    def snooze(self, ticket: int, person: str, span: timedelta) -> None:
        self.house.do(command.Snooze(ticket, person, self.house.now + span))

    def set_priority(self, ticket: int, priority: Priority, person: str) -> None:
        self.house.do(command.SetPriority(ticket, person, priority))

    def set_severity(self, ticket: int, severity: int, person: str) -> None:
        self.house.do(command.SetSeverity(ticket, person, severity))

    def call_everybody_for(self, ticket: int, person: str) -> None:
        """It is a catastrophe."""
        self.house.do(command.CallEverybody(ticket, person))

    def page(self, people: str, words: str, person: str) -> None:
        """A ticket for them."""
        whom = tuple(people.split("+"))
        self.house.do(command.OpenTicket(words, "", Priority.URGENT, person, page=whom))

    def page_also(self, people: str, words: str, ticket: int, person: str) -> None:
        """They, too, for a ticket that there is."""
        self.house.do(command.PageAlso(ticket, person, tuple(people.split("+")), words))

    def refuse(self, channel: str, address: str) -> None:
        self.look_up(channel, address)
        self.refuses[f"{channel} {address}"] = False

    def refuse_for_good(self, channel: str, address: str) -> None:
        self.look_up(channel, address)
        self.refuses[f"{channel} {address}"] = True

    def look_up(self, channel: str, address: str) -> None:
        """A refusal at an address that nobody has would go unnoticed. Raises Wrong."""
        known = self.language.known
        if known is None or channel.startswith(WEBHOOK):
            return
        listening = self.house.world.all(subscription.Subscriber)
        ways = [
            *((method.channel, method.address) for each in known.people.values() for method in each.reach),
            *((each.channel, each.address) for each in listening),
        ]
        there = sorted({where for way, where in ways if way == channel})
        if address not in there:
            remedy = Guesses().remedy(address, there, "`monitord config show` has all addresses")
            raise Wrong(f"nobody is reached by {quoted(channel)} at {quoted(address)}", remedy)

    def make_unreachable(self, person: str) -> None:
        """Every way to this person refuses for good."""
        known = self.house.world.configuration.people.get(person)
        for method in known.reach if known else ():
            self.refuse_for_good(method.channel, method.address)

    def work(self, channel: str) -> None:
        self.refuses = {key: value for key, value in self.refuses.items() if not key.startswith(channel)}

    def post(
        self, phase: statuspage.Phase, component: str, state: ComponentState, words: str, person: str
    ) -> None:
        affects = ((component, state),)
        self.house.do(statuspage.WritePost(person, words, phase, None, f"{component} trouble", affects))

    def update(self, phase: statuspage.Phase, words: str, person: str) -> None:
        incident = self.house.world.all(statuspage.Incident)
        where = incident[0].id if incident else "none"
        self.house.do(statuspage.WritePost(person, words, phase, where))

    def subscribe(self, address: str) -> None:
        self.house.do(subscription.Subscribe(address))

    def confirm(self, address: str) -> None:
        self.house.do(subscription.ConfirmSubscription(subscriber_id("e1", "email", address)))

    def unsubscribe(self, address: str) -> None:
        self.house.do(subscription.Unsubscribe(subscriber_id("e1", "email", address)))

    def remove(self, probe: str) -> None:
        known = self.house.world.configuration.probes
        self.accept(probes={name: value for name, value in known.items() if name != probe})

    def dismiss(self, person: str) -> None:
        known = self.house.world.accepted.people
        self.accept(people={name: value for name, value in known.items() if name != person})

    def move(self, probe: str, name: str) -> None:
        """The probe answers for another service now, which takes the old one's policies and effect."""
        known = self.house.world.configuration
        moved = replace(known.probes[probe], service=name)
        services = {name: replace(known.services[known.probes[probe].service], id=name), **known.services}
        self.accept(probes={**known.probes, probe: moved}, services=services)

    def forget_policies(self) -> None:
        """No service has a policy any more."""
        self.accept(policies={})

    def restart(self) -> None:
        self.accept()

    def accept(self, **changes: Any) -> None:
        self.house.world.accept(replace(self.house.world.accepted, **changes))
        self.house.do(ConfigurationAccepted("next"))

    def set_clock(self, span: timedelta) -> None:
        self.house.do(ClockSet(span))


FORMS: dict[str, Callable[..., None]] = {
    "check PROBE OUTCOME": Stage.check,
    "tick": Stage.tick,
    "look at ROTATION": Stage.look_at_duty,
    "look for gaps of ROTATION": Stage.look_for_gaps,
    "ack TICKET by PERSON": Stage.acknowledge,
    "decline TICKET by PERSON": Stage.decline,
    "handover TICKET by PERSON to OTHER": Stage.hand_over,
    "resolve TICKET by PERSON": Stage.resolve,
    "resolve TICKET by PERSON hold": Stage.resolve_and_hold,
    "escalate TICKET by PERSON": Stage.escalate,
    "reopen TICKET by PERSON": Stage.reopen,
    "comment TICKET by PERSON …": Stage.comment,
    'open severity SEVERITY SERVICE "WORDS" by PERSON': Stage.open_rated,
    'open PRIORITY SERVICE "WORDS" by PERSON': Stage.open,
    'everybody "WORDS" by PERSON': Stage.call_everybody,
    "snooze TICKET by PERSON SPAN": Stage.snooze,
    "priority TICKET PRIORITY by PERSON": Stage.set_priority,
    "severity TICKET SEVERITY by PERSON": Stage.set_severity,
    "everybody TICKET by PERSON": Stage.call_everybody_for,
    'page PEOPLE "WORDS" TICKET by PERSON': Stage.page_also,
    'page PEOPLE "WORDS" by PERSON': Stage.page,
    "channel CHANNEL refuses ADDRESS": Stage.refuse,
    "channel CHANNEL refuses ADDRESS for good": Stage.refuse_for_good,
    "channel CHANNEL works": Stage.work,
    "unreachable PERSON": Stage.make_unreachable,
    'post PHASE COMPONENT STATE "WORDS" by PERSON': Stage.post,
    'update PHASE "WORDS" by PERSON': Stage.update,
    "subscribe ADDRESS": Stage.subscribe,
    "confirm ADDRESS": Stage.confirm,
    "unsubscribe ADDRESS": Stage.unsubscribe,
    "remove PROBE": Stage.remove,
    "dismiss PERSON": Stage.dismiss,
    "move PROBE to NAME": Stage.move,
    "forget policies": Stage.forget_policies,
    "restart": Stage.restart,
    "clock SPAN": Stage.set_clock,
}
