"""Whatever somebody does to the tree of a running monitord, or before it starts again: it goes on checking by
the right revision, and says what is wrong.
"""

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused
from monitord.core.world import Configuration
from monitord.engine.alarms import standing
from monitord.engine.reloader import CONFIGURATION, REFUSED
from monitord.engine.revisions import find
from monitord.store import Store
from tests.fakes.shop import MORNING
from tests.unit.test_config_mutations import FILES, mutated
from tests.unit.test_reloader import Stage

ENVIRON = {"HOME": "/a/secret/place"}
QUICK = """\
probes:
  - {name: quick, kind: tcp, host: db1, port: 5432, every: 2s, service: shop}
  - {name: slower, kind: tcp, host: db2, port: 5432, every: 3s, service: shop}
"""
TREE = {**FILES, "probes/quick.yaml": QUICK}
SPAN = 7.0  # seconds: a probe is first checked within its period
SLICE, ALL, PARTS = 30, 1000, 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that was accepted into its store."""
    made = tmp_path_factory.mktemp("tree")
    main = write(made, {})
    loaded = load(main, ENVIRON)
    store = Store.open(Path(loaded.settings.store), now=MORNING)
    store.accept_revision(loaded.revision, loaded.content, MORNING, "2026a", "start")
    store.close()
    return made


def write(folder: Path, changed: Mapping[str, bytes]) -> Path:
    """The good tree but for what has changed; its main file."""
    for name, text in TREE.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(changed.get(name, text.encode()))
    return folder / "config" / "monitord.yaml"


def loads(main: Path) -> Loaded | None:
    try:
        return load(main, ENVIRON)
    except ConfigurationRefused:
        return None


async def reloaded(folder: Path, files: Mapping[str, bytes]) -> None:
    """A running monitord is told of the tree, and then of a good one again."""
    stage = Stage(write(folder, {}), ENVIRON)
    good = stage.shop.world.configuration
    async with stage.shop.running(stage):
        await stage.seconds(SPAN)
        right = loads(write(folder, files))
        answer = await stage.reload()
        await stage.seconds(SPAN)

        assert answer.accepted is (right is not None)
        assert stage.shop.world.configuration.revision == (right.revision if right else good.revision)
        assert (CONFIGURATION in standing(stage.shop.world)) is (right is None)
        without_a_gap(stage, good, stage.shop.world.configuration)

        write(folder, {})
        await stage.reload()
        assert good == stage.shop.world.configuration
        assert CONFIGURATION not in standing(stage.shop.world)
    assert [] == stage.shop.store.aside, "nothing is in quarantine"


def without_a_gap(stage: Stage, before: Configuration, now: Configuration) -> None:
    """What stays keeps its rhythm; what is in force is checked."""
    for name, probe in before.probes.items():
        every = probe.every.total_seconds()
        if name in now.probes and now.probes[name].every == probe.every and every <= SPAN / 2:
            assert {every} >= {round((b - a).total_seconds(), 3) for a, b in pairwise(stage.slots[name][1:])}
    for name, probe in now.probes.items():
        if probe.every.total_seconds() <= SPAN / 2:
            age = (stage.shop.clock.now() - stage.slots[name][-1]).total_seconds()
            assert age <= probe.every.total_seconds()


async def restarted(folder: Path, files: Mapping[str, bytes]) -> None:
    """It starts with the tree as it is, on the store of before."""
    good = load(write(folder, {}), ENVIRON)
    main = write(folder, files)
    right = loads(main)
    found = find(main, ENVIRON)
    assert found.loaded.revision == (right or good).revision
    assert (found.refused is None) is (right is not None)

    stage = Stage(main, ENVIRON, found.loaded)
    async with stage.shop.running(stage):
        stage.alarms.hold(CONFIGURATION, REFUSED, found.why)
        await stage.shop.engine.accept(found.loaded.configuration)
        await stage.seconds(SPAN)

        assert (CONFIGURATION in standing(stage.shop.world)) is (right is None)
        without_a_gap(stage, found.loaded.configuration, found.loaded.configuration)
    assert [] == stage.shop.store.aside, "nothing is in quarantine"


def trees(number: int) -> settings:
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=number, suppress_health_check=quiet, phases=(Phase.generate,))


@trees(SLICE)
@given(mutated())
def test_a_reload_of_any_tree_is_taken_over_or_said(folder: Path, files: dict[str, bytes]) -> None:
    asyncio.run(reloaded(folder, files))


@trees(SLICE)
@given(mutated())
def test_a_restart_with_any_tree_goes_on(folder: Path, files: dict[str, bytes]) -> None:
    asyncio.run(restarted(folder, files))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_trees_are_reloaded_and_started_with(folder: Path, part: int) -> None:
    """In parts, each of other trees."""

    @seed(part)
    @trees(ALL // PARTS)
    @given(mutated())
    def play(files: dict[str, bytes]) -> None:
        asyncio.run(reloaded(folder, files))
        asyncio.run(restarted(folder, files))

    play()
