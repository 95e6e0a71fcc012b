"""What the lifeboat would need, written down while all is well; see monitord/lifeboat.py.

One thread writes at a time, and what is newest when it begins: of many who leave at once the last counts.
Passwords are written as the configuration writes them: a reference stays a reference.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord import lifeboat
from monitord.config import yaml
from monitord.config.keeping import reopened
from monitord.config.loading import Loaded
from monitord.core.facts import Record
from monitord.core.world import Configuration
from monitord.engine.missing import comes_or_goes

EMAIL = "email"
AS_WRITTEN = ("server", "username", "password")


@dataclass(slots=True)
class Rescue:
    """`folder` is the state directory that systemd made; without one there is no lifeboat. `left` says who
    works here no more.
    """

    folder: Path | None
    log: FilteringBoundLogger
    left: Callable[[], Collection[str]] = tuple
    loaded: Loaded | None = None
    next: tuple[Loaded, Collection[str]] | None = None
    writing: bool = False
    turn: Lock = field(default_factory=Lock)

    def well(self) -> None:
        """The engine has gone round, or we stop in order."""
        if self.folder is not None:
            lifeboat.well(self.folder)

    def accept(self, loaded: Loaded) -> None:
        """Write it down beside everything else: a file of ten thousand probes takes a while to read again."""
        self.loaded, left = loaded, self.left()
        with self.turn:
            self.next = (loaded, left)
            if self.writing:
                return
            self.writing = True
        Thread(target=self.write, name="lifeboat", daemon=True).start()

    def write(self) -> None:
        """Until there is nothing newer."""
        while (newest := self.taken()) is not None:
            try:
                self.stow(*newest)
            except Exception:  # whatever it is, the next one is to be written
                self.log.exception("lifeboat not ready")

    def taken(self) -> tuple[Loaded, Collection[str]] | None:
        """What is to be written next; None ends the writing."""
        with self.turn:
            newest, self.next = self.next, None
            self.writing = newest is not None
            return newest

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        if comes_or_goes(events):
            self.again()

    def again(self) -> None:
        """Somebody has left, or came back."""
        if self.loaded is not None:
            self.accept(self.loaded)

    def stow(self, loaded: Loaded, left: Collection[str] = ()) -> None:
        """Write down whom this configuration would have told, and how."""
        if self.folder is None:
            return
        try:
            lifeboat.stow(self.folder, plan(loaded, left))
        except (OSError, ValueError) as error:
            self.log.error("lifeboat not ready", why=str(error))


def rescue(
    environ: Mapping[str, str], log: FilteringBoundLogger, left: Callable[[], Collection[str]] = tuple
) -> Rescue:
    """In the state directory, if there is one; `left` says who is not to be told."""
    first = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Rescue(Path(first) if first else None, log, left)


def plan(loaded: Loaded, left: Collection[str] = ()) -> dict[str, Any]:
    """Whom to tell, as what is said there; ValueError says why nobody could be told."""
    settings, options = loaded.settings, loaded.settings.channels.get(EMAIL)
    people = addresses(loaded.configuration, left)
    if options is None or not hasattr(options, "sender"):
        raise ValueError("there is no channel `email`, and the lifeboat knows no other")
    if not people:
        raise ValueError("nobody of `last_resort` can be reached by mail")
    return {
        "organization": settings.organization,
        "store": settings.store,
        "tree": str(settings.tree),
        "people": people,
        "sender": options.sender.address,
        "sender_name": options.sender.name,
        "verify": options.verify,
        **dict.fromkeys(AS_WRITTEN, ""),
        **as_written(loaded),
    }


def addresses(configuration: Configuration, left: Collection[str]) -> list[str]:
    """The mail addresses of the last resort, of whoever has not left; where nobody is named, everybody's."""
    here = [id for id in configuration.people if id not in left]
    named = [id for id in configuration.last_resort if id in here] or here
    people = (configuration.people[id] for id in named)
    return [way.address for person in people for way in person.reach if way.channel == EMAIL][
        : lifeboat.PEOPLE_MAX
    ]


def as_written(loaded: Loaded) -> dict[str, str]:
    """How the file itself spells the account, before any reference is looked up."""
    place = loaded.written.channels[EMAIL].node.place
    sources = (each for each in reopened(loaded.content).tree.sources if each.file == place.file)
    documents = (each for source in sources for each in yaml.read(source, unrevealed).documents)
    for document in documents:
        node = child(child(document, "channels"), EMAIL)
        if node is not None and node.place == place and isinstance(node, yaml.Mapping):
            values = map(partial(child, node), AS_WRITTEN)
            return {
                key: each.text
                for key, each in zip(AS_WRITTEN, values, strict=True)
                if isinstance(each, yaml.Scalar)
            }
    raise ValueError("the channel `email` is not where it was")


def child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return node.values.get(key) if isinstance(node, yaml.Mapping) else None


def unrevealed(text: str) -> str:
    return text
