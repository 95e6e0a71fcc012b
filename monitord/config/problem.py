"""What is wrong with a configuration: where, what, and what would be right."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from monitord.config.limits import SHOWN_CHARS_MAX


class Place(NamedTuple):
    """A place in a file; lines and columns count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One error or warning. `str()` is the line that people see; `remedy` says what would be right."""

    file: str
    line: int
    column: int
    what: str
    remedy: str

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)

    def __str__(self) -> str:
        said = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return f"{self.place}: {said}"


class ConfigurationRefused(Exception):
    """A tree that cannot be used, with everything that is wrong with it; `unread` are files that could not be
    read to their end, because of which names were not compared.
    """

    def __init__(self, problems: Iterable[Problem], unread: Iterable[str] = ()) -> None:
        self.problems, self.unread = tuple(problems), tuple(unread)
        super().__init__("\n".join(map(str, self.problems)))


class Wrong(ValueError):
    """A value that will not do, before it is known where it stands.

    `key` says which key of the mapping in hand it is about, if it is not about the whole.
    """

    def __init__(self, what: str, remedy: str = "", key: str | None = None) -> None:
        self.what, self.remedy, self.key = what, remedy, key
        super().__init__(f"{what}; {remedy}" if remedy else what)


class Misspelt(Wrong):
    """The same for a word that is none of those that `known` gives; one that is near is the remedy."""

    def __init__(self, what: str, remedy: str, word: str, known: Callable[[], Collection[str]]) -> None:
        super().__init__(what, remedy)
        self.word, self.known = word, known


class Discreet(Wrong):
    """The same for a value that must not be shown: nothing of it is quoted."""


def at(place: Place, what: str, remedy: str) -> Problem:
    """A problem at a place; line breaks would make two of it."""
    return Problem(*place, one_line(what), one_line(remedy))


def one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def quoted(value: object) -> str:
    """A value as a message shows it: short, in one line."""
    text = one_line(str(value))
    return f"`{text if len(text) <= SHOWN_CHARS_MAX else text[: SHOWN_CHARS_MAX - 1] + '…'}`"


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *most, final = list(words) or [""]
    return f"{', '.join(most)} {last} {final}" if most else final
