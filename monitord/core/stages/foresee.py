"""foresee: where absences leave nobody on call in a few days, those who can mend it hear so."""

from monitord.core.gap import LookForGaps, gaps_ahead, who_hears, words
from monitord.core.letter import post_letter
from monitord.core.roster import in_force
from monitord.core.world import Draft, Stage


def look(draft: Draft, fact: LookForGaps) -> None:
    """Every morning anew, until the gap is filled; and when somebody leaves, the gaps that this makes."""
    configuration = in_force(draft)
    rotation = configuration.rotations.get(fact.rotation)
    gaps = gaps_ahead(rotation, draft.now) if rotation is not None else []
    gaps = [gap for gap in gaps if not fact.left or fact.left in gap.away]
    if rotation is None or not gaps:
        return
    draft.tell(*gaps)
    day = f"{draft.now:%Y%m%d}/{fact.left}" if fact.left else f"{draft.now:%Y%m%d}"
    known = (
        configuration.people.get(each) for each in who_hears(rotation, list(configuration.teams.values()))
    )
    for person in known:
        if person is not None:
            text = words(person, gaps, configuration.name_of, configuration.left)
            post_letter(draft, f"gap/{rotation.id}/{day}", person, text)


FORESEE: Stage = {LookForGaps: look}
