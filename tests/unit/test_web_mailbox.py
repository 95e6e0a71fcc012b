"""web.mailbox: addresses that can be written to, and sentences for the others."""

import pytest

from monitord.web.mailbox import AddressRefused, mailbox


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" sub@example.org ", "sub@example.org"),
        ("Sub.Scriber+shop@EXAMPLE.org", "Sub.Scriber+shop@example.org"),
        ("sub@bücher.example", "sub@xn--bcher-kva.example"),
        ("sub@example.org.", "sub@example.org"),
    ],
)
def test_an_address_is_stored_in_one_spelling(written: str, address: str) -> None:
    assert address == mailbox(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "sub",
        "sub@",
        "@example.org",
        "sub@localhost",
        "sub@192.0.2.1",
        "sub@exa mple.org",
        "sub\r\nBcc: eve@example.org",
        "sub\nBcc:eve@example.org",
        "a@b@example.org",
        "sub..a@example.org",
        "<sub@example.org>",
        "sub@-example.org",
        "sub@example..org",
        "s" * 65 + "@example.org",
        "sub@" + "a." * 130 + "org",
        "sub@" + "a" * 64 + ".org",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(AddressRefused, match=r"^[A-Z].*\.$"):
        mailbox(written)
