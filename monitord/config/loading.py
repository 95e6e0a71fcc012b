"""Loading: a tree, wherever its files come from, becomes values, or everything that is wrong with it."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from monitord.config import yaml
from monitord.config.away_build import overrides_of_the_absent
from monitord.config.build import Builder, severities
from monitord.config.calendars import calendar_addresses
from monitord.config.checks import CHECKS
from monitord.config.doubts import DOUBTS, is_placeholder
from monitord.config.entries import Entry, Written
from monitord.config.inlet_build import heartbeat_keys, inlets
from monitord.config.keeping import content
from monitord.config.oidc import oidc
from monitord.config.problem import ConfigurationRefused, Place, Problem
from monitord.config.references import Names
from monitord.config.secrets import Secrets
from monitord.config.sections import Reader
from monitord.config.settings import Backup, Door, Doors, Settings, Watchdog
from monitord.config.shapes import DoorShape, HeadShape
from monitord.config.store_place import state_place, store_place
from monitord.config.suggest import Guesses
from monitord.config.tree import Tree, main_file, read_tree
from monitord.core.world import Configuration


@dataclass(frozen=True, slots=True)
class Loaded:
    """A tree that can be used. `revision` is the hash of its files; `content` what has to be kept to load it
    again; `written` is what stands in them; `broken` is what an accepted tree has to do without."""

    configuration: Configuration = field(repr=False)
    settings: Settings
    warnings: tuple[Problem, ...]
    revision: str
    content: str = field(repr=False)
    written: Written = field(repr=False, compare=False)
    broken: tuple[Problem, ...] = ()
    hush: Callable[[str], str] = field(default=str, repr=False, compare=False)  # a text without secrets


@dataclass(frozen=True, slots=True)
class Documents:
    """Every document of a tree, what was wrong with the files themselves, and which were not read to their
    end; `broken` is the Reader's."""

    tree: Tree
    nodes: list[yaml.Node]
    problems: list[Problem]
    unread: tuple[str, ...] = ()
    broken: Mapping[Place, Problem] | None = None


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """The configuration around the main file `path` (None: the usual places).

    Raises ConfigurationRefused with every problem there is; what only disappoints is in `warnings`.
    """
    with no_garbage():
        tree, problems, warnings = read_tree(main_file(path, environ))
        secrets = Secrets(environ, tree.root)
        return made(read_documents(tree, secrets, problems), secrets, environ, warnings)


@contextmanager
def no_garbage() -> Iterator[None]:
    """A load makes a million values and no garbage; looking for it takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_documents(tree: Tree, secrets: Secrets, problems: list[Problem]) -> Documents:
    """What stands in the files of a tree; `problems` are those that were found with it already."""
    found = [(source.file, yaml.read(source, secrets.reveal)) for source in tree.sources]
    return Documents(
        tree,
        [document for _, reading in found for document in reading.documents],
        [*problems, *(problem for _, reading in found for problem in reading.problems)],
        (
            *(problem.file for problem in problems),
            *(file for file, reading in found if not reading.whole),
        ),
    )


def made(
    documents: Documents, secrets: Secrets, environ: Mapping[str, str], warnings: list[Problem]
) -> Loaded:
    """The values of what stands there; raises ConfigurationRefused."""
    tree, guesses = documents.tree, Guesses()
    complete = not documents.unread
    said = {problem.place for problem in documents.problems}

    reader = Reader(tree.beginning, guesses, documents.broken)
    written = reader.read(documents.nodes, complete=complete)
    problems = [*documents.problems, *(each for each in reader.problems if each.place not in said)]
    builder = Builder(written)
    configuration = builder.configuration(tree.revision)
    problems += builder.problems
    if complete:
        problems += [problem for check in CHECKS for problem in check(Names(written, guesses))]
    if problems or written.head is None:
        raise ConfigurationRefused(in_order(map(secrets.masked, problems)), documents.unread)
    warnings = warnings + [doubt for find in DOUBTS for doubt in find(written)]
    warnings += overrides_of_the_absent(configuration, written)
    return Loaded(
        configuration,
        made_settings(written.head, written, tree, environ),
        tuple(in_order(map(secrets.masked, warnings))),
        tree.revision,
        content(tree, written.head.node),
        written,
        tuple(in_order(map(secrets.masked, reader.forgiven))),
        secrets.without,
    )


def in_order(problems: Iterable[Problem]) -> list[Problem]:
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
        inlets=inlets(written, severities(head.shape.severities)),
        heartbeat_keys=heartbeat_keys(written),
        backup=made_backup(shape, tree, environ),
        webhooks={id: entry.options for id, entry in written.webhooks.items()},
        oidc=oidc(shape.oidc),
        calendars=calendar_addresses(written),
    )


def door(shape: DoorShape) -> Door:
    host, port = shape.listen
    return Door(host, port, shape.url or usual_url(host, port))


def usual_url(host: str, port: int) -> str:
    """The URL of a door that does not say its own."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def made_watchdog(head: HeadShape) -> Watchdog | None:
    """A placeholder is not asked."""
    said = head.watchdog
    return Watchdog(said.url, said.every) if said is not None and not is_placeholder(said.url) else None


def made_backup(head: HeadShape, tree: Tree, environ: Mapping[str, str]) -> Backup | None:
    said = head.backup
    return Backup(state_place(said.to, tree.root, environ), said.keep, said.at) if said is not None else None
