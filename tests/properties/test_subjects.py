"""A subject has room for sixty characters: long names are shortened, what has happened is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from monitord.config.limits import ID_CHARS_MAX, NAME_CHARS_MAX
from monitord.core.leave import Leave, entered, withdrawn
from monitord.core.organization import ComponentState, Person, Priority
from monitord.core.signal import DOWN, UNKNOWN, Signal
from monitord.core.swap import Span, Swap, SwapAccepted, SwapAnswered, SwapDeclined, SwapLapsed
from monitord.core.swap import answer as swap_answer
from monitord.core.swap import request as swap_request
from monitord.core.ticket import State, Ticket
from monitord.core.wording import (
    SUBJECT_LENGTH_MAX,
    Text,
    acknowledged,
    called,
    coming,
    incident_title,
    post_heading,
    post_text,
    sent_up,
    sleeping,
    ticket_subject,
    title,
)

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANN, BO = Person("ann", "Ann"), Person("bo", "Bo")
TICKET = Ticket(
    42, "web is down", "probe/web:down", "shop", Priority.URGENT, State.OPEN, since=NOW, opened=NOW
)
LEAVE = Leave("l1", "ann", NOW, NOW + DAY, "cem", NOW, cover="bo")
SWAP = Swap("w1", "primary", "ann", "bo", Span(NOW, NOW + DAY), "ann", "a wedding")

people = st.text(st.characters(codec="utf-8"), min_size=1, max_size=NAME_CHARS_MAX)
titles = st.text(max_size=NAME_CHARS_MAX)
ids = st.text("abcdefghij-", min_size=1, max_size=ID_CHARS_MAX)
numbers = st.integers(1, 10**9)
LONG = "x" * 80


def says(words: str, subject: str) -> bool:
    """Are the words there, within what fits?"""
    return words in subject and len(subject) <= SUBJECT_LENGTH_MAX


@given(people, titles, numbers)
@example(LONG, "web is down", 7)
@example(LONG, LONG, 10**9)
@example("{by}", "{title}", 7)
def test_a_name_never_hides_what_was_done_with_which_ticket(name: str, words: str, number: int) -> None:
    ticket = replace(TICKET, title=words, number=number)
    page = Text("", ())

    assert says(f"has ticket {number}", acknowledged(ticket, name).subject)
    assert says(f"put ticket {number} to sleep", sleeping(ticket, name, NOW, ANN).subject)
    for verb, text in (
        ("is coming", coming(ticket, name)),
        ("sent to the next tier", sent_up(ticket, name)),
        ("asks for you", called(page, ticket, name, "")),
    ):
        assert says(verb, text.subject)
        assert text.subject.endswith(f"(ticket {number})")


@given(people)
@example(LONG)
def test_a_name_never_hides_that_somebody_is_away(name: str) -> None:
    def called(_: str) -> str:
        return name

    assert says("says that you are away", entered(LEAVE, ANN, called).subject)
    assert says("You cover for", entered(LEAVE, BO, called).subject)
    assert says("is not away after all", withdrawn(LEAVE, BO, called).subject)


@given(people, ids)
@example(LONG, LONG)
def test_a_name_never_hides_what_became_of_a_swap(name: str, rotation: str) -> None:
    swap = replace(SWAP, rotation=rotation)

    def told(event: SwapAnswered) -> str:
        return swap_answer(event, ANN, lambda _: name).subject

    assert says("asks you to take a shift in", swap_request(swap, BO, lambda _: name).subject)
    assert says("accepts:", told(SwapAccepted(swap, "bo", "cli")))
    assert says("is on call for", told(SwapAccepted(swap, "bo", "cli")))
    assert says("declines: the swap in", told(SwapDeclined(swap, "bo", "cli")))
    assert says("has lapsed", told(SwapLapsed(swap)))


@given(ids, numbers)
@example(LONG, 7)
def test_a_name_never_hides_what_is_wrong(probe: str, number: int) -> None:
    down, unknown = (
        title(Signal(f"probe/{probe}", name, "shop", True, NOW, NOW, probe=probe)) for name in (DOWN, UNKNOWN)
    )

    for word in ("", "Still:", "Resolved:", "No catastrophe any more:"):
        ticket = replace(TICKET, title=down, number=number)
        assert says("is down", ticket_subject(ticket, word))
        assert says(f"(ticket {number})", ticket_subject(replace(TICKET, title=unknown, number=number), word))
    assert says("cannot be judged", ticket_subject(replace(TICKET, title=unknown, number=number), "Still:"))


@given(people)
@example(LONG)
def test_a_name_never_hides_what_the_public_is_told(component: str) -> None:
    outage = incident_title((component, component), ComponentState.MAJOR_OUTAGE)
    unwatched = post_heading("unwatched", (component,), outage)

    for state, begin in (("investigating", ""), ("resolved", "Resolved:")):
        posts = [post_text("Example", "i", each, state, "", "s").subject for each in (outage, unwatched)]
        assert [True, True] == [each.startswith(begin) for each in posts]
        assert says("major outage", posts[0])
        assert says("no longer watched", posts[1])


def test_names_share_what_room_there_is() -> None:
    ticket = replace(TICKET, title="y" * 80)

    assert f"Ann has ticket 42: {'y' * 40}…" == acknowledged(ticket, "Ann").subject
    assert f"{'x' * 32}… has ticket 42: web is down" == acknowledged(TICKET, LONG).subject
    assert f"{'x' * 21}… has ticket 42: {'y' * 21}…" == acknowledged(ticket, LONG).subject
