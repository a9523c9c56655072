"""Weighing a small war from end to end: what reports move, what copies and denials do not, and what is refused."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import ndtri
from tests.evidence.small import EVIDENCE, row, small

from materiel.claims import judge
from materiel.evidence import posterior as p
from materiel.evidence import refusals, weigh, weighing_of, weighings
from materiel.evidence import weighed as w
from materiel.evidence import weighing as road
from materiel.evidence.factual import needed
from materiel.evidence.likelihood import log_likelihood
from materiel.evidence.posterior import Posterior, effective
from materiel.evidence.predictions import choose
from materiel.evidence.smc import Cloud
from materiel.evidence.weighed import Heard
from materiel.evidence.weighing import Refused
from materiel.mechanisms import build
from materiel.scenario import ScenarioError, load
from materiel.worlds import RunError, simulate

AS_OF = date(2020, 6, 10)
FIRE = row("fire_may", "fire", 20000, "2020-05-31", "2020-06-02", family="press")
BOXES = row("boxes_may", "boxes", 40, "2020-05-31", "2020-06-02", family="south")
AREA = row("area_may", "area", 35, "2020-05-31", "2020-06-02", family="south")
N = 1024


@pytest.fixture(scope="module")
def prior(tmp_path_factory):
    folder = tmp_path_factory.mktemp("war")
    late = row("late", "boxes", 90_000, "2020-06-20", "2020-06-25")  # published after the as-of date
    return simulate(small(folder / "s", FIRE, BOXES, AREA, late), N, root=folder / "runs")


@pytest.fixture(scope="module")
def weighed(prior):
    return weigh(prior, particles=256)


def test_a_weighed_run(prior, weighed):
    made = weighing_of(weighed)
    assert (weighed.of, weighed.to, weighed.n) == (prior.run, "2020-06-10", N)
    assert (made.of, made.to, made.reports, made.origins, made.without) == (prior.run, "2020-06-10", 3, 3, ())
    assert {s.family: (s.reports, s.origins) for s in made.spoke} == {"south": (2, 2), "press": (1, 1)}
    assert [c.id for c in made.checks] == ["fire_may", "boxes_may", "area_may"]
    assert p.LEAST <= made.effective <= made.particles == 1024
    assert made.worth(N) <= N
    boxes = made.checks[1]
    assert boxes.weighed[2] - boxes.weighed[0] < boxes.prior[2] - boxes.prior[0]
    assert abs(boxes.weighed[1] - 40) < abs(boxes.prior[1] - 40)  # drawn towards what was said
    assert weighing_of(prior) is None
    assert [x.run for x in weighings(prior)] == [weighed.run]
    # all courses of exactly those worlds
    assert weighed.courses == prior.courses
    day = prior.scenario.day("2020-06-30") + 1
    assert np.median(weighed.at("pact", "front.area", day)) != np.median(prior.at("pact", "front.area", day))


def test_it_is_the_same_again(prior, weighed):
    again = weigh(prior, particles=256)
    assert again.run == weighed.run
    assert weighing_of(again).checks == weighing_of(weighed).checks


def test_verdicts_stand_beside_those_before(prior, weighed):
    before, after = judge(prior), judge(weighed)
    assert before.weighing is None
    assert "weighed with 3 reports of 3 independent origins, all published by 2020-06-10" in after.sentence
    for old, new in zip(before.claims, after.claims, strict=True):
        assert new.prior_probability == old.probability
        assert old.learnt is None
        assert new.learnt.prior_effect == old.effect
        assert set(new.learnt.without) == {"press", "south"}
        assert new.effective_worlds <= N
        assert old.basis != "learnt"
    slowed = after.claims[0]
    assert slowed.learnt.origins == {"south": 1}  # area_may speaks of front.area
    assert slowed.learnt.delivered is not None
    assert slowed.learnt.per_round is not None
    stock = after.claims[1]
    assert stock.learnt.origins == {}
    assert stock.learnt.delivered is None  # it compares nothing


def test_without_a_family(prior, weighed):
    """Smoothed weights that leave a family out agree with weighing without it."""
    alone = weigh(prior, without=["south"], particles=256)
    assert weighing_of(alone).without == ("south",)
    assert [c.id for c in weighing_of(alone).checks] == ["fire_may"]
    boxes = weigh(prior, without=["press"], particles=256)
    one = Heard(weighed).without_family("press")
    assert one.weights is not None
    assert one.k_hat < w.K_HAT
    day = prior.scenario.day("2020-05-31") + 1
    x, again = (np.log(run.at("pact", "fired[north_guns]", day)) for run in (weighed, boxes))
    assert x.mean() - again.mean() > 0.05  # what the press said drew fire upwards
    assert float(one.weights @ x) == pytest.approx(again.mean(), abs=0.04)
    np.testing.assert_allclose(Heard(weighed).without(["fire_may"]).weights, one.weights)
    np.testing.assert_allclose(Heard(weighed).without([]).weights, 1 / N)
    assert [x.run for x in weighings(prior)] == [weighed.run]  # one that leaves somebody out is no column of a brief
    with pytest.raises(RunError, match=r'no family "sout".*south'):
        weigh(prior, without=["sout"])


def posterior_of(folder, *rows, particles=4096, **more):
    scenario = small(folder, *rows, **more)
    items = choose(scenario, AS_OF).items
    posterior = Posterior(scenario, items, 7)
    return posterior, posterior.start(np.arange(particles))


def mean_boxes(posterior, cloud, items):
    """Mean log of the containers that weighed worlds say, by plain weights on one set of worlds."""
    level = posterior.likelihood(items)(cloud.z, cloud.said)
    weights = np.exp(level - level.max())
    column = [i.id for i in posterior.items].index("first")
    return float(weights @ np.log1p(cloud.said[:, column]) / weights.sum())


def test_a_copy_moves_deliveries_by_less_than_a_tenth_of_an_independent_report(tmp_path):
    told = {"first": FIRE.replace("fire_may", "aside")}
    first = row("first", "boxes", 60, "2020-05-31", "2020-06-02", family="south", origin="south_count")
    second = row("second", "boxes", 60, "2020-05-31", "2020-06-03", family="press", origin="south_count")
    other = row("second", "boxes", 60, "2020-05-31", "2020-06-03", family="press", origin="press_count")
    moved = {}
    for name, rows in {"alone": (first,), "copied": (first, second), "independent": (first, other)}.items():
        posterior, cloud = posterior_of(tmp_path / name, told["first"], *rows)
        moved[name] = mean_boxes(posterior, cloud, posterior.items)
    independent = moved["independent"] - moved["alone"]
    assert abs(independent) > 0.02
    assert abs(moved["copied"] - moved["alone"]) < 0.1 * abs(independent)


def test_interest_decides_and_not_denial(tmp_path):
    """Six denials by who would deny it either way leave the odds where they were; one picture that others can inspect does not."""
    anchor = row("first", "boxes", 60, "2020-05-31", "2020-06-02", family="south")
    denials = [
        row(f"no{k}", "sent", 1, f"2020-05-{30 - k}", "2020-06-01", family=who, origin=f"{who}_says", interest="for", stance="denies")
        for k, who in enumerate(("north", "maker", "north", "maker", "north", "maker"))
    ]
    loud = row("loud", "sent", 1, "2020-05-20", "2020-06-01", family="south", origin="south_says", interest="for", stance="asserts")
    seen = row("seen", "sent", 1, "2020-05-20", "2020-06-01", family="press", origin="pictures", method="imagery")
    posterior, cloud = posterior_of(tmp_path, *denials, loud, seen, anchor)
    by = {i.id: i for i in posterior.items}
    column = list(by).index("seen")
    sent = cloud.said[:, column] > 0.5
    assert 0.02 < sent.mean() < 0.98

    def odds(*ids):
        level = posterior.likelihood([by[i] for i in ids])(cloud.z, cloud.said) if ids else np.zeros(len(sent))
        weights = np.exp(level - level.max())
        p = float(weights[sent].sum() / weights.sum())
        return np.log(p / (1 - p))

    error = 0.06  # of the speakers' unknowns drawn 4,096 times
    assert abs(odds(*(f"no{k}" for k in range(6))) - odds()) < 0.1 + error
    assert abs(odds("loud") - odds()) < error
    assert odds("seen") - odds() > np.log(4)  # a hit of 0.8 over a false alarm of 0.1, both uncertain


def test_plain_weights_where_they_are_good_enough(tmp_path):
    scenario = small(tmp_path / "s", BOXES)
    prior = simulate(scenario, 64, root=tmp_path / "runs")
    made = weighing_of(weigh(prior, particles=512))
    assert made.road == "weighted"
    assert made.k_hat < w.K_HAT
    assert made.simulations == (1, 1, 1, 1)
    assert made.plain_effective >= 4 * p.LEAST


def test_smoothed_weights_take_the_heavy_end_for_the_heavy_end():
    """Weights with a Pareto tail of index 1 have k near 1; the same turned upside down have none."""
    x = -np.log(1 - (np.arange(4096) + 0.5) / 4096)  # exponential
    smooth, k = w.smoothed(x)
    assert k == pytest.approx(1.0, abs=0.15)
    assert np.corrcoef(smooth, x)[0, 1] > 0.99
    assert w.smoothed(-x)[1] < 0
    assert w.smoothed(0.3 * x)[1] == pytest.approx(0.3, abs=0.15)
    assert w.smoothed(np.zeros(500))[1] == 0
    assert w.smoothed(np.concatenate([np.full(4000, -np.inf), np.zeros(50)]))[1] == np.inf


def test_effective_number_comes_from_independent_batches():
    """Batches that agree are worth all their worlds; batches off by d standard deviations of a mean, so many times fewer."""
    rng = np.random.default_rng(3)
    n = 1000

    def batches(off):
        out = []
        for _ in range(4):
            said = np.expm1(3.0 + 0.1 * (rng.standard_normal((n, 60)) + off * rng.standard_normal(60) / np.sqrt(n)))
            out.append(Cloud(said, said[:, :1].astype(np.int64), said, np.zeros(60, bool), np.ones(60, bool)))
        return effective(out, range(60))

    assert batches(0.0) == pytest.approx(4000, rel=0.25)
    assert batches(3.0) == pytest.approx(4000 / 10, rel=0.25)


def test_a_report_that_no_world_comes_near_is_named_with_its_line(tmp_path):
    scenario = small(tmp_path / "s", FIRE, row("wrong_unit", "fire", 9_000_000, "2020-05-31", "2020-06-02"))
    prior = simulate(scenario, 64, root=tmp_path / "runs")
    with pytest.raises(ScenarioError) as refused:
        weigh(prior, particles=128)
    (problem,) = refused.value.problems
    assert problem.file.endswith("reports.csv")
    assert problem.line == 3
    assert 'no world of 512 comes near report "wrong_unit" (it says 9e+06 rounds/day, worlds ' in problem.message
    assert "leave it out" in problem.help


def test_contradictory_certain_reports_are_refused_and_the_refusal_is_kept(tmp_path):
    sure = EVIDENCE.replace("bias: 0.5", "bias: 0.0001").replace("common: 0.3", "common: 0.0001").replace("error: 0.4", "error: 0.000001")
    reports = [row(f"r{k}", "fire", v, "2020-05-31", "2020-06-02", origin=f"o{k}") for k, v in enumerate((5001, 6001))]
    scenario = small(tmp_path / "s", *reports, evidence=sure)
    prior = simulate(scenario, 64, root=tmp_path / "runs")
    with pytest.raises((Refused, ScenarioError)) as refused:
        weigh(prior, particles=128)
    if refused.type is Refused:
        assert "No result is printed" in str(refused.value)
        assert refusals(prior) == {"2020-06-10": str(refused.value)}
    assert weighings(prior) == []


def test_batches_that_disagree_are_refused(prior, monkeypatch):
    monkeypatch.setattr(road, "LEAST", 10**6)
    with pytest.raises(Refused, match=r"worth \d+ independent ones \(1000000 are needed\)\. No result is printed"):
        weigh(prior, particles=64)
    assert "No result" in refusals(prior)["2020-06-10"]


def test_what_cannot_be_weighed(prior, weighed, tmp_path):
    with pytest.raises(RunError, match="were weighed already"):
        weigh(weighed)
    with pytest.raises(RunError, match="is not a date"):
        weigh(prior, "tomorrow")
    with pytest.raises(RunError, match="nothing to weigh them with"):
        weigh(prior, "2020-05-02")
    bare = simulate(load("tiny-two-sides"), 8, root=tmp_path)
    with pytest.raises(RunError, match="nothing to weigh them with"):
        weigh(bare)


def test_a_report_after_the_day_weighs_nothing(prior, weighed):
    assert "late" not in {c.id for c in weighing_of(weighed).checks}
    assert "late" in {r.id for r in prior.scenario.reports}


def test_worlds_start_as_the_ordinary_ones(prior):
    """The particles of the first batch are the prior run's own worlds, by number."""
    items = choose(prior.scenario, AS_OF).items
    posterior = Posterior(prior.scenario, items, prior.seed)
    cloud = posterior.start(np.arange(N))
    column = posterior.names.index("offers.maker_north.amount")
    q = prior.scenario.quantities["offers.maker_north.amount"]
    from scipy.special import ndtr

    np.testing.assert_allclose(q.value(ndtr(cloud.z[:, column])), prior.unknown(q.path), rtol=1e-6)
    assert (cloud.luck == np.arange(N)[:, None]).all()
    np.testing.assert_allclose(ndtri(ndtr(cloud.z)), cloud.z, atol=1e-6)


def test_mechanisms_that_nothing_reported_depends_on_are_left_out():
    """Talks read the war and the war does not read them; what a hoard holds hangs on nothing else."""
    scenario = load("vostochny-2023")
    every = {m.name for m in build(scenario.vocabulary)}
    assert every - {m.name for m in needed(scenario, ["fire[a]", "front.area", "tests[nuclear]"])} == {"talks"}
    assert {m.name for m in needed(scenario, ["table.leverage"])} == every


def test_withdrawn_and_replaced_reports(tmp_path):
    gone = row("gone", "boxes", 70, "2020-05-31", "2020-06-01", withdrawn="2020-06-05")
    old = row("old", "boxes", 70, "2020-05-31", "2020-06-01", origin="x")
    new = row("new", "boxes", 60, "2020-05-31", "2020-06-03", origin="x", replaces="old")
    scenario = small(tmp_path, gone, old, new)
    assert {i.id for i in choose(scenario, AS_OF).items} == {"new"}
    assert {i.id for i in choose(scenario, date(2020, 6, 2)).items} == {"gone", "old"}
    assert replace(scenario.reports[0]).withdrawn == date(2020, 6, 5)


def test_a_target_is_the_sum_of_its_items_whoever_bears_them(tmp_path):
    """Kept parts give what the likelihood of all items at once gives, for other weights and bearers too, and for broken worlds."""
    first = row("first", "boxes", 60, "2020-05-31", "2020-06-02", family="south", origin="count")
    copied = row("second", "boxes", 90, "2020-05-31", "2020-06-03", family="press", origin="count")
    posterior, cloud = posterior_of(tmp_path, first, copied, FIRE, AREA, particles=512)
    said = cloud.said.copy()
    said[3] = np.nan
    variants = [
        list(posterior.items),
        [replace(i, weight=0.25) for i in posterior.items],
        [replace(i, bears="press" if i.id == "first" else i.bears) for i in posterior.items],
        [i for i in posterior.items if i.id != "fire_may"],
        [replace(i, low=2.0 * i.low, high=2.0 * i.high) for i in posterior.items],
    ]
    for items in variants:
        columns = [[i.id for i in posterior.items].index(i.id) for i in items]
        whole = log_likelihood(items, said[:, columns], *posterior.parts(cloud.z), posterior.who).sum(axis=1)
        np.testing.assert_allclose(posterior.likelihood(items)(cloud.z, said), whole, rtol=1e-12)
        assert posterior.likelihood(items)(cloud.z, said)[3] == -np.inf
    broken = replace(cloud, said=said)
    assert posterior.telling([cloud])[~posterior.cheap].any()
    assert posterior.telling([broken])[~posterior.cheap].any()  # one broken world silences no report
    moved = cloud.z * 0.5  # other particles are computed anew
    np.testing.assert_allclose(
        posterior.likelihood(variants[0])(moved, said),
        log_likelihood(variants[0], said, *posterior.parts(moved), posterior.who).sum(axis=1),
        rtol=1e-12,
    )
