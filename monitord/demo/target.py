"""The shop: a small HTTP server that can be broken and repaired."""

from dataclasses import dataclass

from monitord.demo.pages import drawn
from monitord.web.answers import PLAIN, Answer

HEALTH = "/health"


@dataclass
class Shop:
    """Says how it is: at /health for programs, everywhere else for people."""

    broken: bool = False

    def answer(self, path: str) -> Answer:
        status = 503 if self.broken else 200
        if path != HEALTH:
            return drawn("shop.html", status, broken=self.broken)
        return Answer(status, b"the database does not answer\n" if self.broken else b"all is well\n", PLAIN)
