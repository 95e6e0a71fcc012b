"""The YAML trees as values: `load` reads a tree, and says everything that is wrong with it at once.

The way of a file: tree.py finds it, yaml.py makes nodes with places of it (secrets.py reveals references on
the way), sections.py sorts and reads them by shapes.py and options.py, checks.py and references.py compare
what they say of each other, doubts.py warns, build.py makes the core's values.
"""

import gc
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitord.config import yaml
from monitord.config.build import Builder
from monitord.config.checks import CHECKS
from monitord.config.doubts import DOUBTS, is_placeholder
from monitord.config.problem import ConfigurationRefused, Place, Problem
from monitord.config.references import Names
from monitord.config.secrets import Secrets
from monitord.config.sections import Entry, Reader, Written
from monitord.config.settings import Door, Doors, Settings, Watchdog
from monitord.config.shapes import DoorShape, HeadShape
from monitord.config.store_place import store_place
from monitord.config.suggest import Guesses
from monitord.config.tree import Tree, main_file, read_tree
from monitord.core.world import Configuration

__all__ = [
    "ConfigurationRefused",
    "Door",
    "Doors",
    "Loaded",
    "Place",
    "Problem",
    "Settings",
    "Watchdog",
    "load",
]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A tree that can be used. `revision` is the hash of `content`, the files as they are; `written` is what
    stands in them."""

    configuration: Configuration = field(repr=False)
    settings: Settings
    warnings: tuple[Problem, ...]
    revision: str
    content: str = field(repr=False)
    written: Written = field(repr=False, compare=False)


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """The configuration around the main file `path` (None: the usual places).

    Raises ConfigurationRefused with every problem there is; what only disappoints is in `warnings`.
    """
    collecting = gc.isenabled()
    gc.disable()  # a load makes a million values and no garbage; looking for it takes a third of the time
    try:
        return read(path, environ)
    finally:
        if collecting:
            gc.enable()


def read(path: Path | None, environ: Mapping[str, str]) -> Loaded:
    """As `load`."""
    tree, problems, warnings = read_tree(main_file(path, environ))
    secrets = Secrets(environ, tree.root)
    guesses = Guesses()
    documents, found = read_documents(tree, secrets)
    complete = not problems and all(reading.whole for reading in found)
    unreadable = {problem.place for reading in found for problem in reading.problems}
    problems += [problem for reading in found for problem in reading.problems]

    reader = Reader(tree.beginning, guesses)
    written = reader.read(documents, complete=complete)
    problems += [problem for problem in reader.problems if problem.place not in unreadable]
    builder = Builder(written)
    configuration = builder.configuration(tree.revision)
    problems += builder.problems
    if complete:
        problems += [problem for check in CHECKS for problem in check(Names(written, guesses))]
    if problems or written.head is None:
        raise ConfigurationRefused(in_order(map(secrets.masked, problems)))
    warnings += [doubt for find in DOUBTS for doubt in find(written)]
    settings = made_settings(written.head, written, tree, environ)
    return Loaded(
        configuration,
        settings,
        tuple(in_order(map(secrets.masked, warnings))),
        tree.revision,
        tree.content,
        written,
    )


def read_documents(tree: Tree, secrets: Secrets) -> tuple[list[yaml.Node], list[yaml.Reading]]:
    found = [yaml.read(source, secrets.reveal) for source in tree.sources]
    return [document for reading in found for document in reading.documents], found


def in_order(problems: Iterator[Problem]) -> list[Problem]:
    """By place, each once: people go through a file from top to bottom."""
    return sorted(set(problems), key=lambda problem: (problem.place, problem.what))


def made_settings(
    head: Entry[HeadShape], written: Written, tree: Tree, environ: Mapping[str, str]
) -> Settings:
    """What the shell needs to know."""
    shape = head.shape
    return Settings(
        organization=shape.organization,
        time_zone=shape.time_zone,
        tree=tree.root.resolve(),
        store=store_place(shape.store, tree.root, environ),
        doors=Doors(door(shape.doors.public), door(shape.doors.edge), door(shape.doors.ops)),
        channels={id: entry.options for id, entry in written.channels.items()},
        watchdog=made_watchdog(shape),
    )


def door(shape: DoorShape) -> Door:
    host, port = shape.listen
    named = f"[{host}]" if ":" in host else host
    return Door(host, port, shape.url or f"http://{named}:{port}")


def made_watchdog(head: HeadShape) -> Watchdog | None:
    """A placeholder is not asked."""
    said = head.watchdog
    return Watchdog(said.url, said.every) if said is not None and not is_placeholder(said.url) else None
