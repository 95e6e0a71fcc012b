"""JSON (RFC 8259) as strangers write it: its value, what stands in it twice, and where it ends to be JSON."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

DIGITS_MAX = 1000  # of one number; Python itself reads 4300
DEPTH_MAX = 32  # lists and objects inside each other
WORD_SHOWN = 40
IN_QUOTES = 'a text and every key stand in double quotes: {"key": "value"}'
WORDS = {  # the library's words, what they mean to people, and what would be right
    "Expecting value": (
        "a value is expected",
        "write a text in double quotes, a number, true, false or null",
    ),
    "Expecting property name enclosed in double quotes": ("a key is expected", IN_QUOTES),
    "Expecting ':' delimiter": ("a `:` is missing after the key", 'write "key": value'),
    "Expecting ',' delimiter": ("a `,` or the end is expected", "put a comma between two entries"),
    "Extra data": ("something stands behind the end", "send one value"),
    "Unterminated string starting at": ("a text begins that does not end", 'end it with "'),
    "Invalid control character at": (
        "a line break or control character stands in a text",
        r"write \n or \u…",
    ),
    "Invalid \\escape": ("no such escape", r"write \\ for a backslash"),
    "Invalid \\uXXXX escape": ("no such escape", r"write \u and four digits out of 0-9a-f"),
}
OTHERWISE = ("this is not JSON", IN_QUOTES)


class NotJson(Exception):
    """What is wrong, where, and what would be right."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what, self.remedy = what, remedy


@dataclass(frozen=True, slots=True)
class Twice:
    """A key that one object has several times: where (`alerts.0.labels.team`), and how often."""

    where: str
    times: int

    def __str__(self) -> str:
        return f"`{self.where}` stands there {self.times} times"


@dataclass(slots=True)
class Reading:
    """One text that is being read, and what was noticed meanwhile."""

    text: str
    repeated: list[tuple[Any, dict[str, int]]] = field(default_factory=list)

    def value(self) -> Any:
        """Raises NotJson."""
        if not self.text.strip():
            raise NotJson("the body is empty, not JSON", "send a value")
        try:
            found = json.loads(
                self.text,
                object_pairs_hook=self.together,
                parse_int=self.whole_number,
                parse_constant=self.no_number,
            )
        except json.JSONDecodeError as error:
            what, remedy = WORDS.get(error.msg, OTHERWISE)
            where = f"line {error.lineno}, column {error.colno}"
            raise NotJson(f"the body is not JSON: {what} in {where}", remedy) from None
        except RecursionError:
            raise too_deep() from None
        if deeper_than(found, DEPTH_MAX):
            raise too_deep()
        return found

    def together(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object; of a key that stands there several times the last one, as everywhere."""
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(name for name, _ in pairs)
            self.repeated.append((found, {name: often for name, often in times.items() if often > 1}))
        return found

    def whole_number(self, digits: str) -> int:
        if len(digits) > DIGITS_MAX:
            what = f"the number in {self.place(digits)} has {len(digits.lstrip('-'))} digits"
            raise NotJson(what, "write a shorter one, or a text in double quotes")
        return int(digits)

    def no_number(self, word: str) -> NoReturn:
        raise NotJson(f"{word} in {self.place(word)} is no number in JSON", "write a number, or null")

    def place(self, written: str) -> str:
        """Where that stands for the first time."""
        before = self.text.partition(written)[0]
        return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"

    def twice(self, value: Any) -> Iterator[Twice]:
        """The keys of `value`, which was read from this text, that stand in one object several times."""
        if not self.repeated:
            return
        places = {id(each): where for where, each in containers(value, "")}
        for found, times in self.repeated:
            for name, often in times.items():
                yield Twice(below(places.get(id(found), ""), name), often)


def containers(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every list and object with its place."""
    yield where, value
    several = value.items() if isinstance(value, dict) else enumerate(value)
    for name, child in several:
        if isinstance(child, dict | list):
            yield from containers(child, below(where, str(name)))


def below(where: str, name: str) -> str:
    short = name if len(name) <= WORD_SHOWN else f"{name[:WORD_SHOWN]}…"
    return f"{where}.{short}" if where else short


def too_deep() -> NotJson:
    return NotJson(f"the JSON is nested more than {DEPTH_MAX} deep", "send it flatter")


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
