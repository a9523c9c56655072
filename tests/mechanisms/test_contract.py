"""What a mechanism may not do, and that the message names what to add; the whole engine on the small scenario."""

import jax.numpy as jnp
import numpy as np
import pytest

from materiel.mechanisms import ContractError, Flow, build
from materiel.mechanisms.ledger import grant, open_books
from materiel.scenario import load, measures
from materiel.scenario.measures import CATALOGUE
from materiel.worlds.day import Day

from .toolkit import Bench, Given, Hand, hands


class Careless(Hand):
    """A hand that reads, shows or asks for what it did not declare."""

    def __init__(self, does):
        super().__init__("careless", ["depot:x/g"])
        self._does = does

    def numbers(self):
        return {"first.depot:x/g": 10.0, "given.near": 1.0}

    def ask(self, state, seen, p, luck):
        self._does(seen, p)
        return ()


class Boastful(Hand):
    def settle(self, state, seen, granted, p, luck):
        return {}, {"glory[a]": seen.step}


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda seen, p: seen["near"], 'careless reads "near" without declaring it: add "near" to its reads'),
        (lambda seen, p: seen["front.area[x]"], 'add "front.area" to its reads'),
        (lambda seen, p: seen.held("depot:y/g"), 'careless: there is no account "depot:y/g"; name it in accounts()'),
        (lambda seen, p: seen.arrived("sink:x"), 'arrivals are kept for depots only, not for "sink:x"'),
        (lambda seen, p: p["given.far"], 'the scenario has no number "given.far"; there: given.near'),
    ],
)
def test_what_is_not_declared_is_refused(does, said):
    careless = Careless(does)
    with pytest.raises(ContractError) as refused:
        Bench([careless, Given(["near"])], careless.numbers()).run(1)
    assert said in str(refused.value)


def test_a_declared_reading_that_nobody_shows_is_refused():
    careless = Careless(lambda seen, p: seen["far"])
    careless.reads = ("far",)
    with pytest.raises(ContractError, match='careless reads "far", which no mechanism of this scenario shows'):
        Bench([careless], careless.numbers()).run(1)


def test_an_undeclared_measure_is_refused():
    boastful = Boastful("boastful", ["depot:x/g"])
    with pytest.raises(ContractError, match=r'boastful shows "glory\[a\]" without declaring it: add "glory" to its shows'):
        Bench([boastful], boastful.numbers()).run(1)


def test_a_flow_to_no_account_is_refused():
    with pytest.raises(ContractError, match='flow "w": there is no account "sink:nowhere"; name it in accounts'):
        hands(Hand("hand", ["depot:x/g"], [("w", "depot:x/g", "sink:nowhere")])).run(1)


def test_two_flows_of_one_name_are_refused():
    two = [Hand(name, [f"sink:{name}"], [("w", "depot:x/g", f"sink:{name}")]) for name in ("p", "q")]
    with pytest.raises(ContractError, match='two flows are called "w"'):
        hands(Hand("opens", ["depot:x/g"]), *two).run(1)


def test_an_account_is_opened_once():
    with pytest.raises(ContractError, match='q: account "depot:x/g" is already open'):
        hands(Hand("p", ["depot:x/g"]), Hand("q", ["depot:x/g"])).run(1)


def test_an_account_of_no_kind_is_refused():
    with pytest.raises(ContractError, match='account "shed:x": its name must begin with one of depot:, waiting:'):
        open_books({"shed:x": np.float32(0)}, [])


def test_a_wish_from_a_source_is_granted_whole():
    books = open_books({"source:1": np.float32(0), "depot:x/g": np.float32(0)}, [])
    assert grant(books, [Flow("w", "source:1", "depot:x/g", np.float32(12.5))]) == {"w": np.float32(12.5)}


@pytest.fixture(scope="module")
def tiny():
    return load("tiny-two-sides")


@pytest.fixture(scope="module")
def whole(tiny):
    return Bench(build(tiny.vocabulary), {path: q.median for path, q in tiny.quantities.items()})


DAYS, WORLDS = 300, 16  # one shape for all tests, so that the whole is compiled once in each width


def drawn(tiny):
    """Worlds with every number at a place of its own range."""
    rng = np.random.default_rng(5)
    return {path: q.value(rng.uniform(0.02, 0.98, WORLDS)) for path, q in tiny.quantities.items()}


@pytest.fixture(scope="module")
def history(tiny, whole):
    return whole.run(DAYS, drawn(tiny))


def test_the_measures_shown_are_those_of_the_catalogue(tiny, history):
    assert sorted(history.measures) == sorted(measures(tiny.vocabulary))


def test_a_scenario_that_uses_every_measure_shows_those_of_the_catalogue():
    whole = load("vostochny-2023")
    day = Day(build(whole.vocabulary))
    shown = day.observe(day.first({path: jnp.float32(q.median) for path, q in whole.quantities.items()}, jnp.uint32(7), jnp.uint32(0)))
    assert sorted(shown) == sorted(measures(whole.vocabulary))
    assert {name.partition("[")[0] for name in shown} == set(CATALOGUE)  # or a family would be tested nowhere


def conserve(h, tolerance):
    moved = sum(x[-1] for x in h.flows.values())
    total = sum(h.accounts.values())
    assert np.all(np.abs(total - total[0]) <= tolerance * (np.abs(total[0]) + moved))
    for name, held in h.accounts.items():
        assert np.all(np.isfinite(held)), name
        if not name.startswith("source:"):
            assert held.min() >= -tolerance * max(1.0, held.max()), name


def test_the_whole_engine_makes_and_loses_nothing(history):
    conserve(history, 1e-6)


@pytest.mark.f64
def test_the_whole_engine_makes_and_loses_nothing_in_64_bits(tiny, whole):
    conserve(whole.run(DAYS, drawn(tiny), dtype=np.float64), 1e-12)


def test_the_order_of_the_mechanisms_moves_nothing(tiny, whole, history):
    other = Bench(build(tiny.vocabulary)[::-1], whole.numbers).run(DAYS, drawn(tiny))
    for name, series in history.measures.items():
        np.testing.assert_array_equal(series, other.measures[name])


@pytest.mark.f64
def test_halving_the_step_halves_the_error(tiny, whole):
    """Dates on whole days, no luck, postures by operations: what is left is smooth, and explicit Euler is of first order.

    With y1, y2, y4 the results of steps 1, 1/2, 1/4, (y1 - y2) / (y2 - y4) = 2 + O(step); the second-order part is allowed
    a quarter of it.
    """
    dates = {path: float(round(q.median)) for path, q in tiny.quantities.items() if q.kind == "date"}
    calm = {"front.wander": 0.0, "front.breakthrough_hazard": 0.0, "front.attack_rule": 1.0}
    days = 40  # from two weeks after the offer opens and the operation begins
    runs = [whole.run(DAYS, {**dates, **calm}, step=1 / k, dtype=np.float64, n=WORLDS).measures for k in (1, 2, 4)]
    smooth = ["delivered", "made", "fired", "losses", "people", "works", "containers", "front.initiative"]
    tested = set()
    for name in runs[0]:
        y1, y2, y4 = (r[name][days * k, 0] for r, k in zip(runs, (1, 2, 4), strict=True))
        if name.partition("[")[0] not in smooth or abs(y1 - y2) <= 1e-9 * abs(y1):
            continue  # the latter: exact in the step, like a constant output
        tested.add(name)
        assert 1.6 < (y1 - y2) / (y2 - y4) < 2.5, (name, y1, y2, y4)
    assert len(tested) >= 12, tested
