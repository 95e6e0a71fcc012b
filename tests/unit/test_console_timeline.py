"""The timeline on a screen: newest first, in the viewer's time, walls of the same folded, nothing lost."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.client.shapes import Line
from monitord.web.console.timeline import Bundle, Moment, Wall, days, moments
from monitord.web.console.words import Words

NOON = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 12:00 in Chicago
WORDS = Words(NOON, "America/Chicago")
SECOND = timedelta(seconds=1)


def line(at: float, kind: str, says: str) -> Line:
    return Line(NOON + at * SECOND, kind, says)


def refused(at: float, person: str = "ann") -> Line:
    says = f"message to {person} by email did not leave: refused; tried again at 18:00:30 UTC"
    return line(at, "delivery_put_off", says)


def test_a_wall_of_attempts_is_one_line_that_counts_them() -> None:
    timeline = [
        line(0, "ticket_opened", "opened, urgent: down"),
        *(refused(at) for at in range(5, 75, 5)),
        line(80, "tier_repeated", "tier 3 told again (repeat 1)"),
        line(90, "ticket_acknowledged", "acknowledged by bo (link)"),
    ]
    ((day, (newest, wall, oldest)),) = days(timeline, WORDS)

    assert "Sunday, 22 November 2026" == day
    assert isinstance(wall, Wall)
    assert "Tried again to send 14 times; told again once" == wall.says
    assert (NOON + 5 * SECOND, NOON + 80 * SECOND) == (wall.begun, wall.at)
    assert isinstance(newest, Moment) and isinstance(oldest, Moment)


def test_two_attempts_are_no_wall() -> None:
    ((_, parts),) = days([refused(5), refused(10)], WORDS)

    assert [Moment, Moment] == [type(part) for part in parts]


def test_many_messages_of_one_instant_are_one_line_that_can_be_opened() -> None:
    (moment,) = moments([refused(5, person) for person in ("ann", "bo", "cem")])
    (bundle,) = moment.bundles

    assert ("3 messages did not leave, and are tried again", True) == (bundle.says, bundle.folded)
    assert 3 == len(bundle.lines)


def test_what_is_said_twice_in_the_same_words_is_said_once() -> None:
    says = "nobody could be reached in step 1; the next tier follows at once"
    (moment,) = moments([line(5, "nobody_reached", says), line(5, "nobody_reached", says)])

    assert [f"{says} (twice)"] == [bundle.says for bundle in moment.bundles]
    assert not moment.bundles[0].folded


def test_the_newest_stands_first_and_one_instant_keeps_its_order() -> None:
    timeline = [
        line(0, "ticket_opened", "opened"),
        line(0, "tier_reached", "tier 1"),
        line(9, "note", "later"),
    ]

    said = [[bundle.says for bundle in moment.bundles] for moment in moments(timeline)]
    assert [["later"], ["opened", "tier 1"]] == said


def test_nothing_is_left_out() -> None:
    timeline = [refused(at, person) for at in range(40) for person in ("ann", "bo", "cem", "dee")]
    ((_, (wall,)),) = days(timeline, WORDS)

    assert isinstance(wall, Wall)
    assert len(timeline) == sum(len(moment.lines) for moment in wall.moments)


def test_a_wall_keeps_its_name_while_it_grows() -> None:
    """So that it stays open in a browser that fetches the page again."""
    ((_, (before,)),) = days([refused(at) for at in range(5)], WORDS)
    ((_, (after,)),) = days([refused(at) for at in range(50)], WORDS)

    assert isinstance(before, Wall) and isinstance(after, Wall)
    assert before.id == after.id


def test_days_are_those_of_the_viewer() -> None:
    """06:00 UTC is midnight in Chicago."""
    timeline = [line(-12 * 3600 - 1, "note", "yesterday"), line(-12 * 3600, "note", "today")]

    assert ["Sunday, 22 November 2026", "Saturday, 21 November 2026"] == [
        day for day, _ in days(timeline, WORDS)
    ]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("tried again at 18:00:30 UTC", "tried again at 12:00:30"),
        ("tried again at 00:10:00 UTC", "tried again at 18:10:00"),
        ("held: a reason until 2026-11-22 19:30:00 UTC", "held: a reason until 13:30:00"),
        ("snoozed by ann until 2026-11-24 03:00:00 UTC (cli)", "snoozed by ann until 23 Nov, 21:00 (cli)"),
        ("from 2026-11-22 19:00 to 2026-11-22 20:00 UTC", "from 13:00:00 to 14:00:00"),
        ("UTC is a word, 99:99:99 UTC is none", "UTC is a word, 12:00:00 is none"),
        ("nothing to say", "nothing to say"),
    ],
)
def test_sentences_say_the_viewers_time(sentence: str, told: str) -> None:
    assert told == WORDS.local(sentence, NOON)


def test_whoever_points_at_a_time_reads_it_in_utc_and_markup_stays_text() -> None:
    told = WORDS.marked("<b> until 2026-11-22 19:30:00 UTC", NOON)

    time = '<time datetime="2026-11-22T19:30:00Z" title="2026-11-22 19:30:00 UTC">13:30:00</time>'
    assert f"&lt;b&gt; until {time}" == told


def test_a_bundle_of_one_is_its_line() -> None:
    (moment,) = moments([refused(1)])

    assert isinstance(moment.bundles[0], Bundle)
    assert moment.bundles[0].says == moment.bundles[0].first.says
