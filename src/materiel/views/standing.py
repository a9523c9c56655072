"""How far a brief has come, and who answers for it."""

from dataclasses import dataclass

from materiel.views.plain import plain

STATES = ("draft", "reviewed", "published", "corrected")


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
        by = f"by {self.reviewed_by}" if self.reviewed_by else ""
        return {
            "draft": f"Draft, {f'read {by}, ' if by else ''}not to be quoted",
            "reviewed": f"Reviewed {by}",
            "published": f"Published, reviewed {by}" if by else "Published without a review",
            "corrected": f"Corrected{f', reviewed {by}' if by else ''}: it stands in place of earlier briefs of this run",
        }[self.status]
