"""What holds for every ring: Hypothesis is repeatable, and what needs a program is skipped without it."""

import shutil

import pytest
from hypothesis import settings

from tests.fakes.warm import Cold

# A shared machine is slow at times, which is no finding; a failure must come back when it is looked for.
settings.register_profile("default", derandomize=True, deadline=None, database=None)
settings.load_profile("default")

# A marker for each program of another package, what must be there (of several names in one text,
# one will do), and the Debian packages that bring it.
NEEDS = {
    "browser": (("chromium-headless-shell chromium",), "chromium-headless-shell fonts-dejavu-core"),
    "prometheus": (
        ("prometheus", "prometheus-alertmanager", "amtool"),
        "prometheus prometheus-alertmanager",
    ),
}


COLD = ("cold", "soak", "bench")  # markers of tests in which monitord starts as everybody starts it


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before its fixtures are made."""
    Cold.now = any(map(item.get_closest_marker, COLD))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a program that is not there, saying so."""
    for marker, (programs, packages) in NEEDS.items():
        missing = [
            names.replace(" ", " or ") for names in programs if not any(map(shutil.which, names.split()))
        ]
        if not missing:
            continue
        reason = f"{' and '.join(missing)} not installed; apt-get install {packages}"
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` writes the transcripts as they come out now; read the diff before you commit it."""
    parser.addoption("--update", action="store_true", help="write the transcripts as they come out")
