"""What holds for every ring: Hypothesis is repeatable, and browser tests need a browser."""

import shutil

import pytest
from hypothesis import settings

# A shared machine is slow at times, which is no finding; a failure must come back when it is looked for.
settings.register_profile("default", derandomize=True, deadline=None, database=None)
settings.load_profile("default")

NO_BROWSER = "Chromium is not installed; apt-get install chromium fonts-dejavu-core"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if shutil.which("chromium"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` writes the transcripts as they come out now; read the diff before you commit it."""
    parser.addoption("--update", action="store_true", help="write the transcripts as they come out")
