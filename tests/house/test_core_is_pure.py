"""The core stands on a few pure parts of the standard library and on itself."""

from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, imports, modules, name

# A list of what is allowed, because a list of what is forbidden is never complete.
PURE = {
    *(
        "abc",
        "bisect",
        "calendar",
        "collections",
        "copy",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "hashlib",
    ),
    *("heapq", "itertools", "math", "operator", "re", "string", "types", "typing", "unicodedata", "zoneinfo"),
}


@pytest.mark.parametrize("path", modules(PACKAGE / "core"), ids=name)
def test_a_core_file_imports_only_what_is_pure(path: Path) -> None:
    impure = sorted(
        {module for module in imports(path) if module.split(".")[0] not in PURE and not ours(module)}
    )

    assert [] == impure, (
        "The core decides, the shell does: move this line, or pass in what it found as a value."
    )


def ours(module: str) -> bool:
    """Does the core itself own this module?"""
    return module == "monitord.core" or module.startswith("monitord.core.")
