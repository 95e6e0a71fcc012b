"""What a probe's flip says, and under which key."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.health import Flip, ProbeCameUp, ProbeSawAgain, ProbeWentBlind, ProbeWentDown
from monitord.core.signal import Signal, from_flip, probe_source, signal_key, source_removed

SINCE = datetime(2026, 1, 5, tzinfo=UTC)
NOW = SINCE + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("flip", "key", "raised"),
    [
        (ProbeWentDown, "probe/web:down", True),
        (ProbeCameUp, "probe/web:down", False),
        (ProbeWentBlind, "probe/web:unknown", True),
        (ProbeSawAgain, "probe/web:unknown", False),
    ],
)
def test_what_a_flip_says(flip: type[Flip], key: str, raised: bool) -> None:
    signal = from_flip(flip("web", SINCE, "refused"), "shop", NOW)

    assert (key, raised, raised) == (signal.key, signal.raised, signal.live)
    assert ("shop", "web", "refused", SINCE, NOW) == (
        signal.service,
        signal.probe,
        signal.summary,
        signal.since,
        signal.at,
    )


def test_the_key_is_the_source_and_the_name() -> None:
    assert "probe/web:down" == signal_key(probe_source("web"), "down")


def test_a_signal_whose_source_is_gone_is_cleared_for_that_reason() -> None:
    raised = Signal("probe/web", "down", "shop", True, SINCE, SINCE, "refused", "web")

    over = source_removed(raised, NOW, "probe web was removed")

    assert (raised.key, False, True) == (over.key, over.raised, over.removed)
    assert (NOW, NOW, "probe web was removed") == (over.since, over.at, over.summary)
