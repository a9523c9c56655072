"""What lies beside a run on disk and belongs in its brief: its weighings, what could not be weighed, and hindcasts of its scenario."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from materiel.evidence.weighed import refusals, weighing_of, weighings
from materiel.views.records import FOLDER, found
from materiel.worlds import open_run

if TYPE_CHECKING:
    from materiel.worlds import Worlds


@dataclass(frozen=True)
class Beside:
    """The worlds of a brief: those of its first column, those weighed to a later day, and refused weighings by their day."""

    worlds: "Worlds"
    later: "Worlds | None"
    refused: dict[str, str]

    def records(self) -> list[dict[str, Any]]:
        """The scores of all hindcasts of this scenario. Raises RunError."""
        return found(self.worlds.folder.path.parent / FOLDER, self.worlds.scenario.vocabulary.scenario)


def beside(named: "Worlds") -> Beside:
    """The worlds that stand in one brief with those named. Raises RunError.

    First come the worlds weighed with the reports of the as-of date, or those that no report weighs where there are none; then
    those of the newest later day. Weighed worlds that were named keep their place: the first if they are of the as-of date or
    before, else the second. Those weighed without some family stand alone, for the others were weighed with it.
    """
    weighing = weighing_of(named)
    if weighing is not None and weighing.without:
        return Beside(named, None, {})
    ordinary = named if weighing is None else open_run(weighing.of, named.folder.path.parent)
    by_day = {one.to: one for one in weighings(ordinary) if one.to is not None}
    as_of = str(named.scenario.as_of)
    worlds, later = by_day.get(as_of, ordinary), by_day.get(max(by_day, default=""))
    if weighing is not None:
        if weighing.to > as_of:
            later = named
        else:
            worlds = named
    if later is not None and (later.to or "") <= as_of:
        later = None
    return Beside(worlds, later, refusals(ordinary))
