"""What others say to monitord in a transcript: integrations, heartbeats, and who wants quiet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitord.config.problem import Wrong, quoted
from monitord.core.check import Instant
from monitord.core.heartbeat import Deaf, Pinged, PingKind
from monitord.core.organization import Priority
from monitord.core.report import Report, inbound_source
from monitord.core.silence import AddSilence, EndSilence, Matcher
from monitord.play.house import House
from monitord.play.language import Form, form, span

Moment = Callable[[str], Instant]


def pairs(text: str) -> dict[str, str]:
    """`group=disks ends=5m`. Raises Wrong."""
    for word in text.split():
        if "=" not in word:
            raise Wrong(f"{quoted(word)} cannot stand here", "write it as name=value")
    return dict(word.split("=", 1) for word in text.split())


@dataclass
class Outside:
    """The part of the stage that others act on."""

    house: House
    moment: Moment
    accept: Callable[..., None]

    def forms(self) -> tuple[Form, ...]:
        return tuple(form(text, act.__get__(self)) for text, act in FORMS.items())

    def over(self, integration: str, key: str) -> None:
        self.house.do(Report(inbound_source(integration), key, False, "", Priority.LOW, "", "it is over"))

    def report(
        self, integration: str, key: str, priority: Priority, words: str, service: str, rest: str = ""
    ) -> None:
        said = pairs(rest)
        ends = said.pop("ends", None)
        self.house.do(
            Report(
                source=inbound_source(integration),
                name=key,
                raised=True,
                service=service,
                priority=priority,
                title=words,
                group=said.pop("group", ""),
                ends=self.house.now + span(ends) if ends else None,
                once=bool(said.pop("once", "")),
                details=tuple(said.items()),
            )
        )

    def ping(self, heartbeat: str, ping: PingKind, rest: str = "") -> None:
        said = pairs(rest)
        code, run = said.get("code", "0"), said.get("run", "")
        if not code.isdigit():
            raise Wrong(f"{quoted(code)} is no exit code", "write a number, as code=3")
        self.house.do(Pinged(heartbeat, ping, self.house.now, int(code), "", run))

    def deaf(self, time: str) -> None:
        self.house.do(Deaf(self.moment(time), self.house.now))

    def silence(self, rest: str, span: timedelta, person: str) -> None:
        matchers = tuple(
            Matcher(name, value.removeprefix("~"), is_regex=value.startswith("~"))
            for name, value in pairs(rest).items()
        )
        self.house.do(AddSilence(matchers, person, "work on it", self.house.now + span))

    def unsilence(self, name: str, person: str) -> None:
        self.house.do(EndSilence(name, person))

    def lose_integration(self, integration: str) -> None:
        self.lose("integrations", integration)

    def lose_heartbeat(self, heartbeat: str) -> None:
        self.lose("heartbeats", heartbeat)

    def lose(self, kind: str, name: str) -> None:
        known: Any = getattr(self.house.world.configuration, kind)
        self.accept(**{kind: {each: value for each, value in known.items() if each != name}})


FORMS: dict[str, Callable[..., None]] = {
    'report INTEGRATION KEY PRIORITY "WORDS" on SERVICE': Outside.report,
    'report INTEGRATION KEY PRIORITY "WORDS" on SERVICE …': Outside.report,
    "report INTEGRATION KEY over": Outside.over,
    "ping HEARTBEAT PING": Outside.ping,
    "ping HEARTBEAT PING …": Outside.ping,
    "deaf TIME": Outside.deaf,
    "silence … for SPAN by PERSON": Outside.silence,
    "unsilence NAME by PERSON": Outside.unsilence,
    "lose integration INTEGRATION": Outside.lose_integration,
    "lose heartbeat HEARTBEAT": Outside.lose_heartbeat,
}
