"""The command line in this process: what a command says, where, and its exit code."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from monitord.cli import cli
from tests.unit.config_tree import tree

ENVIRONMENT = dict.fromkeys(("MONITORD_CONFIG", "MONITORD_URL", "RUNTIME_DIRECTORY", "STATE_DIRECTORY"))


def run(*arguments: str | Path, typed: str | None = None) -> Result:
    """Run `monitord` with these words; `typed` is what it reads from the keyboard."""
    words = [str(word) for word in arguments]
    return CliRunner().invoke(cli, words, input=typed, env=ENVIRONMENT, prog_name="monitord")


def run_in(folder: Path, more: str, *arguments: str, **parts: str) -> Result:
    """Run it on a small tree with `more` laid over it."""
    return run("--config", tree(folder, more, **parts), *arguments)


def answer(result: Result) -> Any:
    """What it printed as JSON."""
    return json.loads(result.stdout)
