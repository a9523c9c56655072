"""A scenario that has been read and checked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from materiel.scenario.dates import read_date
from materiel.scenario.errors import Problem
from materiel.scenario.quantity import Quantity
from materiel.scenario.reports import Report
from materiel.scenario.series import Point
from materiel.scenario.vocabulary import Vocabulary


@dataclass(frozen=True)
class Course:
    """The scenario with some numbers changed; `day` is the first day of the change, counted from the first day of the run."""

    name: str
    says: str
    day: int
    conceived_after: bool | str | None
    set: dict[str, Quantity]


@dataclass(frozen=True)
class ChoiceOption:
    """One answer to a structural question; the weights of a choice sum to 1."""

    name: str
    weight: float
    says: str
    set: dict[str, Quantity]


@dataclass(frozen=True)
class Choice:
    """A structural question on which experts disagree."""

    name: str
    says: str
    chosen_by: str
    options: tuple[ChoiceOption, ...]


@dataclass(frozen=True)
class Scenario:
    """What a person wrote, checked; see `explain` for it in sentences.

    `quantities` holds every number that a world draws, by dotted path (not the weights of alternatives, nor what
    observers saw, nor how far words are trusted: these stand in the vocabulary). `days` counts from begins to ends; `step`
    is in days. `reports` and `series` were read from the tables beside the file. `replaced` holds the texts that were put in
    place of numbers of the file, by path.
    """

    vocabulary: Vocabulary
    path: Path
    as_of: datetime.date
    begins: datetime.date
    ends: datetime.date
    step: float
    quantities: dict[str, Quantity] = field(repr=False)
    courses: dict[str, Course] = field(repr=False)
    alternatives: dict[str, Choice] = field(repr=False)
    warnings: list[Problem] = field(repr=False)
    hash: str
    reports: tuple[Report, ...] = field(default=(), repr=False)
    series: dict[str, tuple[Point, ...]] = field(default_factory=dict, repr=False)
    replaced: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def days(self) -> int:
        return (self.ends - self.begins).days

    def day(self, when: datetime.date | str) -> int:
        """Days since the first day."""
        return ((read_date(when) if isinstance(when, str) else when) - self.begins).days

    def date(self, day: float) -> datetime.date:
        """The date of a day of the run."""
        return self.begins + datetime.timedelta(days=int(day))

    def __repr__(self) -> str:
        v = self.vocabulary
        return (
            f"<Scenario {v.scenario!r} {v.version}, {self.begins} to {self.ends}, {len(self.quantities)} numbers, "
            f"{len(self.courses)} courses, {len(v.claims)} claims, {self.hash[:7]}>"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from materiel.scenario.notebook import table

        v, numbers = self.vocabulary, self.quantities.values()
        ranges, assumed = sum(not q.exact for q in numbers), sum(q.assumed for q in numbers)
        rows = [
            ("says", v.says),
            ("version", f"{v.version} by {', '.join(v.authors)}"),
            ("as of", self.as_of),
            ("simulated", f"{self.begins} to {self.ends}"),
            ("numbers", f"{len(self.quantities)}, {ranges} with a range, {assumed} assumed"),
            ("courses", ", ".join(self.courses)),
            ("claims", "; ".join(c.says for c in v.claims.values())),
            ("reports", len(self.reports)),
        ]
        return table(v.scenario, (), rows, f"{self.path}, sha256 {self.hash[:12]}")
