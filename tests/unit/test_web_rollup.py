"""web.public.rollup: the table of Statuspage, line by line."""

import pytest

from monitord.core.organization import ComponentState
from monitord.web.public.rollup import headline, impact

OK, CARE, SLOW, PART, DOWN = ComponentState


@pytest.mark.parametrize(
    ("states", "indicator", "words"),
    [
        ([], "none", "All Systems Operational"),
        ([OK, OK], "none", "All Systems Operational"),
        ([DOWN, DOWN], "critical", "Major System Outage"),
        ([DOWN], "critical", "Major System Outage"),
        ([DOWN, OK], "major", "Partial System Outage"),
        ([PART, PART], "major", "Partial System Outage"),
        ([PART, OK], "minor", "Minor Service Outage"),
        ([PART, SLOW], "minor", "Minor Service Outage"),
        ([SLOW, SLOW], "minor", "Degraded System Service"),
        ([SLOW, OK, CARE], "minor", "Partially Degraded Service"),
        ([CARE, OK], "maintenance", "Service Under Maintenance"),
        ([CARE, DOWN], "major", "Partial System Outage"),
    ],
)
def test_the_first_line_that_fits_is_the_headline(
    states: list[ComponentState], indicator: str, words: str
) -> None:
    said = headline(states)

    assert (indicator, words) == (said.indicator, said.words)


@pytest.mark.parametrize(
    ("states", "word"), [([], "none"), ([OK], "none"), ([SLOW, PART], "major"), ([DOWN, OK], "critical")]
)
def test_an_incident_is_as_bad_as_the_worst_it_touches(states: list[ComponentState], word: str) -> None:
    assert word == impact(states)
