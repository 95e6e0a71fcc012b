"""The source as the house rules see it: files, parsed modules, functions."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "monitord"


@cache
def files() -> list[Path]:
    """Every file that is in git, or would be if it were added."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def modules(folder: Path = PACKAGE) -> list[Path]:
    """The Python files below a folder."""
    return [path for path in files() if path.suffix == ".py" and path.is_relative_to(folder)]


def lines(path: Path) -> int:
    """How long a file is."""
    return path.read_text(encoding="utf-8").count("\n")


def parsed(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The modules a file imports, wherever in it they are imported."""
    found: list[str] = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or ".")
    return tuple(found)


@cache
def functions(path: Path) -> tuple[tuple[str, int], ...]:
    """Each function of a file as `path:line name`, with its length without its docstring."""
    return tuple(
        (f"{name(path)}:{node.lineno} {node.name}", length(node))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function; its docstring is free, so that nobody saves on words."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def name(path: Path) -> str:
    """A path as a message shows it."""
    return str(path.relative_to(ROOT))
