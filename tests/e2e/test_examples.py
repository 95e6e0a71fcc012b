"""The example trees that are shipped: they are valid, and `monitord run` starts with them as they stand."""

import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from tests.fakes.daemon import Daemon, doors, refuses, until

pytestmark = pytest.mark.cold

ROOT = Path(__file__).parents[2]
FOLDERS = ("config", "probes", "rotations")
READY_WITHIN = 4.0  # seconds, on a machine that has nothing else to do


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the trees."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
async def example(tree: Path) -> AsyncIterator[Daemon]:
    """The trees, and a daemon that has not been started."""
    main = tree / "config" / "monitord.yaml"
    it = Daemon(main, yaml.safe_load(main.read_text(encoding="utf-8"))["doors"], tree / "var")
    yield it
    await it.close()


async def test_the_examples_are_valid_and_warn_of_what_they_really_lack(example: Daemon) -> None:
    checked = await refuses("config", "check", "--config", str(example.main), "--json")
    warnings = json.loads(checked.stdout)["warnings"]

    assert 0 == checked.returncode, checked.stderr
    assert [1, 1] == [
        len([warning for warning in warnings if words in warning])
        for words in ("there is no watchdog", "are reached by email alone")
    ]
    assert 2 == len(warnings)


async def test_the_daemon_runs_on_the_examples_as_they_stand(example: Daemon) -> None:
    """At their own ports, if nobody else is there."""
    for door in example.doors.values():
        if taken(door["listen"]):
            pytest.skip(f"somebody listens at {door['listen']} already")
    await starts_and_stops(example)


async def test_the_daemon_runs_on_the_examples_at_other_ports(example: Daemon) -> None:
    text = example.main.read_text(encoding="utf-8")
    probes = example.main.parent.parent / "probes" / "web.yaml"
    asked = probes.read_text(encoding="utf-8")
    others = doors()
    for name, door in others.items():
        old = example.doors[name]["listen"]
        text, asked = text.replace(old, door["listen"]), asked.replace(old, door["listen"])
    example.main.write_text(text, encoding="utf-8")
    probes.write_text(asked, encoding="utf-8")
    example.doors = others
    await starts_and_stops(example)


async def starts_and_stops(it: Daemon) -> None:
    """Ready, well, quiet; and its example probe, its own /healthz, passes."""
    await it.restart()
    print(f"ready after {it.took:.2f} s (on a quiet machine within {READY_WITHIN:g} s)")
    await until(lambda: it.client.probe("shop").probe.state == "up")
    page = await it.get(it.public)

    assert (200, True) == (page.status_code, "All Systems Operational" in page.text)
    assert 200 == (await it.get(f"{it.ops}/healthz")).status_code
    assert "monitord_" in (await it.get(f"{it.ops}/metrics")).text
    assert () == it.client.tickets()
    assert 0 == await it.stop()


def taken(address: str) -> bool:
    host, _, port = address.partition(":")
    with closing(socket.socket()) as asking:
        return asking.connect_ex((host, int(port))) == 0
