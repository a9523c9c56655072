"""Which things must fit together."""

from __future__ import annotations

from datetime import date

from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page


def tree(page: Page, root: Node, dates: dict[str, date | None], published: dict[str, date | None]) -> None:
    """Checks that need only the tree, so that they run even where some field is wrong."""


def whole(page: Page, root: Node, scenario: Scenario) -> None:
    """Checks of the whole scenario."""
