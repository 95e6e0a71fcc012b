"""JSON Schema of the YAML, for editors: completion, the manual's words under the cursor, mistakes in red.

One schema serves every file, because every section may stand in every file: a document is sections, or a
rotation. What refers to an environment variable or a file (`${…}`) is a text, also where a number is
expected.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, TypeAdapter

from monitord.config.entries import LISTS, MAPPINGS
from monitord.config.inlet_shapes import IntegrationShape
from monitord.config.options import channels, inbounds, probers, reader_of
from monitord.config.people_shapes import ContactShape
from monitord.config.rotation_shapes import RotationShape
from monitord.config.scalars import DURATION_PATTERN, format_duration
from monitord.config.shapes import HeadShape, ProbeShape
from monitord.config.webhooks import WebhookShape
from monitord.config.words import DURATION_SCHEMA
from monitord.core.organization import Priority
from monitord.core.webhook import CHANNEL

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = {"type": "string", "pattern": r"^\$\{(env|file|credential):.+\}$"}
ISO_8601 = TypeAdapter(timedelta)  # how pydantic writes a default
NOT_TEXT = ("integer", "number", "boolean")


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    definitions: dict[str, Any] = {}
    sections = {**of_model(HeadShape, definitions)["properties"], "channels": of_channels(definitions)}
    for section, model in MAPPINGS.items():
        thing = of_mapping(model, definitions)
        things = {"type": "object", "additionalProperties": thing}
        sections[section] = {"anyOf": [things, {"type": "null"}]}
    for section, model in LISTS.items():
        thing = of_kinds(model, definitions) if model is ProbeShape else named(model, definitions)
        sections[section] = {"anyOf": [{"type": "array", "items": thing}, {"type": "null"}]}
    definitions["Sections"] = {"type": "object", "properties": sections, "additionalProperties": False}
    rotation = named(RotationShape, definitions)
    definitions["Contact"] = contact()
    definitions.pop(ContactShape.__name__, None)
    whole = {
        "$schema": DIALECT,
        "title": "monitord configuration",
        "if": {"required": ["rotation"]},
        "then": rotation,
        "else": {"$ref": "#/$defs/Sections"},
        "$defs": definitions,
    }
    return relaxed(whole)  # type: ignore[no-any-return]


def of_mapping(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """What may stand below a name."""
    if model is IntegrationShape:
        return of_kinds(model, definitions)
    if model is not WebhookShape or CHANNEL not in channels().kinds:
        return dict(named(model, definitions))
    common = of_model(model, definitions)
    found = of_options(channels().kinds[CHANNEL].spec.options, definitions)
    return {**found, "properties": {**common["properties"], **found["properties"]}}


def named(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, str]:
    """A reference to the model's schema, which is put among the definitions."""
    definitions[model.__name__] = of_model(model, definitions)
    return {"$ref": f"#/$defs/{model.__name__}"}


def of_model(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    found = model.model_json_schema(by_alias=True)
    definitions.update(found.pop("$defs", {}))
    return found


def contact() -> dict[str, Any]:
    """A contact method: a channel with an address, `after`, and `for`."""
    return {
        "type": "object",
        "properties": {
            "after": DURATION_SCHEMA,
            "for": {
                "type": "array",
                "items": {"enum": [each.value for each in Priority]},
                "minItems": 1,
                "uniqueItems": True,
            },
        },
        "additionalProperties": {"type": "string"},
        "minProperties": 1,
        "maxProperties": 3,
    }


def of_kinds(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """A probe or an integration: its own keys, and for each kind that kind's."""
    common = of_model(model, definitions)
    kinds: Mapping[str, Any] = (probers() if model is ProbeShape else inbounds()).kinds
    choices = [of_kind(common, name, kind.spec.options, definitions) for name, kind in kinds.items()]
    return {"type": "object", "oneOf": choices}


def of_kind(
    common: Mapping[str, Any], name: str, options: type[Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    found = of_options(options, definitions)
    return {
        "type": "object",
        "title": name,
        "properties": {**common["properties"], **found["properties"], "kind": {"const": name}},
        "required": [*common["required"], *found["required"]],
        "additionalProperties": False,
    }


def of_channels(definitions: dict[str, Any]) -> dict[str, Any]:
    kinds = channels().kinds.items()
    return {
        "type": "object",
        "properties": {name: of_options(kind.spec.options, definitions) for name, kind in kinds},
        "additionalProperties": False,
    }


def of_options(options: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reader = reader_of(options)
    definitions.update(reader.schema.get("$defs", {}))
    return {
        "type": "object",
        "properties": reader.properties,
        "required": reader.required,
        "additionalProperties": False,
    }


def relaxed(part: Any) -> Any:
    """The schema with references allowed where a number or a truth is expected, and our contact methods."""
    if isinstance(part, list):
        return [relaxed(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("$ref") == f"#/$defs/{ContactShape.__name__}":
        return {"$ref": "#/$defs/Contact"}
    inner = {key: relaxed(value) for key, value in part.items()}
    if part.get("pattern") == DURATION_PATTERN and isinstance(part.get("default"), str):
        inner["default"] = format_duration(ISO_8601.validate_python(part["default"]))
    return {"anyOf": [inner, REFERENCE]} if part.get("type") in NOT_TEXT else inner
