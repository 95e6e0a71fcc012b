"""The lifeboat: when monitord starts again and again and never gets to work, the last resort hears of it.

Theory of operation. It is this one file, run by the system's Python before each start (ExecStartPre), and it
stands on Python's own library alone: a broken package, a broken store or a bug in monitord itself is what it
is there for. Each start is written down; monitord strikes them out when its engine has gone round for the
first time, and when it stops in order. A start that finds three others before it tells everybody whom the
last accepted configuration calls the last resort, with the open tickets, and says so once until monitord has
been well again. Whom, and by which mail server, monitord has written down when it was last well; a password
stays where it was (`${credential:…}`, `${env:…}`, `${file:…}`) and is looked up when it is needed. It never
keeps monitord from starting: whatever goes wrong here is a line on stderr and exit code 0.
"""

import json
import os
import re
import smtplib
import socket
import sqlite3
import ssl
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from pathlib import Path
from tempfile import mkstemp
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

LOOPS = 3  # starts that came to nothing
PLAN = "lifeboat.json"  # in the state directory: whom to tell, and how
STARTS = "starts"  # beside it: a line a start, and `told`
TOLD = "told"
SERVER_WITHIN = 10.0  # seconds for each answer of the mail server
ALL_WITHIN = 60.0  # seconds for all mails
PEOPLE_MAX = 50
TICKETS_MAX = 50
STARTS_MAX = 1000
PLAN_BYTES_MAX = 1024 * 1024
REFERENCE = re.compile(r"\$\$\{|\$\{(env|file|credential):([^{}]+)\}")
PORTS = {"smtp": 25, "smtps": 465}
TICKETS = "SELECT body FROM ticket WHERE state <> 'resolved' ORDER BY key LIMIT ?"


def main() -> None:
    """Count this start; tell, if it is one too many."""
    folder = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if not folder:
        return
    try:
        launch(Path(folder), os.environ, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - monitord must start, whatever has become of its lifeboat
        say(f"the lifeboat has failed: {type(error).__name__}: {error}")


def launch(folder: Path, environ: Mapping[str, str], now: datetime) -> None:
    """One start: `now` is written down; with three before it that came to nothing, people are told."""
    before = starts(folder)
    write(folder / STARTS, "\n".join([*before, now.isoformat(timespec="seconds")][-STARTS_MAX:]))
    failed = [line for line in before if line != TOLD]
    if len(failed) < LOOPS or TOLD in before:
        return
    plan = planned(folder)
    if plan is None:
        say(
            f"{len(failed)} starts came to nothing, and there is nobody to tell: monitord was never well here"
        )
        return
    reached = tell(plan, environ, letter(plan, failed, open_tickets(plan), now))
    say(f"{len(failed)} starts came to nothing; told {', '.join(reached) or 'nobody'}")
    if reached:
        write(folder / STARTS, "\n".join([*starts(folder), TOLD]))


def well(folder: Path) -> None:
    """monitord works, or has stopped in order: no start came to nothing."""
    with suppress(OSError):
        (folder / STARTS).unlink(missing_ok=True)


def stow(folder: Path, plan: Mapping[str, Any]) -> None:
    """Keep the plan for a day on which nothing else can be read."""
    write(folder / PLAN, json.dumps(plan, ensure_ascii=False, indent=1))


def starts(folder: Path) -> list[str]:
    """The starts that came to nothing so far."""
    with suppress(OSError, UnicodeDecodeError):
        return (folder / STARTS).read_text(encoding="utf-8").splitlines()[-STARTS_MAX:]
    return []


def write(path: Path, text: str) -> None:
    """The whole file or none of it, for its owner only, whoever else writes it now."""
    descriptor, fresh = mkstemp(".new", f"{path.name}.", path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
        Path(fresh).replace(path)
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise


def planned(folder: Path) -> dict[str, Any] | None:
    """What monitord has written down; None if it never did."""
    try:
        with (folder / PLAN).open(encoding="utf-8") as file:
            found: dict[str, Any] = json.loads(file.read(PLAN_BYTES_MAX))
    except (OSError, ValueError):
        return None
    return found


# What to say.


def open_tickets(plan: Mapping[str, Any]) -> list[str]:
    """A line a ticket, read from the store as it lies there; a line that says why, if it cannot be read."""
    path = Path(plan["store"]) / "live.sqlite3"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as store:
            rows = [json.loads(body) for (body,) in store.execute(TICKETS, (TICKETS_MAX,))]
    except (sqlite3.Error, ValueError) as error:
        return [f"(the store cannot be read: {error})"]
    return [ticket_line(row) for row in rows]


def ticket_line(row: Mapping[str, Any]) -> str:
    holder = f", {row['holder']} has it" if row.get("holder") else ""
    return f"ticket {row['number']}, {row['priority']}, {row['state']}: {row['title']}{holder}"


def letter(plan: Mapping[str, Any], failed: list[str], tickets: list[str], now: datetime) -> EmailMessage:
    """The mail, without whom it is to."""
    words = EmailMessage()
    words["From"] = formataddr((plan["sender_name"], plan["sender"]))
    words["Subject"] = f"{plan['organization']}: monitord itself does not start, nobody is paged"
    words["Date"] = format_datetime(now)
    words["Auto-Submitted"] = "auto-generated"
    words["Monitord-Event"] = "page"
    lines = [
        f"monitord on {socket.gethostname()} has been started {len(failed)} times since {failed[0]} "
        "and never got to work.",
        "Nothing is checked and nobody is paged until somebody repairs it.",
        "",
        "On that machine, as root:",
        "    journalctl -u monitord -n 100       says why",
        "    monitord doctor                     says what is wrong and what would be right",
        "",
        "When it was last heard of, these tickets were open:" if tickets else "No tickets were open.",
        *(f"    {line}" for line in tickets),
        "",
        "This mail is sent once until monitord has been well again.",
    ]
    words.set_content("\n".join(lines), cte="quoted-printable")
    return words


# How to say it.


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A mail server, and as whom we are there; see monitord.net.smtp, which cannot be imported here."""

    host: str
    port: int
    tls: bool
    starttls: str
    username: str
    password: str
    verify: bool

    @property
    def trust(self) -> ssl.SSLContext:
        """As the channel does: encryption that we would do without accepts any certificate (RFC 7435)."""
        context = ssl.create_default_context()
        optional = not self.tls and self.starttls == "offered" and not self.username
        if optional or not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def account(plan: Mapping[str, Any], environ: Mapping[str, str]) -> Account:
    """The account as the configuration has written it, with its references looked up."""
    tree = Path(plan["tree"])
    url = urlsplit(revealed(plan["server"], tree, environ))
    username = unquote(url.username or "") or revealed(plan["username"], tree, environ)
    password = unquote(url.password or "") or revealed(plan["password"], tree, environ)
    starttls = dict(parse_qsl(url.query)).get("starttls", "offered")
    port = url.port or PORTS.get(url.scheme, 25)
    return Account(
        url.hostname or "", port, url.scheme == "smtps", starttls, username, password, plan["verify"]
    )


def tell(plan: Mapping[str, Any], environ: Mapping[str, str], words: EmailMessage) -> list[str]:
    """Hand a mail in for each person; who could be reached, as far as the mail server goes."""
    reached: list[str] = []  # those before the server breaks off count
    until = time.monotonic() + ALL_WITHIN
    way = account(plan, environ)
    try:
        with session(way) as server:
            for address in plan["people"][:PEOPLE_MAX]:
                if time.monotonic() < until and handed_in(server, plan["sender"], address, words):
                    reached.append(address)  # noqa: PERF401
    except (OSError, smtplib.SMTPException) as error:
        say(f"{way.host}:{way.port} takes no mail: {error}")
    return reached


def handed_in(server: smtplib.SMTP, sender: str, address: str, words: EmailMessage) -> bool:
    del words["To"], words["Message-ID"]
    words["To"] = address
    words["Message-ID"] = make_msgid("lifeboat", domain=sender.rpartition("@")[2])
    try:
        server.send_message(words, sender, [address])
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        say(f"{address}: {error}")
        return False
    return True


def session(way: Account) -> smtplib.SMTP:
    """A session with the mail server, encrypted and logged in as the account says."""
    server = (
        smtplib.SMTP_SSL(way.host, way.port, timeout=SERVER_WITHIN, context=way.trust)
        if way.tls
        else smtplib.SMTP(way.host, way.port, timeout=SERVER_WITHIN)
    )
    try:
        introduce(server, way)
    except BaseException:
        server.close()
        raise
    return server


def introduce(server: smtplib.SMTP, way: Account) -> None:
    """Say hello, encrypt, log in; a password leaves this machine encrypted only."""
    server.ehlo()
    if not way.tls and way.starttls != "never" and server.has_extn("starttls"):
        server.starttls(context=way.trust)
        server.ehlo()
    elif way.starttls == "require":
        raise smtplib.SMTPException("it does not offer STARTTLS, which ?starttls=require asks for")
    if way.username:
        peer = server.sock.getpeername()[0] if server.sock else ""
        if not isinstance(server.sock, ssl.SSLSocket) and not peer.startswith(("127.", "::1")):
            raise smtplib.SMTPException("it offers no TLS, and a password is never sent in clear text")
        server.login(way.username, way.password)


def revealed(text: str, tree: Path, environ: Mapping[str, str]) -> str:
    """A value with its references looked up, as monitord.config.secrets does; what is missing is empty."""

    def found(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind is None:
            return "${"
        if kind == "env":
            return environ.get(name, "")
        if kind == "file":
            return content(tree / name)
        folder = Path(environ.get("CREDENTIALS_DIRECTORY", "/nonexistent"))
        return content(folder / name) or content(folder / f"monitord_{name}")

    return REFERENCE.sub(found, text)


def content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, ValueError):
        return ""


def say(line: str) -> None:
    """For the journal."""
    print(f"monitord lifeboat: {line}", file=sys.stderr)  # noqa: T201 - nothing else is sure to work


if __name__ == "__main__":
    main()
