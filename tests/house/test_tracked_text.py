"""What is committed works on every machine: no path of one, no registry of one."""

import re

from tests.house.tree import files, name

MACHINE_PATH = re.compile(r"(?<![\w.$~*}-])/(?:tmp|work|root|home|farm)/\w")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.(?:npmjs|yarnpkg)\.|deb\.debian\.org|--(?:extra-)?index-url"
)


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    assert [] == lines_matching(MACHINE_PATH), (
        "Derive the path from the file that needs it, or take it as an option."
    )


def test_no_tracked_file_names_a_registry() -> None:
    assert [] == lines_matching(REGISTRY), (
        "Where packages come from is the machine's business; ./dev lock leaves it out."
    )


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs in the text files of the tree, as `file:line: text`."""
    return [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if pattern.search(line)
    ]
