"""YAML 1.2 with a place for every value: libyaml's events as a small tree of nodes.

Theory of operation. libyaml says what stands where; what it means is ours: the scalars of YAML 1.2
(scalars.py), duplicate keys refused with both places, no tags and no merge keys, because neither is needed
and both surprise; a merge key is refused, and followed all the same, so that nothing is called missing which
it would have brought. Nodes are built with a stack of our own, so that depth is a limit and not a crash, and
every collection knows how large and how deep it is with its aliases followed: an alias costs what it stands
for, which ends alias bombs where they begin. Values are revealed (${env:…}) as they are read, and a revealed
one remembers that it is a secret.

Several documents in one file are read as if each were a file.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from monitord.config.limits import DEPTH_MAX, NODES_MAX
from monitord.config.problem import Place, Problem, Wrong, at, quoted
from monitord.config.scalars import Plain, plain
from monitord.config.tree import Source
from monitord.config.yaml_words import in_our_words, place_of

STRING_TAGS = ("!", "tag:yaml.org,2002:str")
MERGE = "<<"
MERGES = "`<<` merges nothing here: YAML 1.2 has no merge keys"
WRITTEN_OUT = "write the keys out; an alias may stand for a whole value, as in `reach: *ann`"


class Scalar(NamedTuple):
    """One value; `text` as it is written, or revealed if `secret`."""

    place: Place
    text: str
    value: Plain
    secret: bool = False
    size: int = 1
    depth: int = 0


class Sequence(NamedTuple):
    place: Place
    children: "list[Node]"
    size: int = 1
    depth: int = 1


class Mapping(NamedTuple):
    """`values` by key; `keys` says where each key stands."""

    place: Place
    values: "dict[str, Node]"
    keys: dict[str, Place]
    size: int = 1
    depth: int = 1


Node = Scalar | Sequence | Mapping
Reveal = Callable[[str], str]


class Unusable(Exception):
    """The rest of this file cannot be read."""

    def __init__(self, place: Place, what: str, remedy: str) -> None:
        super().__init__(what)
        self.problem = at(place, what, remedy)


class Open:
    """A collection whose end has not come yet."""

    def __init__(self, place: Place, anchor: str | None, mapping: bool) -> None:
        self.place, self.anchor, self.mapping = place, anchor, mapping
        self.children: list[Node] = []
        self.values: dict[str, Node] = {}
        self.keys: dict[str, Place] = {}
        self.key: tuple[str, Place] | None = None
        self.merging = False
        self.merged: list[Node] = []
        self.size, self.depth = 1, 1

    def closed(self) -> Node:
        if self.mapping:
            for each in self.merged:
                self.merge(each)
            return Mapping(self.place, self.values, self.keys, self.size, self.depth)
        return Sequence(self.place, self.children, self.size, self.depth)

    def merge(self, node: Node) -> None:
        """What somebody wanted to have merged: the keys that do not stand here themselves."""
        for each in node.children if isinstance(node, Sequence) else [node]:
            if isinstance(each, Mapping):
                for key, child in each.values.items():
                    self.values.setdefault(key, child)
                    self.keys.setdefault(key, each.keys[key])


class Reading(NamedTuple):
    """The documents of one file without the empty ones, what is wrong, and whether it was read to its end."""

    documents: list[Node]
    problems: list[Problem]
    whole: bool


def read(source: Source, reveal: Reveal) -> Reading:
    """What one file says; never raises because of what is in it."""
    composer = Composer(source.file, reveal)
    try:
        for event in events(source.file, decoded(source)):
            composer.take(event)
    except Unusable as unusable:
        return Reading(composer.documents, [*composer.problems, unusable.problem], whole=False)
    return Reading(composer.documents, composer.problems, whole=True)


def decoded(source: Source) -> str:
    try:
        return source.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = place_of_byte(source.file, source.content, error.start)
        raise Unusable(place, "this is not UTF-8 text", "save the file as UTF-8") from error


def place_of_byte(file: str, content: bytes, position: int) -> Place:
    before = content[:position].decode("utf-8", errors="replace")
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def events(file: str, text: str) -> Iterator[Any]:
    """libyaml's events; its complaints in words for people."""
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.reader.ReaderError as error:
        place = place_of_byte(file, text.encode(), int(error.position))
        raise Unusable(
            place, "this character cannot stand in YAML", "remove it, or write it as \\u…"
        ) from error
    except yaml.MarkedYAMLError as error:
        raise unusable(file, text, error) from error


def unusable(file: str, text: str, error: yaml.MarkedYAMLError) -> Unusable:
    line, column = place_of(error)
    lines = text.split("\n")
    found = lines[line][column : column + 1] if line < len(lines) else ""
    if found == "\t":
        what, remedy = "a tab cannot indent", "use spaces"
    else:
        what, remedy = in_our_words(error)
    return Unusable(Place(file, line + 1, column + 1), what, remedy)


class Composer:
    """Builds the nodes of one file from its events."""

    def __init__(self, file: str, reveal: Reveal) -> None:
        self.file, self.reveal = file, reveal
        self.documents: list[Node] = []
        self.problems: list[Problem] = []
        self.stack: list[Open] = []
        self.anchors: dict[str, Node] = {}
        self.size = 0

    def take(self, event: Any) -> None:
        """One event; those that say nothing of a value are not in the table."""
        step = STEPS.get(type(event))
        if step is not None:
            step(self, event)

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def begin_document(self, _: yaml.DocumentStartEvent) -> None:
        self.anchors = {}

    def begin(self, event: Any) -> None:
        place, mapping = self.place(event), type(event) is yaml.MappingStartEvent
        self.tag(event, place)
        if len(self.stack) >= DEPTH_MAX:
            raise Unusable(place, f"more than {DEPTH_MAX} levels inside each other", "say it in fewer levels")
        if self.expects_key:
            raise Unusable(place, "a key is one word, not a list or mapping", "write `key: value`")
        self.stack.append(Open(place, event.anchor, mapping))

    def end(self, _: Any) -> None:
        collection = self.stack.pop()
        self.add(collection.closed(), collection.anchor)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        place = self.place(event)
        self.tag(event, place)
        if self.expects_key and event.anchor is None:
            take = self.take_merge if event.value == MERGE and event.implicit[0] else self.take_key
            take(event.value, place)
        else:
            self.add(self.valued(event, place), event.anchor)

    def valued(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        """The scalar with its meaning; a wrong one is reported and reads as nothing."""
        text: str = event.value
        try:
            if "${" in text:
                shown = self.reveal(text)
                return Scalar(place, shown, shown, shown != text.replace("$${", "${"))
            return Scalar(place, text, plain(text) if event.implicit[0] else text)
        except Wrong as wrong:
            self.problems.append(at(place, wrong.what, wrong.remedy))
            return Scalar(place, UNREADABLE, UNREADABLE, True)

    def alias(self, event: yaml.AliasEvent) -> None:
        anchor = event.anchor or ""
        place, node = self.place(event), self.anchors.get(anchor)
        if node is None:
            why = "no anchor of this name ends before it"
            raise Unusable(
                place,
                f"{quoted('*' + anchor)} stands for nothing: {why}",
                f"write &{anchor} above",
            )
        if len(self.stack) + node.depth > DEPTH_MAX:
            raise Unusable(place, f"with this alias it is more than {DEPTH_MAX} levels deep", "write it out")
        if self.expects_key:
            raise Unusable(place, "a key cannot be an alias", "write the key out")
        self.add(node, None, place)

    def tag(self, event: Any, place: Place) -> None:
        if event.tag is None or (event.tag in STRING_TAGS and type(event) is yaml.ScalarEvent):
            return
        raise Unusable(
            place, f"tags such as {quoted(event.tag)} are not read", 'remove it; a text stands in quotes: "…"'
        )

    @property
    def expects_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].mapping and self.stack[-1].key is None

    def take_key(self, text: str, place: Place) -> None:
        """A key; one that stood in this mapping before is reported, and its second value forgotten."""
        collection = self.stack[-1]
        collection.key = (text, place)
        first = collection.keys.get(text)
        if first is not None:
            what = f"the key {quoted(text)} stands here a second time; the first is at {first}"
            self.problems.append(at(place, what, "remove one of them"))

    def take_merge(self, text: str, place: Place) -> None:
        self.stack[-1].key, self.stack[-1].merging = (text, place), True
        self.problems.append(at(place, MERGES, WRITTEN_OUT))

    def add(self, node: Node, anchor: str | None, place: Place | None = None) -> None:
        """A value goes to the collection it stands in; a root is a document."""
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.stack:
            self.finish(node)
            return
        collection = self.stack[-1]
        collection.size += node.size
        collection.depth = max(collection.depth, node.depth + 1)
        if collection.size + self.size > NODES_MAX:
            what = f"with its aliases followed this file has more than {NODES_MAX} values"
            raise Unusable(place or node.place, what, "split the file, or write fewer aliases")
        self.put(collection, node)

    def put(self, collection: Open, node: Node) -> None:
        if not collection.mapping:
            collection.children.append(node)
            return
        if collection.key is None:
            raise Unusable(node.place, "a key cannot have an anchor", "remove the `&…` before it")
        key, place = collection.key
        collection.key = None
        if collection.merging:
            collection.merging = False
            collection.merged.append(node)
        elif key not in collection.keys:
            collection.keys[key], collection.values[key] = place, node

    def finish(self, node: Node) -> None:
        self.size += node.size
        if not (isinstance(node, Scalar) and node.value is None):
            self.documents.append(node)


UNREADABLE = ""  # stands for a value that could not be read, which has been said already

STEPS: dict[type, Callable[[Composer, Any], None]] = {
    yaml.DocumentStartEvent: Composer.begin_document,
    yaml.MappingStartEvent: Composer.begin,
    yaml.SequenceStartEvent: Composer.begin,
    yaml.MappingEndEvent: Composer.end,
    yaml.SequenceEndEvent: Composer.end,
    yaml.ScalarEvent: Composer.scalar,
    yaml.AliasEvent: Composer.alias,
}


def value_of(node: Node) -> Any:
    """The node as plain Python; its depth is limited."""
    match node:
        case Scalar():
            return node.value
        case Mapping():
            return {key: value_of(child) for key, child in node.values.items()}
        case Sequence():
            return [value_of(child) for child in node.children]
