"""Who may be paged and has not verified two ways, as far as a store can be read."""

from collections.abc import Iterator
from pathlib import Path

from monitord.config.doubts import on_call
from monitord.config.loading import Loaded
from monitord.config.problem import at, quoted
from monitord.core.contact import CHANNELS_MIN, doubtful, urgent_channels


def unverified(loaded: Loaded) -> Iterator[str]:
    """Warnings with their places; none without a store that can be read. Of people with one channel alone
    `config check` warns anyway.
    """
    known = verified(Path(loaded.settings.store))
    if known is None:
        return
    people = loaded.configuration.people
    for id in sorted(on_call(loaded.written) & people.keys()):
        why = doubtful(people[id], known)
        if why and len(urgent_channels(people[id].reach)) >= CHANNELS_MIN:
            what = f"{quoted(id)} may be paged, and {why}"
            yield str(at(loaded.written.names["people"][id], what, "see `monitord contact list`"))


def verified(folder: Path) -> frozenset[str] | None:
    """The keys of contacts that are; None if no store says so."""
    if not folder.exists():
        return None
    from monitord.store.contacts import kept_contacts  # noqa: PLC0415 - heavy, and only where a store is
    from monitord.store.faults import StoreError  # noqa: PLC0415 - likewise

    try:
        found = kept_contacts(folder)
    except StoreError:  # `monitord doctor` says what is wrong with it
        return None
    return None if found is None else frozenset(each.key for each in found if each.verified is not None)
