"""The manual's page of kinds: what their docstrings say, and a table of their options.

`docs/kinds.md` is this text; a test says when it is no longer, and writes it anew.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from enum import Enum
from typing import Any

from pydantic import SecretStr

from monitord.config.options import OptionsReader, channels, inbounds, probers, reader_of
from monitord.config.scalars import format_duration
from monitord.config.words import DURATION_SCHEMA
from monitord.kinds import Kind

HEAD = """\
# Kinds

This page is made from the sources of the kinds.
The keys that all probes have in common stand in [Probes](probes.md).
"""
PROBERS = "## Ways to check\n\nEach stands in a list of `probes`.\n"
CHANNELS = """\
## Ways to reach people

Each stands under `channels` in the main file; a person names it under `reach`.
"""
INBOUNDS = """\
## Ways to be told

Each stands in a mapping of `integrations`; the keys that all have in common stand in
[Events from outside](events.md).
"""
INTERNAL = "Theory of operation."
SENTENCE_ENDS = re.compile(r"(?<=[.:]) (?=[A-Z`])")


def kinds_page() -> str:
    """The whole page."""
    checks = [section(kind, "yaml", as_probe(kind.example)) for kind in probers().kinds.values()]
    ways = [section(kind, "text", kind.example) for kind in channels().kinds.values()]
    told = [section(kind, "text", kind.example) for kind in inbounds().kinds.values()]
    return "\n".join((HEAD, PROBERS, *checks, CHANNELS, *ways, INBOUNDS, *told))


def section(kind: Kind[Any], language: str, example: str) -> str:
    """One kind: its first line, its example, its options, what else is to be said."""
    first, *rest = paragraphs(kind.manual)
    name, _, said = first.partition(": ")
    parts = (
        f"### {name}\n",
        f"{said[:1].upper()}{said[1:]}\n",
        f"```{language}\n{example}\n```\n",
        *tables(reader_of(kind.spec.options), kind.spec.options),
        *(f"{SENTENCE_ENDS.sub(chr(10), text)}\n" for text in rest),
    )
    return "\n".join(parts)


def paragraphs(manual: str) -> list[str]:
    """The docstring's paragraphs without its example, up to what is meant for programmers."""
    public = manual.partition(INTERNAL)[0]
    blocks = [block for block in public.split("\n\n") if block.strip() and not block.startswith("    ")]
    return [" ".join(block.split()) for block in blocks]


def as_probe(example: str) -> str:
    """The example as a file of probes."""
    return f"# probes/web.yaml\nprobes:\n  - {textwrap.indent(example, '    ').lstrip()}"


def tables(reader: OptionsReader, options: type[Any]) -> tuple[str, ...]:
    """The table; none for a kind without keys of its own."""
    return (table(reader, options),) if reader.fields else ()


def table(reader: OptionsReader, options: type[Any]) -> str:
    """Each key with what may stand there and what holds without it."""
    known = {field.name: field for field in fields(options)}
    aliases = dict(zip(reader.fields, known, strict=True))
    rows = (
        f"| `{key}` | {may_be(found)} | {unless_said(known[aliases[key]])} |"
        for key, found in reader.properties.items()
    )
    return "\n".join(("| key | is | unless said |", "|---|---|---|", *rows)) + "\n"


def may_be(found: Mapping[str, Any]) -> str:
    """What may stand there, from its JSON Schema."""
    if found == DURATION_SCHEMA:
        return "a duration"
    if "enum" in found:
        return ", ".join(f"`{each}`" for each in found["enum"])
    if "anyOf" in found:
        return " or ".join(may_be(each) for each in found["anyOf"] if each.get("type") != "null")
    return WORDS[found.get("type", "")] + limits(found)


WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "": "a value",
}


def limits(found: Mapping[str, Any]) -> str:
    return f", {found['minimum']} to {found['maximum']}" if "minimum" in found and "maximum" in found else ""


def unless_said(field: Field[Any]) -> str:
    """The default, as one would write it."""
    if field.default is MISSING:
        return "required" if field.default_factory is MISSING else "none"
    written = "".join(as_yaml(field.default))
    return f"`{written}`" if written else "none"


def as_yaml(value: object) -> Iterator[str]:
    match value:
        case None | "" | SecretStr():
            return
        case bool():
            yield str(value).lower()
        case timedelta():
            yield format_duration(value)
        case Enum():
            yield str(value.value)
        case tuple():
            yield f"[{', '.join(str(each) for each in value)}]"
        case _:
            yield str(value)
