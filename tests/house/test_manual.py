"""The manual is true: every YAML block loads, every `$ monitord` line runs.

A YAML block begins with the path of its file (`# probes/web.yaml`). It is laid over the example tree, which
must then still pass `monitord config check`. A console block's commands run beside that tree.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from tests.house.tree import PACKAGE, ROOT, files, name
from tests.unit.cli import run

TREES = ("config", "probes", "rotations")
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(rf"# (?P<path>(?:{'|'.join(TREES)})/[\w.-]+\.yaml)\b")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page; `where` is its first line as `page:line`."""

    where: str
    text: str


def blocks(language: str) -> Iterator[Block]:
    """The blocks of one language on all pages of the manual."""
    for page in (
        path for path in files() if path.suffix == ".md" and path.is_relative_to(PACKAGE / "web" / "docs")
    ):
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match["language"] == language:
                line = text.count("\n", 0, match.start()) + 2
                yield Block(f"{name(page)}:{line}", match["text"])


def commands() -> list[tuple[str, list[str]]]:
    """Every `$ monitord` line of the manual: where its block is, and its arguments."""
    return [
        (block.where, shlex.split(line.removeprefix("$ monitord"), comments=True))
        for block in blocks("console")
        for line in block.text.splitlines()
        if line.startswith("$ monitord")
    ]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the example trees."""
    for folder in TREES:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def monitord(tree: Path, *arguments: str) -> Result:
    """Run the command line beside a tree; in this process, because a new one costs a second for each line."""
    with chdir(tree):
        return run(*arguments)


@pytest.mark.parametrize("block", list(blocks("yaml")), ids=lambda block: block.where)
def test_a_yaml_block_of_the_manual_loads(block: Block, tree: Path) -> None:
    place = PLACE.match(block.text)
    assert place, f"{block.where}: begin the block with the path of its file, as in `# probes/web.yaml`."
    (tree / place["path"]).write_text(block.text, encoding="utf-8")

    checked = monitord(tree, "config", "check", "--config", "config/monitord.yaml")

    assert 0 == checked.exit_code, f"{block.where}: {checked.output}"


@pytest.mark.parametrize(("where", "arguments"), commands(), ids=str)
def test_a_command_of_the_manual_runs(where: str, arguments: list[str], tree: Path) -> None:
    ran = monitord(tree, *arguments)

    assert 0 == ran.exit_code, f"{where}: {ran.output}"
