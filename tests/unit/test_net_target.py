"""Target: a URL as a value, and what cannot be one."""

import pytest

from monitord.net.target import Target, host_name, onward, target


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://shop.example.org", Target("http", "shop.example.org", 80, "/")),
        ("https://Shop.Example.org:8443/a?b=c#d", Target("https", "shop.example.org", 8443, "/a?b=c")),
        ("http://[::1]:80/", Target("http", "::1", 80, "/")),
        ("http://127.0.0.1/%7Eann/ü", Target("http", "127.0.0.1", 80, "/%7Eann/%C3%BC")),
        ("https://bücher.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
    ],
)
def test_a_url_is_a_value(url: str, expected: Target) -> None:
    assert expected == target(url)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a.example/", "a.example"),
        ("https://a.example:80/", "a.example:80"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_the_authority_leaves_out_the_usual_port(url: str, authority: str) -> None:
    assert authority == target(url).authority


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://a.example/", "begins with http:// or https://"),
        ("shop.example.org", "begins with http:// or https://"),
        ("http://", "names a host"),
        ("http://ann:pw@a.example/", "say username: and password: instead"),
        ("http://a.example/ b", "no spaces"),
        ("http://a.example/\r\nX: y", "no spaces or control characters"),
        ("http://a.example:0x50/", "a port is a number"),
        ("http://a.example:0/", "a port is a number"),
        ("http://a.example:65536/", "a port is a number"),
        ("http://[::1/", "IPv6"),
        ("http://" + "a" * 64 + ".example/", "not a host name"),
        ("http://a.example/" + "a" * 2000, "at most 2000 characters"),
    ],
)
def test_what_cannot_be_a_url_says_why(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        target(url)


@pytest.mark.parametrize("text", ["", "a b", "http://a.example", "a/b", "a" * 254, "ann@a.example", "a..b"])
def test_what_cannot_be_a_host_name(text: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        host_name(text)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/login", "/login"),
        ("b?c#d", "/x/b?c"),
        ("//other.example/y", "/y"),
        ("?q", "/x/a?q"),
    ],
)
def test_a_location_is_seen_from_where_it_was_said(location: str, expected: str) -> None:
    assert expected == onward(target("https://a.example/x/a"), location).path
