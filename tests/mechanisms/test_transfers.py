"""Transfers: quay, routes with room, transit, losses."""

import numpy as np
import pytest

from materiel.mechanisms import Transfers

from .toolkit import bench

GOODS = """
goods:
  shell: {name: shells, per_container: 200 rounds/container}
  rocket: {name: rockets, per_container: 50 rounds/container}
stocks:
  maker.shell: {held: 10M rounds}
  maker.rocket: {held: 10M rounds}
"""
ONE = (
    GOODS
    + """
routes:
  rail: {from: maker, to: north, carries: [shell, rocket], capacity: 30 containers/day, transit: 20 days, stages: 4, lost: 0}
offers:
  gift:
    {from: maker, to: north, by: [rail], amount: 20 containers/day, scale: 1, opens: 2020-01-11,
    munition_share: 1, mix: {shell: 1}, reserve: 0}
"""
)
AMOUNT, CAPACITY, LOST = "offers.gift.amount", "routes.rail.capacity", "routes.rail.lost"


def rounds(h, *starts):
    """Rounds in all accounts whose names begin so."""
    return sum(x for a, x in h.accounts.items() if a.startswith(starts))


def test_below_capacity_the_delay_is_the_transit_time():
    """Little: in steady state the route holds rate x tau, and the quay what came today, for the step that it waits."""
    h = bench(ONE, Transfers).run(250)
    np.testing.assert_allclose(rounds(h, "transit:")[-1], 20 * 200 * 20, rtol=1e-5)  # (1 - 1/5)^... is below 1e-6 after 240 days
    np.testing.assert_allclose(rounds(h, "waiting:")[-1], 20 * 200, rtol=1e-6)
    np.testing.assert_allclose(np.diff(h.measures["delivered[gift.shell]"][:, 0])[-1], 20 * 200, rtol=1e-5)


@pytest.mark.f64
def test_mean_time_from_quay_to_depot():
    """One day's offer: it is shipped the day after, and arrives tau days after that on average, exactly."""
    daily = np.zeros(600)
    daily[0] = 1.0
    h = bench(ONE, Transfers).run(600, {"offers.gift.opens": 0.0}, daily={"offers.gift.scale": daily}, dtype=np.float64)
    came = np.diff(h.measures["delivered[gift.shell]"][:, 0])
    assert abs(came.sum() - 4000) < 1e-8
    assert abs((np.arange(600) * came).sum() / came.sum() - 21) < 1e-9


def test_above_capacity_the_queue_grows_by_the_difference():
    h = bench(ONE, Transfers).run(110, {AMOUNT: 50.0})
    queue = rounds(h, "waiting:")[:, 0] / 200
    grows = np.diff(queue)
    np.testing.assert_allclose(grows[11:], 20, rtol=1e-4)  # differences of a queue of up to 2000 containers, in float32
    np.testing.assert_allclose(np.diff(h.measures["containers[gift]"][:, 0])[11:], 30, rtol=1e-4)


def test_the_other_containers_of_the_offer_travel_too():
    """Half of 50 containers hold munitions: half of the 30 places are theirs."""
    h = bench(ONE, Transfers).run(110, {AMOUNT: 50.0, "offers.gift.munition_share": 0.5})
    np.testing.assert_allclose(np.diff(rounds(h, "waiting:")[:, 0] / 200)[11:], 10, rtol=1e-4)
    np.testing.assert_allclose(np.diff(h.measures["containers[gift]"][:, 0])[11:], 15, rtol=1e-4)


def test_opens_and_closes():
    text = ONE.replace("opens: 2020-01-11", "opens: 2020-01-11, closes: 2020-02-10")
    h = bench(text, Transfers).run(300)
    sent = h.flows["offer/gift/shell"][:, 0]
    np.testing.assert_allclose(sent, 4000 * (np.clip(h.days, 10, 40) - 10), rtol=1e-6)
    np.testing.assert_allclose(h.measures["delivered[gift.shell]"][-1], 4000 * 30, rtol=1e-5)  # nothing sent is forgotten
    shows = h.measures["offer.open[gift]"][1:, 0]
    np.testing.assert_array_equal(shows, np.where((np.arange(300) >= 10) & (np.arange(300) < 40), 1.0, 0.0))


def test_the_reserve_stays():
    """10M rounds, 40 % kept; 1000 containers a day would empty the depot in 50 days."""
    h = bench(ONE, Transfers).run(200, {AMOUNT: 1000.0, "offers.gift.reserve": np.array([0.0, 0.4, 1.0])})
    np.testing.assert_allclose(h.accounts["depot:maker/shell"].min(axis=0), [0, 4e6, 1e7], atol=1)


def test_nothing_arrives_without_room():
    h = bench(ONE, Transfers).run(100, {CAPACITY: 0.0})
    assert not h.measures["delivered[gift.shell]"].any()
    assert not rounds(h, "transit:").any()
    np.testing.assert_allclose(rounds(h, "waiting:")[-1], 4000 * 90, rtol=1e-6)


def test_an_offer_of_nothing_moves_nothing():
    h = bench(ONE, Transfers).run(100, {"offers.gift.scale": 0.0})
    for name, total in h.flows.items():
        assert not total.any(), name


def test_no_offer_equals_no_scale_whatever_its_size():
    """Null pact: scale 0 and amount 0 are the same books, bit for bit."""
    b = bench(ONE, Transfers)
    x, y = b.run(60, {"offers.gift.scale": 0.0}), b.run(60, {AMOUNT: 0.0})
    for account, held in x.accounts.items():
        np.testing.assert_array_equal(held, y.accounts[account])


def test_arrivals_rise_with_room_and_fall_with_losses():
    room = np.linspace(0, 60, 25)
    h = bench(ONE, Transfers).run(150, {AMOUNT: 40.0, CAPACITY: room})
    came = h.measures["delivered[gift.shell]"]
    assert np.all(np.diff(came, axis=1) >= -1e-6 * came.max())
    assert came[-1, 10] > came[-1, 5] > 0
    lost = np.linspace(0, 1, 25)
    h = bench(ONE, Transfers).run(150, {LOST: lost})
    came = h.measures["delivered[gift.shell]"]
    assert np.all(np.diff(came, axis=1) <= 1e-6 * came.max())
    np.testing.assert_allclose(came[-1], came[-1, 0] * (1 - lost), rtol=1e-5, atol=1)
    np.testing.assert_allclose(came[-1] + h.accounts["sink:lost/rail/shell"][-1], came[-1, 0], rtol=1e-5)


SHIP = """
  ship: {from: maker, to: north, carries: [shell, rocket], capacity: 10 containers/day, transit: 30 days, stages: 3, lost: 10 %}
offers:"""
TWO_ROUTES = (
    ONE.replace("\noffers:", SHIP).replace("by: [rail]", "by: [rail, ship]").replace("mix: {shell: 1}", "mix: {shell: 3, rocket: 1}")
)


def test_routes_are_used_in_proportion_to_their_room():
    h = bench(TWO_ROUTES, Transfers).run(100, {AMOUNT: np.array([8.0, 100.0])})
    rail, ship = h.flows["ship/gift/rail/shell"][-1], h.flows["ship/gift/ship/shell"][-1]
    np.testing.assert_allclose(rail, 3 * ship, rtol=1e-5)
    np.testing.assert_allclose((rail + ship)[0], 8 * 0.75 * 200 * 89, rtol=1e-5)  # ships the day after: 89 of 90 days
    np.testing.assert_allclose((rail + ship)[1], 40 * 0.75 * 200 * 89, rtol=1e-5)


def test_the_mix_is_of_containers_not_of_rounds():
    h = bench(TWO_ROUTES, Transfers).run(100)
    shells, rockets = h.flows["offer/gift/shell"][-1] / 200, h.flows["offer/gift/rocket"][-1] / 50
    np.testing.assert_allclose(shells, 3 * rockets, rtol=1e-6)


def test_containers_and_rounds_are_each_others_inverse():
    h = bench(TWO_ROUTES, Transfers).run(100)
    shipped = {g: sum(h.flows[f"ship/gift/{r}/{g}"] for r in ("rail", "ship")) for g in ("shell", "rocket")}
    np.testing.assert_allclose(h.measures["containers[gift]"][-1], (shipped["shell"] / 200 + shipped["rocket"] / 50)[-1], rtol=1e-5)


def test_queue_transit_losses_and_depots_hold_everything():
    rng = np.random.default_rng(3)
    n = 50
    numbers = {AMOUNT: rng.uniform(0, 100, n), CAPACITY: rng.uniform(0, 60, n), LOST: rng.uniform(0, 1, n)}
    numbers["routes.ship.transit"] = rng.uniform(1, 90, n)
    h = bench(TWO_ROUTES, Transfers).run(300, numbers)
    for good in ("shell", "rocket"):
        total = sum(x for a, x in h.accounts.items() if f"/{good}" in a)
        assert np.all(np.abs(total - 1e7) < 1e-6 * 1e7)
        sent = h.flows[f"offer/gift/{good}"]
        held = sum(x for a, x in h.accounts.items() if f"/{good}" in a and not a.startswith("depot:maker"))
        assert np.all(np.abs(held - sent) <= 1e-6 * np.maximum(sent, 1))


SHARED = ONE + ONE[ONE.index("  gift:") :].replace("gift:", "sale:").replace("amount: 20", "amount: 60")


def test_two_offers_share_a_route_by_their_queues():
    """20 and 60 a day for 30 places: 7.5 and 22.5, and together never more than 30."""
    h = bench(SHARED, Transfers).run(200)
    gift, sale = (np.diff(h.measures[f"containers[{o}]"][:, 0]) for o in ("gift", "sale"))
    assert np.all(gift + sale <= 30 * (1 + 1e-3))  # differences of totals near 6000, in float32
    np.testing.assert_allclose(gift[12:], 7.5, rtol=1e-3)
    np.testing.assert_allclose(sale[12:], 22.5, rtol=1e-3)


def test_where_there_is_room_for_both_nobody_waits():
    h = bench(SHARED, Transfers).run(200, {CAPACITY: 100.0})
    for o, rate in (("gift", 20), ("sale", 60)):
        np.testing.assert_allclose(h.accounts[f"waiting:{o}/shell"][12:, 0], rate * 200, rtol=1e-5)


def test_two_offers_from_one_depot_leave_the_reserve():
    """Both offers end on the same day and would each take the whole rest of that day."""
    reserves = {"offers.gift.reserve": 0.4, "offers.sale.reserve": 0.4}
    h = bench(SHARED, Transfers).run(300, {AMOUNT: 800.0, "offers.sale.amount": 800.0, **reserves})
    assert h.accounts["depot:maker/shell"].min() >= 4e6 - 1


CARRIES = TWO_ROUTES.replace("ship: {from: maker, to: north, carries: [shell, rocket]", "ship: {from: maker, to: north, carries: [shell]")


def test_a_route_takes_only_what_it_carries_and_what_it_has_room_for():
    """Per day and route, containers of munitions over the munition share: never above capacity, and no rocket by ship."""
    rng = np.random.default_rng(11)
    n = 50
    room = {r: rng.uniform(1, 60, n) for r in ("rail", "ship")}
    share = rng.uniform(0.1, 1, n)
    numbers = {AMOUNT: rng.uniform(0, 200, n), "offers.gift.munition_share": share} | {f"routes.{r}.capacity": c for r, c in room.items()}
    h = bench(CARRIES, Transfers).run(300, numbers)
    assert "ship/gift/ship/rocket" not in h.flows
    rail = np.diff(h.flows["ship/gift/rail/shell"] / 200 + h.flows["ship/gift/rail/rocket"] / 50, axis=0) / share
    ship = np.diff(h.flows["ship/gift/ship/shell"] / 200, axis=0) / share
    for used, most in ((rail, room["rail"]), (ship, room["ship"])):
        assert np.all(used <= most * (1 + 1e-3) + 1e-3)  # differences of totals of up to 300 days, in float32
    assert np.all((rail + ship)[-1][numbers[AMOUNT] > 150] > 0)


LAW = """
sanctions:
  law:
    {{by: [friend], routes: [{routes}], enforcement: 30 %, law: 60 %, lag: 100 days, capture: 10 %, margin: 1, fine: 2, spread: 0.5,
    markup: 0.5, chaos: [{{from: 2020-01-01, level: 0}}], chaos_scale: 1, erosion: 0 per day, unrest: 0, veto: 0 per day,
    veto_loss: 60 %, imposed: 0}}"""
SWAP = """
fire:
  cover:
    guns:
      {actor: north, goods: [shell], usual: 5k rounds/day, most: 9k rounds/day, half_cover: 20 days, steepness: 2, horizon: 90 days,
      smoothing: 14 days}
bargains:
  swap:
    {offer: gift, use: guns, every: 30 days, power: 50 %, enough: 100 days, war_need: 1, peace_value: 20 %, value: 300 USD/round,
    cost: 100 USD/round, rising_cost: 100 USD/round, outside_receiver: 0 USD/day, outside_supplier: 0 USD/day, money_worth: 50 %,
    technology_scale: 1, yielding: 1, pays_within: 60 days, patience: 80 %}"""
LETHAL = TWO_ROUTES.replace("{name: shells,", "{name: shells, lethality: 1, works: 80 %,")
WATCHED = LETHAL + LAW.format(routes="rail, ship") + SWAP
GIVEN = ("deal[swap]", *(f"{m}[{r}]" for m in ("passes", "carriers") for r in ("rail", "ship")))
FREE = {f"given.{m}": 1.0 for m in GIVEN}
DEAL, PASSES, CARRIERS = "given.deal[swap]", ("given.passes[rail]", "given.passes[ship]"), ("given.carriers[rail]", "given.carriers[ship]")


@pytest.fixture(scope="module")
def watched():
    """Two watched routes and an offer that is bargained over; what others show of them is written by the test."""
    return bench(WATCHED, Transfers, given=GIVEN)


def same(x, y):
    """Two histories, bit for bit, but for what the test itself gave."""
    for part in ("accounts", "flows", "measures"):
        one, two = getattr(x, part), getattr(y, part)
        for name in (one.keys() & two.keys()) - set(GIVEN):
            np.testing.assert_array_equal(one[name], two[name], err_msg=name)


def test_where_all_passes_nothing_changes(watched):
    """A full deal, every carrier and no enforcer: the books of a scenario that has neither bargain nor sanctions."""
    rng = np.random.default_rng(12)
    numbers = {AMOUNT: rng.uniform(0, 100, 16), CAPACITY: rng.uniform(0, 60, 16), LOST: rng.uniform(0, 1, 16)}
    free, plain = watched.run(300, {**FREE, **numbers}), bench(LETHAL, Transfers).run(300, numbers)
    same(free, plain)
    assert free.accounts["depot:north/shell"].max() > 1e5
    assert not free.measures["seized[gift]"].any()
    assert not any(name.startswith("seize") for name in (*plain.measures, *plain.flows))


def test_a_deal_scales_the_offer(watched):
    part = np.array([0.0, 0.25, 1.0])
    h = watched.run(100, {**FREE, DEAL: part})
    same(h, watched.run(100, {**FREE, DEAL: 1.0, "offers.gift.scale": part}))
    np.testing.assert_allclose(h.flows["offer/gift/shell"][-1], 20 * 0.75 * 200 * 90 * part, rtol=1e-5)
    h = watched.run(100, {**FREE, DEAL: part, "offers.gift.scale": 0.5})
    np.testing.assert_array_equal(h.measures["offer.open[gift]"][11:], np.broadcast_to(0.5 * part, (90, 3)))
    assert not h.measures["offer.open[gift]"][:11].any()  # no deal opens an offer before its day


def test_a_deal_works_the_day_after(watched):
    """Agreed for day 30 alone: what leaves the depot is the offer of day 31."""
    h = watched.run(100, FREE, opening={DEAL: 0.0}, daily={DEAL: np.where(np.arange(100) == 30, 0.5, 0.0)})
    left = np.diff(h.flows["offer/gift/shell"][:, 0])
    np.testing.assert_allclose(left, np.where(np.arange(100) == 31, 1500, 0), rtol=1e-6)


def test_carriers_are_the_room(watched):
    """Half of the carriers of 30 containers a day are 15 containers a day."""
    part = np.array([0.0, 0.5, 1.0])
    numbers = {**FREE, AMOUNT: 60.0}
    h = watched.run(100, {**numbers, CARRIERS[0]: part})
    same(h, watched.run(100, {**numbers, CAPACITY: 30 * part}))
    assert not h.flows["ship/gift/rail/shell"][:, 0].any()
    assert np.all(np.diff(h.measures["delivered[gift.shell]"][-1]) > 0)


def test_enforcers_seize_what_the_way_has_left(watched):
    """Lost first, then the share that does not pass: arrived q (1 - l), seized (1 - q)(1 - l) of what came to the end of the way."""
    passes = np.linspace(0, 1, 11)
    numbers = {**FREE, LOST: 0.2, "routes.ship.lost": 0.2}
    h = watched.run(200, {**numbers, PASSES[0]: passes, PASSES[1]: passes})
    for good in ("shell", "rocket"):
        came, lost, seized = (rounds(h, a)[-1] for a in (f"depot:north/{good}", f"sink:lost/rail/{good}", f"sink:seized/gift/rail/{good}"))
        lost, seized = lost + rounds(h, f"sink:lost/ship/{good}")[-1], seized + rounds(h, f"sink:seized/gift/ship/{good}")[-1]
        out = came + lost + seized
        np.testing.assert_allclose(out, out[0], rtol=1e-5)
        np.testing.assert_allclose(lost, 0.2 * out, rtol=1e-5)
        np.testing.assert_allclose(came, 0.8 * passes * out, rtol=1e-5)
        np.testing.assert_allclose(seized, 0.8 * (1 - passes) * out, rtol=1e-5, atol=1e-6 * out[0])
    np.testing.assert_allclose(h.measures["seized[gift]"], rounds(h, "sink:seized"), rtol=1e-5)
    assert np.all(np.diff(h.measures["seized[gift]"], axis=1) <= 0)
    assert np.all(np.diff(h.measures["delivered[gift.shell]"], axis=1) >= 0)


def test_where_nothing_passes_everything_that_left_and_was_not_lost_is_seized(watched):
    """An offer of 30 days, and 270 more: the way is empty but for 1e-4 of it."""
    h = watched.run(300, FREE | dict.fromkeys(PASSES, 0.0), daily={"offers.gift.scale": np.where(np.arange(300) < 30, 1.0, 0.0)})
    assert not rounds(h, "depot:north").any()
    assert not h.measures["delivered[gift.shell]"].any()
    shipped = sum(x[-1] for name, x in h.flows.items() if name.startswith("ship/"))
    lost = rounds(h, "sink:lost")[-1]
    assert lost > 100
    np.testing.assert_allclose(h.measures["seized[gift]"][-1], shipped - lost, rtol=1e-4)


def test_seized_goods_are_counted_too(watched):
    """Queue, way, losses, seizures and depots hold everything, whatever others do to the offer."""
    rng = np.random.default_rng(13)
    n = 16
    numbers = {AMOUNT: rng.uniform(0, 100, n), CAPACITY: rng.uniform(0, 60, n), LOST: rng.uniform(0, 1, n)}
    numbers |= {f"given.{m}": rng.uniform(0, 1, n) for m in GIVEN}
    h = watched.run(300, numbers)
    for good in ("shell", "rocket"):
        total = sum(x for a, x in h.accounts.items() if a.endswith(f"/{good}") or f"/{good}/" in a)
        assert np.all(np.abs(total - 1e7) < 1e-6 * 1e7)
    assert np.all(h.measures["seized[gift]"][-1] > 0)


def test_only_a_watched_route_is_searched():
    """A law for ships alone: nothing that goes by rail is seized, and the other offer of a scenario has no such measure."""
    text = LETHAL + LAW.format(routes="ship")
    sale = text[text.index("  gift:") : text.index("\nsanctions")].replace("gift:", "sale:").replace("by: [rail, ship]", "by: [rail]")
    text = text.replace("\nsanctions", f"\n{sale}\nsanctions")
    h = bench(text, Transfers, given=("passes[ship]",)).run(200)  # nothing given: no ship passes
    assert {name for name in h.measures if name.startswith("seized")} == {"seized[gift]"}
    assert rounds(h, "sink:seized/gift/ship")[-1] > 1000
    assert {a.split("/")[2] for a in h.accounts if a.startswith("sink:seized")} == {"ship"}
    assert not h.flows["arrive/gift/ship/shell"].any()
    assert h.flows["arrive/gift/rail/shell"][-1] > 1000


def test_shipped_is_what_left_the_quay_today(watched):
    numbers = {**FREE, AMOUNT: np.array([20.0, 100.0])}
    for step in (1.0, 0.5):
        h = watched.run(100, numbers, step=step)
        left = sum(x for name, x in h.flows.items() if name.startswith("ship/"))
        np.testing.assert_allclose(h.measures["shipped[gift]"][1:], np.diff(left, axis=0) / step, rtol=1e-3, atol=1e-3 * 8000)
    # all 40 places of both routes, three quarters of them shells
    np.testing.assert_allclose(h.measures["shipped[gift]"][-1, 1], 40 * (0.75 * 200 + 0.25 * 50), rtol=1e-5)
