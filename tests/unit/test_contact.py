"""Contacts: an address counts when somebody has said the code that was sent there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitord.core.contact import (
    CODES_MAX,
    TRIES_MAX,
    AskForCode,
    CodeSent,
    Contact,
    ContactRefused,
    ContactVerified,
    SayCode,
    doubtful,
    key_of,
)
from monitord.core.delivery import Delivery, Purpose
from monitord.core.organization import ContactMethod, Person, Priority
from monitord.core.stages.verify import verified
from monitord.core.world import Configuration
from tests.fakes.house import House

MAIL, SMS = ContactMethod("email", "ann@example.org"), ContactMethod("sms", "+1312")
ANN = Person("ann", "Ann", reach=(MAIL, SMS))
ASK = AskForCode("ann", "email", "ann@example.org", "ann", "123456")
SAY = SayCode("ann", "email", "ann@example.org", "ann", "123456")
MINUTE = timedelta(minutes=1)


def company() -> House:
    return House(Configuration(people={"ann": ANN}))


def test_the_code_is_sent_to_the_address_itself() -> None:
    house = company()
    decision = house.do(ASK)
    (letter,) = (each for each in decision.records if isinstance(each, Delivery))

    assert (Purpose.CONFIRM, "email", "ann@example.org", "Your code for monitord") == (
        letter.purpose,
        letter.channel,
        letter.address,
        letter.text.subject,
    )
    assert (CodeSent("ann", "email", "ann", "cli"),) == decision.events


def test_whoever_says_the_code_has_verified_the_address() -> None:
    house = company()
    house.do(ASK)

    assert (ContactVerified("ann", "email", "ann", "cli"),) == house.do(SAY).events
    assert {key_of("ann", MAIL)} == verified(house.world)


def test_a_changed_address_begins_unverified() -> None:
    house = company()
    house.do(ASK)
    house.do(SAY)

    assert key_of("ann", replace(MAIL, address="ann@example.net")) not in verified(house.world)
    assert key_of("ann", replace(MAIL, address="Ann@Example.org")) in verified(house.world)
    assert key_of("bo", MAIL) not in verified(house.world)


def refusal(house: House, said: AskForCode | SayCode) -> str:
    """Why not; empty if it was done."""
    (event,) = house.do(said).events
    return event.why if isinstance(event, ContactRefused) else ""


def test_a_code_counts_for_a_quarter_of_an_hour() -> None:
    house = company()
    house.do(ASK)
    house.now += 15 * MINUTE

    assert "no code is waiting; ask for one" == refusal(house, SAY)


def test_after_five_tries_the_code_is_void() -> None:
    house = company()
    house.do(ASK)
    wrong = replace(SAY, code="000000")
    said = [refusal(house, wrong) for _ in range(TRIES_MAX)]

    assert "this is not the code; 4 tries are left" == said[0]
    assert "that was the last try; ask for another code" == said[-1]
    assert "no code is waiting; ask for one" == refusal(house, SAY)


def test_five_codes_an_hour_are_enough() -> None:
    house = company()
    said = [refusal(house, ASK) for _ in range(CODES_MAX + 1)]
    house.now += 60 * MINUTE

    assert [""] * CODES_MAX + ["5 codes were sent there within an hour; try again later"] == said
    assert "" == refusal(house, ASK)


def test_another_code_takes_the_place_of_the_first() -> None:
    house = company()
    house.do(ASK)
    house.do(replace(ASK, code="654321"))

    assert refusal(house, SAY)
    assert "" == refusal(house, replace(SAY, code="654321"))


def test_what_is_verified_needs_no_code() -> None:
    house = company()
    house.do(ASK)
    house.do(SAY)

    assert ["this address is verified already"] * 2 == [refusal(house, each) for each in (ASK, SAY)]


@pytest.mark.parametrize("changed", [{"address": "eve@example.org"}, {"channel": "sms"}, {"person": "eve"}])
def test_only_addresses_of_the_configuration_are_verified(changed: dict[str, str]) -> None:
    house = company()

    assert "they have no such address" == refusal(house, replace(ASK, **changed))  # type: ignore[arg-type]
    assert "they have no such address" == refusal(house, replace(SAY, **changed))  # type: ignore[arg-type]


def test_codes_are_in_no_log() -> None:
    contact = Contact("ann", "email", "x", code="123456")

    assert not [each for each in (ASK, SAY, contact) if "123456" in repr(each)]


@pytest.mark.parametrize(
    ("reach", "known", "why"),
    [
        ((), (), "cannot be reached at all"),
        ((MAIL,), (MAIL,), "is reached by email alone"),
        ((MAIL, replace(SMS, priorities=(Priority.LOW,))), (MAIL, SMS), "is reached by email alone"),
        ((MAIL, SMS), (), "has not verified email and sms"),
        ((MAIL, SMS), (MAIL,), "has not verified sms"),
        ((MAIL, SMS), (MAIL, SMS), ""),
        ((MAIL, SMS, ContactMethod("voice", "+1")), (MAIL, SMS), ""),
    ],
)
def test_two_verified_channels_are_enough(
    reach: tuple[ContactMethod, ...], known: tuple[ContactMethod, ...], why: str
) -> None:
    keys = frozenset(key_of("ann", each) for each in known)

    assert why == doubtful(replace(ANN, reach=reach), keys)
