"""What may be asked: the bodies of acts, each word with its limit."""

from typing import Annotated, Literal, get_args

from fastapi import Depends, Header
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from monitord.core.organization import ComponentState, Priority
from monitord.core.statuspage import Phase
from monitord.web.access.roles import Actor
from monitord.web.ops.guard import actor_of
from monitord.web.ops.limits import (
    COMPONENTS_MAX,
    ID_CHARS_MAX,
    POST_CHARS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
    WHOM_MAX,
)
from monitord.web.ops.unfit import SOMETHING


def something(text: str) -> str:
    """What has not one character that can be seen is blank, whatever it has."""
    if not any(char.isprintable() and not char.isspace() for char in text):
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": SOMETHING})
    return text


Visible = AfterValidator(something)
Text = Annotated[str, Field(max_length=TEXT_CHARS_MAX)]
Said = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX, pattern=SOMETHING), Visible]
PostBody = Annotated[str, Field(min_length=1, max_length=POST_CHARS_MAX, pattern=SOMETHING), Visible]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_CHARS_MAX, pattern=SOMETHING), Visible]
Name = Annotated[str, Field(min_length=1, max_length=ID_CHARS_MAX)]
Affected = Annotated[dict[Name, ComponentState], Field(max_length=COMPONENTS_MAX)]
PhaseWord = Literal["investigating", "identified", "monitoring", "resolved"]
OF_A_STORY = tuple(map(Phase, get_args(PhaseWord)))
Severity = Annotated[int, Field(ge=1, le=4, strict=True)]  # `true` is no 1: that one calls everybody
Whom = Annotated[tuple[Name, ...], Field(min_length=1, max_length=WHOM_MAX)]
By = Annotated[Actor, Depends(actor_of)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="The same key is done once")]


class Body(BaseModel):
    """A key that we do not know is a mistake that somebody wants to hear of."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """The act needs no words."""


class Opening(Body):
    """A severity sets the priority; without either it is urgent."""

    title: Title
    service: Name
    priority: Priority | None = None
    severity: Severity | None = None
    text: Text = ""

    @model_validator(mode="after")
    def says_one_of_them(self) -> "Opening":
        if self.priority is not None and self.severity is not None:
            raise ValueError("a severity sets the priority: say one of them")
        return self


class Handing(Body):
    to: Name


class Resolving(Body):
    note: Text = ""
    hold_until_clear: bool = False


class Reopening(Body):
    note: Text = ""


class Commenting(Body):
    text: Said


class Sleeping(Body):
    """Until an instant, a day from now at most."""

    until: AwareDatetime


class Prioritising(Body):
    priority: Priority


class Rating(Body):
    severity: Severity


class CallingAll(Body):
    """`confirm` says that the whole staff is meant."""

    confirm: Literal["everybody"]
    text: Text = ""


class Calling(Body):
    """People, rotations or teams, and what they are wanted for."""

    whom: Whom
    text: Text = ""


class Paging(Body):
    whom: Whom
    text: Said
    severity: Severity | None = None


class CallingEverybody(Body):
    """`confirm` says that the whole staff is meant."""

    text: Said
    confirm: Literal["everybody"]
    service: Name | None = None


class Beginning(Body):
    title: Title
    body: PostBody
    affects: Affected = Field(min_length=1)
    phase: PhaseWord = "investigating"


class Continuing(Body):
    body: PostBody
    phase: PhaseWord = "investigating"
    affects: Affected = Field(default_factory=dict)
