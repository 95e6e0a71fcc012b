"""What a person finds in a mail: the link and its number; and what a test finds in many of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.fakes.mailbox import Mail

ADDRESS = re.compile(r"^(http://\S+)\r?$", re.MULTILINE)
NUMBER = re.compile(r"^Number: (\d\d)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Answering:
    """An answer link, and the number that stands beside it."""

    url: str
    number: str

    @property
    def token(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def wrong_number(self) -> str:
        """Any other one."""
        return str(10 + (int(self.number) - 9) % 90)


def answering(mail: Mail) -> Answering:
    """The link of a page; it stands alone on its line."""
    url, number = ADDRESS.search(mail.text), NUMBER.search(mail.text)
    assert url and number, f"no link with a number in:\n{mail.text}"
    return Answering(url[1], number[1])


def address(mail: Mail, part: str) -> str:
    """The first address in a mail with this part in it."""
    found = [url for url in ADDRESS.findall(mail.text) if part in url]
    assert found, f"no {part} in:\n{mail.text}"
    return str(found[0])


def pages(mails: Iterable[Mail]) -> list[Mail]:
    """Those that wake somebody, as they came."""
    return [mail for mail in mails if mail.message["Monitord-Event"] == "page"]


def message_ids(mails: Iterable[Mail]) -> list[str]:
    return [str(mail.message["Message-ID"]) for mail in mails]


def first_paged(mails: Iterable[Mail]) -> list[str]:
    """Who was paged, in the order in which it was their first time."""
    return list(dict.fromkeys(mail.recipients[0].split("@")[0] for mail in pages(mails)))
