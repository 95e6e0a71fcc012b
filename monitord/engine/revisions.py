"""Which configuration a start goes by: the tree's if it loads, else the one that was accepted last.

Theory of operation. The store holds what was accepted, and the tree says where the store is; a tree that does
not load may still say so in a line of its own, and otherwise the store is where it usually is. A store that
was put elsewhere is remembered in $STATE_DIRECTORY, so that it is found even when the tree is gone. Only
where nothing was ever accepted a bad tree keeps the daemon from starting.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from monitord.config import ConfigurationRefused, Loaded, Place, Problem, load, load_kept
from monitord.config.keeping import refuse_if_gone
from monitord.config.problem import Wrong, at
from monitord.config.secrets import Secrets
from monitord.config.store_place import store_place, store_url
from monitord.config.tree import DEFAULTS, FOLDERS, SUFFIX, below, root_of
from monitord.store.decisions import Revision
from monitord.store.faults import StoreError
from monitord.store.revisions import newest_revision

USUAL = "sqlite:///var"
REMEMBERED = "store-place"
SAID = re.compile(r"""^store:\s*(?P<quote>["']?)(?P<url>[^"'#\s]+)(?P=quote)""", re.MULTILINE)
BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """What to start with; `refused` is what is wrong with the tree, if it is not the tree's."""

    loaded: Loaded
    refused: ConfigurationRefused | None = None

    @property
    def why(self) -> str:
        """What is wrong, for an alarm; empty if all is well."""
        lines = summary(self.refused) if self.refused is not None else ""
        kept = stays(self.loaded.revision) if self.refused is not None else ""
        return "\n".join(filter(None, (lines, broken(self.loaded.broken), kept)))


def find(path: Path | None, environ: Mapping[str, str]) -> Found:
    """The tree around `path`, or what was accepted last. Raises ConfigurationRefused if there is neither."""
    try:
        loaded = strictly(path, environ)
        with suppress(StoreError):
            before = newest_revision(Path(loaded.settings.store))
            refuse_if_gone(loaded.content, before.content if before else "")
        return Found(loaded)
    except ConfigurationRefused as refused:
        accepted = accepted_last(path, environ)
        if accepted is None:
            raise
        return Found(accepted, refused)


def with_other_doors(
    found: Found, path: Path | None, refused: Exception, environ: Mapping[str, str]
) -> Found | None:
    """What was accepted last, because a door of the tree cannot be opened; None if its doors are the same."""
    before = accepted_last(path, environ)
    if found.refused is not None or before is None or before.settings.doors == found.loaded.settings.doors:
        return None
    head = found.loaded.written.head
    place = head.place("doors") if head is not None else Place(str(path or DEFAULTS[0]), 1, 1)
    return Found(before, ConfigurationRefused([at(place, str(refused), "")]))


def strictly(path: Path | None, environ: Mapping[str, str]) -> Loaded:
    """The tree; a bug of ours that it finds is said like a mistake of its own."""
    try:
        return load(path, environ)
    except ConfigurationRefused:
        raise
    except Exception as error:
        place = Place(str(path or DEFAULTS[0]), 1, 1)
        what = f"monitord failed to read this tree: {type(error).__name__}: {error}"
        raise ConfigurationRefused(
            [at(place, what, "undo the last change to it, and report this")]
        ) from error


def accepted_last(path: Path | None, environ: Mapping[str, str]) -> Loaded | None:
    """What was accepted last, loaded again; None if there is no store, or nothing usable in it."""
    for folder in places(path, environ):
        with suppress(StoreError, ConfigurationRefused):
            revision = newest_revision(folder)
            if revision is not None:
                return reloaded(revision, folder, environ)
    return None


def reloaded(revision: Revision, store: Path, environ: Mapping[str, str]) -> Loaded:
    """The revision as a configuration; its store is the one that it was found in."""
    loaded = load_kept(revision.content, environ)
    return replace(loaded, settings=replace(loaded.settings, store=str(store)), revision=revision.hash)


def places(path: Path | None, environ: Mapping[str, str]) -> Iterator[Path]:
    """Where the store of this tree may be, the likeliest first; the tree is not expected to be readable."""
    for main in mains(path, environ):
        root = root_of(main) if "config" in (main.parent.name, main.parent.resolve().name) else main.parent
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


def said(main: Path, root: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """What stands behind `store:` in the files of a tree that is not understood as a whole."""
    secrets = Secrets(environ, root)
    for file in (main, *(path for path in below(root / FOLDERS[0]) if path.suffix == SUFFIX)):
        with suppress(OSError, Wrong):
            with file.open("rb") as stream:
                text = stream.read(BYTES_MAX).decode("utf-8", "replace")
            for match in SAID.finditer(text):
                yield store_url(secrets.reveal(match["url"]))


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


def stays(revision: str) -> str:
    """What goes on while the tree has a mistake."""
    return f"until it is corrected, revision {revision[:12]} stays in force: the one that was accepted last"


def summary(refused: ConfigurationRefused) -> str:
    """The first mistakes with their places, and how many more there are."""
    shown = [str(problem) for problem in refused.problems[:PROBLEMS_SHOWN]]
    left = len(refused.problems) - len(shown)
    if left:
        shown.append(f"and {left} more: `monitord config check` shows all")
    if refused.unread:
        shown.append("names were not compared, because a file could not be read")
    return "\n".join(shown)


PROBLEMS_SHOWN = 3


def broken(problems: tuple[Problem, ...]) -> str:
    """What an accepted configuration has to do without."""
    return "\n".join(str(problem) for problem in problems[:PROBLEMS_SHOWN])
