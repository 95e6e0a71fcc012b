"""http: a web server answers with the right status and the right text, soon enough.

    name: shop
    kind: http
    url: https://shop.example.org/health
    status: [200-299]
    contains: All systems operational
    service: shop

Each check is a new connection. It passes if the status is one of `status` (200–299 unless said), if the
body holds `contains` and not `not_contains`, and if the pattern `matches` (RE2) is found in it.
`warn_after` makes a slow answer a warning, which passes. `method`, `headers`, `body`, `username` and
`password` (basic authentication) say what is asked; `verify: false` accepts any certificate.

At most 1 MiB of the body is read and unpacked. A body that is announced to be longer is read that far; one
that just does not end is a failure, unless `max_bytes` says how much of it is enough.

Redirects are not followed unless `follow_redirects` says how many. Another site is asked without `headers`,
`body`, `username` and `password`. A public site cannot redirect a check to a private address, and none to
where a cloud tells its machines their secrets.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from monitord.core.check import Outcome, Phases
from monitord.kinds import Finding, Prober
from monitord.net import Net
from monitord.net.exchange import Answer, Rules
from monitord.net.faults import Fault
from monitord.net.limits import KIB, MIB, REDIRECTS_MAX, RESPONSE_BYTES_MAX
from monitord.net.redirects import REDIRECTS, Journey, travel
from monitord.net.request import Request, basic
from monitord.net.target import onward, target
from monitord.net.written import Body, Codes, Headers, Pattern, Statuses, Text, Url, compiled

CHARSETS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "windows-1252": "cp1252", "us-ascii": "cp1252"}
QUOTED_CHARS_MAX = 60

NOTHING = SecretStr("")

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)  # without slots: it keeps what follows from it, which is wanted at every check
class Options:
    """What may stand beside `kind: http`."""

    url: Url
    method: Method = "GET"
    headers: Headers = field(default_factory=dict)
    body: Body = NOTHING
    username: Text = ""
    password: SecretStr = NOTHING
    status: Statuses = (Codes(200, 299),)
    contains: Text = ""
    not_contains: Text = ""
    matches: Pattern = ""
    follow_redirects: Annotated[int, Field(ge=0, le=REDIRECTS_MAX)] = 0
    verify: bool = True
    max_bytes: Annotated[int, Field(ge=1, le=RESPONSE_BYTES_MAX)] | None = None
    warn_after: Annotated[timedelta, Field(gt=timedelta(0))] | None = None

    @cached_property
    def request(self) -> Request:
        """What is asked."""
        headers = {name: value.get_secret_value() for name, value in self.headers.items()}
        if self.username:
            headers["Authorization"] = basic(self.username, self.password.get_secret_value())
        return Request(self.method, target(self.url), headers, self.body.get_secret_value().encode())

    @cached_property
    def rules(self) -> Rules:
        """How it is asked."""
        most = self.max_bytes or RESPONSE_BYTES_MAX
        return Rules(self.follow_redirects, self.verify, most, keep_body=self.wants_text)

    @cached_property
    def wants_text(self) -> bool:
        """Whether somebody will look into the body."""
        return bool(self.contains or self.not_contains or self.matches)


async def check(options: Options, net: Net) -> Finding:
    """Ask, and judge the answer."""
    journey = await travel(net, options.request, options.rules)
    who = named(options, journey)
    match journey.answer:
        case Fault(words=words, ours=True):
            return Finding(Outcome.UNKNOWN, f"{who} was not checked: {words}")
        case Fault(words=words):
            return Finding(Outcome.CRITICAL, f"{who} {words}")
        case Answer() as answer:
            return judged(options, who, answer, journey)


def named(options: Options, journey: Journey) -> str:
    """Whom the sentence is about: the host alone, because a path or query may hold a secret."""
    here, there = options.request.target.authority, journey.request.target.authority
    return there if here == there else f"{there} (redirected from {here})"


def judged(options: Options, who: str, answer: Answer, journey: Journey) -> Finding:
    """The finding about an answer: the first complaint there is, or that all is well."""
    took = elapsed(journey.phases)
    answered = f"{who} answered {status_words(answer.status)}"
    for complaint in COMPLAINTS:
        words = complaint(options, answer, journey)
        if words is not None:
            return Finding(Outcome.CRITICAL, f"{answered} after {lasted(took)}{words}", journey.phases)
    if options.warn_after is not None and took > options.warn_after.total_seconds():
        return Finding(Outcome.WARNING, f"{answered}, but only after {lasted(took)}", journey.phases)
    cut = f"; {size(answer)} of its body were read" if answer.cut else ""
    return Finding(Outcome.OK, f"{answered} in {lasted(took)}{cut}", journey.phases)


def lasted(seconds: float) -> str:
    """`4 ms`, `1.25 s`."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"


def wrong_status(options: Options, answer: Answer, journey: Journey) -> str | None:
    """What there is to say about a status that is not wanted; None if it is."""
    if any(answer.status in codes for codes in options.status):
        return None
    if answer.status in REDIRECTS and journey.redirects:
        return f", still a redirect after {journey.redirects} of them"
    if answer.status in REDIRECTS:
        return f", a redirect{leading(answer, journey)}, and follow_redirects is 0"
    return "" if answer.status >= 400 else f", but {', '.join(map(str, options.status))} is expected"


def wrong_text(options: Options, answer: Answer, journey: Journey) -> str | None:
    """What the body lacks, or should not hold; None if it is right."""
    if not options.wants_text:
        return None
    text = answer.body.decode(charset(answer), errors="replace")
    where = f"the first {size(answer)} of its body" if answer.cut else "its body"
    if options.contains and options.contains not in text:
        return f", but {where} does not contain {quoted(options.contains)}"
    if options.not_contains and options.not_contains in text:
        return f", but {where} contains {quoted(options.not_contains)}"
    if options.matches and compiled(options.matches).search(text) is None:
        return f", but {where} does not match {quoted(options.matches)}"
    return None


def no_end(options: Options, answer: Answer, journey: Journey) -> str | None:
    """A body that just goes on is a fault, unless somebody said how much is enough; None if it is right."""
    if not answer.cut or options.max_bytes is not None or announced(answer):
        return None
    return f", but its body did not end within {size(answer)} (max_bytes would say how much is enough)"


COMPLAINTS = (wrong_status, wrong_text, no_end)


def announced(answer: Answer) -> bool:
    """Whether the length of a body that is not packed was said beforehand."""
    return "content-length" in answer.headers and "content-encoding" not in answer.headers


def elapsed(phases: Phases) -> float:
    """Seconds from the look-up to the last byte."""
    parts = (phases.resolve, phases.connect, phases.tls, phases.first_byte, phases.transfer)
    return sum(part.total_seconds() for part in parts if part is not None)


@lru_cache(maxsize=1000)
def status_words(status: int) -> str:
    """The status with its name from the standard; what the target calls it is not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def leading(answer: Answer, journey: Journey) -> str:
    """Where a redirect leads: the host alone."""
    try:
        return f" to {onward(journey.request.target, answer.headers['location']).authority}"
    except (KeyError, ValueError):
        return ""


def charset(answer: Answer) -> str:
    """What the body is written in, by its Content-Type; UTF-8 unless that names another we know."""
    _, _, name = answer.headers.get("content-type", "").lower().partition("charset=")
    return CHARSETS.get(name.partition(";")[0].strip("\"' "), "utf-8")


def size(answer: Answer) -> str:
    """How much of the body was read."""
    count = answer.size
    return (
        f"{count // MIB} MiB" if count >= MIB else f"{count // KIB} KiB" if count >= KIB else f"{count} bytes"
    )


def quoted(text: str) -> str:
    return f"“{text if len(text) <= QUOTED_CHARS_MAX else text[: QUOTED_CHARS_MAX - 1] + '…'}”"


KIND = Prober(Options, check)
