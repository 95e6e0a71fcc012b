"""What others say to monitord in a transcript, and where people want quiet.

integration prom                        heartbeat backup every=1h grace=10m service=web priority=high
report prom disk urgent "disk is full" on web [group=g] [ends=5m] [once=yes] [instance=web1]
report prom disk over
ping backup success|start|fail|log|exit [code=3] [run=a] · deaf 00:10 (until now)
silence service=web instance=~w.* for 2h by cem · unsilence s1 by cem
lose integration prom · lose heartbeat backup
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitord.core import heartbeat, report, signal, silence, ticket
from monitord.core.heartbeat import Deaf, Every, Heartbeat, Pinged, PingKind
from monitord.core.organization import Priority
from monitord.core.report import Integration, Report, inbound_source
from monitord.core.silence import AddSilence, EndSilence, Matcher
from monitord.core.world import Configuration
from tests.fakes.house import House

Span = Callable[[str], timedelta]
Moment = Callable[[str], datetime]


def fits(pattern: str, text: str) -> bool:
    """Patterns of stories are harmless."""
    return re.fullmatch(pattern, text) is not None


def pairs(words: tuple[str, ...]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)


def scenery(known: Configuration, span: Span, word: str, *words: str) -> Configuration:
    if word == "integration":
        return with_integration(known, *words)
    return with_heartbeat(known, span, *words)


def with_integration(known: Configuration, name: str) -> Configuration:
    return replace(known, integrations={**known.integrations, name: Integration(name)}, fits=fits)


def with_heartbeat(known: Configuration, span: Span, name: str, *words: str) -> Configuration:
    said = pairs(words)
    beat = Heartbeat(
        id=name,
        name=name,
        service=said["service"],
        priority=Priority(said.get("priority", "urgent")),
        timetable=Every(span(said.get("every", "1h"))),
        grace=span(said.get("grace", "10m")),
    )
    return replace(known, heartbeats={**known.heartbeats, name: beat})


@dataclass
class Outside:
    """The part of the stage that others act on."""

    house: House
    span: Span
    moment: Moment
    accept: Callable[..., None]

    def report(self, source: str, key: str, *words: str) -> None:
        if words == ("over",):
            self.house.do(Report(inbound_source(source), key, False, "", Priority.LOW, "", "it is over"))
            return
        found = re.fullmatch(r'(\w+) "(.*)" on (\w+)(.*)', " ".join(words))
        assert found, f"not a report: {words}"
        priority, title, service, rest = found.groups()
        said = pairs(tuple(rest.split()))
        ends = said.pop("ends", None)
        self.house.do(
            Report(
                source=inbound_source(source),
                name=key,
                raised=True,
                service=service,
                priority=Priority(priority),
                title=title,
                group=said.pop("group", ""),
                ends=self.house.now + self.span(ends) if ends else None,
                once=bool(said.pop("once", "")),
                details=tuple(said.items()),
            )
        )

    def ping(self, name: str, what: str, *words: str) -> None:
        said = pairs(words)
        code, run = int(said.get("code", 0)), said.get("run", "")
        self.house.do(Pinged(name, PingKind(what), self.house.now, code, "", run))

    def deaf(self, since: str) -> None:
        self.house.do(Deaf(self.moment(since), self.house.now))

    def silence(self, *words: str) -> None:
        *conditions, _for, lasts, _by, person = words
        matchers = tuple(
            Matcher(name, value.removeprefix("~"), is_regex=value.startswith("~"))
            for name, value in pairs(tuple(conditions)).items()
        )
        self.house.do(AddSilence(matchers, person, "work on it", self.house.now + self.span(lasts)))

    def unsilence(self, which: str, _by: str, person: str) -> None:
        self.house.do(EndSilence(which, person))

    def lose(self, what: str, name: str) -> None:
        known: Any = getattr(self.house.world.configuration, f"{what}s")
        self.accept(**{f"{what}s": {each: value for each, value in known.items() if each != name}})


LINES: dict[type[Any], Callable[[Any], str]] = {
    report.ReportIgnored: lambda e: f"ignored: {e.name}: {e.why}",
    signal.SignalMoved: lambda e: f"{e.signal.key} is {e.signal.service}'s now, no longer {e.before}'s",
    ticket.SignalJoined: lambda e: f"{e.signal} joins ticket {e.ticket}",
    heartbeat.HeartbeatLate: lambda e: f"{e.heartbeat} is late",
    heartbeat.HeartbeatWentDown: lambda e: f"{e.title}: {e.summary}",
    heartbeat.HeartbeatCameUp: lambda e: f"{e.title}: {e.summary}",
    silence.SilenceAdded: lambda e: f"silence {e.silence.id} until {e.silence.end:%H:%M}",
    silence.SilenceBegan: lambda e: f"silence {e.silence.id} begins",
    silence.SilenceEnded: lambda e: f"silence {e.silence.id} is over",
    silence.SilenceRefused: lambda e: f"silence refused: {e.why}",
}
