"""What there is at which address of the API, for whoever has mistaken one."""

from collections.abc import Iterator

from fastapi import FastAPI, Request
from starlette.routing import Match, Route

from monitord.config.problem import listed
from monitord.config.suggest import Guesses

READ_THE_LIST = "see /api/v1/openapi.json for what there is"
BEGINNING_CHARS_MIN = 3


def nearest(request: Request) -> str:
    """The remedy for an address that is none."""
    words = request.url.path.strip("/").split("/")
    parts: dict[int, dict[str, str]] = {}
    for path in alike(request.app, words):
        known = path.split("/")
        differing = [place for place, word in enumerate(words) if known[place] != word]
        if not differing:
            return did_you_mean(path)
        if len(differing) == 1:
            parts.setdefault(differing[0], {})[known[differing[0]]] = path
    for place, known_words in parts.items():
        found = of_these(words[place], list(known_words))
        if found:
            return did_you_mean(known_words[found])
    return READ_THE_LIST


def alike(app: FastAPI, words: list[str]) -> Iterator[str]:
    """The addresses with as many parts, what stands for a name filled in."""
    for route in app.routes:
        parts = route.path_format.strip("/").split("/") if isinstance(route, Route) else []
        if len(parts) == len(words):
            filled = (word if part[:1] == "{" else part for part, word in zip(parts, words, strict=True))
            yield "/".join(filled)


def of_these(word: str, known: list[str]) -> str | None:
    begins = [each for each in known if len(word) >= BEGINNING_CHARS_MIN and each.startswith(word)]
    return begins[0] if len(begins) == 1 else Guesses().nearest(word, known)


def did_you_mean(path: str) -> str:
    return f"did you mean /{path}?"


def methods(request: Request) -> list[str]:
    """What the address takes."""
    found = {
        method
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return sorted(found)


def takes(several: list[str]) -> str:
    return f"it takes {listed(several, 'and')}" if several else READ_THE_LIST
