"""What people write about who is on call when: rotations, their layers, and overrides in files."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from monitord.config import limits
from monitord.config.away_words import Away
from monitord.config.problem import Wrong, listed, quoted
from monitord.config.shapes import Day, Identified, Shape
from monitord.config.words import (
    HoursOfDay,
    Id,
    Instantly,
    Name,
    Together,
    TurnLength,
    Wall,
    Zone,
)
from monitord.core.absence import AwayRule


class LayerShape(Shape):
    """People who take turns, in the order of the list; an inner list is on call together."""

    name: Name | None = None
    people: Annotated[tuple[Together, ...], Field(min_length=1, max_length=limits.TURNS_MAX)]
    start: Wall | None = None
    turn: TurnLength | None = None
    time_zone: Zone | None = None
    since: Wall | None = Field(None, alias="from")
    until: Wall | None = None
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] | None = None
    hours: Annotated[tuple[HoursOfDay, ...], Field(min_length=1, max_length=limits.HOURS_MAX)] | None = None
    away: Away | None = None

    @model_validator(mode="after")
    def takes_turns(self) -> "LayerShape":
        if len(self.people) > 1 and self.start is None:
            raise Wrong("a layer with several turns needs its `start`", "add `start: 2026-01-05 09:00`")
        if len(self.people) > 1 and self.turn is None and "turn" in self.model_fields_set:
            raise Wrong("`turn` is empty", "write the length of a turn, as `turn: 1 week`", "turn")
        if len(self.people) > 1 and self.turn is None:
            raise Wrong("a layer with several turns needs the length of a turn", "add `turn: 1 week`")
        if self.since and self.until and self.since >= self.until:
            raise Wrong("this layer ends before it begins", "`until` must be later than `from`", "until")
        return self


KINDS_OF_OVERRIDE = ("replace", "all", "add", "remove")


class OverrideShape(Identified):
    """Somebody else for a time: `replace: ann` `with: bo`, `all: bo`, `add: bo` or `remove: ann`."""

    since: Instantly = Field(alias="from")
    to: Annotated[Instantly, Field(examples=["2026-12-27 09:00"])]
    layer: Name | None = None
    replace: Id | None = None
    by: Together | None = Field(None, alias="with")
    all: Together | None = None
    add: Together | None = None
    remove: Id | None = None

    @model_validator(mode="after")
    def says_one_thing(self) -> "OverrideShape":
        said = [kind for kind in KINDS_OF_OVERRIDE if getattr(self, kind) is not None]
        if len(said) != 1:
            what = (
                f"{listed(map(quoted, said), 'and')} contradict each other"
                if said
                else "this override changes nothing"
            )
            raise Wrong(
                what, "say one of `replace: ann` with `with: bo`, `all: bo`, `add: bo`, `remove: ann`"
            )
        if (self.by is None) == (said == ["replace"]):
            raise Wrong("`replace` and `with` belong together", "write `replace: ann, with: bo`", said[0])
        if self.by is not None and self.replace in self.by:
            what = f"{quoted(self.replace)} cannot stand in for themselves"
            raise Wrong(what, "name only who comes instead; for somebody besides them there is `add`", "with")
        return self


NEXT_IN_TURN = AwayRule()


class RotationShape(Shape):
    """`rotation: ID`: a document that says who is on call when."""

    rotation: Id
    time_zone: Zone | None = None
    layering: Literal["stack", "union"] = "stack"
    away: Away = NEXT_IN_TURN
    layers: Annotated[tuple[LayerShape, ...], Field(max_length=limits.LAYERS_MAX)] = ()
    overrides: Annotated[tuple[OverrideShape, ...], Field(max_length=limits.OVERRIDES_MAX)] = ()
