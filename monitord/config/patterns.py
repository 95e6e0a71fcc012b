"""Patterns that people write: RE2, which takes linear time whatever they write, and fits the whole text."""

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

COMPILED_MAX = 1_000
TEXT_CHARS_MAX = 4_096


def fits(pattern: str, text: str) -> bool:
    """Does the pattern fit the whole text? One that RE2 does not understand fits nothing."""
    found = compiled(pattern)
    return found is not None and found.fullmatch(text[:TEXT_CHARS_MAX]) is not None


def misunderstood(pattern: str) -> str:
    """What RE2 does not understand of it; empty if it understands all."""
    found = compiled_or_why(pattern)
    return found if isinstance(found, str) else ""


def compiled(pattern: str) -> Any:
    found = compiled_or_why(pattern)
    return None if isinstance(found, str) else found


@lru_cache(maxsize=COMPILED_MAX)
def compiled_or_why(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        return (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) or "it is wrong"
