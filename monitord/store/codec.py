"""Records, facts and events as JSON, and back.

Theory of operation. What is stored is the value's fields under its class's name; the classes are those the
core lists, so a new record, fact or event needs no line here. The same value always gives the same text. A
field that an older version did not write takes its default; one that no longer exists is passed over.
Instants come back in UTC itself (pydantic has a zone of its own, equal to UTC but not the same), and one
without a zone is refused.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, SchemaValidator, core_schema

from monitord.core.facts import RECORDS, Fact
from monitord.core.timeline import EVENTS
from monitord.store.faults import Undecodable

KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (*RECORDS, *get_args(Fact), *EVENTS)}


@dataclass(frozen=True, slots=True)
class Coder:
    """One class's way to JSON and back."""

    adapter: TypeAdapter[Any]
    validator: SchemaValidator


CODERS: dict[type[Any], Coder] = {}  # made when first needed, some milliseconds each


def coder(kind: type[Any]) -> Coder:
    if kind not in CODERS:
        adapter = TypeAdapter(kind)
        CODERS[kind] = Coder(adapter, SchemaValidator(in_utc(adapter.core_schema)))
    return CODERS[kind]


def in_utc(schema: Any) -> Any:
    """The same schema, with every instant in it aware and in `datetime.UTC`."""
    if isinstance(schema, list):
        return [in_utc(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "datetime":
        aware = core_schema.datetime_schema(tz_constraint="aware")
        return core_schema.no_info_after_validator_function(to_utc, aware)
    return {name: in_utc(part) for name, part in schema.items()}


def to_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if not at.utcoffset() else at.astimezone(UTC)


def encode(value: Any) -> str:
    """The value's fields as JSON text, without its class."""
    adapter = coder(type(value)).adapter
    try:
        return adapter.dump_json(value).decode()
    except PydanticSerializationError:
        return scrubbed(adapter.dump_python(value, mode="json"))


def scrubbed(fields: Any) -> str:
    """Text from outside may hold half characters that no UTF-8 has: a `?` instead is better than no page."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def decode(kind: str, text: str) -> Any:
    """The value of the class called `kind`; raises Undecodable."""
    found = KINDS.get(kind)
    if found is None:
        raise Undecodable(
            f"a {kind} was stored, which this version does not know; was it written by a newer one?"
        )
    return decode_as(found, text)


def decode_as(kind: type[Any], text: str) -> Any:
    """The value of that class; raises Undecodable."""
    try:
        return coder(kind).validator.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "its text"
        raise Undecodable(f"a stored {kind.__name__} cannot be read: {where}: {first['msg']}") from error


def encode_records(records: Iterable[tuple[str, str]]) -> str:
    """Pairs of class name and encoded fields as one JSON array; names need no escapes."""
    return "[" + ",".join(f'["{kind}",{body}]' for kind, body in records) + "]"


def decode_records(text: str) -> tuple[Any, ...]:
    """The values of such an array."""
    return tuple(decode(kind, json.dumps(fields)) for kind, fields in json.loads(text))
