"""The mail server: does it answer, encrypt, and let us in? A mail is only sent if somebody says to whom."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import aiosmtplib

from monitord.channels.email import Options, answered, failed
from monitord.channels.email import send as send_mail
from monitord.cli.checkup.row import Patient, Row, fine, wrong
from monitord.kinds import Letter, Refused
from monitord.net import Net
from monitord.net.smtp import Client, Unwilling, introduce

WITHIN = 15.0  # seconds
REMEDY = "see `channels: email:` in the configuration, and what that server says"
SUBJECT = "monitord doctor: this mail arrived"
TEXT = "Somebody asked `monitord doctor` to send this mail. It is no page, and nothing has to be done.\n"


def mail(patient: Patient) -> Iterator[Row]:
    """EHLO, TLS, AUTH; no mail."""
    options = patient.loaded.settings.channels.get("email") if patient.loaded is not None else None
    if not isinstance(options, Options):
        return
    why = asyncio.run(greeted(options, patient))
    yield wrong("mail", why, REMEDY) if why else fine("mail", f"{options.where} lets us in")
    if patient.send_to and not why:
        sent = asyncio.run(sent_to(patient.send_to, options, patient))
        yield wrong("test mail", sent.why, REMEDY) if isinstance(sent, Refused) else fine("test mail", sent)


async def greeted(options: Options, patient: Patient) -> str:
    """Why the server would take no mail of ours; empty if it would."""

    async def greet(net: Net) -> str:
        client = Client(options.account, net)
        try:
            async with asyncio.timeout(WITHIN):
                await introduce(client)
            client.hang_up()
        except aiosmtplib.SMTPResponseException as error:
            return why_of(answered(options, client.step, error.code, error.message))
        except (OSError, Unwilling, aiosmtplib.SMTPException) as error:
            return failed(options, client.step, error).why
        finally:
            client.close()
        return ""

    return str(await with_net(patient, greet))


def why_of(answer: object) -> str:
    return answer.why if isinstance(answer, Refused) else ""


async def sent_to(address: str, options: Options, patient: Patient) -> Refused | str:
    """Hand a mail in, as a page would be."""
    number = patient.now.strftime("%Y%m%d%H%M%S%f")
    host = options.sender.address.rpartition("@")[2]
    letter = Letter(
        f"doctor/{number}", address, SUBJECT, TEXT, None, (), patient.now, f"<doctor-{number}@{host}>"
    )
    answer = await with_net(patient, lambda net: send_mail(options, letter, net))
    if isinstance(answer, Refused):
        return answer
    return f"{options.where} has taken it for {address}: {answer.receipt}"


async def with_net(patient: Patient, ask: Any) -> Any:
    """What `ask` says, given a network that is closed afterwards."""
    net = Net(now=lambda: patient.now)
    try:
        asked: Coroutine[Any, Any, Any] = ask(net)
        return await asked
    finally:
        await net.close()
