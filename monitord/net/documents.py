"""What strangers send us: UTF-8, JSON, forms; read within limits, refused with the place of the mistake."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from monitord.net.json_text import NotJson, Reading, Twice

TWICE_SHOWN = 5
FIELDS_MAX = 200  # of a form or a query
ENTRIES_MAX = 10_000  # reports in one body


class Unreadable(Exception):
    """The request cannot be understood; `status` says why, to programs, and the text to people."""

    def __init__(self, what: str, status: int = 400, remedy: str = "") -> None:
        super().__init__(f"{what}; {remedy}" if remedy else what)
        self.what, self.status, self.remedy = what, status, remedy


@dataclass(frozen=True, slots=True)
class Document:
    """A value, and the first few keys that one object had several times: the last of them is in the value."""

    value: Any
    twice: tuple[Twice, ...] = ()


def read_text(body: bytes) -> str:
    """The body as UTF-8. Raises Unreadable, which names the byte that is not."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        raise Unreadable(what, remedy="send UTF-8") from None


def read_json(body: bytes) -> Any:
    """The value that is written there. Raises Unreadable, which says where it stops being JSON."""
    return read_document(body).value


def read_document(body: bytes) -> Document:
    """The same, with the keys that stand several times in one object. Raises Unreadable."""
    reading = Reading(read_text(body))
    try:
        value = reading.value()
    except NotJson as error:
        raise Unreadable(error.what, remedy=error.remedy) from None
    return Document(value, tuple(islice(reading.twice(value), TWICE_SHOWN)))


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


def read_fields(text: str) -> tuple[tuple[str, str], ...]:
    """The fields of a form or a query, each as often as it stands there. Raises Unreadable."""
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"))
    except UnicodeDecodeError:
        raise Unreadable("a field is not UTF-8; percent-encode UTF-8") from None
    except ValueError:
        raise Unreadable(f"there are more than {FIELDS_MAX} fields; send fewer") from None


def fields_twice(fields: Iterable[tuple[str, str]]) -> tuple[Twice, ...]:
    """The fields that stand there several times; the first few."""
    times = Counter(name for name, _ in fields)
    return tuple(islice((Twice(name, often) for name, often in times.items() if often > 1), TWICE_SHOWN))


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
