"""Did you mean …? The nearest of the words that would have been right."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from monitord.config.limits import GUESSES_MAX, SHOWN_WORDS_MAX
from monitord.config.problem import listed
from monitord.core.rotation import people_of
from monitord.core.world import Configuration

Groups = Mapping[str, Collection[str]]
CUTOFF = 0.6
COMPARED_MAX = 2_000


class Guesses:
    """Suggests words. A guess costs a comparison with every word, so there are only so many a load."""

    def __init__(self) -> None:
        self.left = GUESSES_MAX

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """The word that was probably meant; None if none is near."""
        if self.left <= 0:
            return None
        self.left -= 1
        folded = {name.casefold(): name for name in in_order(known) if abs(len(name) - len(word)) <= 3}
        candidates = list(folded)[:COMPARED_MAX]
        found = get_close_matches(word.casefold(), candidates, n=1, cutoff=CUTOFF)
        return folded[found[0]] if found else None

    def remedy(self, word: str, known: Collection[str], otherwise: str = "", noun: str = "") -> str:
        """`did you mean …?`, or what there is, or what to do if there is nothing."""
        near = self.nearest(word, known)
        if near is not None:
            return f"did you mean `{near}`?"
        if 0 < len(known) <= SHOWN_WORDS_MAX:
            there_is = f"{noun or 'possible'}: {listed(in_order(known))}"
            return f"{otherwise}; {there_is}" if otherwise else there_is
        return otherwise


def in_order(words: Collection[str]) -> Collection[str]:
    """A set has another order in every process; the same mistake is said in the same words."""
    return sorted(words) if isinstance(words, set | frozenset) else words


def groups_of(configuration: Configuration) -> dict[str, Groups]:
    """Teams and rotations, with their people."""
    return {
        "team": {id: {*each.members, *each.managers} for id, each in configuration.teams.items()},
        "rotation": {id: people_of(each) for id, each in configuration.rotations.items()},
    }


def no_person(name: str, **groups: Groups) -> tuple[str, str] | None:
    """What is wrong and what would be right where a person is named by the id of a group, as `team=` or
    `rotation=` has them with their people; None for a name that no group has.
    """
    for noun, known in groups.items():
        if name in known:
            people = sorted(set(known[name]))
            few = f"its people: {listed(people, 'and')}" if 0 < len(people) <= SHOWN_WORDS_MAX else "people"
            return f"there is no person {name}, it is a {noun}", f"name {few}"
    return None
