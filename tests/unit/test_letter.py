"""A letter goes by a way that does not call, and waits for the end of quiet hours."""

from dataclasses import replace
from datetime import time, timedelta

from monitord.core.letter import post_letter
from monitord.core.organization import ContactMethod, Person, Quiet
from monitord.core.wording import Text
from monitord.core.world import Configuration, Draft
from tests.fakes.house import START, House

TEXT = Text("Nobody will be on call", ())
ANN = Person("ann", "Ann", reach=(ContactMethod("voice", "+49 1"), ContactMethod("email", "ann@example.org")))
NIGHT = Quiet(hours=((time(0), time(9)),))


def posted(person: Person) -> list[tuple[str, str, timedelta]]:
    """What is to be sent: about what and whom, by which way, and how long it waits."""
    draft = Draft(House(Configuration(calling_channels=frozenset({"voice"}))).world, START)
    post_letter(draft, "gap/primary", person, TEXT)
    epoch = draft.installation.epoch
    return [(each.id.removeprefix(f"{epoch}/"), each.channel, each.due - START) for each in draft.records]


def test_it_goes_by_the_first_way_that_does_not_call() -> None:
    assert [("gap/primary/ann", "email", timedelta(0))] == posted(ANN)
    assert [] == posted(replace(ANN, reach=ANN.reach[:1]))


def test_in_quiet_hours_it_waits() -> None:
    assert [("gap/primary/ann", "email", timedelta(hours=9))] == posted(replace(ANN, quiet=NIGHT))
