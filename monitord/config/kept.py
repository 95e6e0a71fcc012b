"""An accepted tree, loaded again when the one on the disk will not do.

Theory of operation. Its files are what they were, but what lies behind a reference (${env:…}, a file, a
credential) may be gone since, or may be something else. Then only what needs it is broken: a channel or probe
keeps its name and is said to be `Broken`; anywhere else the value is left out, and if what it stood in cannot
be without it, that too, level by level: a contact method, a link, a heartbeat, the watchdog; whatever names
what is gone goes on without it. Each loss costs what it stands in and nothing else. A thing of a list that
has lost its name is given up, because by another one it would be another thing. A tree that loaded once loads
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
IDENTITY = ("id", "name")
NO_KIND = "unknown"
NEEDS = {"signature": "secret"}  # what means nothing without what else


@dataclass(slots=True)
class Losses:
    """Values that cannot be had, by their place, and how many levels above them go with them."""

    said: Mapping[str, str]
    problems: dict[Place, Problem] = field(default_factory=dict)
    levels: dict[Place, int] = field(default_factory=dict)
    broken: dict[Place, Problem] = field(default_factory=dict)
    dangling: dict[Place, Problem] = field(default_factory=dict)  # they name what is given up

    def let_go(self, problem: Problem) -> None:
        """A name of something that is not there any more; what names it goes on without."""
        self.dangling[problem.place] = problem
        self.levels[problem.place] = 0

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
    told = in_order(map(secrets.masked, (*losses.problems.values(), *losses.dangling.values())))
    broken = tuple(dict.fromkeys((*told, *loaded.broken)))
    return replace(loaded, content=text, broken=broken)


def give_up_more(documents: Documents, losses: Losses, refused: ConfigurationRefused) -> bool:
    """What is refused now is lost as well, or takes along what is around it; False if nothing is lost."""
    revealed = {each.place for node in documents.nodes for each in scalars(node) if each.secret}
    if not losses.levels and not any(problem.place in revealed for problem in refused.problems):
        return False
    for problem in refused.problems:
        give_up_for(problem, documents, losses)
    return True


def give_up_for(problem: Problem, documents: Documents, losses: Losses) -> None:
    """No more than this problem asks for: what is lost elsewhere is no worse for it."""
    found = (way_to(node, problem.place) for node in documents.nodes if of_file(node, problem.place))
    way: list[yaml.Node] = next(filter(None, found), [])
    node = way[-1] if way else None
    if isinstance(node, yaml.Scalar) and node.place not in losses.levels:
        losses.lose([problem]) if node.secret else losses.let_go(problem)
        return
    around = (inside for each in reversed(way) if (inside := lost_in(each, losses)))
    for place in next(around, list(losses.levels)):
        losses.levels[place] += 1


def of_file(node: yaml.Node, place: Place) -> bool:
    return node.place.file == place.file


def way_to(node: yaml.Node, place: Place) -> list[yaml.Node]:
    """The nodes from this one down to what stands at the place, or behind the key there; else nothing."""
    if node.place == place:
        return [node]
    children: Iterable[yaml.Node] = ()
    match node:
        case yaml.Mapping():
            behind = next((key for key, at in node.keys.items() if at == place and key in node.values), None)
            if behind is not None:
                return [node, node.values[behind]]
            children = node.values.values()
        case yaml.Sequence():
            children = node.children
    below = next(filter(None, (way_to(child, place) for child in children)), [])
    return [node, *below] if below else []


def lost_in(node: yaml.Node, losses: Losses) -> list[Place]:
    return [each.place for each in scalars(node) if each.place in losses.levels]


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
            known = [
                0 if nameless(child, losses) else thing(child, common, losses) for child in node.children
            ]
            return rest_of_sequence(node, known)
    return without(node, losses)


def nameless(node: yaml.Node, losses: Losses) -> bool:
    """Has it lost what it is called? By another name it would be another thing."""
    if not isinstance(node, yaml.Mapping):
        return False
    return any(node.values[key].place in losses.problems for key in IDENTITY if key in node.values)


def thing(node: yaml.Node, common: Collection[str], losses: Losses) -> yaml.Node | int:
    """A thing; noted as broken if something in it is lost. Its options stay: nobody reads them."""
    lost = next((each.place for each in scalars(node) if each.place in losses.problems), None)
    if lost is None or not isinstance(node, yaml.Mapping):
        return without(node, losses)
    left = {
        key: common_key(key, child, losses) if key in common else child for key, child in node.values.items()
    }
    levels = max((each for each in left.values() if isinstance(each, int)), default=0)
    if levels > 0:
        return levels - 1
    losses.broken[node.place] = losses.problems[lost]
    kept = {key: child for key, child in left.items() if not isinstance(child, int)}
    return mapping(node, {key: child for key, child in kept.items() if NEEDS.get(key, key) in kept})


def common_key(key: str, node: yaml.Node, losses: Losses) -> yaml.Node | int:
    """What every thing of the section may say; the kind of one that is broken does not matter any more."""
    if key == "kind" and node.place in losses.levels:
        return yaml.Scalar(node.place, NO_KIND, NO_KIND)
    return without(node, losses)


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
