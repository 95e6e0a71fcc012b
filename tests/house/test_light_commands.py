"""A command that asks the running daemon imports what it needs for that, and nothing of the daemon."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.patience import WITHIN
from tests.fakes.terminal import named_tree

ASKING = (
    *("ticket", "page", "status", "subscriber", "silence", "contact", "override", "away", "event"),
    *("integration", "heartbeat", "account", "token", "backup"),
)
HEAVY = {
    *("asyncio", "email", "fastapi", "httpx2", "jinja2", "pydantic", "rich", "sqlalchemy", "ssl", "yaml"),
    *("monitord.config.loading", "monitord.engine", "monitord.kinds", "monitord.store", "monitord.web"),
}
FOUND = """
import sys
from pathlib import Path
import monitord.cli
from monitord.config.whereabouts import stated

monitord.cli.cli.get_command(None, sys.argv[1])
assert Path(sys.argv[2], "var") == stated(Path(sys.argv[2], "monitord.yaml"), {})
print(*sys.modules)
"""


@pytest.mark.parametrize("command", ASKING)
def test_a_command_that_asks_the_daemon_is_light(command: str, tmp_path: Path) -> None:
    named_tree(tmp_path)
    words = [sys.executable, "-c", FOUND, command, str(tmp_path)]
    imported = subprocess.run(
        words, capture_output=True, text=True, timeout=WITHIN, check=True
    ).stdout.split()

    assert set() == HEAVY & set(imported), "import it where it is used, or ask whoever has it already"
