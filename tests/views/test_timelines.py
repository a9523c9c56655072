"""Who spoke of one quantity and when, and what happened between two actors: rows of words and dots by day."""

import csv
import io
from dataclasses import fields
from datetime import date

import pytest

from materiel.scenario import loads
from materiel.scenario.read import find
from materiel.scenario.reports import Report
from materiel.views import timelines
from materiel.views.frame import Frame
from materiel.views.paper import catalogue
from tests.views.madeup import FAMILIES, MORE, PICTURE, SCRIPT, SMALL, MadeUpWorlds, weighed, weighing

FRAME = Frame(date(2020, 6, 10), "Two invented sides", "1", "basis", "madeup", 64)
PUBLIC = {"R1": (3, 3), "R2": (20, 22), "R3": (8, 8), "R4": (9, 9), "R5": (12, 12)}  # days of May 2020


def report(id):
    first, last = (date(2020, 5, day) for day in PUBLIC[id])
    known = {"id": id, "published_earliest": first, "published_latest": last}
    return Report(**{f.name: known.get(f.name) for f in fields(Report)})


REPORTS = {id: report(id) for id in PUBLIC}


def data(spec, *has):
    """The first data of a chart that have these fields."""
    return next(rows for rows in spec["datasets"].values() if rows and set(has) <= set(rows[0]))


def numbers(figure):
    return list(csv.DictReader(io.StringIO(figure.csv)))


def test_a_report_stands_in_the_row_of_its_family_on_the_day_it_was_public():
    said = [c for c in MORE if c.measure == "fired[north_guns]"]
    figure = timelines.heard(FAMILIES, "rounds", said, REPORTS, date(2020, 6, 10), FRAME)
    dots = data(figure.spec, "a", "full")
    assert [(d["a"], d["b"], d["full"]) for d in dots] == [("2020-05-20", "2020-05-22", False), ("2020-05-03", "2020-05-03", True)]
    assert len({d["y"] for d in dots}) == 1  # one family, one row
    assert [" ".join(t["lines"]) for t in data(figure.spec, "lines")] == ["officials of South: 2 reports, 1 origin"]
    assert [(r["id"], r["first_of_origin"]) for r in numbers(figure)] == [("R1", "True"), ("R2", "False")]
    assert figure.title == "Who spoke of rounds by 10 June 2020"


def test_families_have_rows_in_the_order_of_the_scenario_and_the_silent_have_none():
    figure = timelines.heard(FAMILIES, "boxes", [c for c in MORE if c.id in REPORTS and c.id != "R3"], REPORTS, date(2020, 6, 25), FRAME)
    rows = [t["lines"][0].split(":")[0] for t in data(figure.spec, "lines")]
    assert rows == [FAMILIES["north"], FAMILIES["south"], FAMILIES["watch"]]
    assert sorted({t["y"] for t in data(figure.spec, "lines")}) == [t["y"] for t in data(figure.spec, "lines")]


EVENTS = """
events:
  late: {on: 2020-05-20, what: visit, says: A minister comes, who: [maker, north], source: bulletin}
  early: {on: 2019-02-01 to 2019-03-01, what: agreement, says: A treaty, who: [north, maker], source: bulletin}
  other: {on: 2020-04-01, what: vote, says: HOSTILE, who: [south, maker, north], source: bulletin}
  alone: {on: 2020-04-02, what: test, says: A test, who: [north], source: bulletin}
"""


@pytest.fixture(scope="module")
def eventful():
    text = find(SMALL).read_text(encoding="utf-8")
    assert "\nevents:" not in text
    return loads((text + EVENTS.replace("HOSTILE", f'"{SCRIPT}{PICTURE}"')).encode())


def test_events_of_two_actors_stand_in_the_order_of_their_days(eventful):
    assert timelines.pairs(eventful) == [("maker", "north")]  # south has one event with either
    figure = timelines.events(eventful, ("maker", "north"), FRAME)
    assert [r["id"] for r in numbers(figure)] == ["early", "other", "late"]
    dots = data(figure.spec, "a", "full")
    assert [(d["a"], d["b"]) for d in dots] == [("2019-02-01", "2019-03-01"), ("2020-04-01", "2020-04-01"), ("2020-05-20", "2020-05-20")]
    assert [d["y"] for d in dots] == sorted(d["y"] for d in dots)
    assert data(figure.spec, "lines")[0]["lines"] == ["1 February 2019: A treaty (agreement)"]
    assert not any(d["full"] for d in dots)  # none of them moves an alignment


def test_events_are_on_record_and_no_model(eventful):
    worlds = MadeUpWorlds(eventful)
    from materiel.claims import judge

    known = catalogue(worlds, judge(worlds))
    made = known["events-maker-north"].draw()
    assert made.caption.endswith("What is on record; no model.")
    assert "simulated worlds" not in made.caption
    assert "no model" in made.svg
    assert "<script" not in made.svg
    assert "<img" not in made.svg
    assert list(known)[-1] == "events-maker-north"


def test_a_weighed_run_has_a_figure_of_who_spoke_of_each_quantity(heard, before):
    scenario = heard.scenario
    from dataclasses import replace

    worlds = replace(heard, scenario=replace(scenario, reports=tuple(REPORTS.values())))
    known = catalogue(worlds, weighed(before, weighing("2020-06-25", MORE)))
    spoke = [name for name in known if name.startswith("who-spoke")]
    assert spoke == ["who-spoke", "who-spoke-fired-north-guns", "who-spoke-front-area", "who-spoke-containers-maker-north"]
    for name in spoke:
        made = known[name].draw(120.0, grey=True)
        assert "officials of South" in made.svg or "officials of North" in made.svg
        assert made.csv.count("\n") > 1
    assert not [name for name in catalogue(heard, before) if name.startswith("who-spoke")]
