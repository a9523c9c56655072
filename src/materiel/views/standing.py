"""How far a brief has come, and who answers for it."""

from dataclasses import dataclass

from materiel.views.language import mark, tr
from materiel.views.plain import plain

STATES = (mark("draft"), mark("reviewed"), mark("published"), mark("corrected"))


@dataclass(frozen=True)
class Standing:
    """A status of STATES, who reviewed the page (empty for nobody), and a note.

    Raises ValueError for another status, for `reviewed` without a name, and for `corrected` without a note on what was wrong.
    """

    status: str = "draft"
    reviewed_by: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reviewed_by", plain(self.reviewed_by))
        object.__setattr__(self, "note", plain(self.note))
        if self.status not in STATES:
            raise ValueError(f'a brief cannot be "{plain(self.status)}"; it is one of {", ".join(STATES)}')
        if self.status == "reviewed" and not self.reviewed_by:
            raise ValueError("a reviewed brief says who reviewed it: add --reviewed-by NAME")
        if self.status == "corrected" and not self.note:
            raise ValueError('a corrected brief says what was wrong: add --note "..."')

    @property
    def says(self) -> str:
        """The status in one line, with what a reader should know of it."""
        by = self.reviewed_by
        match self.status:
            case "draft":
                return tr("Draft, read by {reader}, not to be quoted", reader=by) if by else tr("Draft, not to be quoted")
            case "reviewed":
                return tr("Reviewed by {reader}", reader=by)
            case "published":
                return tr("Published, reviewed by {reader}", reader=by) if by else tr("Published without a review")
            case _:
                if by:
                    return tr("Corrected, reviewed by {reader}: it stands in place of earlier briefs of this run", reader=by)
                return tr("Corrected: it stands in place of earlier briefs of this run")
