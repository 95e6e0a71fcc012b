"""A start that cannot be: exit code 2, and a sentence that says what is wrong and what would be right."""

import asyncio
import re
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitord.engine.clock import RealClock
from monitord.store import Store
from tests.fakes.daemon import Daemon, doors, email, installed, probe, refuses, sections, write_tree
from tests.fakes.mailbox import Post, mail_server

PLACE = re.compile(r"^\S+\.yaml:\d+:\d+: .+; .+$")
MISTAKES = {
    "probes": [
        {"name": "web", "kind": "http", "url": "http://127.0.0.1/", "every": "5 parsecs", "service": "shop"},
        {"name": "db", "kind": "tcp", "host": "db1", "port": 5432, "evry": "5s", "service": "shop"},
        {"name": "twice", "kind": "tcp", "host": "db1", "port": 5432, "service": "shop"},
        {"name": "twice", "kind": "tcp", "host": "db1", "port": 5432, "service": "shop"},
        {"name": "lost", "kind": "tcp", "host": "db1", "port": 5432, "service": "shpo"},
    ],
    "policies": {"urgent": {"tiers": [{"page": ["nobody"], "for": "5m"}]}},
}
ROTATION = "rotation: primary\nlayers:\n  - {people: [ann, zoe], start: 2026-01-05 09:00, turn: 1 week}\n"
WRONG = ("5 parsecs", "evry", "twice", "shpo", "nobody", "zoe")


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with mail_server() as served:
        yield served


async def test_each_start_that_cannot_be_says_why(tmp_path: Path, post: Post) -> None:
    """A port in use, a store that cannot be written, one that a newer version has written."""
    with busy_door(tmp_path / "busy", post) as busy:
        stories = {
            "is in use; change doors.ops.listen or stop what listens there": busy,
            "cannot be created": blocked_store(tmp_path / "blocked", post),
            "newer": newer_store(tmp_path / "newer", post),
        }
        ends = await asyncio.gather(*(refuses("run", "--config", str(it.main)) for it in stories.values()))

    for words, ended in zip(stories, ends, strict=True):
        assert (2, "") == (ended.returncode, ended.stdout), ended.stderr
        said = [line for line in ended.stderr.splitlines() if line.startswith("monitord: ")]
        assert 1 == len(said) and words in said[0], ended.stderr
        assert "Traceback" not in ended.stderr
    assert not list((tmp_path / "busy").glob("var/*")), "nothing happens before the doors are open"


@contextmanager
def busy_door(folder: Path, post: Post) -> Iterator[Daemon]:
    """Somebody else listens at the ops door."""
    it = installed(folder, post)
    host, _, port = it.doors["ops"]["listen"].partition(":")
    with closing(socket.create_server((host, int(port)))):
        yield it


def blocked_store(folder: Path, post: Post) -> Daemon:
    """There is a file where the store's folder would be: not even root writes there."""
    it = installed(folder, post, store="sqlite:///blocked/var")
    (folder / "blocked").write_text("in the way", encoding="utf-8")
    return it


def newer_store(folder: Path, post: Post) -> Daemon:
    """A store whose schema is of a version to come."""
    it = installed(folder, post)
    Store.open(it.store, now=RealClock().now()).close()
    with closing(sqlite3.connect(it.store / "live.sqlite3")) as store, store:
        store.execute("update alembic_version set version_num = '9999'")
    return it


async def test_every_mistake_of_a_tree_is_said_at_once_with_its_place(tmp_path: Path, post: Post) -> None:
    """By `config check` and by `run`, in the same words; nothing is started and nothing is created."""
    tree = {"channels": email(post), "doors": doors(), **sections(), **MISTAKES}
    main = write_tree(tmp_path, tree)
    (tmp_path / "rotations").mkdir()
    (tmp_path / "rotations" / "primary.yaml").write_text(ROTATION, encoding="utf-8")
    checked, started = await asyncio.gather(
        refuses("config", "check", "--config", str(main)), refuses("run", "--config", str(main))
    )
    *places, summary = checked.stderr.splitlines()

    assert [2, 2] == [checked.returncode, started.returncode]
    assert checked.stderr == started.stderr
    assert [] == [line for line in places if not PLACE.match(line)]
    assert [] == [word for word in WRONG if not any(word in line for line in places)]
    assert f"the configuration has {len(places)} problems" in summary
    assert not (tmp_path / "var").exists()


async def test_a_second_daemon_leaves_the_first_ones_store_alone(tmp_path: Path, post: Post) -> None:
    """Other doors, the same folder."""
    it = installed(tmp_path / "first", post, probes=[probe("web", "http://127.0.0.1:9/")])
    other = installed(tmp_path / "second", post, store=f"sqlite:////{it.store}")
    try:
        await it.restart()
        ended = await refuses("run", "--config", str(other.main))

        assert 2 == ended.returncode
        assert "another monitord" in ended.stderr and str(it.store) in ended.stderr
        assert (await it.get(f"{it.ops}/readyz")).status_code == 200
        assert it.client.status().ready
    finally:
        await it.close()
        await other.close()
