"""Where an installed monitord has its things: what systemd says to the daemon, and nobody says to a shell.

The unit hands the daemon $STATE_DIRECTORY and $CREDENTIALS_DIRECTORY. An administrator who types `monitord
config check` beside it has neither; for the tree in /etc/monitord, and for no other, they are then where the
unit has them. The folder of credentials is root's alone, so this reveals nothing to anybody else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

TREE: Final = Path("/etc/monitord")
THERE: Final = {"STATE_DIRECTORY": "/var/lib/monitord", "CREDENTIALS_DIRECTORY": "/etc/monitord/credentials"}


def surroundings(root: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment for the tree below `root`: the packaged places, where nobody has said others."""
    if root.resolve() != TREE:
        return environ
    return {**THERE, **{name: value for name, value in environ.items() if value or name not in THERE}}
