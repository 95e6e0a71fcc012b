"""Kinds: one file in a folder is one kind; a broken one is disabled, and only that one."""

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from monitord import kinds
from monitord.core.check import Outcome
from monitord.kinds import Finding, Problem, discover, first_indented_block
from monitord.net.limits import SUMMARY_CHARS_MAX

GOOD = '''"""NAME: says yes.

    kind: NAME

More words.
"""
from dataclasses import dataclass
from monitord.kinds import Prober
@dataclass(frozen=True)
class Options:
    word: str = "yes"
async def check(options, net): ...
KIND = Prober(Options, check)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package called `menagerie` that can be imported."""
    package = tmp_path / "menagerie"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package
    for name in [name for name in sys.modules if name.split(".")[0] in ("menagerie", "stranger")]:
        del sys.modules[name]


def write(folder: Path, name: str, text: str = GOOD) -> None:
    (folder / f"{name}.py").write_text(text.replace("NAME", name))


def menagerie() -> ModuleType:
    return import_module("menagerie")


def strangers(monkeypatch: pytest.MonkeyPatch, **modules: str) -> None:
    """Install entry points, as another distribution would."""
    found = [EntryPoint(name, module, "monitord.probers") for name, module in modules.items()]
    monkeypatch.setattr(
        kinds, "entry_points", lambda group: [entry for entry in found if entry.group == group]
    )


def test_each_file_of_the_folder_is_a_kind(folder: Path) -> None:
    write(folder, "dns")
    write(folder, "icmp")
    write(folder, "_hidden")

    found = discover(menagerie(), "monitord.probers")

    assert ["dns", "icmp"] == list(found.kinds)
    assert () == found.problems
    assert "kind: dns" == found.kinds["dns"].example
    assert found.kinds["dns"].manual.startswith("dns: says yes.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import nowhere", "cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("def (", "cannot be imported: SyntaxError: "),
        ("raise RuntimeError('no\\nthanks')", "cannot be imported: RuntimeError: no thanks"),
        ("KIND = 3", "has no KIND = Prober(Options, …)"),
        ("", "has no KIND = Prober(Options, …)"),
    ],
)
def test_a_broken_file_disables_its_kind_only(folder: Path, text: str, why: str) -> None:
    write(folder, "broken", text)
    write(folder, "dns")

    found = discover(menagerie(), "monitord.probers")

    assert ["dns"] == list(found.kinds)
    assert ["broken"] == [problem.kind for problem in found.problems]
    assert found.problems[0].why.startswith(why)


def test_a_channel_among_the_probers_is_a_problem(folder: Path) -> None:
    write(folder, "dns", GOOD.replace("Prober", "Channel"))

    assert (Problem("dns", "has no KIND = Prober(Options, …)"),) == discover(
        menagerie(), "monitord.probers"
    ).problems


def test_strangers_ship_kinds_through_entry_points(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "dns")
    write(folder.parent, "stranger")
    strangers(monkeypatch, ldap="stranger", dns="stranger", gone="nowhere")

    found = discover(menagerie(), "monitord.probers")

    assert ["dns", "ldap"] == list(found.kinds)
    assert ["dns", "gone"] == [problem.kind for problem in found.problems]
    assert "menagerie.dns" == found.kinds["dns"].spec.options.__module__


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a: b.\n\n    kind: a\n    x:\n      - y\n\nMore.\n\n    another: block\n", "kind: a\nx:\n  - y"),
        ("a: b.\n\n    kind: a\n\n    port: 5\n", "kind: a\n\nport: 5"),
        ("a: b.\n", ""),
    ],
)
def test_the_example_is_the_first_indented_block(text: str, block: str) -> None:
    assert block == first_indented_block(text)


def test_a_summary_is_one_line_of_bounded_length() -> None:
    assert "a b c" == Finding(Outcome.OK, "a\r\n b\x1b\u202e c").summary
    assert SUMMARY_CHARS_MAX == len(Finding(Outcome.OK, "x" * 10_000).summary)
