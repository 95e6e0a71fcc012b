"""A letter: what one person should know of no ticket; it never calls, and waits in their quiet hours."""

from monitord.core.organization import Person
from monitord.core.paging import letter
from monitord.core.quiet import postponed
from monitord.core.wording import Text
from monitord.core.world import Draft


def post_letter(draft: Draft, about: str, person: Person, text: Text) -> None:
    """Have it sent. `about` names it: whoever has got a letter about that gets no other."""
    key, calls = f"{draft.installation.epoch}/{about}", draft.configuration.calling_channels
    news = letter(key, person, text, draft.now, calls)
    draft.put(*(postponed(each, person, draft.now) for each in news))
