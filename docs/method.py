"""Writes docs/method.md from the docstrings of the mechanisms, so that the page cannot differ from the code.

Run: python docs/method.py        (a test fails while the page is stale)
"""

import inspect
from pathlib import Path

from materiel.mechanisms import MECHANISMS
from materiel.scenario.measures import CATALOGUE

PAGE = Path(__file__).with_name("method.md")


def page() -> str:
    """The whole page."""
    out = ["# Method", "", "Made from the docstrings of `src/materiel/mechanisms/` by `docs/method.py`; do not edit by hand.", ""]
    out += [
        "Each mechanism asks for flows, the ledger rations them all together, and each settles with what was granted. A day moves every",
        "",
    ]
    out[-2] += " good at most one hop, and nothing reads what another mechanism does on the same day."
    for mechanism in MECHANISMS:
        doc = inspect.cleandoc(mechanism.__doc__ or "")
        title, _, body = doc.partition("\n")
        out += [f"## {mechanism.name}: {title.rstrip('.').lower()}", ""]
        out += [body.strip(), ""]
        out += [f"Reads: {', '.join(mechanism.reads) or 'only the accounts'}. Shows: {', '.join(mechanism.shows) or 'only flows'}.", ""]
    out += ["## Measures", "", "| measure | unit | meaning |", "| --- | --- | --- |"]
    out += [f"| `{name}` | {m.unit} | {m.meaning} |" for name, m in CATALOGUE.items()]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
