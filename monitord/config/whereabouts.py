"""Where the store of a tree is, without reading the tree as a whole: that takes time, or cannot be done.

Theory of operation. The tree says where the store is, usually in a line of its own: a command that only asks
the daemon reads no more than that line. Where the main file has no such line, or more than one, it is up to
whoever loads the tree. A tree that does not load may still say so in a line of some file, and otherwise the
store is where it usually is. A store that was put elsewhere is remembered in $STATE_DIRECTORY, so that it is
found even when the tree is gone.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from monitord.config.problem import ConfigurationRefused, Wrong
from monitord.config.secrets import Secrets
from monitord.config.store_place import store_place, store_url
from monitord.config.tree import DEFAULTS, FOLDERS, SUFFIX, below, main_file, root_of

USUAL = "sqlite:///var"
REMEMBERED = "store-place"
SAID = re.compile(r"""^store:\s*(?P<quote>["']?)(?P<url>[^"'#\s]+)(?P=quote)""", re.MULTILINE)
ALONE = re.compile(SAID.pattern + r"(?:[ \t]+#.*)?[ \t\r]*$", re.MULTILINE)
BYTES_MAX = 1024 * 1024


def stated(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The store that the main file names in one line; None where it does not, or where there is none."""
    with suppress(ConfigurationRefused, OSError, Wrong):
        main = main_file(path, environ)
        root = around(main)
        match list(ALONE.finditer(beginning(main))):
            case [line]:
                url = store_url(Secrets(environ, root).reveal(line["url"]))
                return Path(store_place(url, root, environ))
    return None


def places(path: Path | None, environ: Mapping[str, str]) -> Iterator[Path]:
    """Where the store of this tree may be, the likeliest first; the tree is not expected to be readable."""
    for main in mains(path, environ):
        root = around(main)
        for url in (*said(main, root, environ), USUAL):
            yield Path(store_place(url, root, environ))
    remembered = reminder(environ)
    if remembered is not None:
        with suppress(OSError, ValueError):
            yield Path(remembered.read_text(encoding="utf-8").strip())


def mains(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The main file that was named, or the usual ones, whether they exist or not."""
    if path is not None:
        return (path,)
    named = environ.get("MONITORD_CONFIG")
    return (Path(named),) if named else DEFAULTS


def around(main: Path) -> Path:
    """The folder that relative paths start from."""
    return root_of(main) if "config" in (main.parent.name, main.parent.resolve().name) else main.parent


def said(main: Path, root: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """What stands behind `store:` in the files of a tree that is not understood as a whole."""
    secrets = Secrets(environ, root)
    for file in (main, *(path for path in below(root / FOLDERS[0]) if path.suffix == SUFFIX)):
        with suppress(OSError, Wrong):
            for match in SAID.finditer(beginning(file)):
                yield store_url(secrets.reveal(match["url"]))


def beginning(file: Path) -> str:
    """The text of a file as far as anybody would look for the line."""
    with file.open("rb") as stream:
        return stream.read(BYTES_MAX).decode("utf-8", "replace")


def reminder(environ: Mapping[str, str]) -> Path | None:
    """The file that remembers where the store is."""
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd may name several
    return Path(state, REMEMBERED) if state else None


def remember(store: str, environ: Mapping[str, str]) -> None:
    """Note where the store is, for a start without a tree; where that cannot be, it is not needed badly."""
    file = reminder(environ)
    with suppress(OSError):
        if file is not None and (not file.exists() or file.read_text(encoding="utf-8").strip() != store):
            file.write_text(f"{store}\n", encoding="utf-8")
