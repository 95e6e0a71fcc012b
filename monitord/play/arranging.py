"""Who stands in for whom in a transcript: overrides at run time, swaps, and who is away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitord.core.amendment import AddOverride, RemoveOverride
from monitord.core.check import Instant
from monitord.core.leave import AddLeave, RemoveLeave
from monitord.core.override import OverrideKind
from monitord.core.swap import AcceptSwap, AskSwap, DeclineSwap
from monitord.play.house import House
from monitord.play.language import Form, form

Moment = Callable[[str], Instant]
WHY = "something came up"


@dataclass
class Arranging:
    """The part of the stage on which people change who is on call; `other` is who does it."""

    house: House
    moment: Moment

    def forms(self) -> tuple[Form, ...]:
        return tuple(form(text, act.__get__(self)) for text, act in FORMS.items())

    def add(self, kind: OverrideKind, rotation: str, span: timedelta, by: str, **more: Any) -> None:
        self.house.do(AddOverride(rotation, self.house.now + span, kind, by, WHY, **more))

    def replace(
        self, rotation: str, people: str, person: str, span: timedelta, other: str, name: str = ""
    ) -> None:
        come, overruled = tuple(people.split("+")), (name,) if name else ()
        self.add(OverrideKind.REPLACE, rotation, span, other, who=person, people=come, overruled=overruled)

    def alone(self, rotation: str, people: str, span: timedelta, other: str) -> None:
        self.add(OverrideKind.REPLACE_ALL, rotation, span, other, people=tuple(people.split("+")))

    def also(self, rotation: str, people: str, span: timedelta, other: str) -> None:
        self.add(OverrideKind.ADD, rotation, span, other, people=tuple(people.split("+")))

    def without(self, rotation: str, person: str, span: timedelta, other: str) -> None:
        self.add(OverrideKind.REMOVE, rotation, span, other, who=person)

    def end(self, name: str, person: str) -> None:
        self.house.do(RemoveOverride(name, person))

    def ask(self, rotation: str, person: str, other: str, time: str, span: timedelta, rest: str = "") -> None:
        start = self.moment(time)
        exchange = self.moment(rest) if rest else None
        self.house.do(AskSwap(rotation, person, other, start, start + span, person, WHY, exchange))

    def accept(self, name: str, person: str) -> None:
        self.house.do(AcceptSwap(name, person))

    def decline(self, name: str, person: str) -> None:
        self.house.do(DeclineSwap(name, person))

    def away(self, person: str, time: str, span: timedelta, other: str, name: str = "") -> None:
        start = self.moment(time)
        self.house.do(AddLeave(person, start + span, other, start, WHY, name or None))

    def back(self, name: str, person: str) -> None:
        self.house.do(RemoveLeave(name, person))


FORMS: dict[str, Callable[..., None]] = {
    "override ROTATION PEOPLE for PERSON SPAN by OTHER": Arranging.replace,
    "override ROTATION PEOPLE for PERSON SPAN by OTHER instead of NAME": Arranging.replace,
    "override ROTATION PEOPLE alone SPAN by OTHER": Arranging.alone,
    "override ROTATION PEOPLE also SPAN by OTHER": Arranging.also,
    "override ROTATION without PERSON SPAN by OTHER": Arranging.without,
    "override NAME removed by PERSON": Arranging.end,
    "swap ROTATION PERSON asks OTHER TIME SPAN": Arranging.ask,
    "swap ROTATION PERSON asks OTHER TIME SPAN for …": Arranging.ask,
    "swap NAME accepted by PERSON": Arranging.accept,
    "swap NAME declined by PERSON": Arranging.decline,
    "away PERSON TIME SPAN by OTHER": Arranging.away,
    "away PERSON TIME SPAN by OTHER, NAME covers": Arranging.away,
    "away NAME removed by PERSON": Arranging.back,
}
