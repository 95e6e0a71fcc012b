"""Backups through the API: made while the store is used, by those who may, where they may."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from monitord.client import Client, Refused, WrongUse
from monitord.config.settings import Backup as Plan
from monitord.engine.backups import Backups
from monitord.engine.calendar import Calendar
from monitord.engine.metrics import Metrics
from monitord.store.restore import verify
from monitord.web.access.roles import Actor, Role
from monitord.web.ops.backups import Copy, place
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from tests.fakes.api import lend
from tests.fakes.night import night
from tests.fakes.shop import SETTINGS, logbook
from tests.fakes.terminal import terminal, typed
from tests.unit.test_backups import Board


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    """A night, and the tree says where its backups go."""
    async with night(tmp_path / "store") as made:
        log = logbook()[0]
        backups = Backups(made.store, made.clock, log, Metrics(), Board())
        nights = Plan(tmp_path / "nights", 3, time(3, 30))
        backups.accept(replace(SETTINGS, backup=nights), Calendar(made.store, made.clock, log, "UTC"))
        yield lend(replace(made, backups=backups))


@pytest.fixture
async def client(sources: Sources, tmp_path: Path) -> AsyncIterator[Client]:
    async with terminal(sources, tmp_path / "store") as made:
        yield made.client()


async def test_a_backup_is_made_while_the_store_is_used(client: Client, tmp_path: Path) -> None:
    made = await typed(client.back_up)

    (tmp_path / "work").mkdir()
    assert made.epoch == verify(Path(made.path), tmp_path / "work").epoch
    assert [made] == list(await typed(client.backups))


async def test_another_place_is_named_at_the_socket(client: Client, tmp_path: Path) -> None:
    made = await typed(client.back_up, str(tmp_path / "one.tar.gz"))

    assert str(tmp_path / "one.tar.gz") == made.path


async def test_nothing_is_overwritten(client: Client, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(Refused, match="exists already, and is left as it is"):
        await typed(client.back_up, str(tmp_path / "mine"))


async def test_a_place_is_a_whole_path(client: Client) -> None:
    with pytest.raises(WrongUse):
        await typed(client.back_up, "one.tar.gz")


async def test_a_token_cannot_name_a_place(sources: Sources, tmp_path: Path) -> None:
    far = Actor("ann", "api", Role.ADMINISTRATOR)

    with pytest.raises(No, match="only be named at the control socket"):
        place(sources, far, Copy(to="/etc/cron.d/x"))
    assert tmp_path / "nights" == place(sources, far, Copy())


async def test_without_a_plan_a_place_must_be_named(sources: Sources) -> None:
    assert sources.backups is not None
    sources.backups.plan = None

    with pytest.raises(No, match="does not say where backups go"):
        place(sources, Actor("root", "cli", Role.ADMINISTRATOR), Copy())
