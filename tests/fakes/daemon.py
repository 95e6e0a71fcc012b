"""A running daemon: `monitord run` as a process of its own, on a tree that the test writes.

async with mail_server() as post, Target() as target:
    async with daemon(tmp_path, post, probes=[probe("web", target.url)]) as it:     # is ready
        await until(it.client.tickets)                       # the first answer that is not nothing
        page = await it.get(it.public)                       # `public`, `edge` and `ops` are URLs
        await it.kill9()                                     # as a power cut would, without the power
        await it.restart()                                   # on the same store
        assert 0 == await it.stop()

What it has written to its log is printed at the end of the block, where pytest shows it if the test failed.
"""

import asyncio
import inspect
import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

import httpx2 as httpx
import yaml

from monitord.client import Client, Place
from tests.fakes.mailbox import LOCALHOST, Post
from tests.fakes.new_store import new_store
from tests.fakes.patience import WITHIN
from tests.fakes.warm import Process, started

LOOK_EVERY = 0.03
LOG_LINES_SHOWN = 150
# Below the ports that the kernel hands out by itself, and other ones for every process that runs tests.
FIRST_PORT = 10_000 + os.getpid() % 22 * 1_000
PORTS = iter(range(FIRST_PORT, 32_000))
NOT_INHERITED = (
    "MONITORD_",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "PYTHONDONTWRITE",
)

T = TypeVar("T")
Document = dict[str, Any]


async def until(look: Callable[[], T | Awaitable[T]], within: float = WITHIN, why: str = "") -> T:
    """The first answer of `look` that is true; AssertionError with the last one if there is none in time."""
    said: Any = None
    try:
        async with asyncio.timeout(within):
            while True:
                said = look()
                if inspect.isawaitable(said):
                    said = await said
                if said:
                    return said  # type: ignore[no-any-return]
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise AssertionError(
            f"{why or 'still waiting'} after {within:g} s; the last answer: {said!r}"
        ) from None


def free_port() -> int:
    """A port that nobody uses, and that no other test is given."""
    for port in PORTS:
        with closing(socket.socket()) as vacant:
            vacant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                vacant.bind((LOCALHOST, port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is in use")


# --- The tree.


def person(name: str, *reach: Document) -> Document:
    return {"name": f"{name.title()} Example", "reach": list(reach) or [{"email": f"{name}@example.org"}]}


def probe(name: str, url: str, **more: Any) -> Document:
    """An http probe of the shop, quick and touchy unless said otherwise."""
    quick = {"every": "150ms", "timeout": "30s", "failures": 1, "passes": 1, "service": "shop"}
    return {"name": name, "kind": "http", "url": url, **quick, **more}


def policy(*tiers: str | list[str], lasts: str = "1s", **more: Any) -> Document:
    """Each tier is a person, or several."""
    asked = [tier if isinstance(tier, list) else [tier] for tier in tiers]
    return {"tiers": [{"page": people, "for": lasts} for people in asked], **more}


def sections() -> Document:
    """A shop with the cast: ann is asked, an hour later bo, then cem; customers are told at once."""
    return {
        "organization": "Example Shop",
        "time_zone": "America/Chicago",
        "last_resort": ["cem", "dee"],
        "people": {name: person(name) for name in ("ann", "bo", "cem", "dee")},
        "policies": {"urgent": policy("ann", "bo", "cem", lasts="1h")},
        "services": {
            "shop": {
                "name": "Shop",
                "policies": {"default": "urgent"},
                "components": ["Shop"],
                "public": {"effect": "major_outage", "publish_after": "0s"},
                "links": {"runbook": "https://wiki.example.org/shop"},
            }
        },
        "status_pages": [
            {
                "name": "Example Shop status",
                "components": [
                    {"name": "Shop", "group": "Storefront", "description": "Browsing and checkout"},
                    {"name": "Payments"},
                ],
            }
        ],
        "probes": [],
    }


def doors() -> Document:
    """Three addresses that nobody uses."""
    return {name: {"listen": f"{LOCALHOST}:{free_port()}"} for name in ("public", "edge", "ops")}


def email(post: Post, **more: Any) -> Document:
    """The channel, with the post office behind it."""
    return {"email": {"server": post.url, "from": "Example Shop <monitord@example.org>", **more}}


def write_tree(folder: Path, said: Mapping[str, Any]) -> Path:
    """One file with all sections; its path."""
    main = folder / "config" / "monitord.yaml"
    main.parent.mkdir(parents=True, exist_ok=True)
    main.write_text(yaml.safe_dump(dict(said), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return main


# --- The process.


def environment(**more: str) -> dict[str, str]:
    """Ours, without what the daemon should not inherit."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return ours | {"COLUMNS": "200"} | more


def monitord(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a command line to its end, which must come."""
    with TemporaryFile() as out, TemporaryFile() as errors:
        process = started(words, environment(**environ), out, errors)
        try:
            code = process.wait(WITHIN)
        finally:
            process.kill()
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(words, code, out.read().decode(), errors.read().decode())


async def refuses(*words: str) -> "subprocess.CompletedProcess[str]":
    """The same, while everybody else goes on; for what ends by itself."""
    return await asyncio.to_thread(monitord, *words)


@dataclass
class Daemon:
    """One installation and the process that runs it, if it runs."""

    main: Path
    doors: Mapping[str, Any]
    store: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    process: Process | None = None
    took: float = 0.0  # seconds from the last start to readiness

    def url(self, door: str) -> str:
        return f"http://{self.doors[door]['listen']}"

    @property
    def public(self) -> str:
        return self.url("public")

    @property
    def edge(self) -> str:
        return self.url("edge")

    @property
    def ops(self) -> str:
        return self.url("ops")

    @property
    def client(self) -> Client:
        """On its control socket."""
        return Client(Place(self.store / "control.sock"), within=WITHIN)

    def acting(self, person: str) -> Client:
        """The same, in somebody's name."""
        return Client(Place(self.store / "control.sock"), by=person, within=WITHIN)

    @cached_property
    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=WITHIN, trust_env=False, verify=False)

    async def get(self, url: str, **more: Any) -> httpx.Response:
        return await self.http.get(url, **more)

    async def post(self, url: str, **form: str) -> httpx.Response:
        return await self.http.post(url, data=form)

    # The log.

    @property
    def log_path(self) -> Path:
        return self.main.parent.parent / "daemon.log"

    @property
    def log(self) -> str:
        """What it has written so far, over all its starts."""
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def show_log(self) -> None:
        print(f"--- the end of {self.log_path}")
        print("\n".join(map(shortened, self.log.splitlines()[-LOG_LINES_SHOWN:])))

    # Starting and ending.

    def launch(self) -> None:
        """Start the process, and do not wait for it."""
        assert self.process is None, "it runs already"
        with self.log_path.open("ab") as log:
            words = ["run", "--config", str(self.main)]
            self.process = started(words, environment(**self.environ), log, log)

    async def ready(self, within: float = WITHIN) -> None:
        """Until /readyz says so."""
        await until(self.says_ready, within, why=f"{self.ops}/readyz is not 200")

    async def says_ready(self) -> bool:
        assert self.process is not None and self.process.poll() is None, f"it has ended:\n{self.log}"
        try:
            return (await self.get(f"{self.ops}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def restart(self) -> None:
        """Start on the same store; wait until it is ready."""
        begun = asyncio.get_running_loop().time()
        self.launch()
        await self.ready()
        self.took = asyncio.get_running_loop().time() - begun

    async def stop(self, within: float = WITHIN) -> int:
        """SIGTERM, and its exit code."""
        return await self.end(signal.SIGTERM, within)

    async def kill9(self) -> None:
        """Gone, in the middle of whatever it was doing."""
        await self.end(signal.SIGKILL, WITHIN)

    async def end(self, number: signal.Signals, within: float) -> int:
        assert self.process is not None, "it does not run"
        process, self.process = self.process, None
        process.send_signal(number)
        try:
            return await asyncio.to_thread(process.wait, within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{number.name} did not end it within {within:g} s") from None

    async def close(self) -> None:
        """Whatever the test has left behind."""
        if self.process is not None:
            await self.kill9()
        await self.http.aclose()
        self.show_log()


def shortened(line: str) -> str:
    """A line of the log, for people."""
    try:
        said = json.loads(line)
        at, event = said.pop("timestamp")[11:23], said.pop("event")
    except (ValueError, KeyError, TypeError, AttributeError):
        return line
    what = said.get("says") or " ".join(f"{name}={value}" for name, value in said.items() if name != "level")
    return f"{at} {event}: {said.get('ticket', '')} {what}"


def installed(folder: Path, post: Post, **said: Any) -> Daemon:
    """A daemon that has not been started yet; `said` are sections that differ from the usual ones."""
    tree = {"channels": email(post), "doors": doors(), **sections(), **said}
    return Daemon(write_tree(folder, tree), tree["doors"], folder / "var")


@asynccontextmanager
async def daemon(folder: Path, post: Post, **said: Any) -> AsyncIterator[Daemon]:
    """A daemon that is ready, on a store that is new and has the newest schema; at the end of the block it is
    gone.
    """
    it = installed(folder, post, **said)
    new_store(it.store)
    try:
        await it.restart()
        yield it
    finally:
        await it.close()
