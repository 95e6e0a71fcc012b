"""What people write about the network in YAML, as types that are checked at the door, for every kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Protocol

import re2  # type: ignore[import-untyped]
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr, WithJsonSchema

from monitord.net.limits import BODY_CHARS_MAX, HEADERS_MAX, PATTERN_CHARS_MAX, TEXT_CHARS_MAX
from monitord.net.target import host_name, target

TOKEN = re2.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # RFC 9110 §5.6.2
NOT_YOURS = ("accept-encoding", "connection", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Codes:
    """Status codes of HTTP from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, status: int) -> bool:
        return self.first <= status <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


class Compiled(Protocol):
    """A pattern of RE2, which takes linear time whatever somebody writes."""

    def search(self, text: str) -> object: ...


def codes(written: object) -> Codes:
    """`204` or `200-299` as a value."""
    if isinstance(written, Codes):
        return written
    first, _, last = str(written).strip().partition("-")
    last = last or first
    if not (first.isdecimal() and last.isdecimal() and 100 <= int(first) <= int(last) <= 599):
        raise ValueError("a status is a number from 100 to 599 or a range of them, as 204 or 200-299")
    return Codes(int(first), int(last))


def listed(written: object) -> object:
    """One alone is a list of one."""
    return [written] if isinstance(written, int | str | Codes) else written


def url(written: str) -> str:
    target(written)
    return written


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Compiled:
    """The pattern, compiled once; ValueError if RE2 does not understand it."""
    try:
        found: Compiled = re2.compile(pattern)
    except re2.error as error:
        raise ValueError(f"not a pattern that RE2 understands: {error}") from error
    return found


def pattern(written: str) -> str:
    compiled(written)
    return written


def header_fields(written: Mapping[str, SecretStr]) -> Mapping[str, SecretStr]:
    for name, value in written.items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if name.lower() in NOT_YOURS:
            raise ValueError(f"the header {name} is monitord's own; leave it out")
        if any(char in "\r\n\0" for char in value.get_secret_value()):
            raise ValueError(f"the value of the header {name} holds a line break")
    return written


CODES_SCHEMA = {
    "anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$"}]
}

Url = Annotated[str, AfterValidator(url)]
HostName = Annotated[str, AfterValidator(host_name)]
Port = Annotated[int, Field(ge=1, le=65535)]
Text = Annotated[str, Field(max_length=TEXT_CHARS_MAX)]
Pattern = Annotated[str, Field(max_length=PATTERN_CHARS_MAX), AfterValidator(pattern)]
Headers = Annotated[Mapping[str, SecretStr], Field(max_length=HEADERS_MAX), AfterValidator(header_fields)]
Body = Annotated[SecretStr, Field(max_length=BODY_CHARS_MAX)]
Status = Annotated[
    Codes, BeforeValidator(codes), PlainSerializer(str, return_type=str), WithJsonSchema(CODES_SCHEMA)
]
Statuses = Annotated[
    tuple[Status, ...],
    Field(min_length=1, max_length=50, json_schema_extra={"default": ["200-299"]}),
    BeforeValidator(listed),
]
