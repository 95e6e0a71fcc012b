"""The stage: what the audience sees in the terminal, one calm line an event, and below them how things stand.

Where there is no terminal the same lines are plain text, without colours and without the footer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from monitord.core.check import Instant
from monitord.demo import story
from monitord.demo.cast import EVERY, FAILURES, PASSES, TIERS, Ports
from monitord.demo.view import View
from monitord.engine.clock import Clock

TOLD_WIDTH = 18
PLAIN_WIDTH = 160
PULSE = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

GOOD, BAD, CALL, PUBLIC, QUIET = "green", "red", "yellow", "cyan", "bright_black"
SHOWN = {"operational": GOOD, "major_outage": BAD}


@dataclass(frozen=True, slots=True)
class Line:
    """A symbol, what happened, and the rest, which is quieter."""

    symbol: str
    style: str
    told: str
    more: str | Text = ""
    strong: bool = False


def circles(told: tuple[tuple[str, ...], ...]) -> Text:
    """`ann → ann, bo → ann, bo, cem`: whoever is new stands out."""
    drawn = Text()
    for place, circle in enumerate(told):
        last = place == len(told) - 1
        drawn.append(" → " if place else "", QUIET)
        drawn.append(", ".join(circle[:-1]) + (", " if circle[1:] else ""), "" if last else QUIET)
        drawn.append(circle[-1], f"bold {CALL}" if last else QUIET)
    return drawn


def paged(sight: story.PagedSomebody) -> Line:
    """A first page widens the circle; the others are the circle, told again."""
    if sight.times > 1:
        return Line("·", QUIET, f"{sight.person} again", sight.mail.subject)
    return Line("▲", CALL, f"tier {len(sight.circles)} pages {sight.person}", circles(sight.circles), True)


def posted(sight: story.Posted) -> Line:
    said = f"{sight.heading} ({sight.phase})" if sight.number == 1 else f"{sight.body} ({sight.phase})"
    return Line("■", PUBLIC, "status page", said)


def opened(sight: story.TicketOpened) -> Line:
    return Line("●", BAD, f"ticket {sight.number} opened", f"{sight.title}, {sight.priority}", True)


def mailed(sight: story.SubscriberTold | story.NewsSent) -> Line:
    customer = isinstance(sight, story.SubscriberTold)
    who = sight.mail.to.partition("@")[0]
    return Line("✉" if customer else "·", PUBLIC if customer else QUIET, f"mail to {who}", sight.mail.subject)


LINES: dict[type[Any], Callable[[Any], Line]] = {
    story.CheckFailed: lambda e: Line("✗", BAD, f"check failed {e.streak}/{FAILURES}", e.found),
    story.CheckPassed: lambda e: Line("✓", GOOD, f"check passed {e.streak}/{PASSES}", e.found),
    story.TicketOpened: opened,
    story.PagedSomebody: paged,
    story.NewsSent: mailed,
    story.SubscriberTold: mailed,
    story.Posted: posted,
    story.Acknowledged: lambda e: Line("✔", GOOD, "acknowledged", f"{e.by} has it", True),
    story.Recovered: lambda e: Line("✔", GOOD, "recovered", e.says.partition(": ")[2]),
    story.Resolved: lambda e: Line("✔", GOOD, f"ticket {e.number} resolved", e.why, True),
}


class Stage:
    """Prints above, and keeps a footer below as long as the play lasts."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self.console, self.clock = console, clock
        self.begun = self.told = clock.now()
        self.live: Live | None = None
        self.turn = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, auto_refresh=False, transient=True) as self.live:
            yield

    # What stays.

    def program(self, ports: Ports) -> None:
        """Who plays, and where it can be watched."""
        self.begun = self.told = self.clock.now()
        title = Text.assemble("  ", ("monitord demo", "bold"), ("   a whole outage, on real sockets", QUIET))
        self.write("", title, "")
        for name, words, what in PLACES:
            url = web(f"{ports.url(name)}/")
            self.write(Text.assemble("    ", f"{words:<14}", url, "   ", (what, QUIET)))
        self.write("", *PROGRAM)

    def act(self, title: str) -> None:
        """A new part of the story."""
        self.write()
        self.write(Text(f"  {title}", "bold"))

    def sight(self, seen: story.Sight) -> None:
        self.line(LINES[type(seen)](seen), seen.at)

    def tell(self, symbol: str, style: str, told: str, more: str = "") -> None:
        """Something that the play itself has done or seen, now."""
        self.line(Line(symbol, style, told, more), self.clock.now())

    def line(self, line: Line, at: Instant) -> None:
        self.told = max(self.told, at)  # in the order in which it is told, time does not run back
        seconds = (self.told - self.begun).total_seconds()
        more = line.more if isinstance(line.more, Text) else Text(line.more, QUIET)
        told = Text(f"{line.told:<{TOLD_WIDTH}}", "bold" if line.strong else "")
        time = Text(f"{seconds:6.1f} s  ", QUIET)
        self.write(Text.assemble(time, (line.symbol, line.style), "  ", told, " ", more))

    def write(self, *lines: Text | str) -> None:
        for line in lines or ("",):
            self.console.print(
                line, overflow="ellipsis", no_wrap=True, crop=True, highlight=False, markup=False
            )

    def summary(self, view: View, holder: str) -> None:
        """The numbers, when everything is well again."""
        assert view.ticket is not None
        row = view.ticket.ticket
        lasted = ((row.resolved or row.opened) - row.since).total_seconds()
        asked = (row.acknowledged - row.since).total_seconds() if row.acknowledged else lasted
        told = (
            f"  After {asked:.0f} s {holder} had it, after {lasted:.0f} s it was over: "
            f"{len(view.pages)} pages to {len(view.asked)} people,"
        )
        mails = f"  {len(view.posts)} posts, {len(view.mails)} mails."
        rest = f"{mails} The shop was played, the rest is what you get."
        self.write("", told, rest, "")

    # What changes.

    def below(self, *lines: Text) -> None:
        """How things stand, until the next time."""
        if self.live is None:
            return
        self.turn += 1
        margins = (Text(f"  {PULSE[self.turn % len(PULSE)]} ", CALL), *[Text("    ")] * len(lines))
        drawn = [Text.assemble(margin, line) for margin, line in zip(margins, lines, strict=False)]
        self.live.update(Group("", *drawn), refresh=True)


FIRST, *OTHERS = TIERS
PROGRAM = (
    f"  The shop is checked every {EVERY}; {FAILURES} failed checks in a row, and it is down.",
    f"  Then {FIRST} is paged, {TIERS[FIRST]} later {', then '.join(OTHERS)} too, until somebody answers.",
)
PLACES = (
    ("public", "Status page", "what customers see"),
    ("inbox", "Inbox", "everybody’s mail"),
    ("ops", "Console", "what the team sees; sign in as ann"),
    ("shop", "The shop", "what is checked, and will break"),
)


def on(file: Any = None) -> Console:
    """A console; without a terminal its lines are not cut at 80 characters."""
    console = Console(file=file, highlight=False)
    return console if console.is_terminal else Console(file=file, highlight=False, width=PLAIN_WIDTH)


def key(name: str, does: str) -> Text:
    return Text.assemble((f" {name} ", "reverse"), " ", does, "   ")


def web(url: str) -> Text:
    """An address that can be clicked, where the terminal can do that."""
    return Text(url, f"{PUBLIC} link {url}")
