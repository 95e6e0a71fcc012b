"""What we build is what we wrote: the wheel holds every file of the package, and starts."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.fakes.patience import WITHIN
from tests.house.tree import PACKAGE, ROOT, files, name


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel of this tree, built by the locked hatchling."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert 0 == built.returncode, built.stderr
    return ZipFile(next(Path(folder).glob("*.whl")))


def test_the_wheel_holds_every_file_of_the_package(wheel: ZipFile) -> None:
    ours = {name(path) for path in files() if path.is_relative_to(PACKAGE)}

    assert set() == ours - set(wheel.namelist()), (
        "Templates, static files, migrations and the manual go along."
    )


def test_the_wheel_brings_the_command(wheel: ZipFile) -> None:
    entry_points = next(entry for entry in wheel.namelist() if entry.endswith("entry_points.txt"))

    assert "monitord = monitord.__main__:main" in wheel.read(entry_points).decode()
