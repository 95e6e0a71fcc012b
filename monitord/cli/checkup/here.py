"""The machine that is examined: whether systemd runs it, and what its tools say."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

RUNNING_SYSTEMD = Path("/run/systemd/system")
SAID = ("LoadState", "ActiveState", "UnitFileState", "NRestarts", "Result", "WatchdogUSec")
TOOL_WITHIN = 20.0  # seconds


def told(tool: str, *words: str) -> str:
    """What a tool of the machine says; empty if it is not there."""
    path = shutil.which(tool)
    if path is None:
        return ""
    try:
        ran = subprocess.run(  # noqa: S603 - a tool of systemd's, with words of our own
            [path, *words], capture_output=True, text=True, timeout=TOOL_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout


@dataclass(frozen=True, slots=True)
class Machine:
    """`told` runs a tool with its words and gives what it prints."""

    runs_systemd: bool = field(default_factory=RUNNING_SYSTEMD.exists)
    told: Callable[..., str] = told

    def shown(self, unit: str) -> dict[str, str]:
        """Properties of a unit."""
        properties = (f"--property={each}" for each in SAID)
        lines = self.told("systemctl", "show", unit, *properties).splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
