"""A transcript: facts with their times, and below each, indented, what monitord answers.

Theory of operation. Lines before the first empty line set the scene; each further line with a time is a fact.
What is indented is written by `perform`, so a transcript is right if performing it changes nothing. In a
rehearsal the time between two lines passes, and what happens in it is written below a `tick` of its own; a
made-up story stands still until a line says so, because it may be about a daemon that was late.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from monitord.config.problem import Wrong
from monitord.core.check import Instant
from monitord.play.days import Days
from monitord.play.stage import Stage

FACT = re.compile(r"((?:\d+d )?[\d:]+|\d{4}-\d\d-\d\dT\S+) +(.*\S) *")
INDENT = " " * 6
STEPS_MAX = 2000  # between two lines; beyond that nobody would read it
LINES_MAX = 2000


class Mistake(Exception):
    """A line that cannot be performed: which (from 1), what is wrong with it, and what would be right."""

    def __init__(self, line: int, wrong: Wrong) -> None:
        self.line, self.wrong = line, wrong
        super().__init__(f"line {line}: {wrong}")


@dataclass
class Performance:
    """One story being played; with `passing`, time passes between its lines."""

    stage: Stage
    days: Days
    passing: bool = False
    last: Instant | None = None
    idle: str = ""
    out: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Play one line. Raises Wrong."""
        if line.startswith((" ", "\t")):
            return
        fact = FACT.fullmatch(line)
        if fact is None:
            self.refuse_unless_empty(line)
            self.write(line)
            return
        at = self.days.instant(fact[1])
        if self.passing:
            self.pass_until(at, fact[1])
        said = self.stage.play(at, fact[2])
        if self.passing:
            said = [*said, *self.at_once(at)]
        if self.passing and not said and fact[2] == "tick":
            self.idle = line
            return
        self.write(line, said)

    def refuse_unless_empty(self, line: str) -> None:
        if line.strip() and not line.startswith("#"):
            raise Wrong(
                "a line begins with a time, with # for a remark, or indented with what monitord answers",
                "write it as `00:12 ack 1 by ann`",
            )

    def pass_until(self, at: Instant, written: str) -> None:
        """Whatever is due before that."""
        if self.last is not None and at < self.last:
            raise Wrong(f"{written} is earlier than the line before it", "put the lines in their order")
        for due in self.due_before(at):
            said = self.stage.let_pass(due)
            if said:
                self.write(f"{self.days.text(due)} tick", said)
        self.last = at

    def due_before(self, at: Instant) -> Iterator[Instant]:
        for _ in range(STEPS_MAX):
            due = self.stage.house.next_instant()
            if due is None or due >= at:
                return
            yield due
        raise Wrong(f"more than {STEPS_MAX} things happen before this line", "write a line in between")

    def at_once(self, at: Instant) -> Iterator[str]:
        """What follows at the same instant."""
        for _ in range(STEPS_MAX):
            due = self.stage.house.next_instant()
            if due is None or due > at:
                return
            yield from self.stage.let_pass(at)

    def write(self, line: str, said: Iterable[str] = ()) -> None:
        self.idle = ""
        self.out.append(line)
        self.out.extend(INDENT + each for each in said)

    def written(self) -> list[str]:
        """Everything; a `tick` of which nothing came is only kept where it ends the story."""
        return [*self.out, *filter(None, [self.idle])]


def split(story: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The lines that set the scene, and those that are played, each with its number."""
    lines = list(enumerate(story.splitlines(), 1))
    if len(lines) > LINES_MAX:
        raise Mistake(
            LINES_MAX, Wrong(f"there are more than {LINES_MAX} lines", "make several transcripts of it")
        )
    end = next((at for at, (_, line) in enumerate(lines) if not line.strip()), len(lines))
    return lines[:end], lines[end + 1 :]


def scenery(head: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """What sets the scene, without remarks."""
    return ((number, line) for number, line in head if line.strip() and not line.startswith("#"))


def perform(head: list[tuple[int, str]], body: list[tuple[int, str]], performance: Performance) -> str:
    """The story as it comes out: the same scene and facts, with what monitord answers now. Raises Mistake."""
    for number, line in body:
        try:
            performance.read(line)
        except Wrong as wrong:
            raise Mistake(number, wrong) from None
    written = [*(line for _, line in head), "", *performance.written()]
    return "\n".join(written).rstrip() + "\n"
