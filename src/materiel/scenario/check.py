"""Which things must fit together; every check notes its problems on the page and goes on."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from materiel.scenario import check_claims, check_flows, check_patrons, check_politics, check_record, check_things, references
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page

LONGEST = 36_525  # days
_EACH = 3  # assumed numbers of one section that are named one by one


def tree(page: Page, root: Node, dates: dict[str, date | None], published: dict[str, date | None]) -> None:
    """Checks that need only the tree, so that they run even where some field is wrong."""
    begins, ends = dates["begins"], dates["ends"]
    node = root.items.get("ends")
    if begins and ends and node:
        first = root.items["begins"].text
        if ends <= begins:
            what = f"the end ({node.text}) is before the start ({first})." if ends < begins else f"the end ({node.text}) is the start."
            page.problem(node.line, node.column, what, "Swap begins and ends, or move one.")
        elif (ends - begins).days > LONGEST:
            page.problem(node.line, node.column, "the run is longer than 100 years.", "Check the years of begins and ends.")
    references.check(page, root, dates["as_of"], published)


def whole(page: Page, root: Node, scenario: Scenario) -> None:
    """Checks of the whole scenario."""
    for part in (check_things, check_flows, check_politics, check_patrons, check_record, check_claims):
        part.check(page, root, scenario)
    if not any(p.severity == "error" for p in page.problems):
        _assumed(page, root, scenario)


def _assumed(page: Page, root: Node, scenario: Scenario) -> None:
    """A warning for each number with neither a source nor the word assumed; one line for a section with many."""
    by_section = defaultdict(list)
    for q in scenario.quantities.values():
        if not q.said:
            by_section[q.path.split(".")[0]].append(q)
    for section, numbers in by_section.items():
        if len(numbers) <= _EACH:
            for q in numbers:
                page.problem(
                    q.line,
                    q.column,
                    f'"{q.path}" has no source; it will be shown as assumed.',
                    "Add source: with an id under sources, or source: assumed.",
                    "warning",
                )
            continue
        node = root.items[section]
        what = f'{len(numbers)} numbers under "{section}" have no source; they will be shown as assumed.'
        page.problem(
            node.key_line,
            node.key_column,
            what,
            f"Add source: (an id, or the word assumed) to a thing or a number, e.g. {numbers[0].path} (line {numbers[0].line}).",
            "warning",
        )
