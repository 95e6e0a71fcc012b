"""From documents to entries: what stands where in a tree, each thing under its id, read by its shape.

Any section may stand in any file. Mappings (services, policies, people, teams, channels) are merged over the
files, lists are put one behind the other, and what there can only be one of stands once. A document with the
key `rotation` is a rotation. Names count as soon as they stand there, even if what they name is wrong, so
that one mistake gives one message.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from monitord.config import complaints, yaml
from monitord.config.entries import (
    LISTS,
    MAPPINGS,
    MOST,
    OF_A_KIND,
    OF_ONE_KIND,
    ONE,
    ROTATIONS,
    SECTIONS,
    SHAPES,
    TARGETS,
    Entry,
    Raw,
    ShapeT,
    Written,
)
from monitord.config.known import Schema
from monitord.config.limits import NAMED_MAX
from monitord.config.options import OptionsReader, channels, reader_of
from monitord.config.problem import Place, Problem, Wrong, at, quoted
from monitord.config.settings import Broken
from monitord.config.shapes import (
    HeadShape,
)
from monitord.config.suggest import Guesses
from monitord.config.words import RESERVED, identifier, named


class Reader:
    """Sorts the documents into sections, and reads each thing by its shape.

    An accepted tree is read again with `broken`: what is wrong, by the place of the thing. The options of
    such a thing, and any others that are refused, are then `Broken`, and `forgiven` says why.
    """

    def __init__(
        self, beginning: Place, guesses: Guesses, broken: Mapping[Place, Problem] | None = None
    ) -> None:
        self.written, self.guesses, self.broken = Written(beginning), guesses, broken
        self.forgiven: list[Problem] = []
        self.problems: list[Problem] = []
        self.once: dict[str, tuple[Place, yaml.Node]] = {}
        self.raw = self.written.raw

    def read(self, documents: list[yaml.Node], *, complete: bool) -> Written:
        """Everything in the documents; what is wrong is in `problems`.

        If they are not complete (a file could not be read to its end), nothing is said to be missing.
        """
        for document in documents:
            self.sort(document)
        self.read_head()
        if not complete:
            self.problems = [each for each in self.problems if each.place != self.written.beginning]
        for raw in self.raw["channels"]:
            self.read_channel(raw)
        for section in SHAPES:
            self.read_section(section)
        self.claim_targets()
        return self.written

    def problem(self, place: Place, what: str, remedy: str) -> None:
        self.problems.append(at(place, what, remedy))

    # Sorting

    def sort(self, document: yaml.Node) -> None:
        if not isinstance(document, yaml.Mapping):
            self.problem(
                document.place,
                f"a file holds sections, not {kind_of(document)}",
                "begin it with a section, as `probes:`",
            )
        elif "rotation" in document.values:
            name = document.values["rotation"]
            self.raw[ROTATIONS].append(Raw(text_of(name), document, name.place))
        else:
            for key, node in document.values.items():
                self.sort_section(key, document.keys[key], node)

    def sort_section(self, key: str, place: Place, node: yaml.Node) -> None:
        if key in HeadShape.model_fields:
            self.stands_once(key, place, node)
        elif isinstance(node, yaml.Scalar) and node.value is None:
            return  # an empty section
        elif key in MAPPINGS or key == "channels":
            self.sort_mapping(key, node)
        elif key in LISTS:
            self.sort_list(key, node)
        else:
            self.problems.append(complaints.unknown_key(key, place, (*SECTIONS, "rotation"), self.guesses))

    def stands_once(self, key: str, place: Place, node: yaml.Node) -> None:
        if key in self.once:
            what = f"{quoted(key)} stands here a second time; the first is at {self.once[key][0]}"
            self.problem(place, what, "remove one of them")
        else:
            self.once[key] = (place, node)

    def sort_mapping(self, section: str, node: yaml.Node) -> None:
        if not isinstance(node, yaml.Mapping):
            what = f"{quoted(section)} is {kind_of(node)}, not a mapping"
            self.problem(node.place, what, f"write each {ONE[section]} as `name:` with its keys below")
            return
        for key, child in node.values.items():
            self.sort_thing(section, key, node.keys[key], child)

    def sort_list(self, section: str, node: yaml.Node) -> None:
        if not isinstance(node, yaml.Sequence):
            what = f"{quoted(section)} is {kind_of(node)}, not a list"
            self.problem(node.place, what, f"write each {ONE[section]} as `- name: …`")
            return
        for child in node.children:
            name = child.values.get("name") if isinstance(child, yaml.Mapping) else None
            self.sort_thing(section, text_of(name), name.place if name else child.place, child)

    def sort_thing(self, section: str, name: str, place: Place, node: yaml.Node) -> None:
        if isinstance(node, yaml.Scalar) and node.value is None:
            node = yaml.Mapping(place, {}, {})
        if isinstance(node, yaml.Mapping):
            self.raw[section].append(Raw(name, node, place))
        else:
            what = f"the {ONE[section]} {quoted(name)} is {kind_of(node)}, not a mapping"
            self.problem(node.place, what.replace(" ``", ""), "write its keys below it, as `key: value`")

    # Reading

    def read_head(self) -> None:
        node = yaml.Mapping(
            self.written.beginning,
            {key: child for key, (_, child) in self.once.items()},
            {key: place for key, (place, _) in self.once.items()},
        )
        self.raw["head"].append(Raw("", node, node.place))
        shape = self.shaped(HeadShape, node)
        if shape is not None:
            self.written.head = Entry("", shape, node)
        if not self.raw["channels"]:
            example = 'add `channels: {email: {server: "smtp://127.0.0.1:25", from: "monitord@example.org"}}`'
            self.problem(self.written.beginning, "`channels` is missing: nobody can be reached", example)

    def read_channel(self, raw: Raw) -> None:
        kind = channels().kinds.get(raw.name)
        if not self.claim("channels", raw.name, raw.place):
            return
        if kind is None and self.broken is None:
            remedy = self.guesses.remedy(raw.name, channels().kinds, "remove it", "there are")
            self.problem(raw.place, f"there is no channel {quoted(raw.name)}", remedy)
            return
        options = self.options(kind.spec.options if kind else None, raw.node, ())
        if options is not None:
            self.written.channels[raw.name] = Entry(raw.name, NO_SHAPE, raw.node, options)

    def read_section(self, section: str) -> None:
        read: dict[str, Entry[Any]] = getattr(self.written, section)
        found, most = self.raw[section], MOST.get(section, NAMED_MAX)
        if len(found) > most:
            self.problem(
                found[most].place, f"this is more than {most} {section}", "run a second monitord for the rest"
            )
        for raw in found[:most]:
            entry = self.read_of_kind(section, raw) if section in OF_A_KIND else self.read_thing(section, raw)
            id = raw_id(raw)
            if self.claim(section, id, raw.place) and entry is not None:
                read[id] = entry

    def read_thing(self, section: str, raw: Raw) -> Entry[Any] | None:
        shape = self.shaped(SHAPES[section], raw.node)
        return Entry(raw_id(raw), shape, raw.node) if shape is not None else None

    def read_of_kind(self, section: str, raw: Raw) -> Entry[Any] | None:
        """A probe's or an integration's own keys by its shape, the others by its kind."""
        model, kinds = SHAPES[section], OF_A_KIND[section]().kinds
        common = tuple(model.model_fields)
        word = OF_ONE_KIND.get(section) or text_of(raw.node.values.get("kind"))
        kind = kinds.get(word)
        shape = self.shaped(model, chosen(raw.node, common))
        if kind is None and self.broken is None:
            if word:
                remedy = self.guesses.remedy(word, kinds, noun="there are")
                where = raw.node.values.get("kind", raw)
                self.problem(where.place, f"there is no kind {quoted(word)}", remedy)
            return None
        options = self.options(kind.spec.options if kind else None, raw.node, common)
        return (
            Entry(raw_id(raw), shape, raw.node, options)
            if shape is not None and options is not None
            else None
        )

    def options(self, options: type[Any] | None, node: yaml.Mapping, others: tuple[str, ...]) -> object:
        """What a kind's Options make of a node; None if they refuse it, `Broken` if that is forgiven."""
        if self.broken is None:
            assert options is not None, "a thing without its kind is refused before"
            read, problems = self.asked(options, node, others)
            self.problems += problems
            return read
        why = self.broken.get(node.place)
        if options is None:
            why = why or at(node.place, "there is no such kind in this installation", "install or repair it")
        if why is None and options is not None:
            read, problems = self.asked(options, node, others)
            if not problems:
                return read
            why = problems[0]
        assert why is not None, "one of the three reasons holds"
        self.forgiven.append(why)
        return Broken(why.what)

    def asked(
        self, options: type[Any], node: yaml.Mapping, others: tuple[str, ...]
    ) -> tuple[object, list[Problem]]:
        """The options, and what is wrong with them. A bug in a kind costs one thing."""
        try:
            reader: OptionsReader = reader_of(options)
            return reader.read(node, others, self.guesses)
        except Exception as error:  # noqa: BLE001 - a kind may be anybody's code
            what = f"its kind failed to read this: {type(error).__name__}"
            return None, [at(node.place, what, "report it to the author of the kind")]

    def shaped(self, model: type[ShapeT], node: yaml.Mapping) -> ShapeT | None:
        try:
            return adapter(model).validate_python(yaml.value_of(node))  # type: ignore[no-any-return]
        except ValidationError as error:
            self.problems += complaints.problems(error, node, self.guesses, schema(model), hidden(model))
            return None

    # Ids

    def claim(self, section: str, id: str, place: Place) -> bool:
        """Whether the id is a possible one and still free; it is taken from now on."""
        if not id:
            return False  # it has no name, which has been said
        taken = self.written.names[section]
        if id in taken:
            what = f"the {ONE[section]} {quoted(id)} is defined twice; the first is at {taken[id]}"
            self.problem(place, what, "rename or remove one of them")
            return False
        try:
            identifier(id)
        except Wrong as wrong:
            self.problem(place, wrong.what, wrong.remedy)
        taken[id] = place
        return True

    def claim_targets(self) -> None:
        """Rotations, people and teams share their names, because a tier calls them all alike."""
        taken: dict[str, tuple[str, Place]] = {}
        for section, id, place in self.targets():
            if id in RESERVED:
                self.problem(
                    place, f"{quoted(id)} is reserved; it cannot name a {ONE[section]}", "choose another name"
                )
            elif id in taken:
                other, first = taken[id]
                what = f"{quoted(id)} names a {ONE[section]} here and a {ONE[other]} at {first}"
                self.problem(place, what, "rename one: rotations, people and teams share their names")
            else:
                taken[id] = (section, place)

    def targets(self) -> Iterator[tuple[str, str, Place]]:
        for section in TARGETS:
            for id, place in self.written.names[section].items():
                yield section, id, place


class NoShape(BaseModel):
    """A channel has nothing but its kind's options."""


NO_SHAPE = NoShape()


def chosen(node: yaml.Mapping, keys: tuple[str, ...]) -> yaml.Mapping:
    """The mapping with some of its keys alone."""
    values = {key: child for key, child in node.values.items() if key in keys}
    return yaml.Mapping(node.place, values, node.keys)


def raw_id(raw: Raw) -> str:
    """What it is called for ever: its `id`, or its name."""
    return text_of(raw.node.values.get("id")) or raw.name


def text_of(node: yaml.Node | None) -> str:
    return node.text if isinstance(node, yaml.Scalar) and node.value is not None else ""


def kind_of(node: yaml.Node) -> str:
    if isinstance(node, yaml.Scalar) and node.secret:
        return "a text"
    return (
        named(yaml.value_of(node))
        if isinstance(node, yaml.Scalar)
        else named({} if isinstance(node, yaml.Mapping) else [])
    )


@lru_cache(maxsize=64)
def adapter(model: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(model)


@lru_cache(maxsize=64)
def schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


@lru_cache(maxsize=64)
def hidden(model: type[BaseModel]) -> frozenset[str]:
    """The keys whose values are never quoted."""
    found = schema(model).get("properties", {})
    return frozenset(key for key, about in found.items() if '"password"' in json.dumps(about))
