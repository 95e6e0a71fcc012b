"""A delivery as a letter: read at 3 a.m. on a phone, with one thing to do.

Theory of operation. The plain text is the letter; the HTML says the same, larger. The first line says what is
broken, because that is what a phone shows of a mail; an answer's address stands alone on its line, so that
every mail program finds it, and its number right below. No picture, no script, nothing from elsewhere: it
must be readable in a cellar. Message-ID and Date come from the delivery, so that the same message sent twice
is one message.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from jinja2 import Environment

from monitord.config.settings import Settings
from monitord.core.delivery import Delivery, Purpose
from monitord.core.organization import Person
from monitord.core.ticket import Ticket
from monitord.core.wording import Link
from monitord.engine.links import ACTING, UNSUBSCRIBE, Links
from monitord.kinds import Letter

TO_STAFF = (Purpose.PAGE, Purpose.NEWS)
AUTOMATIC = (("Auto-Submitted", "auto-generated"),)


@dataclass(frozen=True, slots=True)
class Signpost:
    """A link as it is shown: words, address, and the number that belongs to one that acts."""

    words: str
    url: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is in a letter, in the order in which it is read."""

    subject: str
    lines: tuple[str, ...]
    signposts: tuple[Signpost, ...]
    more: tuple[tuple[str, str], ...]
    signature: str
    unsubscribe: Signpost | None


def compose(
    delivery: Delivery,
    links: Links,
    settings: Settings,
    person: Person | None = None,
    ticket: Ticket | None = None,
) -> Letter:
    """The letter of a delivery; `person` and `ticket` are those it names, where they are still known."""
    if delivery.notice is not None:
        return for_another_system(delivery, settings)
    page = laid_out(delivery, links, settings, person)
    return Letter(
        id=delivery.id,
        address=delivery.address,
        subject=page.subject,
        text=plain(page, "\n" if delivery.purpose in TO_STAFF else "\n\n"),
        html=rich(page),
        headers=headers(delivery, ticket, page.unsubscribe),
        date=delivery.date,
        message_id=message_id(delivery, settings),
        unsubscribe=page.unsubscribe.url if page.unsubscribe else None,
    )


def for_another_system(delivery: Delivery, settings: Settings) -> Letter:
    """What a webhook carries is no text: its channel writes it."""
    return Letter(
        id=delivery.id,
        address=delivery.address,
        subject=delivery.text.subject,
        text="",
        html=None,
        headers=(),
        date=delivery.date,
        message_id=message_id(delivery, settings),
        notice=delivery.notice,
        ops=settings.doors.ops.url,
    )


def laid_out(delivery: Delivery, links: Links, settings: Settings, person: Person | None) -> Page:
    leaving = [link for link in delivery.text.links if link.purpose == UNSUBSCRIBE]
    return Page(
        subject=delivery.text.subject,
        lines=delivery.text.lines,
        signposts=tuple(signpost(link, links) for link in delivery.text.links if link.purpose != UNSUBSCRIBE),
        more=delivery.text.more,
        signature=signature(delivery, settings, person),
        unsubscribe=signpost(leaving[0], links) if leaving else None,
    )


def signpost(link: Link, links: Links) -> Signpost:
    return Signpost(link.words, links.url(link), links.number(link) if link.purpose in ACTING else "")


def signature(delivery: Delivery, settings: Settings, person: Person | None) -> str:
    """Who says this, and to whom."""
    if delivery.purpose not in TO_STAFF:
        return f"Sent by {settings.organization}."
    return f"To {person.name if person else delivery.person}, from monitord at {settings.organization}."


def message_id(delivery: Delivery, settings: Settings) -> str:
    """Derived, so that a message sent again is recognised as the same one (RFC 5322, 3.6.4)."""
    host = urlsplit(settings.doors.public.url).hostname or ""
    domain = host if host and ":" not in host else "localhost"
    return f"<{hashlib.sha256(delivery.id.encode()).hexdigest()[:32]}@{domain}>"


def headers(
    delivery: Delivery, ticket: Ticket | None, unsubscribe: Signpost | None
) -> tuple[tuple[str, str], ...]:
    """What programs read: ours for staff mail, RFC 3834 always, RFC 8058 where one can unsubscribe."""
    ours: list[tuple[str, str]] = []
    if delivery.purpose in TO_STAFF:
        ours.append(("Monitord-Event", delivery.purpose.value))
        if delivery.ticket is not None:
            ours.append(("Monitord-Ticket", str(delivery.ticket)))
        if ticket is not None and ticket.probe:
            ours.append(("Monitord-Probe", ticket.probe))
    if unsubscribe is not None:
        ours.append(("List-Unsubscribe", f"<{unsubscribe.url}>"))
        ours.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return (*AUTOMATIC, *ours)


def plain(page: Page, between: str) -> str:
    """The letter as text; every address stands alone on its line."""
    paragraphs = [between.join(page.lines)]
    paragraphs += [plain_signpost(each) for each in page.signposts]
    if page.more:
        paragraphs.append("\n".join(f"{words}: {url}" for words, url in page.more))
    paragraphs.append(page.signature)
    if page.unsubscribe:
        paragraphs.append(plain_signpost(page.unsubscribe))
    return "\n\n".join(paragraphs) + "\n"


def plain_signpost(to: Signpost) -> str:
    number = f"\nNumber: {to.number}" if to.number else ""
    return f"{to.words}:\n{to.url}{number}"


def rich(page: Page) -> str:
    """The letter as HTML."""
    return HTML.render(page=page, first=page.lines[0] if page.lines else page.subject, rest=page.lines[1:])


HTML = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ page.subject }}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px 16px; background: #ffffff; color: #1c1c1e;
       font: 17px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 34em; margin: 0 auto; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 16px; }
p { margin: 0 0 12px; white-space: pre-line; overflow-wrap: anywhere; }
a { color: #0b57d0; }
.button { display: block; padding: 16px; border-radius: 10px; background: #0b57d0; color: #ffffff;
          font-size: 20px; font-weight: bold; text-align: center; text-decoration: none; }
.number { text-align: center; margin: 12px 0 24px; }
.number b { display: block; font-size: 44px; line-height: 1.2; letter-spacing: 4px; }
.small { font-size: 14px; color: #5f6368; }
@media (prefers-color-scheme: dark) {
  body { background: #121214; color: #ececf0; }
  a { color: #a8c7fa; }
  .button { background: #a8c7fa; color: #062e6f; }
  .small { color: #a9acb3; }
}
</style>
</head>
<body>
<main>
<h1>{{ first }}</h1>
{% for line in rest %}
<p>{{ line }}</p>
{% endfor %}
{% for to in page.signposts %}
<p><a class="button" href="{{ to.url }}">{{ to.words }}</a></p>
{% if to.number %}
<p class="number">Number <b>{{ to.number }}</b></p>
{% endif %}
{% endfor %}
{% for words, url in page.more %}
<p><a href="{{ url }}">{{ words }}</a></p>
{% endfor %}
<p class="small">{{ page.signature }}</p>
{% if page.unsubscribe %}
<p class="small"><a href="{{ page.unsubscribe.url }}">{{ page.unsubscribe.words }}</a></p>
{% endif %}
</main>
</body>
</html>
""")
