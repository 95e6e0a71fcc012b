"""JSON into the values of shapes.py, by their type hints; whatever does not fit is a ValueError."""

from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def read(kind: type[T], value: Any) -> T:
    """`value`, as it came out of json.loads, as a `kind`."""
    found: T = reader(kind, value)
    return found


def reader(kind: Any, value: Any) -> Any:
    if get_origin(kind) is UnionType:
        return None if value is None else reader(other_than_none(kind), value)
    if get_origin(kind) is tuple:
        return tuple(reader(get_args(kind)[0], each) for each in expected(list, value))
    if is_dataclass(kind):
        return whole(kind, expected(dict, value))
    if kind is datetime:
        return datetime.fromisoformat(expected(str, value))
    if kind is float:
        return float(expected((int, float), value))
    return expected(kind, value)


def other_than_none(kind: Any) -> Any:
    return next(each for each in get_args(kind) if each is not NoneType)


def whole(kind: Any, value: dict[str, Any]) -> Any:
    """Fields that we do not know are a newer daemon's; an older one may not say those with a default."""
    missing = [field.name for field in fields(kind) if field.name not in value and field.default is MISSING]
    if missing:
        raise ValueError(f"{kind.__name__} has no {', '.join(missing)}")
    return kind(**{name: reader(hint, value[name]) for name, hint in hints(kind).items() if name in value})


@cache
def hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def expected(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r:.50} is not what was expected")
    return value
