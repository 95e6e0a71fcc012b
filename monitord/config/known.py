"""What a JSON Schema knows of a place in a document: which keys may stand there, and an example of it."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

Location = tuple[int | str, ...]
Schema = Mapping[str, Any]

ITS_AUTHOR_KNOWS = "…"
PLAIN = re.compile(r"[\w/][\w./@+-]*( [\w/][\w./@+-]*)*", re.ASCII)  # words that need no quotes


def known_keys(schema: Schema, location: Location) -> Collection[str]:
    """The keys that a JSON Schema knows at a location."""
    return tuple(resolved(place_in(schema, location), schema).get("properties", {}))


def place_in(schema: Schema, location: Location) -> Schema:
    """What may stand at a location; anything, where the schema does not know it."""
    here = schema
    for part in location:
        here = resolved(here, schema)
        here = here.get("items", {}) if isinstance(part, int) else here.get("properties", {}).get(part, {})
    return here


def resolved(here: Schema, schema: Schema) -> Schema:
    """What a reference, or the one choice that is not null, stands for."""
    choices = [choice for choice in here.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        here = choices[0]
    if "$ref" in here:
        found: Schema = schema["$defs"][here["$ref"].rpartition("/")[2]]
        return found
    return here


def example(here: Schema, schema: Schema) -> str:
    """One that is allowed at `here`, with no more than what must be said; `…` for what only people know."""
    if "examples" in here:
        return flow(here["examples"][0])
    here = resolved(here, schema)
    here = here["anyOf"][0] if "anyOf" in here else here
    match here:
        case {"examples": [first, *_]} | {"enum": [first, *_]} | {"const": first}:
            return flow(first)
        case {"type": "object", "required": [*keys]}:
            known = here["properties"]
            return "{" + ", ".join(f"{key}: {example(known[key], schema)}" for key in keys) + "}"
        case {"type": "array", "items": items}:
            return f"[{example(items, schema)}]"
        case {"format": "uri"}:
            return "https://example.org/"
    return ITS_AUTHOR_KNOWS


def flow(value: Any) -> str:
    """A value as one writes it within a line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case str() if PLAIN.fullmatch(value):
            return value
    return json.dumps(value, ensure_ascii=False)
