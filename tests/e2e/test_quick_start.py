"""The quick start, typed line by line beside a daemon on the example as it is shipped.

What the page shows below a command is what it prints; `…` stands for what differs from day to day.
"""

import re
import shlex
import shutil
from asyncio import to_thread
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.mails import pages
from tests.fakes.daemon import Daemon, doors, monitord, until
from tests.fakes.mailbox import Post, mail_server

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "monitord" / "web" / "docs" / "quick-start.md"
FENCE = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ monitord "


def typed() -> Iterator[tuple[str, str]]:
    """Each command of the page except the daemon itself, and what is shown below it."""
    for block in FENCE.findall(PAGE.read_text(encoding="utf-8")):
        for each in f"\n{block}".split(f"\n{PROMPT}")[1:]:
            command, _, shown = each.partition("\n")
            if command != "run":
                yield command, shown.strip()


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with mail_server() as it:
        yield it


@pytest.fixture
async def example(tmp_path: Path, post: Post) -> AsyncIterator[Daemon]:
    """The example at other ports, with a mail server behind it."""
    for name in ("config", "probes", "rotations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    main, probes = tmp_path / "config" / "monitord.yaml", tmp_path / "probes" / "web.yaml"
    ours = doors()
    theirs = yaml.safe_load(main.read_text(encoding="utf-8"))["doors"]
    for path in (main, probes):
        text = path.read_text(encoding="utf-8").replace("smtp://127.0.0.1:25", post.url)
        for name, door in theirs.items():
            text = text.replace(door["listen"], ours[name]["listen"])
        path.write_text(text, encoding="utf-8")
    it = Daemon(main, ours, tmp_path / "var")
    await it.restart()
    yield it
    await it.close()


def prints(command: str) -> str:
    ran = monitord(*shlex.split(command))
    assert 0 == ran.returncode, f"{command}: {ran.stdout}{ran.stderr}"
    return (ran.stdout + ran.stderr).strip()


async def test_every_command_of_the_quick_start_prints_what_it_shows(
    example: Daemon, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(example.store.parent)
    for command, shown in typed():
        printed = await to_thread(prints, command)
        printed = printed.replace(example.doors["ops"]["listen"], "127.0.0.1:8082")
        expected = ".*".join(map(re.escape, shown.split("…")))
        assert re.fullmatch(expected, printed, re.DOTALL), f"{command} prints:\n{printed}"
        if command.startswith("page "):
            await until(lambda: pages(post.mails))

    assert ["ann@example.org"] == [mail.recipients[0] for mail in pages(post.mails)]
