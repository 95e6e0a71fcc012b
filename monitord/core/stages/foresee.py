"""foresee: where absences leave nobody on call in a few days, those who can mend it hear so."""

from monitord.core.gap import LookForGaps, announced, gaps_ahead, who_hears
from monitord.core.quiet import postponed
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
    calls, epoch = configuration.calling_channels, draft.installation.epoch
    known = (
        configuration.people.get(each) for each in who_hears(rotation, list(configuration.teams.values()))
    )
    for person in known:
        if person is not None:
            news = announced(epoch, person, gaps, draft.now, calls, fact.left)
            draft.put(*(postponed(each, person, draft.now) for each in news))


FORESEE: Stage = {LookForGaps: look}
