"""exchange: people ask each other to swap shifts; what is accepted becomes overrides, what is not lapses."""

from collections.abc import Callable
from dataclasses import replace

from monitord.core.amendment import OverrideRefused
from monitord.core.check import PersonId
from monitord.core.letter import post_letter
from monitord.core.organization import Person
from monitord.core.roster import in_force
from monitord.core.spoken import event_spoken, spoken
from monitord.core.stages.arrange import add_override
from monitord.core.swap import (
    SWAPS_MAX,
    AcceptSwap,
    AskSwap,
    DeclineSwap,
    Swap,
    SwapAccepted,
    SwapAnswered,
    SwapAsked,
    SwapDeclined,
    SwapDue,
    SwapLapsed,
    SwapRefused,
    answer,
    asked,
    objection,
    overrides,
    request,
    same,
    told,
)
from monitord.core.wording import NameOf, Text
from monitord.core.world import Draft, Stage


def ask_swap(draft: Draft, command: AskSwap) -> None:
    """Nobody's turn changes; whoever is asked hears of it."""
    number = draft.installation.next_swap
    refusal = objection(command, draft.now) or unknown(draft, command)
    if refusal:
        draft.tell(SwapRefused(command.by, refusal))
        return
    swap = asked(command, number, in_force(draft).rotations[command.rotation], draft.now)
    why_not = swap if isinstance(swap, str) else known_already(draft, swap)
    if isinstance(swap, str) or why_not:
        draft.tell(SwapRefused(command.by, why_not))
        return
    draft.put(replace(draft.installation, next_swap=number + 1), swap)
    draft.tell(SwapAsked(swap))
    tell(draft, swap, "asked", swap.taker, request)


def unknown(draft: Draft, command: AskSwap) -> str:
    """What it names and is not in the configuration; empty if all is."""
    here = draft.configuration
    if command.rotation not in here.rotations:
        return f"there is no rotation {command.rotation}"
    strangers = [person for person in (command.giver, command.taker) if person not in here.people]
    return f"there is no person {strangers[0]}" if strangers else ""


def known_already(draft: Draft, swap: Swap) -> str:
    """Was it asked for before, or too much else? Empty if not."""
    open = draft.all(Swap)
    before = same(swap, open)
    if before is not None:
        return f"{before.id} by {before.by} asks that already: {told(spoken(before, draft))}"
    if len(open) >= SWAPS_MAX:
        return f"{SWAPS_MAX} swaps wait for an answer already; decline some of them"
    return ""


def accept_swap(draft: Draft, command: AcceptSwap) -> None:
    """Both shifts change hands, or neither: it is refused if one cannot be changed any more."""
    swap = draft.get(Swap, command.swap)
    if swap is None or (swap.due is not None and swap.due <= draft.now):
        draft.tell(SwapRefused(command.by, gone(command.swap)))
        return
    if command.by != swap.taker:
        draft.tell(SwapRefused(command.by, f"{swap.id} asks {swap.taker}; nobody else can accept it"))
        return
    both = Draft(draft, draft.now)
    for each in overrides(swap, command.by, command.via):
        add_override(both, each)
    refused = [event.why for event in both.events if isinstance(event, OverrideRefused)]
    if refused:
        draft.tell(SwapRefused(command.by, f"{swap.id} cannot be done any more: {refused[0]}"))
        return
    settle(draft, SwapAccepted(replace(swap, over=True), command.by, command.via))
    draft.absorb(both)


def decline_swap(draft: Draft, command: DeclineSwap) -> None:
    swap = draft.get(Swap, command.swap)
    if swap is None:
        draft.tell(SwapRefused(command.by, gone(command.swap)))
        return
    if command.by not in (swap.taker, swap.giver, swap.by):
        why = f"{swap.id} asks {swap.taker} and is asked for by {swap.by}; nobody else can end it"
        draft.tell(SwapRefused(command.by, why))
        return
    settle(draft, SwapDeclined(replace(swap, over=True), command.by, command.via))


def lapse(draft: Draft, fact: SwapDue) -> None:
    """The shift begins; a fact that is too early changes nothing."""
    swap = draft.get(Swap, fact.swap)
    if swap is not None and swap.due is not None and swap.due <= draft.now:
        settle(draft, SwapLapsed(replace(swap, over=True)))


def gone(swap: str) -> str:
    return f"there is no swap {swap}, or it is over"


def settle(draft: Draft, event: SwapAnswered) -> None:
    """It is over; both hear what came of it, except who has said it."""
    swap = event.swap
    draft.put(swap)
    draft.tell(event_spoken(event, draft))
    for each in dict.fromkeys((swap.giver, swap.taker, swap.by)):
        if each != getattr(event, "by", None):
            tell(draft, swap, "over", each, lambda _, person, name_of: answer(event, person, name_of))


def tell(
    draft: Draft, swap: Swap, word: str, who: PersonId, words: Callable[[Swap, Person, NameOf], Text]
) -> None:
    person = draft.configuration.people.get(who)
    if person is not None:
        post_letter(draft, f"swap/{swap.id}/{word}", person, words(swap, person, draft.configuration.name_of))


EXCHANGE: Stage = {
    AskSwap: ask_swap,
    AcceptSwap: accept_swap,
    DeclineSwap: decline_swap,
    SwapDue: lapse,
}
