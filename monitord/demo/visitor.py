"""What people do with a browser: subscribe by the form, open the links in their mails, press the buttons."""

from dataclasses import dataclass

from monitord.demo.cast import SUBSCRIBER, Ports
from monitord.demo.mailbox import Mail
from monitord.net import Net


class PageSaysNo(Exception):
    """A page that should have been there was not; the text says which, and what it answered."""


@dataclass(frozen=True, slots=True)
class Visitor:
    net: Net
    ports: Ports

    async def open(self, url: str) -> str:
        """GET, which changes nothing."""
        answer = await self.net.http.get(url)
        return said("GET", url, answer.status_code, answer.text)

    async def press(self, url: str, **form: str) -> str:
        """POST the form, as a button does."""
        answer = await self.net.http.post(url, data=form)
        return said("POST", url, answer.status_code, answer.text)

    async def subscribe(self) -> None:
        """By the form of the public page."""
        page = f"{self.ports.url('public')}/subscribe"
        await self.open(page)
        await self.press(page, email=SUBSCRIBER)

    def confirmation(self, mail: Mail) -> str | None:
        """Where this mail lets its reader confirm."""
        return mail.link(f"{self.ports.url('public')}/subscribe/confirm/")

    def answer(self, mail: Mail) -> str | None:
        """Where this mail lets its reader answer."""
        return mail.link(f"{self.ports.url('edge')}/a/")


def said(method: str, url: str, status: int, text: str) -> str:
    """The page, if it is one; its address without what makes a link secret."""
    if status != 200:
        raise PageSaysNo(f"{method} {url[:45]}… was answered {status}")
    return text
