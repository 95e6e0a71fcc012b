"""${env:NAME}, ${file:PATH} and ${credential:NAME}: values that stand somewhere else, and are never shown.

`${credential:NAME}` is a file below $CREDENTIALS_DIRECTORY, where systemd's LoadCredential puts it; one of a
whole folder (LoadCredential=monitord:/etc/monitord/credentials, as in our unit) is called `monitord_NAME`
there. A line break at the end of a file is not part of the value. `$${` stands for `${` itself. What was
revealed is not read again for further references.
"""

import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from monitord.config.limits import SECRET_BYTES_MAX, SHOWN_CHARS_MAX
from monitord.config.packaged import surroundings
from monitord.config.problem import Problem, Wrong, at, one_line, quoted

MASK: Final = "***"
FOLDER_PREFIX: Final = "monitord_"
MASKED_CHARS_MIN = 4  # a shorter secret is no secret, and masking it would make messages unreadable
REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}?")
FORM = "write ${env:NAME}, ${file:PATH} or ${credential:NAME}; `$${` stands for `${` itself"


class Secrets:
    """Reveals references, and remembers what must not be shown."""

    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        self.environ, self.root = surroundings(root, environ), root
        self.revealed: set[str] = set()
        self.known = 0
        self.masks: tuple[tuple[str, str], ...] = ()

    def reveal(self, text: str) -> str:
        """`text` with its references replaced. Raises Wrong."""
        return REFERENCE.sub(self.replaced, text)

    def replaced(self, match: re.Match[str]) -> str:
        if match[1] is None:
            return "${"
        kind, colon, name = match[1].partition(":")
        source = SOURCES.get(kind)
        if source is None or not colon or not name or not match[0].endswith("}"):
            raise Wrong(f"{quoted(match[0])} refers to nothing", FORM)
        found = source(self, name)
        self.revealed.add(found)
        return found

    def from_environment(self, name: str) -> str:
        if name not in self.environ:
            raise Wrong(
                f"the environment variable {one_line(name)} is not set", "set it, or write the value here"
            )
        return self.environ[name]

    def from_file(self, name: str) -> str:
        return content(self.root / name, f"the file {one_line(name)}")

    def from_credentials(self, name: str) -> str:
        folder = self.environ.get("CREDENTIALS_DIRECTORY")
        if "/" in name or name in (".", ".."):
            raise Wrong(
                f"{quoted(name)} is not the name of a credential", "a credential has a name, not a path"
            )
        if not folder:
            what = f"there is no credential {one_line(name)}: $CREDENTIALS_DIRECTORY is not set"
            raise Wrong(what, f"add LoadCredential={one_line(name)}:PATH to the systemd unit")
        alone, of_folder = Path(folder, name), Path(folder, FOLDER_PREFIX + name)
        path = of_folder if of_folder.exists() and not alone.exists() else alone
        return content(path, f"the credential {one_line(name)}")

    def masked(self, problem: Problem) -> Problem:
        """The problem without anything that was revealed."""
        return at(problem.place, self.without(problem.what), self.without(problem.remedy))

    def without(self, text: str) -> str:
        """The text with a mask for each; every check's finding passes here, and hardly any holds one."""
        if len(self.revealed) != self.known:
            self.known = len(self.revealed)
            self.masks = tuple(dict.fromkeys(masks(self.revealed)))
        for written, mask in self.masks:
            if written in text:
                text = text.replace(written, mask)
        return text


def masks(revealed: Collection[str]) -> Iterator[tuple[str, str]]:
    """What must not stand in a message, and what stands there instead: first that of the longest secret."""
    for secret in sorted({*revealed} - {""}, key=len, reverse=True):
        yield f"`{secret}`", f"`{MASK}`"
        yield from ((form, MASK) for form in forms(secret) if len(form) >= MASKED_CHARS_MIN)


def forms(secret: str) -> tuple[str, ...]:
    """The ways in which a message may have written it: as it is, on one line, by repr, cut, as a host."""
    line = one_line(secret)
    return secret, line, repr(secret)[1:-1], line[: SHOWN_CHARS_MAX - 1], secret.lower()


def content(path: Path, what: str) -> str:
    """The text of a file without the line break at its end. Raises Wrong."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Wrong(f"{what} is not a regular file", "name a file with the value in it")
        with path.open("rb") as stream:
            found = stream.read(SECRET_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, Wrong):
            raise
        why = getattr(error, "strerror", None) or "this is not a path"
        raise Wrong(f"{what} cannot be read: {why}", "create it, readable for monitord's account") from error
    if len(found) > SECRET_BYTES_MAX:
        raise Wrong(
            f"{what} is longer than {SECRET_BYTES_MAX} bytes", "name a file with nothing but the value in it"
        )
    try:
        return found.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise Wrong(f"{what} is not UTF-8 text", "save it as UTF-8") from error


SOURCES: dict[str, Callable[[Secrets, str], str]] = {
    "env": Secrets.from_environment,
    "file": Secrets.from_file,
    "credential": Secrets.from_credentials,
}
