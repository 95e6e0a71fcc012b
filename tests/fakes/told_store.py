"""A store that has been told something, as a command finds it while no daemon runs."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from monitord.config.loading import load
from monitord.core.flow import react
from monitord.store import Batch, Entry, Store
from tests.fakes.new_store import new_store
from tests.fakes.shop import MORNING


def told_store(main: Path, folder: Path, facts: Iterable[Any]) -> None:
    """Of that tree, in that folder; each fact is decided in the morning and committed."""
    configuration = load(main).configuration
    with closing(Store.open(new_store(folder), now=MORNING)) as made:
        world, term = made.load(configuration), made.begin_term()
        for fact in facts:
            decision = react(world, fact, MORNING)
            world.apply(decision.records)
            entry = Entry(fact, MORNING, decision.records, decision.events)
            made.commit(Batch(term, configuration.revision, (entry,)))
