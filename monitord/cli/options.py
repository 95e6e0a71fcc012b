"""What commands have in common: `--config` before or after the name, `--json`, and printing facts either way."""

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """`--config FILE` after the command's name; `chosen` falls back to the one before it."""
    return click.option(
        "--config", "path", type=click.Path(path_type=Path), help="the main file of the configuration"
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="print JSON")(command)


def chosen(ctx: click.Context, path: Path | None) -> Path | None:
    """The main file that was named, wherever it was named."""
    return path or ctx.find_root().obj


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, default=plain, ensure_ascii=False, indent=2))


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
