"""Every notation that the guide shows is read, and means what the guide says where that can be computed."""

import re
from datetime import date
from pathlib import Path

import pytest

from materiel.scenario.dates import parse_dates
from materiel.scenario.notation import parse

GUIDE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\w+) \| `([^`]+)` \|", GUIDE, re.M)


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_the_guide_is_read(kind, text):
    assert parse_dates(text, date(2022, 11, 15)) if kind == "date" else parse(text, kind)


def test_the_guide_has_rows():
    assert len(ROWS) >= 12
