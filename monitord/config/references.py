"""Names that refer to something else: a table of where they stand and what they must mean.

They are looked up in the nodes, not in the shapes, so that a name is judged even where something else about
the same thing is wrong: everybody wants to hear everything at once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from monitord.config import limits, options, yaml
from monitord.config.entries import TARGETS, Written
from monitord.config.problem import Place, Problem, at, quoted
from monitord.config.rotation_shapes import RotationShape
from monitord.config.sections import text_of
from monitord.config.suggest import Guesses

EVERYBODY = "everybody"
NOBODY = "nobody"
ANY = "*"

# Channels of the manual that come later: a person may name them already, with a warning.
ANNOUNCED = frozenset(("sms", "voice", "ntfy", "slack", "mqtt", "webpush"))


@dataclass(frozen=True)
class Names:
    """What names mean in a tree."""

    written: Written
    guesses: Guesses

    def of(self, section: str) -> Collection[str]:
        return self.written.names[section].keys()

    @cached_property
    def components(self) -> Collection[str]:
        """Of every status page, as far as they can be made out."""
        pages = [raw.node for raw in self.written.raw["status_pages"]]
        found = [node for page in pages for node in leaves(page, ("components", ANY))]
        mappings = [node.values for node in found if isinstance(node, yaml.Mapping)]
        return {text_of(values.get("id")) or text_of(values.get("name")) for values in mappings} - {""}

    @cached_property
    def services(self) -> Collection[str]:
        """Those that were defined, and the probes that are their own."""
        return {*self.of("services"), *self.of("probes")}

    @cached_property
    def targets(self) -> Collection[str]:
        return {EVERYBODY, *(id for section in TARGETS for id in self.of(section))}

    @cached_property
    def channels(self) -> Collection[str]:
        return {*options.channels().kinds, *ANNOUNCED}

    def unknown(self, noun: str, name: str, known: Collection[str], place: Place, remedy: str) -> Problem:
        """A name that means nothing, with the one that was probably meant."""
        return at(
            place, f"there is no {noun} {quoted(name)}", self.guesses.remedy(name, known, remedy, "there are")
        )


Judge = Callable[[Names, str, Place], Iterator[Problem]]


class Reference(NamedTuple):
    """Names at `path` in each thing of a section, and who judges them."""

    section: str
    path: tuple[str, ...]
    judge: Judge


def references(names: Names) -> Iterator[Problem]:
    """A problem for each name that does not mean what it should."""
    for section, path, judge in REFERENCES:
        for raw in names.written.raw[section]:
            for node in leaves(raw.node, path):
                if isinstance(node, yaml.Scalar) and node.text:
                    yield from judge(names, node.text, node.place)


def leaves(node: yaml.Node, path: tuple[str, ...]) -> Iterator[yaml.Node]:
    """The nodes that a path leads to; a list at its end stands for what is in it."""
    match node:
        case yaml.Sequence() if not path or path[0] == ANY:
            for child in node.children:
                yield from leaves(child, path[1:])
        case yaml.Mapping() if path and path[0] == ANY:
            for child in node.values.values():
                yield from leaves(child, path[1:])
        case yaml.Mapping() if path and path[0] in node.values:
            yield from leaves(node.values[path[0]], path[1:])
        case _ if not path:
            yield node


def thing(noun: str, section: str) -> Judge:
    """A judge of names that a section defines."""

    def judge(names: Names, name: str, place: Place) -> Iterator[Problem]:
        known = names.of(section)
        if name not in known:
            yield names.unknown(noun, name, known, place, f"define it under `{section}:`")

    return judge


def service(names: Names, name: str, place: Place) -> Iterator[Problem]:
    if name not in names.services:
        yield names.unknown("service", name, names.of("services"), place, "define it under `services:`")


def component(names: Names, name: str, place: Place) -> Iterator[Problem]:
    """A tree without a status page has nothing to look it up in."""
    if names.written.raw["status_pages"] and name not in names.components:
        yield names.unknown("component", name, names.components, place, "add it to a status page")


def somebody(names: Names, name: str, place: Place) -> Iterator[Problem]:
    """A person, or `nobody`."""
    if name == NOBODY or name in names.of("people"):
        return
    if name in names.targets:
        yield at(place, f"{quoted(name)} is not a person", "people take turns; name each of them")
    else:
        yield names.unknown("person", name, names.of("people"), place, "define it under `people:`")


def target(names: Names, name: str, place: Place) -> Iterator[Problem]:
    """Whom a tier pages: it must be possible that somebody is."""
    if name == NOBODY:
        yield at(place, "this tier pages nobody", "name a rotation, a person, a team, or `everybody`")
    elif name not in names.targets:
        noun = "rotation, person or team"
        yield names.unknown(noun, name, names.targets, place, "define it, or name another")
    elif name == EVERYBODY and not names.of("people"):
        yield at(place, "this tier pages nobody: there are no people", "add them under `people:`")
    elif is_empty(names.written, name):
        yield at(place, f"this tier pages nobody: {quoted(name)} can never have anybody", "add people to it")


def member(names: Names, name: str, place: Place) -> Iterator[Problem]:
    """Who may do something: a person, a team, or `everybody`."""
    known = {EVERYBODY, *names.of("people"), *names.of("teams")}
    if name not in known:
        yield names.unknown("person or team", name, known, place, "define it under `people:` or `teams:`")


def is_empty(written: Written, target: str) -> bool:
    """Whether the team or rotation can never have anybody. What could not be read counts as somebody."""
    team, rotation = written.teams.get(target), written.rotations.get(target)
    if team is not None:
        return not team.shape.members
    return rotation is not None and not set(people_of(rotation.shape)) - {NOBODY}


def people_at_most(written: Written, targets: Iterable[str]) -> int:
    """How many people these can mean together. What could not be read may be anybody."""
    people: set[str] = set()
    for name in targets:
        team, rotation = written.teams.get(name), written.rotations.get(name)
        if name == EVERYBODY:
            people |= written.names["people"].keys()
        elif team is not None:
            people |= set(team.shape.members)
        elif rotation is not None:
            people |= set(people_of(rotation.shape)) - {NOBODY}
        elif name in written.names["people"]:
            people.add(name)
        else:
            return limits.ENOUGH_MAX
    return len(people)


def people_of(rotation: RotationShape) -> Iterator[str]:
    """Everybody who may be on call in it."""
    for layer in rotation.layers:
        for together in layer.people:
            yield from together
    for override in rotation.overrides:
        for people in (override.by, override.all, override.add):
            yield from people or ()


PERSON = thing("person", "people")
POLICY = thing("policy", "policies")
PROBE = thing("probe", "probes")

REFERENCES = (
    Reference("head", ("last_resort", ANY), PERSON),
    Reference("head", ("urgent_by_hand", "page", ANY), target),
    Reference("head", ("access", ANY, ANY), member),
    Reference("services", ("team",), thing("team", "teams")),
    Reference("services", ("policies", ANY), POLICY),
    Reference("services", ("components", ANY), component),
    Reference("policies", ("tiers", ANY, "page", ANY), target),
    Reference("teams", ("members", ANY), PERSON),
    Reference("teams", ("managers", ANY), PERSON),
    Reference("rotations", ("layers", ANY, "people", ANY), somebody),
    Reference("rotations", ("layers", ANY, "away", "cover"), PERSON),
    Reference("rotations", ("away", "cover"), PERSON),
    Reference("rotations", ("overrides", ANY, "replace"), somebody),
    Reference("rotations", ("overrides", ANY, "with"), somebody),
    Reference("rotations", ("overrides", ANY, "all"), somebody),
    Reference("rotations", ("overrides", ANY, "add"), somebody),
    Reference("rotations", ("overrides", ANY, "remove"), somebody),
    Reference("integrations", ("service",), service),
    Reference("integrations", ("rules", ANY, "service"), service),
    Reference("heartbeats", ("service",), service),
    Reference("webhooks", ("services", ANY), service),
    Reference("probes", ("service",), service),
    Reference("probes", ("policy",), POLICY),
    Reference("probes", ("component",), component),
    Reference("probes", ("components", ANY), component),
    Reference("probes", ("depends_on", ANY), PROBE),
    Reference("maintenance", ("services", ANY), service),
    Reference("maintenance", ("probes", ANY), PROBE),
    Reference("maintenance", ("components", ANY), component),
    Reference("maintenance", ("announce",), thing("status page", "status_pages")),
)
