"""A small tree of YAML for the tests of monitord.config: what a test says is laid over it."""

from pathlib import Path
from textwrap import dedent

from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused

HEAD = """\
organization: Example Shop
doors:
  public: {listen: "127.0.0.1:8080"}
  edge: {listen: "127.0.0.1:8081"}
  ops: {listen: "127.0.0.1:8082"}
channels:
  email: {server: "smtp://127.0.0.1:25", from: monitord@example.org}
"""
PEOPLE = """\
people:
  ann: {reach: [{email: ann@example.org}]}
  bo: {reach: [{email: bo@example.org}]}
  cem: {reach: [{email: cem@example.org}]}
teams:
  support: {members: [ann, bo]}
policies:
  urgent: {tiers: [{page: [ann], for: 5m}]}
"""


def tree(folder: Path, more: str = "", head: str = HEAD, people: str = PEOPLE, **files: str) -> Path:
    """Write a tree, with `more` in a file of its own (probes/x.yaml); its main file."""
    config = folder / "config"
    written = {
        config / "monitord.yaml": head,
        config / "people.yaml": people,
        folder / "probes" / "x.yaml": more,
    }
    for name, text in files.items():
        written[folder / "rotations" / f"{name}.yaml"] = text
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return config / "monitord.yaml"


def loaded(folder: Path, more: str = "", environ: dict[str, str] | None = None, **parts: str) -> Loaded:
    """What the tree loads as."""
    return load(tree(folder, more, **parts), environ or {})


def complaints(
    folder: Path, more: str = "", environ: dict[str, str] | None = None, **parts: str
) -> list[str]:
    """What is said against the tree, with paths as seen from its folder; [] if it loads."""
    try:
        load(tree(folder, more, **parts), environ or {})
    except ConfigurationRefused as refused:
        return [str(problem).replace(f"{folder}/", "") for problem in refused.problems]
    return []


def warnings(folder: Path, more: str = "", **parts: str) -> list[str]:
    """What the tree is warned of."""
    return [str(problem).replace(f"{folder}/", "") for problem in loaded(folder, more, **parts).warnings]
