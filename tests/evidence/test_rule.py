"""Ranges by rule: each rule by its own arithmetic, what was published decides, and a stored file that is stale is refused."""

import math
import shutil
from datetime import date
from pathlib import Path

import pytest

import materiel
from materiel.evidence import rule
from materiel.scenario import ScenarioError, load, loads, shipped

LIBRARY = Path(materiel.__file__).parent / "library"
TINY = (LIBRARY / "tiny-two-sides" / "scenario.yaml").read_text()
EVIDENCE = """
evidence:
  families: {north: {name: North}, south: {name: South}}
  bias: 0.5
  common: 0.3
  error: 0.4
  either_way: 1.25
  against_interest: 2 to 5
  hit: beta(8, 2)
  false_alarm: beta(1, 9)
  quantities:
    boxes: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: change}
    fire: {subject: SOUTH, measure: "fire[b]", as: daily}
    works: {subject: NORTH, measure: "made[north_works.new_shell]", as: change}
    part_load: {subject: MAKER, measure: "output[maker_works]", as: daily}
    friend: {subject: FRIEND>SOUTH, measure: "supplied[friend_south]", as: change}
    both: {subject: ALL, measure: "supplied[friend_south] + supplied[abroad_north]", as: change}
    target: {subject: MAKER, measure: "containers[maker_north]", as: plan}
"""
HEADER = (
    "id,topic,subject,quantity,value_low,value_central,value_high,unit,period_start,period_end,published,published_earliest,"
    "published_latest,withdrawn,speaker,family,origin,interest,method,stance,quality,publisher,url,archived,replaces,note\n"
)


def row(id, subject, quantity, low, central, high, unit, first="2020-05-11", last="2020-05-30", published="2020-06-05", stance="estimates"):
    return (
        f"{id},t,{subject},{quantity},{low},{central},{high},{unit},{first},{last},{published},,,,speaker {id},north,,none,not stated,"
        f"{stance},,p,https://example.org/{id},,,\n"
    )


@pytest.fixture
def tiny(tmp_path):
    """The small war in a folder of its own, with what reports say, and one more number of each odd shape."""

    def made(*rows, text=TINY):
        (tmp_path / "scenario.yaml").write_text(text + EVIDENCE)
        (tmp_path / "reports.csv").write_text(HEADER + "".join(rows))
        return tmp_path

    return made


def made_of(text=TINY, as_of=None):
    return rule.make(loads(text.encode()), as_of)


def ends(made, path):
    """Both ends of a range by rule as it is read again (a share of 90 %)."""
    words = made.texts[path].replace(" to ", " ").split(",")[0].split()
    sizes = {"k": 1e3, "M": 1e6}
    return [float(w.rstrip("kM")) * sizes.get(w[-1], 1.0) for w in words[:2]]


def close(x):
    return pytest.approx(x, rel=6e-3)  # three digits are written


def test_sourced_is_half_again_wider():
    made = made_of()
    assert ends(made, "stocks.north.new_shell.held") == close([100e3 / 1.5, 300e3 * 1.5])
    assert made.why["stocks.north.new_shell.held"] == "sourced"
    odds_low, odds_high = 0.6 / 0.4 / 1.5, 0.95 / 0.05 * 1.5  # a share by its odds
    assert ends(made, "offers.maker_north.munition_share") == close([odds_low / (1 + odds_low), odds_high / (1 + odds_high)])
    assert made.texts["offers.maker_north.opens"] == "2020-05-06 to 2020-05-29"  # 15 days become 22.5


def test_assumed_goes_either_way_about_the_middle():
    made = made_of()
    middle = math.sqrt(10e3 * 30e3)
    assert ends(made, "stocks.south.dart.held") != close([middle / 10, middle * 10])  # this one has a source
    middle = math.sqrt(5e3 * 20e3)
    assert ends(made, "stocks.north.dart.held") == close([middle / 10, middle * 10])
    middle = math.sqrt(10 * 25)
    assert ends(made, "routes.ship.transit") == close([middle / 3, middle * 3])
    middle = math.sqrt(1.2 * 1.8)
    assert ends(made, "front.massing_a") == close([middle / 2, middle * 2])
    assert ends(made, "front.balance") == close([-0.9, 0.9])
    low, high = ends(made, "attrition.indirect_share")
    odds = math.sqrt(0.6 / 0.4 * 0.85 / 0.15)
    assert [low / (1 - low), high / (1 - high)] == pytest.approx([odds / 10, odds * 10], rel=0.05)
    assert made.why["front.massing_a"] == "assumed"


def test_never_narrower_than_half_again_wider():
    made = made_of(TINY.replace("critical_ratio: 0.2 to 0.8", "critical_ratio: 0.01 to 10"))
    assert ends(made, "front.critical_ratio") == close([0.01 / 1.5, 15.0])


def test_a_source_published_later_is_no_source():
    before, after = made_of(as_of=date(2020, 6, 7)), made_of(as_of=date(2020, 6, 8))
    assert before.why["stocks.north.new_shell.held"] == "assumed"
    assert after.why["stocks.north.new_shell.held"] == "sourced"
    middle = math.sqrt(100e3 * 300e3)
    assert ends(before, "stocks.north.new_shell.held") == close([middle / 10, middle * 10])


def test_odd_shapes():
    made = made_of()
    assert made.texts["stocks.north.heavy_rocket.held"] == "0 with 50 %, else 70.7 to 7.07k rounds"
    assert made.texts["supplies.abroad_north.scale"].endswith(", within 0.2 and 3")
    beta = made_of(TINY.replace("fire_exponent: 0.3 to 0.8", "fire_exponent: beta(3, 3)"))
    low, high = ends(beta, "attrition.fire_exponent")
    assert low == close(1 / 11)
    assert high == close(10 / 11)  # odds of 1, ten times either way
    never = made_of(TINY.replace("closes: never", "closes: never with 30 %, else 2020-06-01 to 2020-06-11"))
    assert never.texts["offers.maker_north.closes"] == "never with 50 %, else 2020-05-29 to 2020-06-14"


def test_options_weigh_the_same():
    made = made_of()
    assert made.texts["alternatives.who_decides.options.balance.weight"] == "50 %"
    read = loads(TINY.encode(), replace=made.texts)
    assert [o.weight for o in read.alternatives["who_decides"].options] == [0.5, 0.5]


def test_exact_numbers_stay():
    made, scenario = made_of(), loads(TINY.encode())
    assert not [p for p, q in scenario.quantities.items() if q.exact and p in made.texts]
    assert set(made.texts) >= {p for p, q in scenario.quantities.items() if not q.exact}


def test_statements_of_the_very_number(tiny):
    folder = tiny(
        row("R1", "SOUTH", "fire", "", 4000, "", "rounds/day"),
        row("R2", "SOUTH", "fire", 2000, "", 5000, "rounds/day"),
        row("R3", "SOUTH", "fire", "", "", 9000, "rounds/day"),
        row("R4", "SOUTH", "fire", "", 80000, "", "rounds/day", published="2020-06-11"),  # a day too late
        row("R5", "MAKER>NORTH", "boxes", 400, "", 600, "containers"),
        row("R6", "MAKER>NORTH", "target", "", 90000, "", "containers", stance="plans"),
        row("R7", "NORTH", "works", 20000, "", 40000, "rounds"),
        row("R8", "MAKER", "part_load", 1, "", 2, "rounds/day"),
        row("R9", "FRIEND>SOUTH", "friend", 20000, "", 40000, "rounds"),
        row("S1", "ALL", "both", 20000, "", 40000, "rounds"),
    )
    made = rule.make(load(folder))
    use = "fire.cover.south_guns.usual"
    assert ends(made, use) == close([2000 / 1.5, 9000 * 1.5])
    assert made.why[use] == "stated: R1, R2, R3"
    assert ends(made, "offers.maker_north.amount") == close([400 / 20 / 1.5, 600 / 20 * 1.5])  # 20 days
    assert ends(made, "production.north_works.capacity") == close([1000 / 1.5, 2000 * 1.5])
    assert made.why["production.maker_works.capacity"] == "assumed"  # works at part load: output is not capacity
    assert made.why["supplies.friend_south.steps.0.rate"] == "stated: R9"  # the step of May
    assert made.why["supplies.friend_south.steps.1.rate"] == "sourced"
    later = rule.make(load(folder), date(2020, 6, 11))
    assert ends(later, use)[1] == close(85000 * 1.5)  # rounding included


def test_a_scenario_is_read_with_its_stored_ranges(tiny):
    folder = tiny(row("R1", "SOUTH", "fire", "", 4000, "", "rounds/day"))
    with pytest.raises(ScenarioError, match="there is no file of ranges by rule"):
        rule.load(folder)
    (folder / rule.NAME).write_text(rule.text(rule.make(load(folder))))
    read = rule.load(folder)
    assert read.quantities["stocks.north.dart.held"].low == close(1e3)
    assert read.quantities["stocks.north.dart.held"].set_by == "whoever replaced it"
    assert rule.load(folder, date(2020, 6, 1)).quantities["stocks.north.dart.held"].low == close(1e3)  # made, not read


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scenario.yaml", "held: 5k to 20k rounds", "held: 5k to 21k rounds"),
        ("scenario.yaml", "plans: {weight: 40 %", "more: {weight: 20 %, says: More.}\n      plans: {weight: 20 %"),
        ("reports.csv", "4000", "5000"),
        (rule.NAME, "1k to 100k rounds", "2k to 100k rounds"),
    ],
)
def test_a_change_afterwards_is_refused(tiny, file, old, new):
    folder = tiny(row("R1", "SOUTH", "fire", "", 4000, "", "rounds/day"))
    (folder / rule.NAME).write_text(rule.text(rule.make(load(folder))))
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(ScenarioError, match="second version"):
        rule.load(folder)


def test_what_is_published_later_changes_nothing(tiny):
    early = row("R1", "SOUTH", "fire", "", 4000, "", "rounds/day")
    folder = tiny(early)
    (folder / rule.NAME).write_text(rule.text(rule.make(load(folder))))
    late = row("R4", "SOUTH", "fire", "", 80000, "", "rounds/day", published="2020-06-20")
    (folder / "reports.csv").write_text(HEADER + late + early)
    rule.load(folder)


def test_what_is_shipped_is_what_the_rule_makes():
    for name in shipped():
        stored = LIBRARY / name / rule.NAME
        if stored.exists():
            assert stored.read_text() == rule.text(rule.make(load(name))), f"run: python -m materiel.evidence.rule {name}"
            assert rule.load(name).replaced


def test_from_the_command_line(tiny):
    import subprocess
    import sys

    folder = tiny()
    done = subprocess.run([sys.executable, "-m", "materiel.evidence.rule", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (folder / rule.NAME).read_text() == rule.text(rule.make(load(folder)))
    shutil.rmtree(folder)
    assert subprocess.run([sys.executable, "-m", "materiel.evidence.rule", str(folder)], capture_output=True).returncode == 1
