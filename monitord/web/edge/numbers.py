"""The two digits beside a link: asked for, compared, and counted where they are wrong.

Theory of operation. A machine that follows links, runs scripts or submits forms does not read the number in
the mail. Wrong ones are counted per link, and only for a minute: who has the mail is not locked out for long,
and ninety guesses take a quarter of an hour, each of them in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from monitord.core.wording import Link
from monitord.engine.clock import Clock
from monitord.engine.links import Links
from monitord.web.answers import Answer
from monitord.web.limits import WRONG_NUMBERS_PER_LINK, Buckets


@dataclass(frozen=True, slots=True)
class WrongNumber:
    """Why nothing is done; `wait` is how many seconds to wait before another try, 0 if at once."""

    status: int
    words: str
    wait: int = 0

    def on(self, answer: Answer) -> Answer:
        """The page that says so; who has to wait is told so in the headers, too."""
        if not self.wait:
            return answer
        later = (b"retry-after", str(self.wait).encode())
        return Answer(answer.status, answer.body, (*answer.headers, later))


class Numbers:
    def __init__(self, links: Links, clock: Clock, log: FilteringBoundLogger) -> None:
        self.links, self.clock, self.log = links, clock, log
        self.counted = Buckets(WRONG_NUMBERS_PER_LINK)

    def wrong(self, link: Link, form: Mapping[str, str]) -> WrongNumber | None:
        """What is wrong with the number that came with the form; None if it is the link's."""
        wait = self.counted.wait(link, self.clock.monotonic())
        if wait:
            seconds = int(wait) + 1
            return WrongNumber(429, f"Too many wrong numbers. Please try again in {seconds} s.", seconds)
        number = form.get("number", "").strip()
        if not number:
            return WrongNumber(422, "Please type the two digits from your mail.")
        if number.isascii() and self.links.matches(link, number):
            return None
        self.counted.take(link, self.clock.monotonic())
        self.log.info("wrong number", purpose=link.purpose, number=link.ticket, person=link.who)
        return WrongNumber(403, "This is not the number in your mail. Nothing was done.")
