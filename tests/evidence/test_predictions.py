"""Which reports count on a day, in which form, and what worlds say of them."""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import materiel
from materiel.evidence.predictions import Item, choose, days, items, needs, rounding, said
from materiel.scenario import Scenario, loads
from materiel.scenario.reports import Report
from materiel.scenario.series import Point

TINY = Path(materiel.__file__).parent / "library" / "tiny-two-sides" / "scenario.yaml"
SECTION = """
evidence:
  families: {north: {name: North}, south: {name: South}, press: {name: Press}}
  bias: 0.5
  common: 0.3
  error: 0.4
  either_way: 1.25
  against_interest: 2 to 5
  hit: beta(8, 2)
  false_alarm: beta(1, 9)
  quantities:
    boxes: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: total}
    boxes_sent: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: change}
    shells_in_boxes: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: total, factor: 200 rounds/container}
    anything_sent: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: yes, at_least: 100 containers}
    shots: {subject: NORTH, measure: "fired[north_guns] + fired[north_darts]", as: daily, factor: 1.5}
    fire: {subject: SOUTH, measure: "fire[b]", as: daily}
    part_of_fire: {subject: SOUTH, measure: "fire[b]", as: daily, factor: 0.5 to 0.9}
    ratio: {subject: NORTH-SOUTH, measure: "fire[a]", to: "fire[b]", as: ratio}
    stock: {subject: NORTH, measure: "held[north.new_shell]", as: level}
    works: {subject: NORTH, measure: "works[north.old_shell]", as: level}
    area: {subject: NORTH, measure: front.area, as: change, form: linear, error: 60 km2}
    target: {subject: MAKER, measure: "containers[maker_north]", as: plan}
  leave_out: {odd: it counts something else under this name}
  series:
    map: {file: map.csv, measure: front.area, family: press, form: linear, error: 60 km2, observers: 1.5, known_after: 3 days}
    guns: {file: guns.csv, measure: "fired[north_guns]", as: daily, unit: rounds/month, family: north, error: 0.2}
    boxes: {file: boxes.csv, measure: "fired[north_guns]", unit: 1, factor: 0.1 to 0.4, family: north, origin: staff, error: 0.3}
    craters:
      {file: craters.csv, measure: "fired[north_guns]", unit: 1, same_factor_as: boxes, family: south, error: 0.5, optional: true,
       weight: 40 %}
    fires: {file: fires.csv, measure: "fired[north_guns]", as: daily, unit: 1/month, factor: 0.5, family: south, error: 0.5, optional: true}
    mud: {file: mud.csv, measure: front.area, factor: 2 to 8, family: south, form: linear, error: 60 km2, unit: km2, optional: true}
  silence: {press: {of: boxes, rate: 0.5/month, from: 2020-05-01}}
"""


@lru_cache
def bare() -> Scenario:
    """The small war, 2020-05-01 to 2020-06-30, with a section of evidence and no report."""
    return loads((TINY.read_text() + SECTION).encode())


def report(id: str = "r", quantity: str = "boxes", **more: object) -> Report:
    subject = {
        "shots": "NORTH",
        "fire": "SOUTH",
        "ratio": "NORTH-SOUTH",
        "stock": "NORTH",
        "works": "NORTH",
        "area": "NORTH",
        "target": "MAKER",
    }
    unit = {
        "shots": "rounds/day", "fire": "rounds/day", "ratio": "ratio", "stock": "rounds", "works": "fraction", "area": "km2",
        "anything_sent": "boolean", "shells_in_boxes": "rounds",
    }  # fmt: skip
    made = Report(
        id=id, line=2, topic="t", subject=subject.get(quantity, "MAKER>NORTH"), quantity=quantity, low=None, central=None, high=None,
        unit=unit.get(quantity, "containers"), first=date(2020, 5, 11), last=date(2020, 5, 31), published_earliest=date(2020, 6, 2),
        published_latest=date(2020, 6, 2), withdrawn=None, speaker="a speaker", family="press", origin=id, interest="none",
        method="not stated", stance="estimates", quality=None, publisher="p", url="https://example.org", archived=None,
        replaces=None, note="",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def with_reports(*reports: Report, **more: object) -> Scenario:
    return replace(bare(), reports=tuple(reports), **more)  # type: ignore[arg-type]


END = date(2020, 6, 30)
LOUD = ("press",)  # its silence left out, where it is not the point


def one(r: Report, as_of: date = END) -> Item:
    (made,) = (i for i in items(with_reports(r), as_of) if i.form != "silence")
    return made


def reason(r: Report) -> str:
    chosen = choose(with_reports(r), END)
    assert not [i for i in chosen.items if i.form != "silence"]
    (aside,) = chosen.aside
    assert (aside.id, aside.line) == (r.id, r.line)
    return aside.reason


# ---- which ----


def test_as_of_by_shuffled_dates_of_publication() -> None:
    rng = np.random.default_rng(5)
    first = date(2020, 5, 1)
    for _ in range(40):
        latest = [first + timedelta(days=int(d)) for d in rng.permutation(60)[:12]]
        reports = [
            report(f"r{k}", central=100.0 + k, published_earliest=day - timedelta(days=k % 9), published_latest=day, family="north")
            for k, day in enumerate(latest)
        ]
        as_of = first + timedelta(days=int(rng.integers(0, 61)))
        got = items(with_reports(*reports), as_of, LOUD)
        assert {i.id for i in got} == {r.id for r, day in zip(reports, latest, strict=True) if day <= as_of}
        assert [i.known for i in got] == [day for day in latest if day <= as_of]
        # whatever later rows say, nothing that counts on the day moves
        later = [
            r if r.published_latest <= as_of else replace(r, central=7e9, origin="r0", stance="denies", replaces="r0") for r in reports
        ]
        assert items(with_reports(*later), as_of, LOUD) == got


def test_a_withdrawn_report_counts_until_it_was_withdrawn() -> None:
    scenario = with_reports(report(central=700.0, withdrawn=date(2020, 6, 20), family="north"))
    counts = [bool(items(scenario, date(2020, 6, d), LOUD)) for d in (1, 2, 19, 20, 21)]
    assert counts == [False, True, True, False, False]


def test_a_replaced_report_counts_until_the_other_is_published() -> None:
    old, new = report("old", central=700.0), report("new", central=800.0, published_latest=date(2020, 6, 10), replaces="old")
    ids = [[i.id for i in items(with_reports(old, new), date(2020, 6, d)) if i.form != "silence"] for d in (9, 10)]
    assert ids == [["old"], ["new"]]


def test_plans_stand_beside() -> None:
    plan, target = report("a", central=900.0, stance="plans"), report("b", "target", central=900.0)
    chosen = choose(with_reports(plan, target), END, LOUD)
    assert chosen.plans == ()  # by the press, which is left out
    chosen = choose(with_reports(replace(plan, family="north"), replace(target, family="north")), END, LOUD)
    assert [r.id for r in chosen.plans] == ["a", "b"]
    assert chosen.items == ()


def test_what_no_measure_answers_is_left_aside_with_the_reason() -> None:
    assert reason(report(quantity="ships", central=3.0)) == "nothing in the scenario answers this quantity"
    assert reason(report("odd", central=3.0)) == "it counts something else under this name"


def test_without_a_section_there_is_nothing() -> None:
    assert items(replace(loads(TINY.read_bytes()), reports=(report(central=5.0),)), END) == []


# ---- forms ----


@pytest.mark.parametrize(
    ("low", "central", "high", "expected"),
    [
        (None, 6700.0, None, ("point", 6650.0, 6750.0)),
        (None, 20000.0, None, ("point", 15000.0, 25000.0)),
        (None, 448.0, None, ("point", 447.5, 448.5)),
        (1000.0, None, None, ("at_least", 1000.0, np.inf)),
        (1000.0, 1000.0, None, ("at_least", 1000.0, np.inf)),
        (None, None, 1000.0, ("at_most", 0.0, 1000.0)),
        (None, 1000.0, 1000.0, ("at_most", 0.0, 1000.0)),
        (3000.0, None, 5000.0, ("range", 3000.0, 5000.0)),
        (3000.0, 4000.0, 5000.0, ("range", 3000.0, 5000.0)),
        (0.0, None, 5000.0, ("range", 0.0, 5000.0)),
        (200000.0, None, 900000.0, ("verbal", 200000.0, 950000.0)),
        (2000.0, None, 9000.0, ("verbal", 2000.0, 9500.0)),
        (2.0, None, 9.0, ("range", 2.0, 9.0)),
        (500.0, 500.0, 500.0, ("point", 450.0, 550.0)),
        (300.0, 500.0, None, ("point", 300.0, 550.0)),
        (None, 500.0, 900.0, ("point", 450.0, 900.0)),
        (None, 0.0, None, ("no", 0.0, 1.0)),
        (None, None, 0.0, ("no", 0.0, 1.0)),
    ],
)
def test_values_become_forms(low: float | None, central: float | None, high: float | None, expected: tuple[str, float, float]) -> None:
    made = one(report(low=low, central=central, high=high))
    assert (made.form, made.low, made.high) == expected
    assert (made.scale, made.unit, made.smallest, made.weight, made.linear) == (0.4, "containers", 1.0, 1.0, False)


@pytest.mark.parametrize(
    ("x", "half"), [(0.04, 0.005), (0.3, 0.05), (1.5, 0.05), (5.0, 0.5), (120.0, 5.0), (350000.0, 5000.0), (-311.0, 0.5)]
)
def test_rounding_follows_the_digits_that_were_written(x: float, half: float) -> None:
    assert rounding(x) == pytest.approx(half)


@pytest.mark.parametrize(
    ("central", "stance", "form"),
    [(1.0, "asserts", "yes"), (0.0, "asserts", "no"), (0.0, "denies", "no"), (1.0, "denies", "no"), (1.0, "estimates", "yes")],
)
def test_yes_and_no(central: float, stance: str, form: str) -> None:
    made = one(report(quantity="anything_sent", central=central, stance=stance))
    assert (made.form, made.smallest, made.decides) == (form, 100.0, True)
    world = said(np.array([[[0.0, 99.0, 100.0, 5e3]]]), days([made]), needs([made]), [made])
    assert world[:, 0].tolist() == [0.0, 0.0, 1.0, 1.0]


def test_a_denied_number_is_a_no_to_that_much() -> None:
    made = one(report(central=5000.0, stance="denies"))
    assert (made.form, made.smallest, made.factor) == ("no", 5000.0, 1.0)


def test_a_net_area_may_be_negative_on_its_linear_scale() -> None:
    made = one(report(quantity="area", central=-311.0))
    assert (made.form, made.low, made.high, made.linear, made.scale) == ("point", -311.5, -310.5, True, 60.0)
    assert made.shared == pytest.approx(150.0)
    assert one(report(quantity="area", high=-5.0)).low == -np.inf
    assert one(report(quantity="area", central=0.0)).form == "point"
    assert "below zero" in reason(report(central=-5.0))


def test_units_are_those_of_the_measure() -> None:
    year = one(report(quantity="shots", central=3_652_500.0, unit="rounds/year"))
    assert (year.low, year.high) == pytest.approx((3_652_450 / 365.25, 3_652_550 / 365.25))
    month = one(report(quantity="fire", low=30_437.5, unit="rounds/month"))
    assert (month.low, month.unit) == (pytest.approx(1000.0), "rounds/day")
    share = one(report(quantity="works", central=0.5, unit="fraction"))
    assert (share.low, share.high, share.smallest) == (pytest.approx(0.45), pytest.approx(0.55), 1e-3)
    assert one(report(quantity="shells_in_boxes", central=300.0)).unit == "rounds"
    assert "it is in km" in reason(report(central=5.0, unit="km"))


def test_a_factor_with_a_range_is_named_as_an_unknown() -> None:
    part = one(report(quantity="part_of_fire", subject="SOUTH", unit="rounds/day", central=5.0))
    assert (part.factor, part.converts) == (pytest.approx(np.sqrt(0.45)), "quantities.part_of_fire")
    assert one(report(quantity="shells_in_boxes", central=300.0)).converts == ""


# ---- periods ----


def test_a_period_partly_outside_the_run() -> None:
    half = report(quantity="boxes_sent", central=80.0, first=date(2020, 4, 11), last=date(2020, 5, 20))  # 20 of 40 days inside
    made = one(half)
    assert made.spans == ((0, 20),)
    assert made.factor == pytest.approx(2.0)  # as if the other days had gone at the same rate
    assert "less than half" in reason(replace(half, first=date(2020, 4, 10)))
    assert "outside" in reason(replace(half, first=date(2020, 2, 1), last=date(2020, 4, 30)))
    assert "does not say when" in reason(replace(half, first=None))
    shots = one(replace(half, quantity="shots", subject="NORTH", unit="rounds/day"))
    assert (shots.spans, shots.factor) == (((0, 20),), 1.5)  # a mean needs no share
    late = report(quantity="stock", central=5.0, last=date(2020, 7, 2), published_latest=date(2020, 6, 2))
    assert "after the run" in reason(late)
    assert "after the run" in reason(replace(late, quantity="boxes", subject="MAKER>NORTH", unit="containers"))
    total = one(replace(half, quantity="boxes"))
    assert (total.spans, total.factor) == (((0, 20),), 1.0)  # what came before the run is not known to it
    assert "less than half" in reason(replace(half, quantity="boxes", first=date(2020, 4, 10)))
    assert one(report(central=80.0, first=None)).factor == 1.0
    assert one(report(quantity="fire", central=80.0, first=None)).spans == ((30, 31),)


# ---- what worlds say ----


def kept(made: list[Item], **of: object) -> np.ndarray:
    """What a program would keep, for measures that are functions of the record; two worlds, the second of twice as much."""
    table = [[of[name](r) for name in (n.replace("[", "_").replace("]", "").replace(".", "_") for n in needs(made))] for r in days(made)]  # type: ignore[operator]
    return np.array(table, np.float32)[..., None] * np.array([1.0, 2.0], np.float32)


def tell(made: Item, **of: object) -> list[float]:
    return list(said(kept([made], **of), days([made]), needs([made]), [made])[:, 0])


def test_each_way_of_counting() -> None:
    boxes = lambda r: 10.0 * r  # noqa: E731
    assert tell(one(report(central=5.0)), containers_maker_north=boxes) == [310.0, 620.0]  # to the end of 31 May
    assert tell(one(report(quantity="boxes_sent", central=5.0)), containers_maker_north=boxes) == [210.0, 420.0]
    assert tell(one(report(quantity="shells_in_boxes", central=5.0)), containers_maker_north=boxes) == [62_000.0, 124_000.0]
    shots = tell(one(report(quantity="shots", central=5.0)), fired_north_guns=lambda r: 100.0 * r, fired_north_darts=lambda r: 2.0 * r)
    assert shots == pytest.approx([153.0, 306.0])
    assert tell(one(report(quantity="stock", central=5.0)), held_north_new_shell=lambda r: 1000.0 - r) == [969.0, 1938.0]
    assert tell(one(report(quantity="area", central=5.0)), front_area=lambda r: -2.0 * r) == [-42.0, -84.0]


def test_a_mean_of_a_level_is_read_week_by_week() -> None:
    month = one(report(quantity="fire", central=5.0, first=date(2020, 5, 1)))
    assert days([month]) == [4, 10, 16, 22, 28]
    # a level that rises evenly from record 1 to 31 has the mean of its middle
    assert tell(month, fire_b=lambda r: float(r)) == [16.0, 32.0]
    day = one(report(quantity="fire", central=5.0, first=date(2020, 5, 31)))
    assert days([day]) == [31]


def test_a_ratio_of_two_means_and_of_nothing() -> None:
    made = one(report(quantity="ratio", central=2.0))
    assert needs([made]) == ["fire[a]", "fire[b]"]
    world = np.zeros((len(days([made])), 2, 3))
    world[:, 0, :], world[:, 1, :] = [6.0, 6.0, 0.0], [2.0, 0.0, 0.0]
    got = said(world, days([made]), needs([made]), [made])[:, 0]
    assert got[0] == 3.0
    assert np.isfinite(got).all()
    assert got[1] > 1e12
    assert got[2] == 0.0


def test_records_may_be_padded_and_measures_in_any_order() -> None:
    made = [one(report("a", central=5.0)), one(report("b", "stock", central=5.0))]
    records = [*days(made), days(made)[-1], days(made)[-1]]
    world = np.zeros((len(records), 3, 2))
    world[:, 0], world[:, 2] = 7.0, 9.0
    assert said(world, records, ["held[north.new_shell]", "fire[a]", "containers[maker_north]"], made).tolist() == [[9.0, 7.0], [9.0, 7.0]]


def test_a_world_that_broke_says_nan_and_not_no() -> None:
    made = one(report(quantity="anything_sent", central=1.0))
    assert np.isnan(said(np.full((1, 1, 1), np.nan), days([made]), needs([made]), [made])).all()


# ---- copies, families ----


def test_copies_of_one_work_share_one_weight_and_the_bias_of_who_spoke_first() -> None:
    first = report("z", central=700.0, origin="photos", family="south")
    relay = report(
        "b", central=720.0, origin="photos", family="north", published_earliest=date(2020, 6, 5), published_latest=date(2020, 6, 5)
    )
    derived = report(
        "c", "shells_in_boxes", central=140_000.0, origin="photos", published_latest=date(2020, 6, 9), published_earliest=date(2020, 6, 9)
    )
    later = report("d", central=900.0, origin="photos", family="south", last=date(2020, 6, 1))
    other = report("e", central=710.0)
    made = {i.id: i for i in items(with_reports(relay, first, derived, later, other), END)}
    weights = {k: (made[k].weight, made[k].bears, made[k].family) for k in "zbcde"}
    third = pytest.approx(1 / 3)
    assert weights == {
        "z": (third, "south", "south"), "b": (third, "south", "north"), "c": (third, "south", "press"),
        "d": (1.0, "south", "south"), "e": (1.0, "press", "press"),
    }  # fmt: skip
    # before the others were published, and without its family, each stands for itself
    assert [(i.id, i.weight) for i in items(with_reports(relay, first), date(2020, 6, 2), LOUD)] == [("z", 1.0)]
    assert [(i.id, i.weight, i.bears) for i in items(with_reports(relay, first), END, ("south", "press"))] == [("b", 1.0, "north")]


def test_a_denial_and_a_number_of_one_origin_are_not_copies() -> None:
    number, denial = report("a", central=700.0, origin="o"), report("b", central=0.0, origin="o", stance="denies")
    assert [i.weight for i in items(with_reports(number, denial), END) if i.form != "silence"] == [1.0, 1.0]


# ---- series and silence ----


def test_a_series_of_changes_is_linear_with_the_observers_disagreement() -> None:
    points = (Point(2, date(2020, 4, 1), date(2020, 4, 30), 20.0), Point(3, date(2020, 5, 1), date(2020, 5, 31), -40.25))
    scenario = with_reports(series={"map": points})
    made = [i for i in items(scenario, date(2020, 6, 3)) if i.form != "silence"]
    (month,) = made
    assert (month.id, month.form, month.line, month.origin) == ("map/2020-05", "change", 3, "map")
    assert (month.low, month.high, month.scale, month.linear) == (-40.75, -39.75, 90.0, True)
    assert month.spans == ((0, 31),)
    assert month.known == date(2020, 6, 3)
    assert not [i for i in items(scenario, date(2020, 6, 2)) if i.form != "silence"]
    assert tell(month, front_area=lambda r: -2.0 * r) == [-62.0, -124.0]
    (aside,) = choose(scenario, END).aside
    assert (aside.id, aside.line, "outside" in aside.reason) == ("map/2020-04", 2, True)
    assert items(scenario, END, LOUD) == []


def test_a_series_on_the_logarithm() -> None:
    scenario = with_reports(
        series={"guns": (Point(2, date(2020, 5, 1), date(2020, 5, 31), 152_000.0), Point(3, date(2020, 6, 1), END, 0.0))}
    )
    chosen = choose(scenario, END, LOUD)
    (month,) = chosen.items
    assert (month.form, month.linear, month.scale, month.bears, month.unit) == ("point", False, 0.2, "north", "rounds/day")
    assert month.low == pytest.approx(151_500 / 30.4375)
    assert "not above zero" in chosen.aside[0].reason


def month(name: str, value: float, first: date = date(2020, 5, 1)) -> Item:
    points = (Point(2, first, date(2020, 5, 31), value),)
    (made,) = choose(with_reports(series={name: points}), END, LOUD).items
    return made


def test_a_series_may_count_another_thing_by_a_factor() -> None:
    made = month("boxes", 500.0)
    assert (made.factor, made.converts) == (pytest.approx(0.2), "series.boxes")  # the middle of 0.1 to 0.4; not the quantity "boxes"
    assert (made.unit, made.low, made.high, made.scale, made.smallest) == ("", 450.0, 550.0, 0.3, 1.0)
    assert (made.origin, made.family) == ("staff", "north")
    assert tell(made, fired_north_guns=lambda r: 100.0 * r) == pytest.approx([620.0, 1240.0])
    # of a period of 41 days 31 are in the run: the worlds' part of it, as if the other days had gone at the same rate
    assert month("boxes", 500.0, date(2020, 4, 21)).factor == pytest.approx(0.2 * 41 / 31)


def test_a_second_observer_shares_the_factor_and_no_bias() -> None:
    made = month("craters", 400.0)
    assert (made.factor, made.converts, made.bears, made.origin) == (pytest.approx(0.2), "series.boxes", "south", "craters")
    assert (made.weight, month("boxes", 400.0).weight) == (0.4, 1.0)  # neighbouring months may share errors


def test_an_exact_factor_is_no_unknown_and_a_daily_count_keeps_its_days() -> None:
    made = month("fires", 3000.0)
    assert (made.factor, made.converts, made.unit, made.smallest) == (0.5, "", "1/day", 1.0)
    assert (made.low, made.high) == pytest.approx((2500 / 30.4375, 3500 / 30.4375))
    assert tell(made, fired_north_guns=lambda r: 100.0 * r) == pytest.approx([50.0, 100.0])


def test_a_factor_on_a_linear_scale_leaves_the_error_in_the_unit_of_the_values() -> None:
    made = month("mud", -240.0)
    assert (made.factor, made.converts, made.linear, made.scale, made.unit) == (pytest.approx(4.0), "series.mud", True, 60.0, "km^2")
    assert tell(made, front_area=lambda r: -2.0 * r) == pytest.approx([-248.0, -496.0])


def test_months_of_silence_are_one_weak_item() -> None:
    scenario = with_reports()
    assert items(scenario, date(2020, 5, 30)) == []
    (may,) = items(scenario, date(2020, 5, 31))
    assert (may.form, may.spans, may.known) == ("silence", ((0, 31),), date(2020, 5, 31))
    assert may.scale * 30.4375 == pytest.approx(0.5)
    (both,) = items(scenario, END)
    # nothing sent in May; ten boxes a day from record 31 on
    assert tell(both, containers_maker_north=lambda r: 10.0 * max(0, r - 31)) == [30.0, 30.0]
    # a report breaks the silence of its month, though it was withdrawn since
    spoke = report(central=5.0, withdrawn=date(2020, 6, 10))
    assert [i.spans for i in items(with_reports(spoke), END)] == [((0, 31),)]
    assert len(items(with_reports(replace(spoke, family="north")), END)[0].spans) == 2
