"""./dev is what the README promises, and speaks on stderr only."""

import re
import subprocess

from tests.fakes.patience import WITHIN
from tests.house.tree import ROOT

README = ROOT / "README.md"


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ./dev with a command that needs no set-up."""
    return subprocess.run(
        [ROOT / "dev", *arguments], capture_output=True, text=True, timeout=WITHIN, check=False
    )


def commands() -> set[str]:
    """The commands that ./dev acts upon."""
    source = (ROOT / "dev").read_text(encoding="utf-8")
    return set(
        re.findall(r"^    (\w+)(?: \|[^)]*)?\) ", source.split("\ncase $command in\n")[1], re.MULTILINE)
    )


def test_help_lists_every_command() -> None:
    listed = set(re.findall(r"^  (\w+) ", dev("help").stdout, re.MULTILINE))

    assert commands() == listed, "Name the command in usage(), or remove it there."


def test_the_readme_names_real_commands() -> None:
    named = set(re.findall(r"\./dev (\w+)", README.read_text(encoding="utf-8")))

    assert set() == named - commands(), "The README names a command that ./dev does not have."
    assert {"demo", "test"} <= named, "The README shows a newcomer ./dev demo and ./dev test."


def test_an_unknown_command_is_refused_on_stderr() -> None:
    refused = dev("conquer")

    assert (2, "") == (refused.returncode, refused.stdout)
    assert "no command conquer" in refused.stderr
