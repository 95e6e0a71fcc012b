"""A running daemon and its tree: what is right is taken over, what is wrong is paged about, checks go on."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.daemon import Daemon, daemon, installed, monitord, person, probe, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target, answer, heard, say

MISTAKE = "the configuration has a mistake"


@dataclass
class Gate(Target):
    """A web server that counts who comes by path; what is in `broken` is answered 503."""

    came: Counter[str] = field(default_factory=Counter)
    broken: set[str] = field(default_factory=set)

    async def arrived(self, path: str, more: int) -> None:
        """So many more have come."""
        wanted = self.came[path] + more
        await until(lambda: self.came[path] >= wanted, why=f"nobody checks {path}")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await heard(reader)).split()[1].decode().strip("/")
        self.came[path] += 1
        await say(writer, answer(b"said so", "503 Broken" if path in self.broken else "200 OK"))


@dataclass(frozen=True)
class Scene:
    post: Post
    gate: Gate
    daemon: Daemon

    @property
    def tree(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.daemon.main.read_text())
        return found

    def write(self, **sections: Any) -> None:
        self.daemon.main.write_text(yaml.safe_dump({**self.tree, **sections}, sort_keys=False))

    def hang_up(self) -> None:
        assert self.daemon.process is not None
        self.daemon.process.send_signal(signal.SIGHUP)

    def count(self, event: str) -> int:
        return self.daemon.log.count(f'"event": "{event}"')

    async def reloaded(self, event: str = "reloaded") -> None:
        """Tell the daemon, and wait for its word."""
        before = self.count(event)
        self.hang_up()
        await until(lambda: self.count(event) > before, why=f"no `{event}` in the log")

    def ticket(self, title: str) -> Any:
        return next(row for row in self.rows if row.title.startswith(title))

    @property
    def rows(self) -> list[Any]:
        return [*self.daemon.client.tickets(), *self.daemon.client.tickets("resolved")]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with mail_server() as post, Gate() as gate, daemon(tmp_path, post, probes=probes(gate)) as it:
        yield Scene(post, gate, it)


def probes(gate: Gate, *more: str) -> list[dict[str, Any]]:
    return [probe(name, f"{gate.url}{name}") for name in ("web", *more)]


async def test_a_daemon_and_its_tree(scene: Scene) -> None:
    """A typo is paged about and changes nothing, on a reload or at a restart; what is right is taken over."""
    good = scene.tree
    await a_typo_and_a_reload(scene)
    await a_restart_with_it(scene)
    await the_typo_is_gone(scene, good)
    await what_is_right_is_taken_over_while_everything_goes_on(scene)
    await a_door_that_cannot_be_opened(scene)


async def a_typo_and_a_reload(scene: Scene) -> None:
    scene.write(probes=[{**scene.tree["probes"][0], "evry": "5s"}])
    await scene.reloaded("not reloaded")
    letter = await scene.post["ann@example.org"].expects(MISTAKE)

    assert f"{scene.daemon.main}:" in letter.text
    assert "did you mean `every`?" in letter.text
    await scene.gate.arrived("web", 5)
    assert ["web"] == [row.id for row in scene.daemon.client.probes()]


async def a_door_that_cannot_be_opened(scene: Scene) -> None:
    """Said now, and not when it is too late."""
    doors = scene.tree["doors"]
    scene.write(doors={**doors, "edge": {"listen": "203.0.113.9:8081"}})
    await scene.reloaded("not reloaded")

    assert "the next start would fail: edge door: 203.0.113.9:8081" in scene.daemon.log


async def a_restart_with_it(scene: Scene) -> None:
    await scene.daemon.kill9()
    await scene.daemon.restart()

    await scene.gate.arrived("web", 5)
    assert "starting with the configuration that was accepted last" in scene.daemon.log
    assert "open" == scene.ticket(MISTAKE).state


async def the_typo_is_gone(scene: Scene, good: dict[str, Any]) -> None:
    scene.daemon.main.write_text(yaml.safe_dump(good))
    await scene.reloaded()

    await until(lambda: scene.ticket(MISTAKE).state == "resolved")
    compared = monitord("config", "diff", "--config", str(scene.daemon.main))
    assert (0, "Nothing differs.\n") == (compared.returncode, compared.stdout)


async def what_is_right_is_taken_over_while_everything_goes_on(scene: Scene) -> None:
    """Another probe, another person to ask, another name for customers, another address for links."""
    scene.write(
        probes=probes(scene.gate, "more"),
        people={**scene.tree["people"], "zoe": person("zoe")},
        policies={"urgent": {"tiers": [{"page": ["zoe"], "for": "1h"}]}},
        status_pages=[{"name": "The new name", "components": [{"name": "Shop"}]}],
    )
    before = monitord("config", "diff", "--config", str(scene.daemon.main))
    assert 1 == before.returncode
    assert {"+ probe more", "+ person zoe"} <= set(before.stdout.splitlines())
    await scene.reloaded()

    await scene.gate.arrived("more", 3)
    await until(lambda: shows(scene, "The new name"), why="the public page has its old name")
    scene.gate.broken.add("more")
    await scene.post["zoe@example.org"].expects("more is down")


async def shows(scene: Scene, words: str) -> bool:
    return words in (await scene.daemon.get(scene.daemon.public)).text


async def test_a_lost_password_breaks_its_channel_only(tmp_path: Path) -> None:
    """The daemon starts with what it had, goes on checking, and says which channel is broken."""
    async with mail_server() as post, Gate() as gate:
        channels = {"email": {"server": "${env:SMTP_SERVER}", "from": "monitord@example.org"}}
        scene = Scene(post, gate, installed(tmp_path, post, probes=probes(gate), channels=channels))
        try:
            scene.daemon.environ = {"SMTP_SERVER": post.url}
            await scene.daemon.restart()
            await scene.daemon.stop()
            scene.daemon.environ = {}
            await scene.daemon.restart()

            await gate.arrived("web", 3)
            ticket = scene.daemon.client.ticket(scene.ticket(MISTAKE).number)
            assert "the environment variable SMTP_SERVER is not set" in str(ticket)
            await until(lambda: "the channel email is broken" in scene.daemon.log, why="no page tried it")
        finally:
            await scene.daemon.close()


@pytest.mark.soak
async def test_a_tree_that_is_gone_stops_nobody(scene: Scene) -> None:
    await scene.daemon.stop()
    scene.daemon.main.rename(scene.daemon.main.with_suffix(".away"))
    await scene.daemon.restart()

    await scene.gate.arrived("web", 3)
    await scene.post["ann@example.org"].expects(MISTAKE)


@pytest.mark.soak
async def test_a_door_that_cannot_be_opened_is_where_it_was(scene: Scene) -> None:
    await scene.daemon.stop()
    doors = scene.tree["doors"]
    scene.write(doors={**doors, "edge": {"listen": "203.0.113.9:8081"}})
    await scene.daemon.restart()

    letter = await scene.post["ann@example.org"].expects(MISTAKE)
    assert "203.0.113.9" in letter.text
