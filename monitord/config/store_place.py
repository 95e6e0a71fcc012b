"""Where the store is: `sqlite:///var` is a folder relative to $STATE_DIRECTORY, else to the tree.

For the tree in /etc/monitord that is /var/lib/monitord, whoever asks; see packaged.py.
"""

from collections.abc import Mapping
from pathlib import Path

from monitord.config.limits import URL_CHARS_MAX
from monitord.config.packaged import surroundings
from monitord.config.problem import Wrong

SQLITE = "sqlite:///"
FORM = (
    "write `sqlite:///var` (relative to $STATE_DIRECTORY, else to the tree) or `sqlite:////var/lib/monitord`"
)


def store_url(url: str) -> str:
    """A URL that can be a store's. Raises Wrong; a URL may hold a password, so it is not repeated."""
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme in ("postgresql", "postgres"):
        what = "this version keeps its store in SQLite; PostgreSQL comes with high availability"
        raise Wrong(what, "write `store: sqlite:///var`")
    if (
        not url.startswith(SQLITE)
        or not url.removeprefix(SQLITE).strip()
        or "\0" in url
        or len(url) > URL_CHARS_MAX
    ):
        raise Wrong("this is not a store", FORM)
    return url


def store_place(url: str, root: Path, environ: Mapping[str, str]) -> str:
    """The absolute path of the store's folder."""
    return str(state_place(url.removeprefix(SQLITE), root, environ))


def state_place(path: str, root: Path, environ: Mapping[str, str]) -> Path:
    """The absolute path of something that the daemon keeps."""
    state = surroundings(root, environ).get("STATE_DIRECTORY", "").partition(":")[0]  # there may be several
    return ((Path(state) if state else root) / path).resolve()
