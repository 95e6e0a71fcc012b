"""The files of a tree: where the main file is looked for, what is read beside it, and what they hold."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitord.config.limits import FILE_BYTES_MAX, FILES_MAX, TREE_BYTES_MAX
from monitord.config.problem import ConfigurationRefused, Place, Problem, at, listed

DEFAULTS = (Path("/etc/monitord/config/monitord.yaml"), Path("config/monitord.yaml"))
FOLDERS = ("config", "probes", "rotations")
SUFFIX = ".yaml"
ALMOST = (".yml", ".json")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path as people type it, and its bytes."""

    file: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Tree:
    """The main file, the folder that relative paths start from, and every file that is read."""

    main: Path
    root: Path
    sources: tuple[Source, ...]

    @property
    def beginning(self) -> Place:
        """Where something would stand that stands nowhere."""
        return Place(os.path.normpath(self.main), 1, 1)

    @property
    def revision(self) -> str:
        """The hash of the contents; what the files are called and how they are sorted makes no difference."""
        parts = sorted(hashlib.sha256(source.content).digest() for source in self.sources)
        return hashlib.sha256(b"".join(parts)).hexdigest()


def main_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The main file that was named, or the first usual one; ConfigurationRefused if there is none."""
    named = path or (Path(environ["MONITORD_CONFIG"]) if environ.get("MONITORD_CONFIG") else None)
    if named is not None:
        if named.is_file():
            return named
        why = "is a folder" if named.is_dir() else "does not exist"
        raise ConfigurationRefused(
            [missing(named, f"{named} {why}", "name the main file, as config/monitord.yaml")]
        )
    for usual in DEFAULTS:
        if usual.is_file():
            return usual
    looked = listed(("$MONITORD_CONFIG (not set)", *map(str, DEFAULTS)), "and")
    what = f"there is no configuration; looked at {looked}"
    raise ConfigurationRefused([missing(DEFAULTS[-1], what, "name one with --config FILE")])


def missing(path: Path, what: str, remedy: str) -> Problem:
    return at(Place(str(path), 1, 1), what, remedy)


def read_tree(main: Path) -> tuple[Tree, list[Problem], list[Problem]]:
    """The tree around a main file, what is wrong with its files, and what might be."""
    in_config = "config" in (main.parent.name, main.parent.resolve().name)
    root = root_of(main) if in_config else main.parent
    beside = () if in_config else sorted(main.parent.iterdir())
    folders = FOLDERS if in_config else FOLDERS[1:]
    closed: list[OSError] = []
    paths = [main, *beside, *(path for folder in folders for path in below(root / folder, closed.append))]
    sources, errors = read_all(yaml_files(paths))
    errors += [unopened(error) for error in closed if not isinstance(error, FileNotFoundError)]
    return Tree(main, root, tuple(sources)), errors, almost(paths)


def unopened(error: OSError) -> Problem:
    """A folder whose files are not known: without them the tree would be another one."""
    what = f"this folder cannot be read: {error.strerror}"
    return missing(shown(Path(error.filename)), what, "make it readable for monitord's account")


def gone(tree: Path, before: Iterable[str]) -> list[Problem]:
    """Folders beside `config` that had some of the files `before`, and are not there at all any more."""
    root = Path(os.path.normpath(tree))
    files = {file.relative_to(root).parts[0]: file for file in map(Path, before) if root in file.parents}
    remedy = "put it back; if nothing shall be in it any more, leave the empty folder"
    return [
        missing(root / folder, f"this folder is gone; {file.name} was in it", remedy)
        for folder, file in sorted(files.items())
        if folder in FOLDERS and not (root / folder).is_dir()
    ]


def root_of(main: Path) -> Path:
    """The folder that holds `config`, written as people would."""
    return main.parent.parent if main.parent.name == "config" else main.parent / ".."


def below(folder: Path, closed: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """Every file below a folder, in the order of their paths; dots are an editor's or a mount's own."""
    for where, folders, names in os.walk(folder, onerror=closed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(where, name) for name in sorted(names))


def yaml_files(paths: list[Path]) -> dict[Path, Path]:
    """The files to read, each once, by their real path; the main one whatever its suffix."""
    main, *others = paths
    found = {main.resolve(): main}
    for path in others:
        if path.suffix == SUFFIX and not path.name.startswith(".") and not path.is_dir():
            found.setdefault(path.resolve(), path)
    return found


def almost(paths: Iterable[Path]) -> list[Problem]:
    """Files that somebody may think are read."""
    main, *others = paths
    return [
        missing(shown(path), "this file is not read", f"call it {path.with_suffix(SUFFIX).name}")
        for path in others
        if path.suffix in ALMOST and not path.name.startswith(".") and path != main
    ]


def shown(path: Path) -> Path:
    return Path(os.path.normpath(path))


def read_all(files: Mapping[Path, Path]) -> tuple[list[Source], list[Problem]]:
    sources: list[Source] = []
    problems: list[Problem] = []
    left = TREE_BYTES_MAX
    for path in list(files.values())[:FILES_MAX]:
        match read(path, min(FILE_BYTES_MAX, left)):
            case Source() as source:
                left -= len(source.content)
                sources.append(source)
            case Problem() as problem:
                problems.append(problem)
    if len(files) > FILES_MAX:
        what = f"there are {len(files)} files, more than {FILES_MAX}"
        problems.append(missing(shown(next(iter(files.values()))), what, "put more into one file"))
    return sources, problems


def read(path: Path, limit: int) -> Source | Problem:
    """One file; a problem if it cannot be read, is no regular file, or is too long."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return missing(shown(path), "this is not a regular file", "remove it, or put a file in its place")
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        return missing(
            shown(path), f"cannot be read: {error.strerror}", "make it readable for monitord's account"
        )
    if len(content) > limit:
        what = f"this file is too long: more than {limit} bytes are left for it"
        return missing(shown(path), what, "split it, or check that it is configuration")
    return Source(str(shown(path)), content)
