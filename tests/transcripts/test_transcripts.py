"""Every story in `stories/` comes out as it is written; `--update` writes them anew, and the reviewer reads
the diff.
"""

from pathlib import Path

import pytest

from tests.transcripts.scene import tell

STORIES = sorted(Path(__file__).parent.glob("stories/*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path, request: pytest.FixtureRequest) -> None:
    """The story that is told is the story that happens."""
    written = path.read_text()

    happened = tell(written)

    if request.config.getoption("--update"):
        path.write_text(happened)
        return
    assert written == happened


def test_there_are_enough_stories() -> None:
    """Twenty at least: every reason and every row of the tables has one."""
    assert len(STORIES) >= 20
