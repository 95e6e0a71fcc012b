"""Public holidays by country and subdivision, from `holidays`, loaded where anybody has some."""

from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Any

YEARS = range(2015, 2046)
NONE = "none"  # whoever is on call on the organisation's holidays says this
COUNTRY_CHARS = 2


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Two letters each (ISO 3166-1), in capitals."""
    known: dict[str, tuple[str, ...]] = import_module("holidays.registry").COUNTRIES
    return frozenset(code for names in known.values() for code in names if len(code) == COUNTRY_CHARS)


@lru_cache(maxsize=64)
def subdivisions(country: str) -> frozenset[str]:
    """The codes of a country's parts that have holidays of their own (mostly ISO 3166-2)."""
    of: Any = getattr(import_module("holidays"), country)
    return frozenset(of.subdivisions)


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None) -> tuple[tuple[date, str], ...]:
    """Each with its English name where the library has one, in order, for all of YEARS."""
    made: Any = import_module("holidays").country_holidays
    found: dict[date, str] = made(country, subdiv=subdivision, years=YEARS)
    return tuple(sorted(found.items()))


def unknown(country: str, subdivision: str | None) -> bool:
    return country not in countries() or (
        subdivision is not None and subdivision not in subdivisions(country)
    )
