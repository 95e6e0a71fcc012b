"""Functions: most of them fit into one look."""

from statistics import median

from tests.house.tree import functions, modules

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN_MAX = 12


def test_functions_are_short() -> None:
    long = {where: length for where, length in everywhere() if length > FUNCTION_LINES_MAX}

    assert {} == long, f"Over {FUNCTION_LINES_MAX} lines: decide in the parent, compute in the leaves."


def test_the_usual_function_is_a_few_lines() -> None:
    usual = median(length for _, length in everywhere())

    assert usual <= FUNCTION_LINES_MEDIAN_MAX, "Functions have grown; name their paragraphs."


def everywhere() -> list[tuple[str, int]]:
    """Every function of the package with its length."""
    return [function for path in modules() for function in functions(path)]
