"""An accepted tree, loaded again when the one on the disk will not do.

Theory of operation. Its files are what they were, but what lies behind a reference (${env:…}, a file, a
credential) may be gone since, or may be something else. Then only what needs it is broken: a channel or probe
keeps its name and is said to be `Broken`; anywhere else the value is left out, and if what it stood in cannot
be without it, that too, level by level: a contact method, a link, the watchdog. A tree that loaded once loads
again this way, unless this version of monitord has become stricter about it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from monitord.config import yaml
from monitord.config.inlet_shapes import IntegrationShape
from monitord.config.keeping import reopened, scalars
from monitord.config.limits import DEPTH_MAX
from monitord.config.loading import Documents, Loaded, in_order, made, no_garbage, read_documents
from monitord.config.problem import ConfigurationRefused, Place, Problem
from monitord.config.secrets import Secrets
from monitord.config.shapes import ProbeShape
from monitord.config.webhooks import WebhookShape

# Sections whose things keep their names without their options, and the keys that are not of their kind.
BREAKABLE: dict[str, Collection[str]] = {
    "channels": (),
    "probes": ProbeShape.model_fields,
    "integrations": IntegrationShape.model_fields,
    "webhooks": WebhookShape.model_fields,
}
NEEDS = {"signature": "secret"}  # what means nothing without what else


@dataclass(slots=True)
class Losses:
    """Values that cannot be had, by their place, and how many levels above them go with them."""

    said: Mapping[str, str]
    problems: dict[Place, Problem] = field(default_factory=dict)
    levels: dict[Place, int] = field(default_factory=dict)
    broken: dict[Place, Problem] = field(default_factory=dict)

    def lose(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if str(problem.place) not in self.said:
                self.problems.setdefault(problem.place, problem)
                self.levels.setdefault(problem.place, 0)


def load_kept(text: str, environ: Mapping[str, str]) -> Loaded:
    """What was accepted, from its `Loaded.content`; raises ConfigurationRefused if even that will not do."""
    with no_garbage():
        kept = reopened(text)
        secrets = Secrets(environ, kept.tree.root)
        documents = read_documents(kept.tree, secrets, [])
        losses = Losses(kept.said)
        losses.lose(documents.problems)
        for _ in range(DEPTH_MAX):
            try:
                return again(text, documents, losses, secrets, environ)
            except ConfigurationRefused as refused:
                if not give_up_more(documents, losses, refused):
                    raise
        return again(text, documents, losses, secrets, environ)


def again(
    text: str, documents: Documents, losses: Losses, secrets: Secrets, environ: Mapping[str, str]
) -> Loaded:
    """One attempt, without what is known to be lost."""
    losses.broken.clear()
    nodes = [node for each in documents.nodes if not isinstance(node := document(each, losses), int)]
    loaded = made(Documents(documents.tree, nodes, [], (), losses.broken), secrets, environ, [])
    told = in_order(map(secrets.masked, losses.problems.values()))
    broken = tuple(dict.fromkeys((*told, *loaded.broken)))
    return replace(loaded, content=text, broken=broken)


def give_up_more(documents: Documents, losses: Losses, refused: ConfigurationRefused) -> bool:
    """What is refused now is lost as well, or takes what is around it along; False if nothing is lost."""
    at = {problem.place: problem for problem in refused.problems}
    revealed = {
        each.place for node in documents.nodes for each in scalars(node) if each.secret and each.place in at
    }
    new = revealed - losses.levels.keys()
    losses.lose(at[place] for place in new)
    for place in losses.levels.keys() - new:
        losses.levels[place] += 1
    return bool(losses.levels)


# The documents without what is lost. A number stands for what goes, with so many levels above it.


def document(node: yaml.Node, losses: Losses) -> yaml.Node | int:
    """A document; the things of a section that can be broken keep their names."""
    if not isinstance(node, yaml.Mapping):
        return without(node, losses)
    return rest_of_mapping(
        node,
        {
            key: section(key, child, losses) if key in BREAKABLE else without(child, losses)
            for key, child in node.values.items()
        },
    )


def section(name: str, node: yaml.Node, losses: Losses) -> yaml.Node | int:
    common = BREAKABLE[name]
    match node:
        case yaml.Mapping():
            things = {key: thing(child, common, losses) for key, child in node.values.items()}
            return rest_of_mapping(node, things)
        case yaml.Sequence():
            return rest_of_sequence(node, [thing(child, common, losses) for child in node.children])
    return without(node, losses)


def thing(node: yaml.Node, common: Collection[str], losses: Losses) -> yaml.Node | int:
    """A thing; noted as broken if something in it is lost. Its options stay: nobody reads them."""
    lost = next((each.place for each in scalars(node) if each.place in losses.problems), None)
    if lost is None or not isinstance(node, yaml.Mapping):
        return without(node, losses)
    losses.broken[node.place] = losses.problems[lost]
    left = {key: without(child, losses) if key in common else child for key, child in node.values.items()}
    kept = {key: child for key, child in left.items() if not isinstance(child, int)}
    return mapping(node, {key: child for key, child in kept.items() if NEEDS.get(key, key) in kept})


def without(node: yaml.Node, losses: Losses) -> yaml.Node | int:
    """The node, or how many levels above it go with it."""
    match node:
        case yaml.Scalar():
            if str(node.place) in losses.said:
                known = losses.said[str(node.place)]
                return yaml.Scalar(node.place, known, known, True)
            return losses.levels.get(node.place, node)
        case yaml.Mapping():
            return rest_of_mapping(node, {key: without(each, losses) for key, each in node.values.items()})
        case yaml.Sequence():
            return rest_of_sequence(node, [without(each, losses) for each in node.children])


def rest_of_mapping(node: yaml.Mapping, values: dict[str, yaml.Node | int]) -> yaml.Node | int:
    left = {key: each for key, each in values.items() if not isinstance(each, int)}
    gone = [each for each in values.values() if isinstance(each, int)]
    return max(gone) - 1 if gone and max(gone) > 0 else mapping(node, left)


def rest_of_sequence(node: yaml.Sequence, children: list[yaml.Node | int]) -> yaml.Node | int:
    left = [each for each in children if not isinstance(each, int)]
    gone = [each for each in children if isinstance(each, int)]
    return max(gone) - 1 if gone and max(gone) > 0 else yaml.Sequence(node.place, left)


def mapping(node: yaml.Mapping, values: dict[str, yaml.Node]) -> yaml.Mapping:
    keys = {key: place for key, place in node.keys.items() if key in values}
    return yaml.Mapping(node.place, values, keys)
