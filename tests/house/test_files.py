"""Files: called after what they are about, said in their first line, short, and tested."""

import ast
from pathlib import Path

from tests.house.tree import PACKAGE, ROOT, lines, modules, name, parsed

FILE_LINES_MAX = 400
NOT_A_NAME = {"utils", "util", "common", "helpers", "base", "models", "managers", "misc"}


def test_no_module_is_called_after_nothing() -> None:
    vague = [name(path) for path in modules() if NOT_A_NAME & {path.stem, path.parent.name}]

    assert [] == vague, f"Call a file after the noun it is about, not one of {sorted(NOT_A_NAME)}."


def test_files_are_short() -> None:
    long = {name(path): lines(path) for path in modules() if lines(path) > FILE_LINES_MAX}

    assert {} == long, f"Over {FILE_LINES_MAX} lines: a second noun is hiding in there; give it its own file."


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path) for path in modules() + modules(ROOT / "tests") if not says_its_purpose(parsed(path))
    ]

    assert [] == silent, "Begin the file with a docstring whose first line says what the file is for."


def says_its_purpose(module: ast.Module) -> bool:
    """An empty file has nothing to say; any other begins with a sentence."""
    docstring = ast.get_docstring(module, clean=False)
    return not module.body or bool(docstring and docstring.splitlines()[0].strip())


def test_every_core_file_has_its_unit_test() -> None:
    wanted = {unit_test(path) for path in core_files()}
    missing = {test for test in wanted if not (ROOT / "tests" / "unit" / test).is_file()}

    assert set() == missing, "Write it: plain values in, plain values out."


def core_files() -> list[Path]:
    """The files of the core that hold code."""
    return [path for path in modules(PACKAGE / "core") if path.stem != "__init__"]


def unit_test(path: Path) -> str:
    """Where a core file is tested; a folder of the core is tested as one."""
    noun = path.stem if path.parent.name == "core" else path.parent.name
    return f"test_{noun}.py"
