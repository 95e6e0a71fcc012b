"""The lock files say exactly what is installed, and belong to today's pyproject.toml."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, imports, modules

PYPROJECT = ROOT / "pyproject.toml"
RUNTIME = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
REMEDY = "Run ./dev lock and commit both lock files."


def pins(lock: Path) -> dict[str, str]:
    """The version of each package in a lock file."""
    text = lock.read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^\s;]+)", text, re.MULTILINE))


def wanted(lock: Path) -> list[str]:
    """What pyproject.toml asks of a lock file, with every extra."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    extras: dict[str, list[str]] = project["project"].get("optional-dependencies", {})
    runtime: list[str] = project["project"]["dependencies"] + [
        each for some in extras.values() for each in some
    ]
    return runtime if lock == RUNTIME else runtime + project["dependency-groups"]["dev"]


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda lock: lock.name)
def test_a_lock_fulfils_what_pyproject_asks(lock: Path) -> None:
    pinned = pins(lock)
    unmet = [text for text in wanted(lock) if not met(Requirement(text), pinned)]

    assert [] == unmet, REMEDY


def met(requirement: Requirement, pinned: dict[str, str]) -> bool:
    """Is the package pinned to a version it may have?"""
    version = pinned.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version)


def test_the_dev_lock_holds_the_runtime_lock() -> None:
    assert pins(RUNTIME).items() <= pins(DEV).items(), REMEDY


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda lock: lock.name)
def test_every_pin_is_hashed(lock: Path) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert [] == [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block], REMEDY


def test_every_dependency_says_its_role() -> None:
    text = PYPROJECT.read_text(encoding="utf-8")
    silent = re.findall(r"^    \"[^\"]+[<>=]\d[^\"]*\",$", text, re.MULTILINE)

    assert [] == silent, "Say in a comment on its line what the package is for."


def test_everything_the_package_imports_is_locked() -> None:
    pinned = pins(RUNTIME)
    unlocked = sorted(
        module for module in foreign_imports() if not set(distributions(module)) & pinned.keys()
    )

    assert [] == unlocked, "Add it to [project] dependencies with its role, then run ./dev lock."


def foreign_imports() -> set[str]:
    """The top-level modules that the package imports from elsewhere than Python itself."""
    found = {module.split(".")[0] for path in modules() for module in imports(path)}
    return found - sys.stdlib_module_names - {"monitord"}


def distributions(module: str) -> list[str]:
    """The packages that bring a top-level module, by the names the lock files use."""
    return [canonicalize_name(package) for package in packages_distributions().get(module, [])]
