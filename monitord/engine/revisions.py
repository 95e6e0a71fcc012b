"""Which configuration a start goes by: the tree's if it loads, else the one that was accepted last.

The store holds what was accepted; of a tree that does not load, whereabouts.py says where that may be. Only
where nothing was ever accepted a bad tree keeps the daemon from starting.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from monitord.config.keeping import refuse_if_gone
from monitord.config.kept import load_kept
from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused, Place, Problem, at
from monitord.config.tree import DEFAULTS
from monitord.config.whereabouts import places
from monitord.store.decisions import Revision
from monitord.store.faults import StoreError
from monitord.store.revisions import newest_revision


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
