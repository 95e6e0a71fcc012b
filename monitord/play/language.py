"""The language of transcripts: a line has a form, `ack TICKET by PERSON`, which is its pattern and its help.

In a form, words in capitals stand for values, and `…` for the rest of the line. A value is read by the reader
that has its name in READERS; a name is looked up in the configuration, if there is one that must know it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from monitord.config.problem import Wrong, listed, quoted
from monitord.config.scalars import parse_duration
from monitord.config.suggest import Guesses
from monitord.core.check import Outcome
from monitord.core.heartbeat import PingKind
from monitord.core.organization import ComponentState, Priority
from monitord.core.statuspage import Phase
from monitord.core.world import Configuration

PLACEHOLDER = re.compile(r'"?[A-Z]+"?|…')


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of line, and what is called with its values by name."""

    text: str
    act: Callable[..., Any]
    pattern: re.Pattern[str]
    fields: tuple[str, ...]

    @property
    def word(self) -> str:
        return self.text.split()[0]


def form(text: str, act: Callable[..., Any]) -> Form:
    """`ack TICKET by PERSON` as something that can be read."""
    fields = tuple(part.strip('"') for part in PLACEHOLDER.findall(text))
    pattern = "".join(map(part_of_pattern, re.findall(r'"[A-Z]+"|[A-Z]+|…|[^A-Z"…]+', text)))
    return Form(text, act, re.compile(pattern), fields)


def part_of_pattern(part: str) -> str:
    if part == "…":
        return "(?P<rest>.*)"
    if part.startswith('"'):
        return f'"(?P<{part.strip(chr(34)).lower()}>.*)"'
    if part.isupper():
        return rf"(?P<{part.lower()}>\S+)"
    return re.escape(part)


@dataclass(frozen=True, slots=True)
class Language:
    """All forms of a kind of line, and the configuration whose names are meant (None: any name will do)."""

    forms: tuple[Form, ...]
    known: Configuration | None = None

    def read(self, line: str) -> tuple[Form, dict[str, Any]]:
        """The form of a line, and its values by name. Raises Wrong, saying what would be right."""
        word = line.split(maxsplit=1)[0]
        possible = [each for each in self.forms if each.word == word]
        if not possible:
            words = tuple(dict.fromkeys(each.word for each in self.forms))
            raise Wrong(
                f"{quoted(word)} is no word of a transcript", Guesses().remedy(word, words) or all_of(words)
            )
        for each in possible:
            found = each.pattern.fullmatch(line)
            if found is not None:
                return each, self.values(each, found.groupdict(default=""))
        raise Wrong(
            f"{quoted(line)} cannot be read", f"write it as {' or '.join(quoted(f.text) for f in possible)}"
        )

    def values(self, read: Form, words: Mapping[str, str]) -> dict[str, Any]:
        return {name: self.value(name, word) for name, word in words.items()}

    def value(self, name: str, word: str) -> Any:
        if name in READERS:
            return READERS[name](word)
        if name in NAMES and self.known is not None:
            look_up(NAMES[name], word, self.known)
        return word


def all_of(words: Iterable[str]) -> str:
    return f"the words are {listed(sorted(words), 'and')}"


def look_up(kind: str, names: str, known: Configuration) -> None:
    """The configuration has every one of these; Wrong if it does not."""
    there: Mapping[str, Any] = getattr(known, kind)
    for name in names.split("+"):
        if name not in there:
            what = f"the configuration has no {SINGULAR[kind]} {quoted(name)}"
            known_ones = Guesses().remedy(name, sorted(there), noun="there are")
            raise Wrong(what, known_ones or "`monitord config show` has all names")


def number(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", word):
        raise Wrong(f"{quoted(word)} is not the number of a ticket", "tickets are numbered 1, 2, …")
    return int(word)


def severity(word: str) -> int:
    if word not in ("1", "2", "3", "4"):
        raise Wrong(f"{quoted(word)} is not a severity", "write 1 (worst) to 4")
    return int(word)


def span(word: str) -> timedelta:
    """`90s`, `10m`, `-1h`. Raises Wrong."""
    return -parse_duration(word[1:]) if word.startswith("-") else parse_duration(word)


def one_of(kind: type[Enum]) -> Callable[[str], Any]:
    """A reader of the words of an enumeration."""
    words = [each.value for each in kind]

    def read(word: str) -> Any:
        if word not in words:
            raise Wrong(
                f"{quoted(word)} cannot stand here", Guesses().remedy(word, words, f"write {listed(words)}")
            )
        return kind(word)

    return read


READERS: Mapping[str, Callable[[str], Any]] = {
    "ticket": number,
    "span": span,
    "severity": severity,
    "outcome": one_of(Outcome),
    "priority": one_of(Priority),
    "phase": one_of(Phase),
    "state": one_of(ComponentState),
    "ping": one_of(PingKind),
}
NAMES: Mapping[str, str] = {
    "probe": "probes",
    "service": "services",
    "person": "people",
    "people": "people",
    "other": "people",
    "integration": "integrations",
    "heartbeat": "heartbeats",
    "webhook": "webhooks",
    "policy": "policies",
    "rotation": "rotations",
}
SINGULAR = {
    "probes": "probe",
    "services": "service",
    "people": "person",
    "integrations": "integration",
    "heartbeats": "heartbeat",
    "webhooks": "webhook",
    "policies": "policy",
    "rotations": "rotation",
}
