"""Every notation that the guide shows is read, and means what the guide says where that can be computed."""

import re
from datetime import date
from pathlib import Path

import pytest

from materiel.scenario.dates import parse_dates
from materiel.scenario.measures import CATALOGUE
from materiel.scenario.notation import parse
from materiel.scenario.vocabulary import Claim, Vocabulary
from materiel.scenario.wording import one_day, span
from materiel.scenario.wording import test as read_test

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
TABLE = (ROOT / "tests" / "bad" / "good_table.yaml").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\w+) \| `([^`]+)` \|", GUIDE, re.M)


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_the_guide_is_read(kind, text):
    assert parse_dates(text, date(2022, 11, 15)) if kind == "date" else parse(text, kind)


def test_the_guide_has_rows():
    assert len(ROWS) >= 12


@pytest.mark.parametrize("text", re.findall(r"^\| `((?:over|at): [^`]+)` \|", GUIDE, re.M))
def test_each_window_of_the_guide_is_read(text):
    field, _, written = text.partition(": ")
    assert span(written) if field == "over" else one_day(written, date(2022, 11, 15))


@pytest.mark.parametrize("text", re.findall(r"^\| `((?:higher|lower|above|below|at least|at most) [^`]+)` \|", GUIDE, re.M))
def test_each_test_of_the_guide_is_read(text):
    assert read_test(text).value > 0


def test_each_claim_field_of_the_guide_is_one():
    table = GUIDE[GUIDE.index("| field | says |") :].split("\n\n", 1)[0]
    fields = re.findall(r"^\| `(\w+): ", table, re.M)
    assert len(fields) == 7
    assert set(fields) <= set(Claim.model_fields)


def test_the_lines_of_the_guide_stand_in_a_scenario_that_loads():
    part = GUIDE[GUIDE.index("## The text under examination") :]
    lines = [line[4:] for line in part.splitlines() if line.startswith("    ")]
    assert len(lines) > 40
    assert [line for line in lines if line not in TABLE.splitlines()] == []


def test_each_section_of_the_guide_and_what_it_shows_exists():
    table = GUIDE[GUIDE.index("| section | holds | shows |") :].split("\n\n", 1)[0]
    told = set()
    for row in table.splitlines()[2:]:
        sections, _, shows = row.strip("| ").split(" | ")
        told |= {s.partition(".")[0] for s in re.findall(r"`([\w.]+)`", sections)}
        measures = set(re.findall(r"`([\w.]+)`", shows))
        assert measures
        assert measures <= set(CATALOGUE)
    assert told == set(Vocabulary.model_fields) & {
        *("production", "manpower", "talks", "coalition", "bargains", "sanctions", "programmes", "tests", "dependence", "region")
    }
