"""web.public.stories: what was told is remembered, grows with each commit, and is forgotten after a year."""

from datetime import timedelta

from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.web.public.stories import KEPT, Stories, Told, once
from tests.fakes.front import Front


def front_with_a_story() -> Front:
    front = Front()
    front.fails("cards")
    return front


async def test_a_restart_reads_what_was_told() -> None:
    front = front_with_a_story()
    stories = Stories()
    await stories.load(front, front.clock.now())

    assert [["investigating"]] == [
        [entry.post.phase.value for entry in told.entries] for told in stories.told(front.clock.now())
    ]


async def test_what_a_commit_told_while_reading_is_newer() -> None:
    front = front_with_a_story()
    stories = Stories()
    old = dict(front.kept)
    incident = front.world.all(Incident)[0]
    stories.take(front.do(WritePost("cem", "Found.", Phase.IDENTIFIED, incident.id)).records)
    front.kept = old
    await stories.load(front, front.clock.now())
    told = stories.told(front.clock.now())[0]

    assert Phase.IDENTIFIED is told.incident.phase
    assert ["identified", "investigating"] == [entry.post.phase.value for entry in told.entries]


def test_a_story_that_has_not_changed_is_the_same_value() -> None:
    front = front_with_a_story()
    stories = Stories()
    stories.take([*front.kept.values(), *front.kept_posts])
    first = stories.told(front.clock.now())[0]

    assert first is stories.told(front.clock.now())[0]

    stories.take(front.heals("cards").records)
    assert 2 == len(stories.told(front.clock.now())[0].entries)


def test_what_is_made_of_a_story_is_made_again_when_something_is_added_or_the_zone_is_another() -> None:
    front, stories, made = front_with_a_story(), Stories(), []
    stories.take([*front.kept.values(), *front.kept_posts])

    @once
    def summed_up(told: Told, zone: str) -> str:
        made.append(zone)
        return f"{len(told.entries)} in {zone}"

    def said(zone: str) -> str:
        return summed_up(stories.told(front.clock.now())[0], zone)

    assert ["1 in UTC", "1 in UTC", "1 in Asia/Tokyo"] == [said("UTC"), said("UTC"), said("Asia/Tokyo")]
    assert ["UTC", "Asia/Tokyo"] == made

    stories.take(front.heals("cards").records)
    assert "2 in Asia/Tokyo" == said("Asia/Tokyo")


def test_what_was_never_told_is_no_story() -> None:
    front = Front()
    front.fails()
    stories = Stories()
    stories.take(front.kept.values())

    assert () == stories.told(front.clock.now())


def test_after_a_year_only_the_open_are_remembered() -> None:
    front = front_with_a_story()
    stories = Stories()
    stories.take([*front.kept.values(), *front.kept_posts])
    later = front.clock.now() + KEPT + timedelta(days=1)
    assert 1 == len(stories.told(later))

    stories.take(front.heals("cards").records)
    assert () == stories.told(later)
    assert {} == stories.posts
