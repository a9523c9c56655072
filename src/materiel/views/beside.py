"""What lies beside a run on disk and belongs in its brief: its weighings, what could not be weighed, and hindcasts of its scenario."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from materiel.evidence.skill import FOLDER
from materiel.evidence.weighed import refusals, weighing_of, weighings
from materiel.views.records import found
from materiel.worlds import RunError, all_runs, open_run

if TYPE_CHECKING:
    from materiel.worlds import Worlds
    from materiel.worlds.store import Folder


@dataclass(frozen=True)
class Beside:
    """The worlds of a brief: those of its first column, those weighed to a later day, and refused weighings by their day.

    Beside each column the worlds of the same scenario with its ranges by rule, weighed to the same day, where there are any.
    """

    worlds: "Worlds"
    later: "Worlds | None"
    refused: dict[str, str]
    worlds_by_rule: "Worlds | None" = None
    later_by_rule: "Worlds | None" = None

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
    rule = _by_rule(ordinary)
    same = {one.to: one for one in (rule, *weighings(rule)) if one is not None} if rule else {}
    return Beside(worlds, later, refusals(ordinary), same.get(worlds.to), same.get(later.to) if later else None)


def same_by_rule(worlds: "Worlds") -> "Worlds | None":
    """The worlds that stand beside these with the ranges by rule, weighed to the same day; None where there are none. Raises RunError.

    A verdict's range spans both, so whoever quotes or compares one must judge it as a brief does.
    """
    weighing = weighing_of(worlds)
    if weighing is not None and weighing.without:
        return None
    rule = _by_rule(worlds if weighing is None else open_run(weighing.of, worlds.folder.path.parent))
    return next((one for one in (rule, *weighings(rule)) if one.to == worlds.to), None) if rule else None


def _by_rule(ordinary: "Worlds") -> "Worlds | None":
    """The newest finished run of as many worlds of the same files and seed, but with ranges by rule.

    None for worlds that have those ranges themselves. A run in which somebody set or narrowed some numbers is none of these: a
    rule puts another range in the place of every range.
    """
    own = ordinary.scenario
    if own.replaced:
        return None
    for folder in all_runs(ordinary.folder.path.parent):
        try:
            if not folder.replaced() or not _same_text(folder, ordinary.folder):
                continue
            found = open_run(folder.path)
        except (RunError, OSError):
            continue
        theirs = found.scenario
        by_rule = all(p in theirs.replaced and not theirs.quantities[p].exact for p, q in own.quantities.items() if not q.exact)
        same = by_rule and (theirs.reports, theirs.series) == (own.reports, own.series)
        if same and found.of is None and (found.n, found.seed) == (ordinary.n, ordinary.seed):
            return found
    return None


def _same_text(one: "Folder", other: "Folder") -> bool:
    return (one.path / "scenario.yaml").read_bytes() == (other.path / "scenario.yaml").read_bytes()
