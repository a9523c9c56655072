"""The kinds of number that a scenario may hold, and what every thing in it may carry.

A field that holds a number is annotated with the kind of number it must be, so that a rate cannot stand where a stock
belongs.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from materiel.scenario.quantity import Kind, Quantity

Amount = Annotated[Quantity, Kind("amount")]  # rounds or people, after the unit of the good
Flow = Annotated[Quantity, Kind("flow")]  # rounds/day or people/day
Containers = Annotated[Quantity, Kind("containers")]  # containers/day
PerContainer = Annotated[Quantity, Kind("per_container")]  # rounds/container
Drones = Annotated[Quantity, Kind("drones")]  # drones/day
PerDrone = Annotated[Quantity, Kind("per_drone")]  # rounds/drone
Duration = Annotated[Quantity, Kind("duration")]  # days
Age = Annotated[Quantity, Kind("age")]  # years
Length = Annotated[Quantity, Kind("length")]  # km
Speed = Annotated[Quantity, Kind("speed")]  # km/day
Wander = Annotated[Quantity, Kind("wander")]  # km/day^0.5
Hazard = Annotated[Quantity, Kind("hazard")]  # 1/day
Share = Annotated[Quantity, Kind("share")]  # 0 to 1; "5 %" or 0.05
Number = Annotated[Quantity, Kind("number")]  # a pure number, not negative
Signed = Annotated[Quantity, Kind("signed")]  # a pure number of either sign
Price = Annotated[Quantity, Kind("price")]  # USD/round
Money = Annotated[Quantity, Kind("money")]  # USD/day
Day = Annotated[Quantity, Kind("date")]  # a date, or a range of dates


class Thing(BaseModel):
    """What every part of a scenario may carry; its source holds for each of its numbers that names none itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    source: str | None = Field(None, description="id of an entry under `sources`, or the word assumed")
    quality: str | None = Field(None, pattern="^[A-F][1-6]$", description="Admiralty code, A1 to F6")
    set_by: str | None = Field(None, description="who chose the numbers")
    note: str | None = Field(None, description="why these numbers")
