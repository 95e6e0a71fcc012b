"""Whose a mail address is: `Kai@` is `kai@`, and a letter that only looks like one of them is neither."""

import pytest

from monitord.core.contact import digest
from monitord.core.employment import Address, Employ, Employment, Said
from monitord.core.organization import ContactMethod, Person, folded
from monitord.core.subscription import subscriber_id
from monitord.core.world import Configuration
from monitord.web.console.elsewhere import ours
from monitord.web.console.signing import found
from monitord.web.ops.scim_filter import fitting
from tests.fakes.house import House

ANN = Person("ann", "Ann", reach=(ContactMethod("email", "ann@example.org"),))
KAI = Person("kai", "Kai", reach=(ContactMethod("email", "Kai@example.org"),))
PEOPLE = (ANN, KAI)
SAME = ("kai@example.org", "KAI@EXAMPLE.ORG")
TWINS = ("\N{KELVIN SIGN}ai@example.org", "ka\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}@example.org")


@pytest.mark.parametrize(
    ("written", "as_compared"), [("Kai@Example.ORG", "kai@example.org"), *zip(TWINS, TWINS, strict=True)]
)
def test_only_the_letters_of_ascii_are_folded(written: str, as_compared: str) -> None:
    assert as_compared == folded(written)


def test_an_address_signs_in_its_person_however_large_it_is_written() -> None:
    assert [KAI, KAI] == [found(written, PEOPLE) for written in SAME]
    assert [["kai"], ["kai"]] == [ours(written, "email", PEOPLE) for written in SAME]


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_signs_in_nobody(twin: str) -> None:
    assert (None, []) == (found(twin, PEOPLE), ours(twin, "email", PEOPLE))


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_in_the_directory_takes_nobody_out(twin: str) -> None:
    house = House(Configuration(people={each.id: each for each in PEOPLE}))
    house.do(Employ(Said(twin, active=False, addresses=(Address(twin),)), "okta"))
    still = set(house.world.configuration.people)
    house.do(Employ(Said(SAME[1], active=False), "okta"))

    assert ({"ann", "kai"}, {"ann"}) == (still, set(house.world.configuration.people))


@pytest.mark.parametrize("twin", TWINS)
def test_a_directory_that_asks_for_a_twin_finds_nobody(twin: str) -> None:
    house = House(Configuration(people={each.id: each for each in PEOPLE}))
    house.do(Employ(Said(SAME[0], addresses=(Address(SAME[0]),)), "okta"))
    (kai,) = house.world.all(Employment)

    for attribute in ("userName", "emails.value"):
        assert fitting(f'{attribute} eq "{SAME[1]}"')(kai)
        assert not fitting(f'{attribute} eq "{twin}"')(kai)


@pytest.mark.parametrize("twin", TWINS)
def test_what_is_verified_or_subscribed_is_no_twin(twin: str) -> None:
    assert digest(SAME[0]) == digest(SAME[1]) != digest(twin)
    assert (
        subscriber_id("e1", "email", SAME[0])
        == subscriber_id("e1", "email", SAME[1])
        != subscriber_id("e1", "email", twin)
    )
