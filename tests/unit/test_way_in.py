"""Whoever has a new way in hears so by mail: what, when, from where, and what to do if it was not they."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitord.core.delivery import Delivery, Purpose
from monitord.core.employment import Employ, Said
from monitord.core.organization import ContactMethod, Person, Quiet
from monitord.core.timeline import about, sentence
from monitord.core.way_in import OwnerWarned, WarnOwner, WayIn
from monitord.core.world import Configuration
from tests.fakes.house import START, House

SMS, MAIL = ContactMethod("sms", "+1312"), ContactMethod("email", "ann@example.org")
ANN = Person("ann", "Ann", "Europe/Berlin", (SMS, MAIL))
BO = Person("bo", "Bo", reach=(ContactMethod("email", "bo@example.org"),))
PASSKEY = WarnOwner(
    "ann", WayIn.PASSKEY_ADDED, "ann", "console", "a phone", "198.51.100.7", "Firefox on Linux"
)
PASSWORD = WarnOwner("ann", WayIn.PASSWORD_CHANGED, "root", "cli")


def letters(fact: WarnOwner, *people: Person) -> list[Delivery]:
    house = House(Configuration(organization="Example Shop", people={each.id: each for each in people}))
    return [each for each in house.do(fact).records if isinstance(each, Delivery)]


def test_a_new_passkey_is_told_by_mail_with_when_and_from_where() -> None:
    (letter,) = letters(PASSKEY, ANN, BO)

    assert (Purpose.NEWS, "email", "ann@example.org") == (letter.purpose, letter.channel, letter.address)
    assert "A passkey was added to your account" == letter.text.subject
    assert (
        "A passkey was added to your account: a phone",
        f"That was at monitord of Example Shop, on {START + timedelta(hours=1):%Y-%m-%d %H:%M} CET, "
        "by somebody who was signed in as you, with Firefox on Linux, from 198.51.100.7.",
        "If it was you, there is nothing to do.",
        "If it was not, remove it at your account in the console, and ask whoever looks after monitord "
        "to run at once `monitord account revoke ann`: it ends every session, passkey and password of yours. "
        "You sign in again by a mailed link.",
    ) == letter.text.lines
    assert () == letter.text.links


def test_a_password_that_a_shell_has_set_is_told_with_who_did_it() -> None:
    changed, first = (
        letters(each, ANN)[0].text for each in (PASSWORD, replace(PASSWORD, way=WayIn.PASSWORD_SET))
    )

    assert ["Your password was changed", "Your password was set"] == [changed.subject, first.subject]
    assert changed.lines[1].endswith(" CET, by root, in a shell on its machine.")
    assert changed.lines[3].startswith("If it was not, ask whoever looks after monitord to run")


@pytest.mark.parametrize("person", [replace(ANN, reach=(SMS,)), replace(ANN, reach=()), BO])
def test_who_has_no_mail_or_is_not_there_gets_none(person: Person) -> None:
    house = House(Configuration(people={person.id: person}))

    assert ((), ()) == (house.do(PASSKEY).records, house.do(PASSWORD).events)


def test_a_leaver_gets_none() -> None:
    house = House(Configuration(people={"ann": ANN, "bo": BO}))
    house.do(Employ(Said("ann@example.org", active=False), "okta"))

    assert () == house.do(PASSKEY).records


def test_it_waits_in_quiet_hours_and_each_change_is_a_letter() -> None:
    asleep = replace(ANN, time_zone="UTC", quiet=Quiet(hours=((time(0), time(9)),)))
    passkey, password = letters(PASSKEY, asleep)[0], letters(PASSWORD, asleep)[0]

    assert (START + timedelta(hours=9),) * 2 == (passkey.due, password.due)
    assert passkey.id != password.id


@pytest.mark.parametrize(
    ("written", "as_told"),
    [
        ("ann's phone", "ann s phone"),
        ("call https://evil.example", "call https evil example"),
        ("\N{KEY}", ""),
    ],
)
def test_what_a_stranger_has_called_it_leads_nowhere(written: str, as_told: str) -> None:
    (letter,) = letters(replace(PASSKEY, name=written), ANN)

    assert as_told == letter.text.lines[0].partition(": ")[2]


def test_a_browser_of_which_nothing_is_known_is_left_out() -> None:
    (letter,) = letters(replace(PASSKEY, client="", browser=""), ANN)

    assert letter.text.lines[1].endswith(", by somebody who was signed in as you.")


def test_the_journal_says_that_they_were_warned() -> None:
    house = House(Configuration(people={"ann": ANN}))
    (event,) = house.do(PASSKEY).events

    assert OwnerWarned("ann", WayIn.PASSKEY_ADDED) == event
    assert ("ann hears by mail of a way in: passkey added", "person/ann") == (
        sentence(event),
        about(event),
    )
