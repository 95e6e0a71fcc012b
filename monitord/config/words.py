"""The types of single values in the YAML: each parses what people write, refuses the rest, writes it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import core_schema

from monitord.config import limits, scalars
from monitord.config.problem import Misspelt, Wrong, quoted
from monitord.core.rotation import Turn
from monitord.core.wallclock import known_zone
from monitord.net.target import target

DURATION_SCHEMA = {"type": "string", "pattern": scalars.DURATION_PATTERN, "examples": ["30s", "5m", "1h30m"]}
RESERVED = ("everybody", "nobody")


def text(value: object, form: str) -> str:
    """A text, or Wrong: what it should look like."""
    if isinstance(value, str):
        return value
    raise Wrong(f"{named(value)} is not a text", form)


def named(value: object) -> str:
    """What kind of value it is, in YAML's words."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return quoted(str(value).lower())
    return "nothing" if value is None else quoted(value)


def in_quotes(value: object) -> str:
    """How to make a text of it."""
    if value is None or isinstance(value, dict | list):
        return "write a text"
    return f'write it in quotes: "{named(value).strip("`")}"'


@dataclass(frozen=True, slots=True)
class Lasting:
    """The metadata of a duration in a range, both ends included: `Annotated[timedelta, Lasting(*EVERY)]`."""

    shortest: timedelta
    longest: timedelta

    def parse(self, value: object) -> timedelta:
        found = duration(value)
        if not self.shortest <= found <= self.longest:
            which = "too short" if found < self.shortest else "too long"
            span = " to ".join(map(scalars.format_duration, (self.shortest, self.longest)))
            raise Wrong(f"{quoted(scalars.format_duration(found))} is {which}", f"it can be from {span}")
        return found

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(scalars.format_duration)
        return core_schema.no_info_plain_validator_function(self.parse, serialization=written)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        return {**DURATION_SCHEMA}


@dataclass(frozen=True, slots=True)
class LastingOrNone(Lasting):
    """The same; or `none`."""

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(
            lambda value: value if value == "none" else scalars.format_duration(value)
        )
        return core_schema.no_info_plain_validator_function(
            lambda value: value if value == "none" else self.parse(value), serialization=written
        )

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        return {"anyOf": [{"const": "none"}, {**DURATION_SCHEMA}]}


def duration(value: object) -> timedelta:
    """A duration; a bare number gets its unit suggested."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Wrong(f"{quoted(value)} has no unit", f"write {value}s, {value}m or {value}h")
    return scalars.parse_duration(text(value, scalars.DURATION_FORM))


def truth(value: object) -> bool:
    """Only `true` and `false` are; `yes`, `no`, `on` and `off` are words."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Wrong(f"{named(value)} is neither true nor false", "write true or false")


def whole(value: object) -> object:
    """A whole number; `true` is none."""
    if isinstance(value, bool):
        raise Wrong(f"{named(value)} is not a number", "write a whole number")
    return value


def identifier(value: object) -> str:
    """An id: printable, no slash, not like an option of the command line."""
    found = text(value, in_quotes(value))
    if not found or len(found) > limits.ID_CHARS_MAX:
        raise Wrong(f"an id has 1 to {limits.ID_CHARS_MAX} characters", f"this one has {len(found)}")
    if not found.isprintable() or "/" in found or found != found.strip() or found[0] == "-":
        raise Wrong(f"{quoted(found)} cannot be an id", "leave out /, a leading -, and spaces around it")
    return found


def line(longest: int) -> Callable[[object], str]:
    """A parser of texts in one line."""

    def parse(value: object) -> str:
        found = text(value, in_quotes(value))
        if not found.strip() or len(found) > longest:
            raise Wrong(f"a text of 1 to {longest} characters is expected", f"this one has {len(found)}")
        if not found.isprintable():
            raise Wrong(f"{quoted(found)} is more than one line", "write it in one line")
        return found

    return parse


def prose(value: object) -> str:
    """A text of several lines."""
    found = text(value, in_quotes(value))
    if len(found) > limits.TEXT_CHARS_MAX:
        raise Wrong(f"this text has {len(found)} characters", f"at most {limits.TEXT_CHARS_MAX} are read")
    return found


def zone(value: object) -> str:
    found = text(value, "write a name of the IANA database, as America/Chicago")
    if not known_zone(found):
        form = "write a name of the IANA database, as America/Chicago"
        raise Misspelt(f"{quoted(found)} is not a time zone", form, found, zones)
    return found


@cache
def zones() -> tuple[str, ...]:
    """All names of time zones that this machine knows."""
    return tuple(sorted(available_timezones()))


def web_address(value: object) -> str:
    found = text(value, "write it as https://shop.example.org/health")
    target(found)
    return found


def door_address(value: object) -> str:
    """The URL of a door: links are put behind it."""
    found = web_address(value)
    if "?" in found or "#" in found:
        raise Wrong(f"{quoted(found)} has a query or fragment", "links are put behind it; write it without")
    return found.rstrip("/")


def one_or_more(value: object) -> object:
    """One alone is a list of one."""
    return [value] if isinstance(value, str) else value


def one_alone(several: tuple[str, ...]) -> str | list[str]:
    """The inverse: a list of one is written as that one."""
    return several[0] if len(several) == 1 else list(several)


def parsed_by(parse: Callable[[str], Any], form: str) -> BeforeValidator:
    """A validator that parses texts; what is parsed already stays."""

    def validate(value: object) -> Any:
        return (
            parse(text(value, form))
            if value is None or isinstance(value, str | int | float | dict | list)
            else value
        )

    return BeforeValidator(validate)


def written_turn(turn: Turn) -> str:
    unit = turn.unit.value
    return f"{turn.count} {unit[:-1] if turn.count == 1 else unit}"


def written_hours(hours: tuple[time, time]) -> str:
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


def written_wall(wall: datetime) -> str:
    return f"{wall:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


STRING: dict[str, Any] = {"type": "string"}

Id = Annotated[str, BeforeValidator(identifier), WithJsonSchema(STRING)]
Ids = Annotated[tuple[Id, ...], Field(max_length=limits.NAMES_MAX)]
Name = Annotated[str, BeforeValidator(line(limits.NAME_CHARS_MAX)), WithJsonSchema(STRING)]
Address = Annotated[str, BeforeValidator(line(limits.ADDRESS_CHARS_MAX)), WithJsonSchema(STRING)]
Prose = Annotated[str, BeforeValidator(prose), WithJsonSchema(STRING)]
Zone = Annotated[
    str, BeforeValidator(zone), WithJsonSchema({**STRING, "examples": ["America/Chicago", "UTC"]})
]
WebAddress = Annotated[str, BeforeValidator(web_address), WithJsonSchema({**STRING, "format": "uri"})]
DoorAddress = Annotated[str, BeforeValidator(door_address), WithJsonSchema({**STRING, "format": "uri"})]
Truth = Annotated[bool, BeforeValidator(truth)]
InARow = Annotated[int, BeforeValidator(whole), Field(ge=1, le=limits.IN_A_ROW_MAX)]
Instantly = Annotated[
    str, BeforeValidator(line(40)), WithJsonSchema({**STRING, "examples": ["2026-12-24 09:00"]})
]
Wall = Annotated[
    datetime,
    parsed_by(scalars.parse_wall, scalars.WALL_FORM),
    PlainSerializer(written_wall, return_type=str),
    WithJsonSchema({**STRING, "examples": ["2026-01-05 09:00"]}),
]
TurnLength = Annotated[
    Turn,
    parsed_by(scalars.parse_turn, "write it as 1 week"),
    PlainSerializer(written_turn, return_type=str),
    WithJsonSchema(
        {**STRING, "pattern": r"^[0-9]+ ?(hours?|days?|weeks?|months?|h|d|w)$", "examples": ["1 week"]}
    ),
]
HoursOfDay = Annotated[
    tuple[time, time],
    parsed_by(scalars.parse_hours, 'write it as "09:00-17:00"'),
    PlainSerializer(written_hours, return_type=str),
    WithJsonSchema({**STRING, "examples": ["09:00-17:00"]}),
]
TimeOfDay = Annotated[
    time,
    parsed_by(scalars.parse_time_of_day, 'write it as "03:30"'),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({**STRING, "examples": ["03:30"]}),
]
FolderPath = Annotated[str, BeforeValidator(line(limits.URL_CHARS_MAX)), WithJsonSchema(STRING)]
Listen = Annotated[
    tuple[str, int],
    parsed_by(scalars.parse_listen, "write host:port, as 127.0.0.1:8080"),
    PlainSerializer(
        lambda pair: f"[{pair[0]}]:{pair[1]}" if ":" in pair[0] else f"{pair[0]}:{pair[1]}", return_type=str
    ),
    WithJsonSchema({**STRING, "examples": ["127.0.0.1:8080"]}),
]
Together = Annotated[
    tuple[Id, ...],
    BeforeValidator(one_or_more),
    Field(min_length=1, max_length=limits.TOGETHER_MAX),
    PlainSerializer(one_alone),
    WithJsonSchema({"anyOf": [STRING, {"type": "array", "items": STRING, "minItems": 1}]}),
]
