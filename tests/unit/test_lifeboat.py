"""The lifeboat: three starts that came to nothing are told once, with nothing but Python's own library."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import pytest

from monitord import lifeboat
from monitord.config.loading import Loaded
from monitord.core.facts import ConfigurationAccepted
from monitord.core.organization import Priority
from monitord.core.ticket import State, Ticket
from monitord.core.world import Configuration
from monitord.engine.rescue import Rescue, plan, rescue
from monitord.store import Store
from monitord.store.batch import Batch, Entry
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.patience import WITHIN
from tests.fakes.shop import MORNING, logbook
from tests.unit.config_tree import loaded

FILE = Path(lifeboat.__file__)
SECRET = "correct-horse-battery"


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with mail_server() as served:
        yield served


def head(server: str, more: str = "") -> str:
    return f"""\
organization: Example Shop
last_resort: [cem, bo]
doors:
  public: {{listen: "127.0.0.1:8080"}}
  edge: {{listen: "127.0.0.1:8081"}}
  ops: {{listen: "127.0.0.1:8082"}}
channels:
  email: {{server: "{server}", from: "Example Shop <monitord@example.org>"{more}}}
"""


async def start(folder: Path, **environ: str) -> str:
    """A start of the unit: without any package, and without anything that Python finds beside the file."""
    command = [sys.executable, "-I", "-S", str(FILE)]
    environment = {"PATH": os.environ["PATH"], "STATE_DIRECTORY": str(folder), **environ}
    ran = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert (0, "") == (ran.returncode, ran.stdout), ran.stderr
    return str(ran.stderr)


def stowed(folder: Path, server: str, more: str = "", environ: dict[str, str] | None = None) -> Rescue:
    """What a monitord that was well has written down, in the state directory that is given back."""
    log, lines = logbook()
    state = folder / "state"
    state.mkdir()
    boat = rescue({"STATE_DIRECTORY": f"{state}:/elsewhere"}, log)
    boat.stow(loaded(folder, environ=environ, head=head(server, more)))
    assert [] == lines
    return boat


def came_to_nothing(state: Path) -> None:
    """As three starts leave it that never got to work."""
    (state / lifeboat.STARTS).write_text("2026-01-05T09:00:00+00:00\n" * 3)


async def test_three_starts_without_work_are_told_once(tmp_path: Path, post: Post) -> None:
    boat = stowed(tmp_path, post.url)
    state = tmp_path / "state"
    for _ in range(3):
        assert "" == await start(state)
    assert "told cem@example.org, bo@example.org" in await start(state)
    mail = await post["cem@example.org"].expects("monitord itself does not start")
    await post["bo@example.org"].expects("monitord itself does not start")

    assert "Example Shop: monitord itself does not start, nobody is paged" == mail.subject
    assert "journalctl -u monitord" in mail.text
    assert "" == await start(state)

    boat.well()
    assert "" == await start(state)
    came_to_nothing(state)
    assert "told cem@example.org" in await start(state)


async def test_the_mail_has_the_open_tickets(tmp_path: Path, post: Post) -> None:
    stowed(tmp_path, post.url)
    store_with_a_ticket(tmp_path / "var")
    came_to_nothing(tmp_path / "state")
    await start(tmp_path / "state")
    mail = await post["cem@example.org"].expects("monitord itself")

    assert "ticket 7, urgent, open: web is down, ann has it" in mail.text


def store_with_a_ticket(folder: Path) -> None:
    """A store as the daemon leaves it when it dies: one open ticket, one that has ended."""
    store = Store.open(folder, now=MORNING)
    store.load(Configuration())
    times: dict[str, Any] = {"since": MORNING, "opened": MORNING}
    web = Ticket(7, "web is down", "web", "shop", Priority.URGENT, State.OPEN, holder="ann", **times)
    done = Ticket(6, "it was dark", "db", "shop", Priority.HIGH, State.RESOLVED, resolved=MORNING, **times)
    entry = Entry(ConfigurationAccepted("r1"), MORNING, (web, done), ())
    store.commit(Batch(store.begin_term(), "r1", (entry,)))
    store.close()


async def test_a_store_that_cannot_be_read_stops_nobody(tmp_path: Path, post: Post) -> None:
    stowed(tmp_path, post.url)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "live.sqlite3").write_bytes(b"no database at all" * 100)
    came_to_nothing(tmp_path / "state")
    await start(tmp_path / "state")
    mail = await post["cem@example.org"].expects("monitord itself")

    assert "the store cannot be read" in mail.text


async def test_without_a_mail_server_the_next_start_tries_again(tmp_path: Path, post: Post) -> None:
    stowed(tmp_path, "smtp://127.0.0.1:1")
    came_to_nothing(tmp_path / "state")

    for _ in range(2):
        assert "127.0.0.1:1 takes no mail" in await start(tmp_path / "state")


async def test_whoever_was_never_well_has_nobody_to_tell(tmp_path: Path) -> None:
    came_to_nothing(tmp_path)

    assert "there is nobody to tell" in await start(tmp_path)


async def test_whatever_it_finds_it_keeps_nobody_from_starting(tmp_path: Path) -> None:
    came_to_nothing(tmp_path)
    (tmp_path / "lifeboat.json").write_text('{"people": 3}')

    assert "the lifeboat has failed: KeyError" in await start(tmp_path)
    assert "the lifeboat has failed: FileNotFoundError" in await start(tmp_path / "missing")


def test_a_password_stays_where_it_was(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "monitord_smtp").write_text(f"{SECRET}\n")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    more = ', username: monitord, password: "${credential:smtp}"'
    stowed(tmp_path, "smtps://mail.example.org", more, environ)
    written = (tmp_path / "state" / "lifeboat.json").read_text()
    found = lifeboat.account(json.loads(written), environ)

    assert SECRET not in written
    assert 0o600 == (tmp_path / "state" / "lifeboat.json").stat().st_mode & 0o777
    assert ("mail.example.org", 465, True) == (found.host, found.port, found.tls)
    assert ("monitord", SECRET) == (found.username, found.password)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${env:NAME}", "ann"),
        ("a${env:NAME}b", "aannb"),
        ("$${env:NAME}", "${env:NAME}"),
        ("${file:word}", "open sesame"),
        ("${credential:none}", ""),
        ("${env:none}", ""),
        ("plain", "plain"),
    ],
)
def test_references_mean_what_they_mean_elsewhere(tmp_path: Path, written: str, meant: str) -> None:
    (tmp_path / "word").write_text("open sesame\n")

    assert meant == lifeboat.revealed(written, tmp_path, {"NAME": "ann"})


def test_where_nobody_is_the_last_resort_everybody_is(tmp_path: Path) -> None:
    made = plan(loaded(tmp_path))

    assert ["ann@example.org", "bo@example.org", "cem@example.org"] == made["people"]


def test_whoever_has_left_is_not_in_it(tmp_path: Path) -> None:
    found = loaded(tmp_path, head=head("smtp://127.0.0.1"))
    left = [plan(found, gone)["people"] for gone in (("cem",), ("cem", "bo"))]

    assert [["bo@example.org"], ["ann@example.org"]] == left


class Slow(Rescue):
    """Its first plan is being written until `go`; `written` says of which leavers each one knew."""

    begun, go, done = Event(), Event(), Event()
    written: ClassVar[list[Collection[str]]] = []

    def stow(self, loaded: Loaded, left: Collection[str] = ()) -> None:
        self.written.append(left)
        self.begun.set()
        self.go.wait(60)
        if "eve" in left:
            self.done.set()


def test_of_plans_at_once_the_newest_is_written_last(tmp_path: Path) -> None:
    gone: list[str] = []
    boat = Slow(tmp_path, logbook()[0], lambda: tuple(gone))
    boat.accept(loaded(tmp_path))
    assert boat.begun.wait(60)
    for name in ("ann", "bo", "eve"):
        gone.append(name)
        boat.again()
    boat.go.set()
    assert boat.done.wait(60)

    assert [(), ("ann", "bo", "eve")] == boat.written


def test_what_another_one_is_writing_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / f"{lifeboat.PLAN}.new"
    other.write_text("half a pl")
    lifeboat.stow(tmp_path, {"people": []})

    assert "half a pl" == other.read_text()
    assert {"people": []} == lifeboat.planned(tmp_path)


def test_a_plan_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / lifeboat.PLAN).mkdir()
    with pytest.raises(IsADirectoryError):
        lifeboat.stow(tmp_path, {"people": []})

    assert [lifeboat.PLAN] == [each.name for each in tmp_path.iterdir()]


def test_a_lifeboat_without_anybody_is_said(tmp_path: Path) -> None:
    log, lines = logbook()
    mute = head("smtp://127.0.0.1").replace("last_resort: [cem, bo]\n", "")
    Rescue(tmp_path, log).stow(loaded(tmp_path, head=mute, people=""))

    assert ["lifeboat not ready"] == [line["event"] for line in lines]
    assert "nobody of `last_resort` can be reached" in lines[0]["why"]


def test_without_a_state_directory_there_is_none(tmp_path: Path) -> None:
    log, lines = logbook()
    boat = rescue({}, log)
    boat.stow(loaded(tmp_path))
    boat.well()

    assert [] == lines
