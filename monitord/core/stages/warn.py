"""warn: whose account has a new way in hears so by mail, if they have a mail address."""

from dataclasses import replace

from monitord.core.letter import post_letter
from monitord.core.way_in import MAIL, OwnerWarned, WarnOwner, warning
from monitord.core.world import Draft, Stage


def warn(draft: Draft, fact: WarnOwner) -> None:
    person = draft.configuration.people.get(fact.person)
    mail = tuple(each for each in person.reach if each.channel == MAIL) if person else ()
    if person is None or not mail:
        return
    said = draft.configuration
    text = warning(person, fact, said.name_of(fact.by), said.organization, draft.now)
    about = f"way-in/{draft.now:%Y%m%dT%H%M%S%f}/{fact.way.value.replace(' ', '-')}"
    post_letter(draft, about, replace(person, reach=mail), text)
    draft.tell(OwnerWarned(person.id, fact.way))


WARN: Stage = {WarnOwner: warn}
