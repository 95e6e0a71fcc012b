"""The language of transcripts: a line is read by its form, and the manual names every word of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitord.config.problem import Wrong
from monitord.core.check import Outcome
from monitord.core.organization import Person
from monitord.core.world import Configuration
from monitord.play.language import Language, form
from monitord.play.stage import Stage
from tests.fakes.house import House
from tests.transcripts.scene import DAYS

MANUAL = Path(__file__).parents[2] / "monitord" / "web" / "docs" / "simulate.md"
FORMS = (
    "check PROBE OUTCOME",
    "snooze TICKET by PERSON SPAN",
    'page PEOPLE "WORDS" by PERSON',
    "silence … for SPAN by PERSON",
)


def read(line: str, known: Configuration | None = None) -> Any:
    """The values of a line."""
    return Language(tuple(form(text, print) for text in FORMS), known).read(line)[1]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("check web ok", {"probe": "web", "outcome": Outcome.OK}),
        ("snooze 12 by ann 1h30m", {"ticket": 12, "person": "ann", "span": timedelta(minutes=90)}),
        ('page bo+cem "come" by ann', {"people": "bo+cem", "words": "come", "person": "ann"}),
        ('page bo "say "by ann"" by ann', {"people": "bo", "words": 'say "by ann"', "person": "ann"}),
        (
            "silence a=~.* b=c for 1h by ann",
            {"rest": "a=~.* b=c", "span": timedelta(hours=1), "person": "ann"},
        ),
    ],
)
def test_a_line_is_read_by_its_form(line: str, values: dict[str, Any]) -> None:
    assert values == read(line)


def test_a_name_must_be_known_where_there_is_a_configuration() -> None:
    known = Configuration(people={"ann": Person("ann", "Ann"), "bo": Person("bo", "Bo")})

    with pytest.raises(Wrong, match="no person `ane`; did you mean `ann`"):
        read('page bo+ane "come" by bo', known)


def test_a_line_of_no_form_is_refused_with_the_forms_of_its_word() -> None:
    with pytest.raises(Wrong, match="write it as `snooze TICKET by PERSON SPAN`"):
        read("snooze 12 for 2h")


def test_the_manual_names_every_word() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    words = {each.word for each in Stage(House(Configuration()), DAYS).language.forms}

    assert set() == {word for word in words if f"`{word}" not in manual}
