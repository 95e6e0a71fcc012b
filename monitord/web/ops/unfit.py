"""What does not fit in a request: what, where, what would be right, in the words of the configuration."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter

from monitord.config.complaints import SAID, Complaint, Words, not_a, said
from monitord.config.known import Location, Schema, known_keys
from monitord.config.problem import quoted
from monitord.config.suggest import Guesses
from monitord.net.documents import named

READ_THE_LIST = "see /api/v1/openapi.json"
BODY, OBJECT = "body", 'write an object: {"key": "value"}'
UNKNOWN_KEY = "extra_forbidden"
TOO_SHORT = "too_short"  # of a list, without the entries that were refused
TRUTH = "write true or false, without quotes"
HUSHED = ("password",)  # what is never repeated
SOMETHING = r"\S"


@dataclass(frozen=True, slots=True)
class Unfit:
    """One complaint about a request."""

    what: str
    where: str
    remedy: str


def unfit(errors: Sequence[Any], schema: Callable[[], Schema]) -> list[Unfit]:
    """Everything that does not fit; an unknown key first, because it explains why another one is missing.
    `schema` says what the body looks like.
    """
    unknown_first = sorted(without_echoes(errors), key=lambda error: error["type"] != UNKNOWN_KEY)
    return [complaint(error, schema) for error in unknown_first]


def without_echoes(errors: Sequence[Any]) -> list[Any]:
    """A list whose only entry will not do is not too short as well."""
    return [
        error
        for error in errors
        if error["type"] != TOO_SHORT
        or not any(other is not error and within(other["loc"], error["loc"]) for other in errors)
    ]


def within(location: Location, other: Location) -> bool:
    return tuple(location[: len(other)]) == tuple(other)


def complaint(error: Mapping[str, Any], schema: Callable[[], Schema]) -> Unfit:
    location: Location = tuple(error["loc"])
    where, name = ".".join(map(str, location)), name_of(location)
    if error["type"] == "missing" and location == (BODY,):
        return Unfit("the body is empty", where, OBJECT)
    if error["type"] == "missing":
        return Unfit(f"`{name}` is missing", where, f"add `{name}`; {READ_THE_LIST}")
    if error["type"] == UNKNOWN_KEY:
        remedy = remedy_for(name, known_keys(schema(), location[1:-1]))
        return Unfit(f"the key {quoted(name)} is unknown here", where, remedy)
    if location == (BODY,):
        given = error.get("input")
        if isinstance(given, bytes):
            return Unfit(
                "the body does not say that it is JSON", where, "send Content-Type: application/json"
            )
        return Unfit(f"the body is {named(given)}, not an object", where, OBJECT)
    if name in HUSHED:
        return Unfit(f"`{name}`: its value will not do", where, READ_THE_LIST)
    what, remedy = said(Complaint(error, error.get("input"), name, Guesses()), OVER_HTTP)
    return Unfit(what, where, remedy)


def name_of(location: Location) -> str:
    """What people call it: the key, and of an entry of a list its key too."""
    *above, last = location
    return f"{above[-1]}.{last}" if isinstance(last, int) and above else str(last)


def remedy_for(word: str, known: Collection[str]) -> str:
    """`did you mean …?`, or what there is."""
    if not known:
        return "this address takes none"
    return Guesses().remedy(word, known, "leave it away", "possible are")


def schema_of(request: Request) -> Schema:
    """What the body of this route looks like; asked for when somebody writes a key that is unknown there."""
    body = request.scope["route"].body_field
    return TypeAdapter(body.field_info.annotation).json_schema() if body is not None else {}


def unlike(complaint: Complaint) -> tuple[str, str]:
    """A text that must look like something."""
    pattern = str(complaint.context.get("pattern", ""))
    if pattern == SOMETHING:
        return f"`{complaint.name}` is blank", "write at least one word"
    return f"{complaint.value} cannot be `{complaint.name}`", SHAPES.get(complaint.name, READ_THE_LIST)


def no(noun: str, form: str, otherwise: str) -> Words:
    """A value of another kind; `form` has the `{value}` where that can be what was meant."""

    def words(complaint: Complaint) -> tuple[str, str]:
        if isinstance(complaint.given, str | int | float) and not isinstance(complaint.given, bool):
            return not_a(noun, form)(complaint)
        return f"`{complaint.name}` is {named(complaint.given)}, not {noun}", otherwise

    return words


WHOLE = no("a whole number", "write a number, as 3", "write a number, as 3")
SHAPES = {  # by the names of the parts that have a pattern
    "token": "the id of a token has 12 digits out of 0-9a-f; GET /api/v1/tokens lists them",
    "passkey": "the id of a passkey has 12 digits out of 0-9a-f; GET /api/v1/passkeys lists them",
    "name": "a name has no spaces and no slashes, and not dots alone",
    "code": "a code has six digits, as 123456",
    "to": "write a whole path, as /var/backups/monitord",
}
OVER_HTTP: Mapping[str, Words] = {  # where JSON is written otherwise than YAML
    **SAID,
    "string_pattern_mismatch": unlike,
    "string_type": no("a text", 'put it in quotes: "{value}"', 'write "…"'),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "finite_number"), WHOLE),
    **dict.fromkeys(("bool_type", "bool_parsing"), no("true or false", TRUTH, TRUTH)),
    **dict.fromkeys(("list_type", "tuple_type"), no("a list", 'write ["{value}"]', "write […]")),
    **dict.fromkeys(
        ("dict_type", "model_attributes_type"), no("an object", 'write {{"key": "value"}}', "write {…}")
    ),
}
