"""`monitord oncall` counts what was changed at run time, and leaves nothing beside the store it reads."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from monitord.config.loading import load
from monitord.core.amendment import AddOverride
from monitord.core.flow import react
from monitord.core.override import OverrideKind
from monitord.store import Batch, Entry, Store
from monitord.store.database import LIVE
from monitord.store.revisions import newest_revision
from tests.fakes.new_store import new_store
from tests.unit.cli import answer, run
from tests.unit.config_tree import HEAD, tree

NOW = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRIMARY = "rotation: primary\nlayers: [{people: [ann]}]\n"
BO = AddOverride("primary", NOW + 2 * HOUR, OverrideKind.REPLACE, "cem", "ill", NOW, "ann", ("bo",))


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return tree(tmp_path, PRIMARY, head=HEAD + f"store: sqlite:///{tmp_path}/var\n")


@pytest.fixture
def store(main: Path, tmp_path: Path) -> Path:
    """A store in which bo stands in for ann, and which nobody uses."""
    configuration = load(main).configuration
    with closing(Store.open(new_store(tmp_path / "var"), now=NOW)) as made:
        decision = react(made.load(configuration), BO, NOW)
        entry = Entry(BO, NOW, decision.records, decision.events)
        made.commit(Batch(made.begin_term(), configuration.revision, (entry,)))
    return tmp_path / "var"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def on_call(main: Path) -> Result:
    return run("--config", main, "oncall", "primary", "--at", "2026-01-05 01:00", "--json")


def test_without_a_store_the_configuration_is_the_answer_and_none_is_made(main: Path, tmp_path: Path) -> None:
    said = answer(on_call(main))

    assert ["ann"] == said[0]["people"]
    assert not (tmp_path / "var").exists()


def test_overrides_of_a_store_that_nobody_uses_are_counted_and_nothing_is_left_there(
    main: Path, store: Path
) -> None:
    before = names(store)

    said = answer(on_call(main))

    assert ["bo"] == said[0]["people"]
    assert before == names(store)


def test_the_newest_revision_is_looked_at_and_nothing_is_left_there(store: Path) -> None:
    before = names(store)

    newest_revision(store)

    assert before == names(store)


def test_shifts_and_gaps_count_them_too(main: Path, store: Path) -> None:
    span = ("--from", "2026-01-05 00:00", "--to", "2026-01-05 03:00")

    said = answer(run("--config", main, "oncall", "shifts", "primary", *span, "--json"))

    assert [(["bo"], True), (["ann"], False)] == [(each["people"], each["override"]) for each in said]


def test_a_store_that_is_none_is_said_and_the_configuration_is_the_answer(main: Path, store: Path) -> None:
    (store / LIVE).write_bytes(b"no database" * 100)

    ran = on_call(main)

    assert ["ann"] == answer(ran)[0]["people"]
    assert "monitord: what was changed at run time is not counted: " in ran.stderr
