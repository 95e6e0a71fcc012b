"""A rehearsal: a transcript kept beside a configuration, played on that configuration as it stands.

    # Nobody answers before breakfast.
    day 2026-12-24
    public sub@example.org

    06:00 check shop critical
    06:01 check shop critical
    06:02 check shop critical
    07:30 tick

Its day is said, because who is on call depends on it; times are those of the organization's wall clock.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from monitord.config.problem import Wrong, quoted
from monitord.core.check import Instant
from monitord.core.subscription import ConfirmSubscription, Subscribe, subscriber_id
from monitord.core.wallclock import instant_of, zone_of
from monitord.core.world import Configuration
from monitord.play.days import Days
from monitord.play.house import House
from monitord.play.language import Language, form
from monitord.play.stage import Stage
from monitord.play.story import Mistake, Performance, perform, scenery, split

YEARS = range(1970, 2200)  # with room for all that follows
NO_DAY = "a rehearsal says on which day it plays, before its first empty line"


@dataclass
class Opening:
    """What the lines before the first empty line say."""

    day: date | None = None
    subscribers: list[str] = field(default_factory=list)

    def on(self, name: str) -> None:
        """Raises Wrong."""
        try:
            self.day = date.fromisoformat(name)
        except ValueError:
            raise Wrong(f"{quoted(name)} is not a day", "write it as 2026-12-24") from None
        if self.day.year not in YEARS:
            raise Wrong(f"{quoted(name)} is too far away", f"take a year from {YEARS[0]} to {YEARS[-1]}")

    def public(self, address: str) -> None:
        self.subscribers.append(address)

    def read(self, head: list[tuple[int, str]]) -> date:
        """Raises Mistake."""
        language = Language((form("day NAME", self.on), form("public ADDRESS", self.public)))
        for number, line in scenery(head):
            try:
                said, values = language.read(line)
                said.act(**values)
            except Wrong as wrong:
                raise Mistake(number, wrong) from None
        if self.day is None:
            raise Mistake(1, Wrong(NO_DAY, "write a line `day 2026-12-24`"))
        return self.day


def rehearse(configuration: Configuration, story: str) -> str:
    """The story as it comes out with this configuration. Raises Mistake."""
    head, body = split(story)
    opening = Opening()
    days = Days(opening.read(head), zone_of(configuration.time_zone))
    house = House(configuration, midnight(days))
    for address in opening.subscribers:
        house.do(Subscribe(address))
        house.do(ConfirmSubscription(subscriber_id(house.world.installation.epoch, "email", address)))
    house.go_to(house.now)
    return perform(head, body, Performance(Stage(house, days, configuration), days, passing=True))


def midnight(days: Days) -> Instant:
    """The first instant of the first day."""
    return instant_of(datetime.combine(days.first, time()), days.zone).astimezone(UTC)
