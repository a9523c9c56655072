"""Small tables for notebooks: every text is escaped, nothing is loaded, and styles are few, for a notebook has its own."""

from collections.abc import Iterable, Sequence
from html import escape

_LEFT = 'style="text-align:left"'
_QUIET = 'style="color:gray;font-size:90%"'


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]], below: str = "", picture: str = "") -> str:
    """A title, a table with a head (none if empty), and a line below it; `picture` is SVG made here and stands above the table."""
    top = f"<thead>{_row('th', head)}</thead>" if head else ""
    foot = f"<div {_QUIET}>{escape(below)}</div>" if below else ""
    return f"<div><b>{escape(title)}</b>{picture}<table>{top}<tbody>{''.join(_row('td', r) for r in rows)}</tbody></table>{foot}</div>"


def _row(tag: str, cells: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<{tag} {_LEFT}>{escape(str(cell))}</{tag}>' for cell in cells)}</tr>"
