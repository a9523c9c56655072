"""What reports say of the worlds: who speaks, how a ledger's quantities are answered by measures, how far words are trusted.

The numbers here are never drawn by a day of a world; they belong to the weighing alone.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from materiel.scenario.kinds import Day, Duration, Hazard, Number, Share, Thing
from materiel.scenario.quantity import Kind, Quantity
from materiel.scenario.reports import Report

Observed = Annotated[Quantity, Kind("observed")]  # an amount in the unit of whatever is observed
Factor = Annotated[Quantity, Kind("factor")]  # a pure number, or rounds per container


class Family(Thing):
    """Speakers who share sources and interests, and so a bias; the prior of the bias is the same for every family."""

    name: str


class Answer(Thing):
    """How the worlds answer one quantity of the ledger."""

    quantity: str | None = Field(None, description="name in the ledger; the id of this entry if missing")
    subject: str = Field(description="subject in the ledger, e.g. RUS or DPRK>RUS")
    measure: str = Field(description="a measure, or a sum of measures with +")
    as_: str = Field(
        alias="as",
        pattern="^(total|change|daily|level|ratio|yes|plan)$",
        description="total: since the first day of the run; change: over the period; daily: mean per day over it; level: on its last day; "
        "ratio: measure over `to`, both daily; yes: whether the total or level at its end is at_least; plan: kept beside, never weighed",
    )
    to: str | None = Field(None, description="for ratio: the measure below the line")
    at_least: Observed | None = Field(None, description="for yes: the smallest amount that counts")
    factor: Factor | None = Field(None, description="times the measure: a wider count of the speakers, or their rounds per container")
    form: str = Field("log", pattern="^(linear|log)$", description="scale on which errors are added; linear for what may be negative")
    error: Observed | None = Field(None, description="for linear: scale of a report's error, in the unit of the measure")


class Series(Thing):
    """A monthly series as evidence: a table with the columns month,value or date,value, beside the scenario."""

    file: str = Field(description="name of the table, in the folder of the scenario or below it")
    measure: str
    as_: str = Field("change", alias="as", pattern="^(total|change|daily|level)$")
    unit: str = Field("", description="unit of the values; that of the measure if missing; 1 if the factor turns it into another thing")
    factor: Number | None = Field(None, description="times the measure: how much of what was counted there is to one of it, a pure number")
    same_factor_as: str | None = Field(None, description="id of another series whose factor, the same unknown, is used")
    family: str = Field(description="who counted: an id under families")
    origin: str | None = Field(None, description="what it rests on; reports and series of one origin share an error; its own if missing")
    form: str = Field("log", pattern="^(linear|log)$", description="scale on which the error is added")
    error: Observed = Field(description="sd of one value: in the unit of the values if linear, a pure number if log")
    observers: Number | None = Field(None, description="times the error, where all who counted stand on one side")
    weight: Share | None = Field(
        None, description="part of what a value says that counts, since neighbouring months share errors; all of it if missing"
    )
    known_after: Duration | None = Field(None, description="from the end of a month to the day its value is known; none if missing")
    optional: bool = Field(
        False,
        description="true: the file is also looked for in the folder named by the environment variable MATERIEL_DATA; "
        "where it is in neither, the series is left out with a warning",
    )


class Silence(Thing):
    """A family that reports a quantity at a known rate, so that a month without a report says a little."""

    of: str = Field(description="id under quantities")
    rate: Hazard = Field(description="reports a month while there is something to report, e.g. 0.5/month")
    from_: Day = Field(alias="from", description="the day from which the family would report")


class Evidence(BaseModel):
    """How reports and series weigh the worlds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    families: dict[str, Family]
    bias: Number = Field(description="sd of a family's bias, log")
    common: Number = Field(description="sd of the error that reports of one origin share, log")
    error: Number = Field(description="scale of the Student-t error (4 degrees of freedom) of one report, log")
    either_way: Number = Field(description="a statement made either way has a likelihood ratio between 1/x and x")
    against_interest: Number = Field(description="likelihood ratio of a statement against interest")
    hit: Share = Field(description="chance that what happened is seen by sensors that others can inspect")
    false_alarm: Share = Field(description="chance that they see what did not happen")
    quantities: dict[str, Answer] = Field(default_factory=dict)
    leave_out: dict[str, str] = Field(
        default_factory=dict, description="ids of reports whose quantity is answered by name only, and why they are never weighed"
    )
    series: dict[str, Series] = Field(default_factory=dict)
    silence: dict[str, Silence] = Field(default_factory=dict, description="keys are families")

    def answer(self, report: Report) -> Answer | None:
        """The entry that answers a report; None where no measure does, or where the report is left out."""
        if report.id in self.leave_out:
            return None
        said = (report.quantity, report.subject)
        return next((a for name, a in self.quantities.items() if (a.quantity or name, a.subject) == said), None)

    def factor(self, place: str) -> Quantity | None:
        """The factor that stands at a place under evidence, as quantities.NAME or series.NAME; None where there is none."""
        section, _, name = place.partition(".")
        return self.series[name].factor if section == "series" else self.quantities[name].factor
