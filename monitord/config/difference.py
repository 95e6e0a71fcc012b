"""What differs between two configurations, thing by thing and key by key, as people would say it.

Compared is the effective configuration (show.py): the order of files, comments and spelled-out defaults make
no difference. What stands behind a reference is masked in both and not compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitord.config.entries import LISTS, MAPPINGS, ONE, ROTATIONS, Written
from monitord.config.show import sections, shown

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}
NAMED = ("channels", *MAPPINGS)  # sections that are mappings by name
SHOWN_CHARS_MAX = 60
Thing = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing, or one key of it (with dots between), that came, went, or says something else now."""

    change: str
    what: str
    id: str
    key: str = ""
    before: Any = None
    now: Any = None

    def __str__(self) -> str:
        name = f"{self.what} {self.id}".rstrip()
        if not self.key:
            return f"{SIGNS[self.change]} {name}"
        return f"{SIGNS[self.change]} {name}: {self.key}: {said(self.before)} → {said(self.now)}"


def differences(before: Written, now: Written) -> list[Difference]:
    """What `now` has that `before` has not, and the other way round."""
    old, new = things(before), things(now)
    found: list[Difference] = []
    for kind in (*new, *(each for each in old if each not in new)):
        found += between(kind, old.get(kind, {}), new.get(kind, {}))
    return found


def things(written: Written) -> dict[str, dict[str, Thing]]:
    """Every thing by its kind and id; what stands once in a tree is of the kind `setting`."""
    said = sections(written)
    found: dict[str, dict[str, Thing]] = {"setting": {"": head(said)}}
    for section in NAMED:
        found[ONE[section]] = {id: thing or {} for id, thing in said.get(section, {}).items()}
    for section in LISTS:
        rows = said.get(section, [])
        found[ONE[section]] = dict(zip(getattr(written, section), rows, strict=True))
    found[ONE[ROTATIONS]] = {id: shown(entry) for id, entry in written.rotations.items()}
    return found


def head(said: Thing) -> Thing:
    return {key: value for key, value in said.items() if key not in (*NAMED, *LISTS)}


def between(what: str, before: Mapping[str, Thing], now: Mapping[str, Thing]) -> Iterator[Difference]:
    """What came, what went, and what has changed; each in its order."""
    for id, thing in now.items():
        if id not in before:
            yield Difference(ADDED, what, id, now=thing)
        else:
            yield from keys(what, id, "", before[id], thing)
    for id, thing in before.items():
        if id not in now:
            yield Difference(REMOVED, what, id, before=thing)


def keys(what: str, id: str, above: str, before: Thing, now: Thing) -> Iterator[Difference]:
    """The keys of a thing that say something else; a mapping in it key by key."""
    for key in (*now, *(each for each in before if each not in now)):
        old, new, path = before.get(key), now.get(key), f"{above}{key}"
        if isinstance(old, dict) and isinstance(new, dict):
            yield from keys(what, id, f"{path}.", old, new)
        elif old != new:
            yield Difference(CHANGED, what, id, path, old, new)


def said(value: Any) -> str:
    """A value in a line, in YAML's flow style as far as people need it."""
    match value:
        case None:
            return "nothing"
        case dict():
            text = "{" + ", ".join(f"{key}: {said(each)}" for key, each in value.items()) + "}"
        case list():
            text = "[" + ", ".join(map(said, value)) + "]"
        case bool():
            text = str(value).lower()
        case _:
            text = " ".join(str(value).split())
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[: SHOWN_CHARS_MAX - 1]}…"
