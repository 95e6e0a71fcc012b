"""What people write about the public holidays on which somebody is away."""

from pydantic import BaseModel, ConfigDict, model_validator

from monitord.config.calendar_address import CalendarAddress
from monitord.config.problem import Wrong
from monitord.config.words import Id

DAYS_OFF_FORM = "write {country: DE, subdivision: BE}, {country: none} or {calendar: https://…}"


class DaysOffShape(BaseModel):
    """Which public holidays somebody is away on: those of a country, or those in a calendar."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    country: Id | None = None
    subdivision: Id | None = None
    calendar: CalendarAddress | None = None

    @model_validator(mode="after")
    def says_one_of_them(self) -> "DaysOffShape":
        if (self.country is None) == (self.calendar is None):
            raise Wrong("these public holidays are nowhere, or in two places", DAYS_OFF_FORM)
        if self.subdivision is not None and self.country is None:
            raise Wrong("this subdivision is of no country", DAYS_OFF_FORM)
        return self
