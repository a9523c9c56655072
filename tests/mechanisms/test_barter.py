"""Barter: the bargain, its payment by means, and what is owed."""

import math

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from materiel.mechanisms import Barter, Transfers
from materiel.mechanisms.barter import agree, cheapest
from materiel.scenario import ScenarioError

from .toolkit import bench, scenario

TEXT = """
goods:
  shell: {name: shells, lethality: 1, works: 80 %, per_container: 200 rounds/container}
  bought: {name: shells of others, lethality: 1, works: 40 %, per_container: 200 rounds/container}
stocks:
  maker.shell: {held: 10M rounds}
  north.shell: {held: 0 rounds}
  north.bought: {held: 0 rounds}
routes:
  rail: {from: maker, to: north, carries: [shell], capacity: 1000 containers/day, transit: 5 days, stages: 2, lost: 0}
offers:
  gift:
    {from: maker, to: north, by: [rail], amount: 40 containers/day, scale: 1, opens: 2020-01-01,
    munition_share: 50 %, mix: {shell: 1}, reserve: 0}
fire:
  cover:
    guns:
      {actor: north, goods: [shell, bought], usual: 5k rounds/day, most: 9k rounds/day, half_cover: 20 days, steepness: 2,
      horizon: 90 days, smoothing: 14 days}
bargains:
  swap:
    offer: gift
    use: guns
    every: 30 days
    power: 50 %
    enough: 100 days
    war_need: 1
    peace_value: 20 %
    value: 300 USD/round
    cost: 100 USD/round
    rising_cost: 100 USD/round
    outside_receiver: 0 USD/day
    outside_supplier: 0 USD/day
    money_worth: 50 %
    payments: {food: {absorbs: 100k USD/day}, fuel: {absorbs: 50k USD/day}}
    technologies: {engine: {absorbs: 200k USD/day, reluctance: 3}, lens: {absorbs: 100k USD/day, reluctance: 6}}
    technology_scale: 1
    yielding: 1
    pays_within: 60 days
    patience: 80 %
dependence:
  ties:
    actor: maker
    patrons:
      first: {actor: friend, share: 70 %, monitoring: 50 %, opposition: 50 %, alignment: 0, usual_alignment: 0}
      second: {actor: north, share: 30 %, monitoring: 20 %, opposition: 20 %, alignment: 0, usual_alignment: 0}
    exchange: 5M USD/day
    temperature: 1
    sensitivity: 1
    forgetting: 300 days
    warming: 1
    answer_lag: 100 days
    monitoring_answer: 0
    support_answer: 0
    objection: 0
"""
ROUNDS = 4000.0  # of the full offer: 40 containers a day, half of them munitions, 200 rounds each
GIVEN = ("shipped[gift]", "dearer[food]", "dearer[fuel]", "objection[ties]")
PLAIN = {"given.dearer[food]": 1.0, "given.dearer[fuel]": 1.0}
S = "bargains.swap."
VALUE, COST, RISING, POWER = S + "value", S + "cost", S + "rising_cost", S + "power"
OUT_R, OUT_S, WAR_NEED, ETA = S + "outside_receiver", S + "outside_supplier", S + "war_need", S + "yielding"
MEANS = ("food", "fuel", "money", "engine", "lens")
SHIPPED = "given.shipped[gift]"


@pytest.fixture(scope="module")
def alone():
    """The bargain, with what is shipped, the sanctions' mark-up and the patron's objection written by the test."""
    return bench(TEXT, Barter, given=GIVEN)


@pytest.fixture(scope="module")
def trade():
    """The bargain and the transfers that follow it."""
    return bench(TEXT, Barter, Transfers)


def terms(h, row=1):
    """Share, payment (USD/day) and value by means agreed on the first day, while nothing is owed."""
    q = h.measures["deal[swap]"][row]
    payment = h.measures["price[swap]"][row] * q * ROUNDS
    return q, payment, {m: payment * h.states[f"barter/swap.by.{m}"][row] for m in MEANS}


def worth(q, value):
    return ROUNDS * value * (q - q * q / 2)


def costs(q, cost, rising):
    return ROUNDS * (cost * q + rising * q * q / 2)


# what others worked out


def test_the_textbook_split(alone):
    """A pie of 10 and outside options of 2 and 3 give 4.5 and 5.5: here in units of 20,000 USD a day."""
    unit = ROUNDS * 50 / 10  # the largest pie is Q (v - c)^2 / (2 (v + c')) = 50 Q, at q = 1/2
    q, payment, _ = terms(alone.run(5, {**PLAIN, OUT_R: 2 * unit, OUT_S: 3 * unit}))
    np.testing.assert_allclose(q, 0.5, rtol=1e-6)
    np.testing.assert_allclose((worth(q, 300) - payment) / unit, 4.5, rtol=1e-5)
    np.testing.assert_allclose((payment - costs(q, 100, 100)) / unit, 5.5, rtol=1e-5)


def drawn(n, seed=1):
    """Bargains at random, all of them with a deal at full need."""
    rng = np.random.default_rng(seed)
    numbers = {
        VALUE: rng.uniform(300, 900, n),
        COST: rng.uniform(20, 200, n),
        RISING: rng.uniform(0, 400, n),
        POWER: rng.uniform(0.1, 0.9, n),
    }
    pie = worth(0.6, numbers[VALUE])
    return numbers | {OUT_R: rng.uniform(0, 0.1, n) * pie, OUT_S: rng.uniform(0, 0.1, n) * pie}


def nash(value, cost, rising, power, out_r, out_s, scale=1.0, shift=0.0):
    """Quantity and payment with the largest Nash product, by grids that close in; the supplier counts in `scale u + shift`."""
    low, high = np.array([0.0, 0.0]), np.array([1.0, worth(1.0, value)])
    for _ in range(12):
        q, pay = np.meshgrid(*(np.linspace(a, b, 61) for a, b in zip(low, high, strict=True)), indexing="ij")
        one = worth(q, value) - pay - out_r
        two = scale * (pay - costs(q, cost, rising)) + shift - (scale * out_s + shift)
        good = (one > 0) & (two > 0)
        product = np.where(good, power * np.log(np.where(good, one, 1)) + (1 - power) * np.log(np.where(good, two, 1)), -np.inf)
        best = np.unravel_index(np.argmax(product), product.shape)
        at, wide = np.array([q[best], pay[best]]), (high - low) / 6
        low, high = np.maximum(0, at - wide), at + wide
    return at


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (7.0, 12_345.0), (0.2, -9e5)])
def test_the_deal_has_the_largest_nash_product_in_any_unit_of_one_side(alone, scale, shift):
    """Twelve bargains against a search over both quantity and payment, also where the supplier's utility is rescaled."""
    numbers = drawn(12)
    q, payment, _ = terms(alone.run(5, {**PLAIN, **numbers}))
    assert np.all(q > 0)
    for i in range(12):
        best = nash(*(numbers[k][i] for k in (VALUE, COST, RISING, POWER, OUT_R, OUT_S)), scale, shift)
        # the product is flat at its top: a search in doubles finds the place to the root of their precision
        np.testing.assert_allclose([q[i], payment[i]], best, rtol=2e-4)


def test_the_payment_is_the_cheapest_there_is(alone):
    """Sixteen payments against a search for the least total cost, the integral of kappa / (1 - v/n)."""
    rng = np.random.default_rng(2)
    n = 16
    numbers = {VALUE: rng.uniform(200, 900, n), S + "money_worth": rng.uniform(0.1, 0.9, n), WAR_NEED: rng.uniform(0, 1, n)}
    numbers |= {S + f"payments.{m}.absorbs": rng.uniform(2e4, 4e5, n) for m in ("food", "fuel")}
    numbers |= {S + f"technologies.{m}.absorbs": rng.uniform(2e4, 4e5, n) for m in ("engine", "lens")}
    numbers |= {S + f"technologies.{m}.reluctance": rng.uniform(1, 6, n) for m in ("engine", "lens")}
    numbers |= {f"given.dearer[{m}]": rng.uniform(1, 2, n) for m in ("food", "fuel")}
    h = alone.run(5, numbers)
    _, payment, split = terms(h)
    assert np.all(payment > 0)
    held = ("food", "fuel", "engine", "lens")
    used = {m: 0 for m in MEANS}
    for i in range(n):
        need = numbers[WAR_NEED][i]
        absorbs = np.array(
            [numbers[S + f"{kind}.{m}.absorbs"][i] for kind, m in zip(("payments",) * 2 + ("technologies",) * 2, held, strict=True)]
        )
        kappa = np.array(
            [numbers[f"given.dearer[{m}]"][i] for m in held[:2]]
            + [numbers[S + f"technologies.{m}.reluctance"][i] * math.exp(-need) for m in held[2:]]
        )
        absorbs, total, money_cost = absorbs / 1e5, payment[i] / 1e5, 1 / numbers[S + "money_worth"][i]

        def cost(v, absorbs=absorbs, kappa=kappa, money_cost=money_cost, total=total):
            return -np.sum(kappa * absorbs * np.log(1 - v / absorbs)) + money_cost * (total - v.sum())

        def slope(v, absorbs=absorbs, kappa=kappa, money_cost=money_cost):
            return kappa / (1 - v / absorbs) - money_cost

        best = minimize(
            cost,
            np.minimum(absorbs, total) * 0.1,
            jac=slope,
            bounds=[(0, 0.9999 * a) for a in absorbs],
            constraints={"type": "ineq", "fun": lambda v, total=total: total - v.sum(), "jac": lambda v: -np.ones(4)},
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 300},
        )
        assert best.success
        ours = np.array([split[m][i] for m in held]) / 1e5
        np.testing.assert_allclose(ours, best.x, atol=1e-3)
        np.testing.assert_allclose(split["money"][i] / 1e5, total - best.x.sum(), atol=2e-3)
        assert cost(ours) <= best.fun + 1e-5
        for m in MEANS:
            used[m] += split[m][i] > 1e3
    assert min(used.values()) >= 2, used  # every means takes part somewhere
    assert used["money"] < n
    assert used["lens"] < n


def test_the_debt_approaches_what_a_pay_time_of_deliveries_is_worth(alone):
    """Continuously owed = p s tau (1 - exp(-t / tau)); a step is paid off only from the next one, which adds half a step to tau."""
    h = alone.run(300, {**PLAIN, SHIPPED: 1000.0})
    price = h.measures["price[swap]"][1]
    t = h.days[2:, None] - 1  # the first day has no price yet
    exact = price * 1000 * 60 * -np.expm1(-t / 60)
    np.testing.assert_allclose(h.measures["owed[swap]"][2:], exact * (1 + 0.5 / 60), rtol=1e-4)
    np.testing.assert_allclose(h.measures["paying[swap]"][-1], price * 1000, rtol=0.01)  # all but exp(-5)


def test_the_limit_is_the_surplus_of_all_periods_to_come(alone):
    numbers = drawn(16) | {S + "patience": np.linspace(0.3, 0.95, 16), S + "every": np.linspace(10, 90, 16)}
    h = alone.run(5, {**PLAIN, **numbers})
    q, payment, _ = terms(h)
    supplier = payment - costs(q, numbers[COST], numbers[RISING]) - numbers[OUT_S]
    period = numbers[S + "every"]
    n = np.arange(1, 20_001)[:, None]
    future = (numbers[S + "patience"] ** (n * period / 365.25) * supplier * period).sum(axis=0)
    np.testing.assert_allclose(h.states["barter/swap.limit"][1], future, rtol=1e-4)


def test_deliveries_and_debt_meet_where_the_limit_throttles(trade):
    """Where p Q q (1 - D/L) = D (1 - exp(-dt/tau)) / dt, and never above L while L is worth weeks of deliveries."""
    h = trade.run(300, {S + "patience": np.array([0.4, 0.5, 0.6, 0.8]), S + "pays_within": 30.0, S + "every": 1000.0})
    limit, price, q = h.states["barter/swap.limit"][1], h.measures["price[swap]"][1], h.states["barter/swap.share"][1]
    owed = h.measures["owed[swap]"]
    flow, pays = price * ROUNDS * q, -math.expm1(-1 / 30)
    assert np.all(limit > 20 * flow)
    np.testing.assert_allclose(owed[-1], flow / (flow / limit + pays), rtol=2e-4)  # exp(-300/30) is below 1e-4
    assert np.all(owed <= limit)
    assert owed[-1, 0] > 0.5 * limit[0]  # the limit bites
    np.testing.assert_allclose(h.measures["deal[swap]"][1:], q * (1 - owed[1:] / limit), rtol=1e-5)


def test_a_debt_passes_its_limit_at_most_by_what_is_on_its_way_to_the_quay(trade):
    """A deal is followed by an offer the day after and leaves the quay a day later: three days of deliveries, however small the limit."""
    h = trade.run(300, {S + "patience": np.linspace(0.001, 0.3, 16), S + "every": 1000.0, S + "power": 0.95})
    limit, price, q = h.states["barter/swap.limit"][1], h.measures["price[swap]"][1], h.states["barter/swap.share"][1]
    owed = h.measures["owed[swap]"]
    assert np.any(owed.max(axis=0) > limit)
    assert np.all(owed <= limit + 3 * price * ROUNDS * q)
    over = owed[1:] >= limit
    assert not h.measures["deal[swap]"][1:][over].any()


# properties


def test_nobody_is_worse_off_than_without_a_deal(alone):
    """300 bargains, some hopeless: with a deal both get their outside option or more; without one there was nothing to share."""
    n = 300
    rng = np.random.default_rng(4)
    numbers = drawn(n, seed=4)
    numbers |= {OUT_R: numbers[OUT_R] * rng.choice([0.0, 1.0, 5.0], n), OUT_S: numbers[OUT_S] * rng.choice([0.0, 1.0, 5.0], n)}
    numbers |= {"given.objection[ties]": rng.choice([0.0, 0.8], n), WAR_NEED: rng.uniform(0, 1, n)}
    q, payment, _ = terms(alone.run(5, {**PLAIN, **numbers}))
    value = numbers[VALUE] * (0.2 + 0.8 * numbers[WAR_NEED])
    against = 1 + numbers["given.objection[ties]"]
    cost, rising = against * numbers[COST], against * numbers[RISING]
    deal = q > 0
    assert 100 < deal.sum() < 200
    small = 1e-5 * worth(1.0, value)  # the precision of float32 on values and costs
    assert np.all((worth(q, value) - payment - numbers[OUT_R])[deal] >= -small[deal])
    assert np.all((payment - costs(q, cost, rising) - numbers[OUT_S])[deal] >= -small[deal])
    grid = np.linspace(0, 1, 2001)[:, None]
    most = (worth(grid, value) - costs(grid, cost, rising)).max(axis=0) - numbers[OUT_R] - numbers[OUT_S]
    assert np.all(most[~deal] <= small[~deal])
    assert np.all(most[deal] >= -small[deal])


def test_a_better_outside_option_raises_the_payoff_of_its_owner(alone):
    option = np.linspace(0, 0.18e6, 16)  # of a pie of 0.2M
    q, payment, _ = terms(alone.run(5, {**PLAIN, OUT_R: option, POWER: 0.3}))
    assert np.all(np.diff(worth(q, 300) - payment) > 0)
    np.testing.assert_allclose(q, 0.5, rtol=1e-6)  # and moves no quantity
    q, payment, _ = terms(alone.run(5, {**PLAIN, OUT_S: option, POWER: 0.3}))
    assert np.all(np.diff(payment - costs(q, 100, 100)) > 0)


@pytest.mark.parametrize("side", [OUT_R, OUT_S])
def test_an_outside_option_better_than_any_deal_means_none(trade, side):
    h = trade.run(100, {side: np.array([1e5, 2.001e5, 1e9]), S + "every": 1000.0})
    assert np.all(h.measures["deal[swap]"][1:, 0] > 0)
    for name in ("deal[swap]", "price[swap]", "owed[swap]", "paying[swap]", "shipped[gift]", "delivered[gift.shell]"):
        assert not h.measures[name][:, 1:].any(), name
    for series in (*h.measures.values(), *h.states.values()):
        assert np.all(np.isfinite(series))


def test_need_is_what_working_rounds_do_not_cover(alone):
    """100 days of 5,000: own rounds count whole, those that work half as well count half."""
    own, bought = np.array([0, 250e3, 0, 100e3, 900e3]), np.array([0, 0, 500e3, 100e3, 0])
    stocks = {"stocks.north.shell.held": own, "stocks.north.bought.held": bought}
    h = alone.run(5, {**PLAIN, **stocks})
    np.testing.assert_allclose(h.measures["need[swap]"][1], [1, 0.5, 0.5, 0.7, 0], atol=1e-6)
    h = alone.run(5, {**PLAIN, **stocks, WAR_NEED: 0.0})
    assert not h.measures["need[swap]"].any()
    assert np.all(h.measures["deal[swap]"][1] == 0)  # at 20 % of 300 a round is worth less than it costs


def test_need_and_power_move_the_deal_as_they_should(alone):
    need = np.linspace(0, 1, 16)
    q, payment, _ = terms(alone.run(5, {**PLAIN, WAR_NEED: need, S + "peace_value": 0.5}))
    np.testing.assert_allclose(q, (300 * (0.5 + 0.5 * need) - 100) / (300 * (0.5 + 0.5 * need) + 100), rtol=1e-5)
    assert np.all(np.diff(payment) > 0)
    q, payment, _ = terms(alone.run(5, {**PLAIN, POWER: np.linspace(0, 0.99, 16)}))
    assert np.all(np.diff(payment) < 0)  # the receiver's power
    q, _, _ = terms(alone.run(5, {**PLAIN, "given.objection[ties]": np.array([0.0, 0.5, 1.0, 5.0])}))
    np.testing.assert_allclose(q, [0.5, 0.15 / 0.45, 0.1 / 0.5, 0], atol=1e-6)


def test_a_patron_does_not_object_to_what_it_buys_itself():
    turned = TEXT.replace("first: {actor: friend", "first: {actor: north").replace("second: {actor: north", "second: {actor: friend")
    h = bench(turned, Barter, given=GIVEN).run(5, {**PLAIN, "given.objection[ties]": np.array([0.0, 5.0])})
    np.testing.assert_allclose(h.measures["deal[swap]"][1], 0.5, rtol=1e-6)


def test_need_overcomes_reluctance_and_nothing_else_does(alone):
    """Technology paid never falls with need; where money is the last means and reluctance does not yield, it does not move at all."""
    need = np.linspace(0, 1, 16)
    numbers = {**PLAIN, WAR_NEED: need, S + "peace_value": 0.8, VALUE: 3000.0}
    firm, yields = (terms(alone.run(5, {**numbers, ETA: eta}))[2] for eta in (0.0, 2.0))
    assert np.all(firm["money"] > 0)
    assert np.all(yields["money"] > 0)
    for t in ("engine", "lens"):
        # shares times payment, in float32: parts of a payment of some 5M USD a day
        np.testing.assert_allclose(firm[t], firm[t][0], rtol=1e-5, atol=1.0)
        assert np.all(np.diff(yields[t]) >= -1.0)
        assert yields[t][-1] > yields[t][0] + 1e4
    assert not firm["lens"].any()  # at a reluctance of 6 money at 2 is cheaper


def test_more_need_means_more_technology_in_every_world(alone):
    """Pairs of worlds that differ in need only, whatever the other numbers."""
    n = 150
    rng = np.random.default_rng(8)
    numbers = {**drawn(n, seed=8), ETA: rng.uniform(0, 3, n), S + "money_worth": rng.uniform(0, 1, n)}
    numbers |= {S + f"technologies.{t}.reluctance": rng.uniform(0.5, 6, n) for t in ("engine", "lens")}
    low = rng.uniform(0.2, 0.9, n)
    twice = {k: np.tile(x, 2) for k, x in numbers.items()} | {WAR_NEED: np.concatenate([low, low + 0.1])}
    q, payment, split = terms(alone.run(5, {**PLAIN, **twice}))
    assert (q > 0).sum() > 150
    for t in ("engine", "lens"):
        less, more = split[t][:n], split[t][n:]
        assert np.all(more - less >= -1e-5 * np.maximum(payment[n:], 1e5))
        assert (more > less + 100).sum() > 20


def test_food_and_fuel_saturate_and_further_payments_turn_to_technology():
    """The next dollar of a growing payment: first food and fuel, then technology, then money."""
    absorbs = {"food": jnp.float32(1e5), "fuel": jnp.float32(5e4), "engine": jnp.float32(2e5)}
    kappa = {"food": jnp.float32(1), "fuel": jnp.float32(1.2), "engine": jnp.float32(2)}
    totals = np.linspace(1e3, 4e5, 200)
    parts = [cheapest(jnp.float32(x), absorbs, kappa, jnp.float32(0.2)) for x in totals]
    v = {m: np.array([float(part[m]) for part in parts]) for m in parts[0]}
    np.testing.assert_allclose(sum(v.values()), totals, rtol=1e-5)
    for m, most in (("food", 1e5), ("fuel", 5e4), ("engine", 2e5)):
        assert np.all(v[m] < most)
        assert np.all(np.diff(v[m]) >= -0.1)
    part = v["engine"] / totals
    starts = np.argmax(v["engine"] > 0)
    # technology begins where food is half and fuel two fifths of what is absorbed: there they cost 2 as well
    np.testing.assert_allclose(totals[starts], 1e5 * 0.5 + 5e4 * 0.4, atol=totals[1] - totals[0])
    assert np.all(np.diff(part[starts:][v["money"][starts:] == 0]) > 0)
    assert v["money"][-1] > 0
    assert not v["money"][:starts].any()


def test_as_need_grows_later_payments_turn_to_technology(alone):
    """Need that rises over 300 days: nothing of technology at first, then a rising part of all that was paid."""
    h = alone.run(300, {**PLAIN, SHIPPED: 500.0, VALUE: 600.0, ETA: 2.0}, daily={WAR_NEED: np.linspace(0.2, 1, 300)})
    part = h.measures["paid_share[swap.engine]"][:, 0]
    assert not part[:31].any()  # the terms of the first month
    assert part[-1] > 0.05
    assert np.all(np.diff(part) >= -1e-6)
    assert h.measures["paid_share[swap.food]"][-1, 0] < h.measures["paid_share[swap.food]"][31, 0]


def test_withheld_technology_is_not_paid(alone):
    numbers = {**PLAIN, SHIPPED: 1000.0, VALUE: 900.0, ETA: 3.0, S + "technology_scale": np.array([1.0, 0.5, 0.0])}
    h = alone.run(100, numbers)
    for t in ("engine", "lens"):
        paid = h.measures[f"technology[swap.{t}]"][-1]
        assert paid[0] > paid[1] > 0
        assert not h.measures[f"technology[swap.{t}]"][:, 2].any()
    total = sum(h.measures[f"paid[swap.{m}]"][-1] for m in MEANS)
    np.testing.assert_allclose(total, total[0], rtol=1e-5)  # other means take its place


def test_dearer_food_is_replaced(alone):
    h = alone.run(5, {"given.dearer[food]": np.array([1.0, 1.3, 2.5, 25.0]), "given.dearer[fuel]": 1.0, S + "money_worth": 0.05})
    _, payment, split = terms(h)
    np.testing.assert_allclose(payment, payment[0], rtol=1e-6)
    assert np.all(np.diff(split["food"]) < 0)
    assert not split["food"][3]
    assert np.all(np.diff(split["fuel"]) > 0)
    assert split["fuel"][3] < 5e4


def test_without_means_all_is_money():
    text = TEXT[: TEXT.index("    payments:")] + TEXT[TEXT.index("    technology_scale") :]
    h = bench(text, Barter, given=GIVEN).run(60, {SHIPPED: 1000.0})
    np.testing.assert_array_equal(h.measures["paid_share[swap.money]"][4:], 1.0)


def test_a_means_that_costs_nothing_is_taken_first():
    part = cheapest(
        jnp.float32(50),
        {"food": jnp.float32(100), "fuel": jnp.float32(0)},
        {"food": jnp.float32(0), "fuel": jnp.float32(1)},
        jnp.float32(0.5),
    )
    np.testing.assert_allclose([float(part[m]) for m in ("food", "fuel", "money")], [50, 0, 0], rtol=1e-5)


def test_terms_hold_until_they_are_renewed(alone):
    rng = np.random.default_rng(6)
    every = np.array([1.0, 7.0, 30.0, 30.5])
    h = alone.run(300, {**PLAIN, S + "every": every}, daily={WAR_NEED: rng.uniform(0.3, 1, 300)})
    q = h.measures["deal[swap]"]
    for i, period in enumerate(every):
        changed = np.nonzero(np.diff(q[1:, i]))[0] + 1  # the day on which terms differ from those of the day before
        due = np.arange(1, 300 / period) * period
        np.testing.assert_allclose(changed, due, atol=0.5)


def test_what_is_owed_is_what_came_less_what_was_paid(alone):
    """Deliveries and needs at random: the debt from prices, shipments and payments, added up again."""
    rng = np.random.default_rng(7)
    n = 16
    shipped, need = rng.uniform(0, 5000, (300, n)), rng.uniform(0, 1, (300, n))
    h = alone.run(300, PLAIN, n=n, daily={SHIPPED: shipped, WAR_NEED: need})
    # a day's price and shipments are those shown at the end of the day before
    received = np.cumsum(h.measures["price[swap]"][:-1] * h.measures["shipped[gift]"][:-1], axis=0)
    paid = sum(h.measures[f"paid[swap.{m}]"] for m in MEANS)
    owed = h.measures["owed[swap]"]
    np.testing.assert_allclose(owed[1:], received - paid[1:], atol=2e-6 * received[-1].max())
    np.testing.assert_allclose(h.accounts["waiting:owed/swap"], owed, rtol=1e-5, atol=1)
    assert owed.min() >= 0
    assert owed.max() > 1e6
    np.testing.assert_allclose(h.measures["paying[swap]"][1:], np.diff(paid, axis=0), rtol=1e-2, atol=1e-6 * paid.max())
    np.testing.assert_allclose(sum(h.measures[f"paid_share[swap.{m}]"][-1] for m in MEANS), 1, rtol=1e-5)
    for m in MEANS:
        np.testing.assert_allclose(
            h.measures[f"paid_share[swap.{m}]"][-1], h.measures[f"paid[swap.{m}]"][-1] / paid[-1], rtol=1e-5, atol=1e-7
        )
    for t in ("engine", "lens"):
        np.testing.assert_allclose(h.measures[f"technology[swap.{t}]"], h.measures[f"paid[swap.{t}]"], rtol=1e-6)


@pytest.mark.f64
def test_the_debt_closes_to_the_last_digit(alone):
    rng = np.random.default_rng(7)
    h = alone.run(
        300, PLAIN, n=16, daily={SHIPPED: rng.uniform(0, 5000, (300, 16)), WAR_NEED: rng.uniform(0, 1, (300, 16))}, dtype=np.float64
    )
    received = np.cumsum(h.measures["price[swap]"][:-1] * h.measures["shipped[gift]"][:-1], axis=0)
    paid = sum(h.measures[f"paid[swap.{m}]"] for m in MEANS)
    np.testing.assert_allclose(h.measures["owed[swap]"][1:], received - paid[1:], atol=1e-12 * received[-1].max())


def test_after_the_last_deal_the_debt_is_paid_off(alone):
    """Need ends after 60 days: nothing more is offered, what still comes keeps its price, and the debt falls by its own time."""
    day = np.arange(300)
    h = alone.run(300, PLAIN, daily={WAR_NEED: np.where(day < 60, 1.0, 0.0), SHIPPED: np.where(day < 80, 1000.0, 0.0)})
    assert np.all(h.measures["deal[swap]"][1:61] > 0)
    assert not h.measures["deal[swap]"][62:].any()
    np.testing.assert_array_equal(h.measures["price[swap]"][61:, 0], h.measures["price[swap]"][60, 0])
    owed = h.measures["owed[swap]"][:, 0]
    np.testing.assert_allclose(owed[200] / owed[100], math.exp(-100 / 60), rtol=1e-4)


@pytest.mark.parametrize("number", ["stocks.maker.shell.held", "offers.gift.scale", "offers.gift.amount"])
def test_without_deliveries_nothing_is_owed_or_paid(trade, number):
    """An empty depot, an offer of scale 0 and an offer of nothing."""
    h = trade.run(100, {number: 0.0})
    for name in ("shipped[gift]", "owed[swap]", "paying[swap]", "technology[swap.engine]", *(f"paid[swap.{m}]" for m in MEANS)):
        assert not h.measures[name].any(), name
    for series in h.measures.values():
        assert np.all(np.isfinite(series))


def test_the_deal_opens_the_offer(trade):
    """The share agreed of the full offer leaves, and its price is of rounds that left."""
    h = trade.run(100, {S + "patience": 1.0, S + "enough": 1e9, "offers.gift.scale": np.array([0.5, 1.0])})
    np.testing.assert_allclose(h.measures["deal[swap]"][1:], 0.5, rtol=1e-5)
    np.testing.assert_allclose(h.measures["offer.open[gift]"][2:, 0], 0.25, rtol=1e-5)
    np.testing.assert_allclose(h.measures["shipped[gift]"][4:], [[1000, 2000]] * 97, rtol=1e-4)


@pytest.mark.parametrize("patience", [0.0, 1.0])
def test_no_patience_no_credit(trade, patience):
    h = trade.run(60, {S + "patience": patience})
    assert h.measures["deal[swap]"][1:].any() == (patience > 0)
    for series in h.measures.values():
        assert np.all(np.isfinite(series))


def test_money_in_other_units_changes_no_deal():
    """All prices a thousand times higher: the same quantity, a payment a thousand times higher."""
    numbers = [np.float32(x) for x in (4000, 300, 100, 100, 2e4, 3e4)]
    one = agree(*numbers, np.float32(0.4))
    many = agree(numbers[0], *(x * np.float32(1000) for x in numbers[1:]), np.float32(0.4))
    np.testing.assert_allclose(many.share, one.share, rtol=1e-6)
    np.testing.assert_allclose(many.payment, 1000 * one.payment, rtol=1e-5)


@pytest.mark.parametrize(
    ("old", "new"), [("offer: gift", "offer: loan"), ("use: guns", "use: drums"), ("enough: 100 days", "enough: 100 km")]
)
def test_bad_bargains_are_refused(old, new):
    with pytest.raises(ScenarioError):
        scenario(TEXT.replace(old, new))
