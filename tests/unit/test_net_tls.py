"""TLS: when a certificate was valid, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.net.tls import ago, validity_words

CERTIFICATE = {"notBefore": "Nov  1 00:00:00 2026 GMT", "notAfter": "Nov 19 12:00:00 2026 GMT"}


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-22T12:00", "has a certificate that expired 3 days ago, on 2026-11-19 12:00 UTC"),
        (
            "2026-11-19T12:00",
            "has a certificate that expired less than a minute ago, on 2026-11-19 12:00 UTC",
        ),
        ("2026-11-10T12:00", None),
        (
            "2026-10-31T12:00",
            "has a certificate that is only valid from 2026-11-01 00:00 UTC,"
            " unless the clock of this machine is wrong",
        ),
    ],
)
def test_a_certificate_out_of_its_time_says_since_when(now: str, words: str | None) -> None:
    assert words == validity_words(CERTIFICATE, datetime.fromisoformat(now).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_how_long_ago_in_the_largest_unit(passed: timedelta, words: str) -> None:
    then = datetime(2026, 11, 22, tzinfo=UTC)

    assert words == ago(then, then + passed)
