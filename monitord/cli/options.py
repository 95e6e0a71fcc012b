"""What commands have in common: `--config` wherever it stands, `--json`, names, and printing facts."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import click

from monitord.cli.faults import WRONG, Stopped
from monitord.cli.terminal import escaped

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
Groups = Mapping[str, Collection[str]]
SHOWN_CHARS_MAX = 60
BIG = 2**31  # who would type that?


class Whole(click.IntRange):
    """A whole number; the help says its range in words, if it has an end."""

    name = "number"

    def _describe_range(self) -> str:
        return f"{self.min} to {self.max}" if self.max is not None and self.max < BIG else ""


def config_option(command: F) -> F:
    """`--config FILE` after the command's name; `chosen` falls back to one that stood before it."""
    return click.option(
        "--config",
        "path",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="the main file of the configuration",
    )(command)


def remember(ctx: click.Context, path: Path | None) -> None:
    """A group was given `--config`; its verb will ask."""
    if path is not None:
        ctx.find_root().obj = path


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="print JSON")(command)


def chosen(ctx: click.Context, path: Path | None) -> Path | None:
    """The main file that was named, wherever it was named."""
    return path or ctx.find_root().obj


def named(what: str, names: tuple[str, ...], known: Mapping[str, T]) -> list[T]:
    """Those that were named, in that order, or all of them by name. Stopped for a name that nobody has."""
    for name in names:
        if name not in known:
            raise stranger(what, name, known)
    return [known[name] for name in names or sorted(known)]


def refuse_stranger(name: str, known: Collection[str], **groups: Groups) -> None:
    """Stopped for a name that no person has; `groups` are teams and rotations with their people."""
    if name in known:
        return
    from monitord.config.suggest import no_person  # noqa: PLC0415 - only when something was wrong

    group = no_person(name, **groups)
    raise Stopped("; ".join(group), WRONG) if group is not None else stranger("person", name, known)


def stranger(what: str, name: str, known: Collection[str]) -> Stopped:
    """A name that nobody has."""
    said = f"there is no {what} {shown(name)}" if name else f"the name of a {what} is empty"
    return Stopped(f"{said}; {did_you_mean(name, known)}", WRONG)


def shown(word: str) -> str:
    """Not more of it than fits into a sentence."""
    return word if len(word) <= SHOWN_CHARS_MAX else f"{word[:SHOWN_CHARS_MAX]}…"


def did_you_mean(name: str, known: Collection[str]) -> str:
    """What would have been right."""
    from monitord.config.suggest import Guesses  # noqa: PLC0415 - only when something was wrong

    if not known:
        return "there are none"
    listed = Guesses().remedy(name, sorted(known), noun="there are")
    return listed or "`monitord config show` has all names"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 probe`, `2 probes`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def print_json(value: Any) -> None:
    click.echo(escaped(json.dumps(value, default=plain, ensure_ascii=False, indent=2)))


def plain(value: Any) -> Any:
    """What JSON does not know: instants as RFC 3339 in UTC, spans in seconds, values as objects."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
        case Path():
            return str(value)
        case tuple() | set() | frozenset():
            return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
