"""The web inbox: every mail of the cast on one page, and each mail as a phone shows it.

A mail's HTML is somebody else's: it stands in a frame of its own, where nothing runs and nothing is fetched.
"""

from dataclasses import dataclass

from monitord.demo.mailbox import Mail, Mailbox
from monitord.demo.pages import drawn
from monitord.web.answers import HTML, NOT_KEPT, Answer

LETTER = "letter"
IN_OUR_FRAME = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; frame-ancestors 'none'",
)
# Links of a mail lead out of its frame, when somebody clicks.
ON_ITS_OWN = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    b"sandbox allow-top-navigation-by-user-activation",
)
LINKS_LEAD_OUT = '<base target="_top">'


@dataclass(frozen=True, slots=True)
class Inbox:
    """GET / lists, GET /N is one mail."""

    mailbox: Mailbox

    def answer(self, path: str) -> Answer:
        number, _, tail = path.strip("/").partition("/")
        if not number:
            return drawn("inbox.html", mails=self.mailbox.mails[::-1])
        mail = self.mailbox.find(int(number)) if number.isdecimal() and len(number) < 10 else None
        if mail is None or tail not in ("", LETTER):
            return drawn("nothing.html", 404)
        return letter(mail) if tail else opened(mail)


def opened(mail: Mail) -> Answer:
    """The mail with its head, below which the letter stands."""
    answer = drawn("mail.html", mail=mail)
    kept = tuple(header for header in answer.headers if header[0] != IN_OUR_FRAME[0])
    return Answer(answer.status, answer.body, (*kept, IN_OUR_FRAME))


def letter(mail: Mail) -> Answer:
    """The mail's own HTML and nothing else."""
    html = mail.html.replace("<head>", f"<head>{LINKS_LEAD_OUT}", 1)
    return Answer(200, html.encode(), ((b"content-type", HTML), *NOT_KEPT, ON_ITS_OWN))
