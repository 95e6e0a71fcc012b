"""The systemd units: systemd has nothing to say about them, they may do little, the package has them all."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from monitord import lifeboat
from tests.fakes.patience import WITHIN
from tests.house.tree import ROOT

SYSTEMD = ROOT / "systemd"
UNITS = sorted([*SYSTEMD.glob("*.service"), *SYSTEMD.glob("*.socket")])
EXPOSURE_MAX = 2.0
PROGRAM = re.compile(r"(?<==)(-?)/usr/bin/(?:monitord|python3)(?= )")
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed; apt-get install systemd"
)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with programs that are on every machine."""
    for path in UNITS:
        (tmp_path / path.name).write_text(PROGRAM.sub(r"\1/bin/true", path.read_text(encoding="utf-8")))
    return tmp_path


def analyze(*words: str | Path) -> str:
    command = ["systemd-analyze", *map(str, words)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
    return ran.stdout + ran.stderr


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_units(units: Path) -> None:
    assert "" == analyze("verify", "--man=no", *sorted(units.iterdir()))


@needs_systemd
@pytest.mark.parametrize("drop_in", [(), ("icmp.conf",)], ids=["as it is", "with ICMP"])
def test_the_service_may_do_little(units: Path, drop_in: tuple[str, ...]) -> None:
    for name in drop_in:
        folder = units / "monitord.service.d"
        folder.mkdir()
        shutil.copy(SYSTEMD / name, folder)
    told = analyze("security", "--offline=true", "--no-pager", units / "monitord.service")
    exposure = re.search(r"Overall exposure level for \S+: (\d+\.\d)", told)

    assert exposure, told
    assert float(exposure[1]) <= EXPOSURE_MAX


def test_each_door_has_its_socket_under_its_name() -> None:
    for name in ("public", "edge", "ops"):
        unit = (SYSTEMD / f"monitord-{name}.socket").read_text(encoding="utf-8")

        assert f"FileDescriptorName={name}\n" in unit
        assert f"monitord-{name}.socket" in (SYSTEMD / "monitord.service").read_text(encoding="utf-8")


def test_sockets_and_the_example_tree_name_the_same_addresses() -> None:
    tree = (ROOT / "config" / "monitord.yaml").read_text(encoding="utf-8")
    for name in ("public", "edge", "ops"):
        unit = (SYSTEMD / f"monitord-{name}.socket").read_text(encoding="utf-8")
        (address,) = re.findall(r"^ListenStream=(\S+)$", unit, re.MULTILINE)

        assert re.search(rf'^  {name}: +{{listen: "{re.escape(address)}"', tree, re.MULTILINE)


def test_the_lifeboat_stands_on_nothing_of_ours() -> None:
    """Not even on what the linter would let it import."""
    source = Path(lifeboat.__file__).read_text(encoding="utf-8")

    assert not re.search(r"^\s*(?:from|import) monitord", source, re.MULTILINE)


def test_the_package_takes_every_unit_along() -> None:
    build = (ROOT / "debian" / "build.py").read_text(encoding="utf-8")

    assert [] == [path.name for path in UNITS if f'"{path.name}"' not in build]


def test_the_package_takes_the_whole_example_along() -> None:
    """What it rehearses, too."""
    build = runpy.run_path(str(ROOT / "debian" / "build.py"))
    written = {path for tree in build["TREES"] for path in (ROOT / tree).rglob("*.yaml")}

    assert written | {ROOT / "config" / "rehearsals" / "nobody-answers.txt"} == set(build["examples"]())


def test_maintainer_scripts_are_shell() -> None:
    for name in ("postinst", "prerm", "postrm", "launcher"):
        subprocess.run(["sh", "-n", ROOT / "debian" / name], check=True)
