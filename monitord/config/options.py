"""The options of kinds: read by the dataclass that each kind calls its `Options`.

A field of type timedelta is written as a duration; a field `from_` (a word that Python keeps for itself) or
one with an alias is written as `from`. Everything is judged at the very key. The readers are made once a
kind: making one costs a thousand times what using it does.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError

import monitord.channels
import monitord.inbound
import monitord.probers
from monitord.config import complaints, yaml
from monitord.config.known import Schema, resolved
from monitord.config.problem import Problem, Wrong, at
from monitord.config.suggest import Guesses
from monitord.config.words import DURATION_SCHEMA, duration, truth, whole
from monitord.kinds import Channel, Discovered, Inbound, Prober, discover

CHECKED = {"boolean": truth, "integer": whole, "number": whole}


@dataclass(frozen=True, slots=True)
class OptionsReader:
    """Reads one kind's options; `fields` gives the field's name in pydantic by the key in the YAML."""

    adapter: TypeAdapter[Any]
    schema: Schema
    fields: Mapping[str, str]
    durations: frozenset[str]
    hushed: frozenset[str]

    def read(
        self, node: yaml.Mapping, others: Collection[str], guesses: Guesses
    ) -> tuple[object, list[Problem]]:
        """The options that stand in `node` beside the keys `others`; None if something is wrong with them."""
        problems = [
            complaints.unknown_key(key, place, (*others, *self.fields), guesses)
            for key, place in node.keys.items()
            if key not in self.fields and key not in others
        ]
        written: dict[str, object] = {}
        for key, field in self.fields.items():
            if key in node.values:
                try:
                    written[field] = self.value(field, node.values[key])
                except Wrong as wrong:
                    problems.append(refused(key, node.values[key], wrong))
                    written[field] = yaml.value_of(node.values[key])
        options, more = self.validated(written, node, guesses)
        said = {problem.place for problem in problems}
        problems += [problem for problem in more if problem.place not in said]
        return (None if problems else options), problems

    def value(self, field: str, node: yaml.Node) -> object:
        """The value as the kind wants it: durations parsed; words are not truths, truths are not numbers."""
        value = yaml.value_of(node)
        if field in self.durations:
            return duration(value) if value is not None else None
        check = CHECKED.get(self.schema["properties"][field].get("type"))
        return check(value) if check is not None else value

    def validated(
        self, written: Mapping[str, object], node: yaml.Mapping, guesses: Guesses
    ) -> tuple[object, list[Problem]]:
        try:
            return self.adapter.validate_python(written), []
        except ValidationError as error:
            renamed = yaml.Mapping(
                node.place,
                {self.fields.get(key, key): child for key, child in node.values.items()},
                {self.fields.get(key, key): place for key, place in node.keys.items()},
            )
            return None, complaints.problems(error, renamed, guesses, self.schema, self.hushed)

    def shown(self, options: object) -> dict[str, Any]:
        """The options by the keys of the YAML."""
        keys = {field: key for key, field in self.fields.items()}
        dumped = self.adapter.dump_python(options, by_alias=True)
        return {keys[field]: value for field, value in dumped.items()}

    @property
    def properties(self) -> dict[str, Any]:
        """What an editor needs to know of each key."""
        found = self.schema.get("properties", {})
        return {
            key: DURATION_SCHEMA if field in self.durations else found[field]
            for key, field in self.fields.items()
        }

    @property
    def required(self) -> list[str]:
        needed = self.schema.get("required", ())
        return [key for key, field in self.fields.items() if field in needed]


def refused(key: str, node: yaml.Node, wrong: Wrong) -> Problem:
    if complaints.secret(node):
        return at(node.place, f"`{key}`: its value will not do", complaints.BEHIND)
    return at(node.place, f"`{key}`: {wrong.what}", wrong.remedy)


READERS: dict[type[Any], OptionsReader] = {}


def reader_of(options: type[Any]) -> OptionsReader:
    """The reader of a kind's Options; TypeError if they are no schema."""
    if options not in READERS:
        READERS[options] = new_reader(options)
    return READERS[options]


def new_reader(options: type[Any]) -> OptionsReader:
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(options)
        schema = adapter.json_schema()
    except PydanticSchemaGenerationError as error:
        raise TypeError(f"{options.__qualname__} of {options.__module__} is no schema: {error}") from error
    properties = {name: resolved(found, schema) for name, found in schema.get("properties", {}).items()}
    return OptionsReader(
        adapter,
        schema,
        {name.removesuffix("_"): name for name in properties},
        frozenset(name for name, found in properties.items() if '"duration"' in json.dumps(found)),
        frozenset(name for name, found in properties.items() if '"password"' in json.dumps(found)),
    )


@lru_cache(maxsize=1)
def probers() -> Discovered[Prober[Any]]:
    """Every way to check."""
    return discover(monitord.probers, "monitord.probers")


@lru_cache(maxsize=1)
def channels() -> Discovered[Channel[Any]]:
    """Every way to reach people."""
    return discover(monitord.channels, "monitord.channels")


@lru_cache(maxsize=1)
def inbounds() -> Discovered[Inbound[Any]]:
    """Every way to be told."""
    return discover(monitord.inbound, "monitord.inbound")
