"""Prober, Channel, Inbound: what a kind is, and `discover`, which finds the kinds of a folder.

Theory of operation. One file in a folder is one kind: its name is the word after `kind:`, its docstring the
manual page (the first indented block is the example), its `KIND` says what it does, and the fields of
`KIND.options`, a frozen dataclass, are the schema. Nobody registers anything, so nothing can be forgotten.
Strangers ship kinds through the entry-point group that is called like the folder (`monitord.probers`); such
an entry names a module that looks like one of ours. A file that cannot be imported disables this one kind
and is reported as a problem; the others go on.
"""

import hashlib
import importlib
import json
import pkgutil
import textwrap
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Generic, Literal, TypeVar, overload

from monitord.core.check import Instant, Outcome, Phases
from monitord.core.legible import printable, printable_line, shortened
from monitord.core.signal import Signal
from monitord.core.silence import AddSilence, EndSilence, Silence
from monitord.core.webhook import Notice
from monitord.net import Net
from monitord.net.limits import SUMMARY_CHARS_MAX

KEY_CHARS_MAX = 200
TITLE_CHARS_MAX = 200
PAIRS_MAX = 64  # labels of one report, links of one report

OptionsT = TypeVar("OptionsT")
KindT = TypeVar("KindT", "Prober[Any]", "Channel[Any]", "Inbound[Any]")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `summary` is one line that is understood at 3 a.m. and holds no secret."""

    outcome: Outcome
    summary: str
    phases: Phases | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "summary", one_line(self.summary))


@dataclass(frozen=True, slots=True)
class Prober(Generic[OptionsT]):
    """A way to check. `check` answers with a Finding whatever the target does; deadlines are the engine's."""

    options: type[OptionsT]
    check: Callable[[OptionsT, Net], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to leave: `date` and `message_id` stay the same when it is sent again. One for
    another system holds a `notice`; `ops` is where that finds our console and API.
    """

    id: str
    address: str
    subject: str
    text: str
    html: str | None
    headers: tuple[tuple[str, str], ...]
    date: Instant
    message_id: str
    unsubscribe: str | None = None
    notice: Notice | None = None
    ops: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Handed over (which is not delivered, and not answered); `receipt` is what the other side said."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not handed over: `permanent` if trying again is pointless, `ambiguous` if it may have left."""

    why: str
    permanent: bool
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Channel(Generic[OptionsT]):
    """A way to reach people: `bulkhead` sends at once, each within `deadline`; `calls` if phones ring."""

    options: type[OptionsT]
    send: Callable[[OptionsT, Letter, Net], Awaitable[Sent | Refused]]
    calls: bool = False
    bulkhead: int = 8
    deadline: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody told us over HTTP, after they have shown who they are.

    `path` is what follows the integration's own address, as "" or "/api/v2/alerts"; the names of headers are
    in lower case. Neither holds the secret.
    """

    method: str
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def asked(self, name: str) -> str:
        """A parameter of the query; of a repeated one, the last."""
        return dict(self.query).get(name, "")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sender said about one thing: it is so, or it is over.

    `key` names the thing, `severity` and `labels` are the sender's words, by which rules choose a service and
    a priority. Without a refresh by `ends` it counts as over. `group` is the key of what causes it. What is
    said `once` is said when it happens: this sender does not say when it is over.
    """

    key: str
    raised: bool
    title: str
    summary: str = ""
    severity: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    since: Instant | None = None
    ends: Instant | None = None
    group: str = ""
    links: tuple[tuple[str, str], ...] = ()
    once: bool = False

    def __post_init__(self) -> None:
        for name, longest in (("key", KEY_CHARS_MAX), ("group", KEY_CHARS_MAX)):
            object.__setattr__(self, name, as_key(getattr(self, name), longest))
        for name, longest in (("title", TITLE_CHARS_MAX), ("summary", SUMMARY_CHARS_MAX)):
            object.__setattr__(self, name, shortened(one_line(getattr(self, name)), longest))
        object.__setattr__(self, "severity", one_line(self.severity))
        object.__setattr__(self, "labels", pairs(self.labels))
        object.__setattr__(self, "links", pairs(self.links))


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat's ping said: `what` is success, start, fail, log or exit (with its code)."""

    what: str
    exit_code: int | None = None
    run: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender wants to hear, what was in the request, and what is to be done for a question.

    `note` says what else is worth knowing of it, as that the sender has left something out.
    """

    status: int
    body: bytes = b""
    heard: tuple[Said | Beat, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    note: str = ""
    wish: "Wish | None" = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sender wants done, and what they hear when it is: `done` is given the decision's events."""

    commands: tuple[AddSilence | EndSilence, ...]
    done: Callable[[tuple[Any, ...]], Reply]


@dataclass(frozen=True, slots=True)
class Stood:
    """A raised signal, and the ids of the silences that hold it."""

    signal: Signal
    silenced_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What one integration's sender may ask about: what it has raised, and the silences made through it."""

    integration: str
    signals: tuple[Stood, ...]
    silences: tuple[Silence, ...]
    started: Instant
    now: Instant


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that a sender may do: a method, and the path below the integration's address (`{}` stands for
    one part of it). `tells`: it says something, which is kept. `at_root`: the vendor's own clients ask for it
    at the root of the door as well; `open`: without a secret, because it says nothing. `keeps`: of a body the
    first so many bytes will do, whatever becomes of the rest; without it a body that is too long is refused.
    """

    method: str
    path: str = ""
    tells: bool = False
    at_root: bool = False
    open: bool = False
    keeps: int = 0


TELLS = (Route("POST", tells=True),)
JSON_HEADERS = (("content-type", "application/json"),)


def error_object(status: int, why: str) -> Reply:
    """`{"error": WHY}`."""
    return Reply(status, json.dumps({"error": why}).encode(), headers=JSON_HEADERS, note=why)


@dataclass(frozen=True, slots=True)
class Inbound(Generic[OptionsT]):
    """A way to be told: pure functions from a request to what was said; they cannot page anybody.

    `read` is for the routes that tell something; `answer` for the others. Both raise `Unreadable` (see
    `net.documents`) when the request cannot be understood; `refuse` says so in the words of the protocol.
    """

    options: type[OptionsT]
    read: Callable[[OptionsT, Request, Instant], Reply]
    routes: tuple[Route, ...] = TELLS
    answer: Callable[[OptionsT, Request, Standing], Reply] | None = None
    refuse: Callable[[int, str], Reply] = error_object


@dataclass(frozen=True, slots=True)
class Kind(Generic[KindT]):
    """One kind under its name; `manual` is its page, `example` the YAML in it."""

    name: str
    spec: KindT
    manual: str

    @property
    def example(self) -> str:
        return first_indented_block(self.manual)


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind that is disabled, and why; whoever starts the daemon says so loudly."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Discovered(Generic[KindT]):
    """The kinds of one folder and of strangers by name, and those that are disabled."""

    kinds: Mapping[str, Kind[KindT]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


PROTOCOLS: Mapping[str, type[Prober[Any]] | type[Channel[Any]] | type[Inbound[Any]]] = {
    "monitord.probers": Prober,
    "monitord.channels": Channel,
    "monitord.inbound": Inbound,
}


@overload
def discover(folder: ModuleType, group: Literal["monitord.probers"]) -> Discovered[Prober[Any]]: ...
@overload
def discover(folder: ModuleType, group: Literal["monitord.channels"]) -> Discovered[Channel[Any]]: ...
@overload
def discover(folder: ModuleType, group: Literal["monitord.inbound"]) -> Discovered[Inbound[Any]]: ...
def discover(folder: ModuleType, group: str) -> Discovered[Any]:
    """Every kind in `folder` (a package) and in the entry-point `group`; never raises because of a kind."""
    kinds: dict[str, Kind[Any]] = {}
    problems: list[Problem] = []
    for name, load in (*own(folder), *foreign(group)):
        match loaded(name, load, PROTOCOLS[group]):
            case Kind() if name in kinds:
                problems.append(Problem(name, "there is a kind of this name already; rename the newcomer"))
            case Kind() as kind:
                kinds[name] = kind
            case Problem() as problem:
                problems.append(problem)
    return Discovered(kinds, tuple(problems))


Loader = Callable[[], ModuleType]


def own(folder: ModuleType) -> list[tuple[str, Loader]]:
    """The files of the folder, in alphabetical order; a leading underscore hides a file."""
    names = sorted(found.name for found in pkgutil.iter_modules(folder.__path__))
    return [(name, importer(f"{folder.__name__}.{name}")) for name in names if not name.startswith("_")]


def importer(name: str) -> Loader:
    return lambda: importlib.import_module(name)


def foreign(group: str) -> list[tuple[str, Loader]]:
    """The entry points of the group, in alphabetical order."""
    found: list[EntryPoint] = sorted(entry_points(group=group), key=lambda entry: entry.name)
    return [(entry.name, entry.load) for entry in found]


def loaded(name: str, load: Loader, protocol: type[Any]) -> Kind[Any] | Problem:
    """The kind in one module, or why there is none."""
    try:
        module = load()
    except Exception as error:  # noqa: BLE001 - whatever a file does while it is imported costs this kind only
        return Problem(name, f"cannot be imported: {type(error).__name__}: {one_line(str(error))}")
    spec = getattr(module, "KIND", None)
    if not isinstance(spec, protocol):
        return Problem(name, f"has no KIND = {protocol.__name__}(Options, …)")
    return Kind(name, spec, module.__doc__ or "")


def first_indented_block(text: str) -> str:
    """The first run of lines indented by four spaces or more, without the indentation; may be empty."""
    block: list[str] = []
    for line in text.splitlines():
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line)
        elif block:
            break
    return textwrap.dedent("\n".join(block)).strip("\n")


def one_line(text: str) -> str:
    """`text` without line breaks and unprintable characters, and not too long for a subject or a table."""
    clean = " ".join(printable_line(text).split())
    return clean if len(clean) <= SUMMARY_CHARS_MAX else clean[: SUMMARY_CHARS_MAX - 1] + "…"


def as_key(text: str, longest: int) -> str:
    """A key that is stored and shown: in one line; of a long one the beginning, and a digest of the whole."""
    if len(text) <= longest and text.isprintable():
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{one_line(text)[: longest - 17]} {digest}"


def pairs(several: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Names and values that can be stored and shown; what is too much is left out."""
    return tuple(
        (shortened(one_line(name), KEY_CHARS_MAX), shortened(one_line(value), SUMMARY_CHARS_MAX))
        for name, value in several[:PAIRS_MAX]
    )
