"""People: recruits, wastage, wounded who return; nobody is made or lost."""

import numpy as np
import pytest

from materiel.mechanisms import Attrition, Manpower, Supplies

from .test_attrition import TEXT as WAR
from .toolkit import bench, first_order

FORCE = """recruits: 500 people/day, response: 0, most_response: 2.5, wastage: 0.005 per day,
    wounded_per_killed: 3, returning: 60 %, recovery: 90 days"""
TEXT = (
    WAR
    + f"""
manpower:
  a: {{actor: north, troops: ours, {FORCE}}}
  b: {{actor: south, troops: theirs, {FORCE}}}
"""
)
GIVEN = ("front.attacking[a]", "front.attacking[b]", "equivalents[a]", "equivalents[b]")
LOG = {"attrition.alpha": 0.0, "attrition.own_strength_direct": 1.0}  # a constant share of the force is lost each day


@pytest.fixture(scope="module")
def force():
    return bench(TEXT, Attrition, Manpower, Supplies, given=GIVEN)


def of_side(h, s):
    depot = {"a": "depot:north/ours", "b": "depot:south/theirs"}[s]
    return {a: x for a, x in h.accounts.items() if a == depot or a.split(":")[1].split("/")[-1] == s or f"hospital/{s}/" in a}


def test_everybody_is_somewhere(force):
    rng = np.random.default_rng(6)
    n = 40
    most = {"recruits": 5e3, "wastage": 0.05, "wounded_per_killed": 9, "returning": 1, "recovery": 300}
    numbers = {f"manpower.a.{k}": rng.uniform(0.004 * x, x, n) for k, x in most.items()}
    h = force.run(300, {**LOG, **numbers, "manpower.a.response": 1.0})
    for s in "ab":
        accounts = of_side(h, s)
        assert len(accounts) == 8  # depot, casualties, recruits, killed, invalided, wastage, two stages of recovery
        total = sum(accounts.values())
        assert np.all(np.abs(total - total[0]) <= 1e-6 * (total[0] + h.flows[f"recruit/{s}"] + h.measures[f"losses[{s}]"]))
        assert all(np.all(x >= -1e-3) for a, x in accounts.items() if not a.startswith("source:"))


@pytest.mark.f64
def test_steady_strength(force):
    """r = L (1 - w rho) + wastage, w = k / (1 + k) the share of wounded; in steps L = M (1 - e^-lam) exactly."""
    h = force.run(4000, LOG, dtype=np.float64)
    strength = 500 / (-np.expm1(-0.01) * (1 - 0.75 * 0.6) - np.expm1(-0.005))
    np.testing.assert_allclose(h.accounts["depot:north/ours"][-1, 0], strength, rtol=1e-9)
    np.testing.assert_allclose(h.accounts["depot:south/theirs"][-1, 0], strength, rtol=1e-9)
    # Little: those in hospital are the wounded of 90 days
    wards = h.accounts["transit:hospital/a/0"][-1, 0] + h.accounts["transit:hospital/a/1"][-1, 0]
    np.testing.assert_allclose(wards, 90 * 0.75 * strength * -np.expm1(-0.01), rtol=1e-9)


@pytest.mark.f64
def test_wastage_alone_is_exponential(force):
    h = force.run(300, {"attrition.base_rate": 0.0, "manpower.a.recruits": 0.0}, dtype=np.float64)
    np.testing.assert_allclose(h.accounts["depot:north/ours"][:, 0], 1e5 * np.exp(-0.005 * h.days), rtol=1e-12)


def test_shares_of_the_fallen(force):
    h = force.run(1000, LOG)
    fallen = h.measures["losses[a]"][-1, 0] - h.accounts["waiting:casualties/a"][-1, 0]
    np.testing.assert_allclose(h.accounts["sink:killed/a"][-1, 0], fallen / 4, rtol=1e-5)
    left = h.flows["return/a"][-1, 0] + h.flows["retire/a"][-1, 0]
    np.testing.assert_allclose(h.flows["return/a"][-1, 0], 0.6 * left, rtol=1e-5)


def test_recruiting_rises_with_need_up_to_its_bound(force):
    """No losses, no wastage, a force that changes only by the first strength stated: M_0 / M by hand through the opening."""
    still = {"attrition.base_rate": 0.0, "manpower.a.wastage": 0.0, "manpower.a.response": 1.0}
    here = np.array([0.2, 0.5, 0.8, 1.0, 2.0])
    h = force.run(1, {**still, "stocks.north.ours.held": 1e5}, opening={"stocks.north.ours.held": 1e5 * here})
    np.testing.assert_allclose(h.flows["recruit/a"][-1], 500 * np.array([2.5, 2.0, 1.25, 1.0, 0.5]), rtol=1e-5)


@pytest.mark.f64
def test_halving_the_step(force):
    ends = [force.run(200 * k, LOG, step=1 / k, dtype=np.float64).accounts["depot:north/ours"][-1, 0] for k in (1, 2, 4)]
    first_order(ends[0] - ends[2], ends[1] - ends[2], 0.0, 2.5, 3.5)  # (h - h/4) / (h/2 - h/4) = 3
