"""The demo's mailbox: what a mail says to whoever plays its reader."""

from email.message import EmailMessage

import pytest

from monitord.demo.mailbox import Mail, read
from tests.fakes.shop import MORNING

EDGE = "http://127.0.0.1:8081/a/"
TEXT = f"shop is down.\r\n\r\nAnswer:\r\n{EDGE}token\r\nNumber: 07\r\n"


def written(text: str = TEXT, **headers: str) -> Mail:
    message = EmailMessage()
    message["Subject"] = "shop is down (ticket 1)"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return read(message, 1, MORNING, "ann@example.org")


def test_a_page_has_its_link_and_its_number() -> None:
    mail = written(Monitord_Event="page", Monitord_Ticket="42")

    assert (f"{EDGE}token", "07") == (mail.link(EDGE), mail.digits)
    assert ("page", 42) == (mail.event, mail.ticket)


def test_a_mail_to_a_customer_has_none() -> None:
    mail = written("Shop is back to normal.\n")

    assert (None, None) == (mail.link(EDGE), mail.digits)
    assert ("", None) == (mail.event, mail.ticket)


@pytest.mark.parametrize("said", ["", "many", "²"])
def test_a_strange_ticket_is_none(said: str) -> None:
    assert None is written(Monitord_Ticket=said).ticket
