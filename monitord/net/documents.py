"""What strangers send us: UTF-8, JSON, forms; read within limits, refused with the place of the mistake."""

import json
from typing import Any, NoReturn
from urllib.parse import parse_qsl

DEPTH_MAX = 32  # lists and objects inside each other
FIELDS_MAX = 200  # of a form or a query
ENTRIES_MAX = 10_000  # reports in one body
SHOWN_CHARS_MAX = 80


class Unreadable(Exception):
    """The request cannot be understood; `status` says why, to programs, and the text to people."""

    def __init__(self, what: str, status: int = 400) -> None:
        super().__init__(what)
        self.status = status


def read_text(body: bytes) -> str:
    """The body as UTF-8. Raises Unreadable, which names the byte that is not."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}; send UTF-8"
        ) from None


def read_json(body: bytes) -> Any:
    """The value that is written there. Raises Unreadable, which says where it stops being JSON."""
    text = read_text(body)
    try:
        value = json.loads(text, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"the body is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the body cannot be read: {reason(error)}") from None
    if deeper_than(value, DEPTH_MAX):
        raise Unreadable(f"the JSON is nested more than {DEPTH_MAX} deep; send it flatter")
    return value


def no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


def reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"it is nested more than {DEPTH_MAX} deep"
    return str(error).partition(";")[0]


def deeper_than(value: Any, most: int) -> bool:
    """Are there lists and objects inside each other, more than `most` of them?"""
    level = [value]
    for _ in range(most + 1):
        level = [child for each in level if isinstance(each, dict | list) for child in children(each)]
        if not level:
            return False
    return True


def children(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def read_object(body: bytes) -> dict[str, Any]:
    """The same for an object. Raises Unreadable."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise Unreadable(f"the body is {named(value)}, not an object; send {{…}}")
    return value


def read_list(body: bytes) -> list[Any]:
    """The same for a list. Raises Unreadable."""
    value = read_json(body)
    if not isinstance(value, list):
        raise Unreadable(f"the body is {named(value)}, not a list; send […]")
    return limited(value)


def limited(entries: list[Any]) -> list[Any]:
    """A list of reports that is not too long. Raises Unreadable."""
    if len(entries) > ENTRIES_MAX:
        raise Unreadable(f"{len(entries)} entries in one body; send at most {ENTRIES_MAX}", 413)
    return entries


def read_form(text: str) -> dict[str, str]:
    """The fields of a form or a query; of a repeated one, the last. Raises Unreadable."""
    return dict(read_fields(text))


def read_fields(text: str) -> tuple[tuple[str, str], ...]:
    """The same with every field. Raises Unreadable."""
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"))
    except UnicodeDecodeError:
        raise Unreadable("a field is not UTF-8; percent-encode UTF-8") from None
    except ValueError:
        raise Unreadable(f"there are more than {FIELDS_MAX} fields; send fewer") from None


def named(value: Any) -> str:
    """What kind of value it is, in JSON's words."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a text"
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case _:
            return "a number"


def as_text(value: Any) -> str:
    """A single value as text; nothing for a list or an object."""
    match value:
        case None | dict() | list():
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
