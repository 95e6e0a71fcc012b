"""What is kept of an accepted tree: every file as it was, as JSON, and where it lay.

References (${env:…}) are kept as they are written. What they stood for is a secret and is not kept, but for
the few keys that say where the doors and the store are: without those nothing could start at all.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitord.config import yaml
from monitord.config.problem import ConfigurationRefused, Place, at
from monitord.config.tree import Source, Tree, gone

NEVER_SECRET = ("organization", "time_zone", "store", "doors")
UNKNOWN = Place("the stored configuration", 1, 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tree as it was accepted; `said` is what references stood for, by the places of the values."""

    tree: Tree
    said: Mapping[str, str]


def content(tree: Tree, head: yaml.Mapping) -> str:
    """Everything that has to be kept of a tree; `head` are the values that stand in it once."""
    nodes = (head.values[key] for key in NEVER_SECRET if key in head.values)
    told = {
        "main": str(tree.main),
        "root": str(tree.root),
        "files": {source.file: source.content.decode(errors="replace") for source in tree.sources},
        "said": {str(each.place): each.text for node in nodes for each in scalars(node) if each.secret},
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def scalars(node: yaml.Node) -> Iterator[yaml.Scalar]:
    """Every scalar in a node; its depth is limited."""
    match node:
        case yaml.Scalar():
            yield node
        case yaml.Mapping():
            for child in node.values.values():
                yield from scalars(child)
        case yaml.Sequence():
            for child in node.children:
                yield from scalars(child)


def refuse_if_gone(content: str, before: str) -> None:
    """Raise ConfigurationRefused if a folder that held files of the tree `before` is not there any more.

    A whole folder is lost by accident (a mount, an unpacked archive), and everything in it would be taken for
    removed; an empty one says that this is meant.
    """
    problems = gone(Path(json.loads(content)["root"]), files_of(before))
    if problems:
        raise ConfigurationRefused(problems)


def files_of(content: str) -> list[str]:
    """The files of a tree that was kept; none if it cannot be read, which has no file either."""
    try:
        return list(json.loads(content)["files"])
    except (ValueError, KeyError, TypeError):
        return []


def reopened(text: str) -> Kept:
    """The tree that was kept. Raises ConfigurationRefused if this is none."""
    try:
        told: Mapping[str, Any] = json.loads(text)
        sources = tuple(Source(file, said.encode()) for file, said in told["files"].items())
        return Kept(Tree(Path(told["main"]), Path(told["root"]), sources), dict(told["said"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = "what was kept of the last accepted configuration cannot be read"
        raise ConfigurationRefused([at(UNKNOWN, what, "correct the tree itself")]) from error
