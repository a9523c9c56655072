"""The ledger: nothing is made or lost, whatever is asked."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .toolkit import Hand, hands

KINDS_THAT_GIVE = ("source", "depot", "waiting")
KINDS_THAT_TAKE = ("depot", "waiting", "sink")


@st.composite
def structures(draw):
    """Accounts, flows among them with several askers of one depot, and up to two pipelines."""
    names = [f"{kind}:x/{i}" for kind in ("source", "depot", "waiting", "sink") for i in range(draw(st.integers(1, 3)))]
    giver = st.sampled_from([a for a in names if a.startswith(KINDS_THAT_GIVE)])
    taker = st.sampled_from([a for a in names if a.startswith(KINDS_THAT_TAKE)])
    ends = draw(st.lists(st.tuples(giver, taker).filter(lambda e: e[0] != e[1]), min_size=2, max_size=9))
    wishes = [(f"wish{i}", *e) for i, e in enumerate(ends)]
    stages = []
    for i in range(draw(st.integers(0, 2))):
        line = [f"making:{i}/{s}" if i else f"transit:{i}/{s}" for s in range(draw(st.integers(1, 3)))]
        wishes.append((f"enter{i}", draw(giver), line[0]))
        stages += [(f"pass{i}.{s}", a, b) for s, (a, b) in enumerate(zip(line, [*line[1:], draw(taker)], strict=True))]
        names += line
    return names, wishes, stages, draw(st.integers(0, 2**32 - 1))


def some_values(bench, seed, n=10):
    """n sets: holdings of zero to fifty million, wishes far below and far above them."""
    rng = np.random.default_rng(seed)
    values = {}
    for path in bench.numbers:
        if path.startswith("first."):
            held = 10 ** rng.uniform(0, 7.7, n) * (rng.random(n) > 0.2)
            values[path] = np.zeros(n) if "source:" in path or "sink:" in path else held
        elif path.startswith("wish."):
            values[path] = 10 ** rng.uniform(-2, 6.5, n)
        else:
            values[path] = rng.uniform(0, 1, n)
    return values


def hold_the_books(structure, dtype, steps, tolerance):
    names, wishes, stages, seed = structure
    bench = hands(Hand("hand", names, wishes, stages))
    h = bench.run(steps, some_values(bench, seed), dtype=dtype)
    moved = sum(h.flows[f][-1] for f, _, _ in [*wishes, *stages])
    whole = sum(h.accounts.values())
    assert np.all(np.abs(whole - whole[0]) <= tolerance * (np.abs(whole[0]) + moved))
    for account, held in h.accounts.items():
        came = sum((h.flows[f] for f, _, taker in [*wishes, *stages] if taker == account), start=np.zeros_like(held))
        went = sum((h.flows[f] for f, giver, _ in [*wishes, *stages] if giver == account), start=np.zeros_like(held))
        assert np.all(np.abs(held - (held[0] + came - went)) <= tolerance * (np.abs(held[0]) + came + went)), account
        if not account.startswith("source:"):
            # a day's outflows are added in one float, so an emptied account may end a unit in the last place below zero
            assert held.min() >= -tolerance * np.max(np.abs(held[0]) + came + went), account
    for f in h.flows.values():
        assert np.all(np.isfinite(f))


HYPOTHESIS = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@HYPOTHESIS
@given(structures())
def test_nothing_is_made_or_lost(structure):
    """Rounding of a day's net is at most (flows) x 2^-24 of what moved, so 1e-6 holds for any number of days."""
    hold_the_books(structure, np.float32, 300, 1e-6)


@pytest.mark.f64
@HYPOTHESIS
@given(structures())
def test_nothing_is_made_or_lost_in_64_bits(structure):
    hold_the_books(structure, np.float64, 300, 1e-12)


def test_a_small_drain_from_a_large_stock_is_found_again():
    """5e7 - 1.5 n needs 26 bits and more; one float32 has 24 and loses steps of 1.5 to rounding to a multiple of 4."""
    bench = hands(Hand("hand", ["depot:x/g", "sink:x"], [], [("drain", "depot:x/g", "sink:x")]))
    n = 1000
    h = bench.run(n, {"first.depot:x/g": 5e7}, daily={"share.drain": np.full(n, 1.5 / 5e7)})
    # the amount itself, share x holding, moves by 1.5 x 3e-5 in these days and is rounded to 2^-24 of it each day
    expected = 5e7 * (1 - np.float64(np.float32(1.5 / 5e7))) ** h.days
    assert np.abs(h.accounts["depot:x/g"][:, 0] - expected).max() < 0.003
    assert np.abs(h.accounts["sink:x"][:, 0] - (5e7 - expected)).max() < 0.003
    single = np.float32(5e7)
    for _ in range(n):
        single = np.float32(single - np.float32(1.5))
    assert abs(float(single) - expected[-1]) > 400  # what one float32 does: the test can tell them apart


def test_a_depot_is_shared_in_proportion_to_what_is_asked():
    bench = hands(Hand("hand", ["depot:x/g", "sink:1", "sink:2", "sink:3"], [(f"w{i}", "depot:x/g", f"sink:{i}") for i in (1, 2, 3)]))
    h = bench.run(1, {"first.depot:x/g": 600.0, "wish.w1": 1e4, "wish.w2": 2e4, "wish.w3": 3e4})
    got = [h.accounts[f"sink:{i}"][-1, 0] for i in (1, 2, 3)]
    # one stream, so all three wishes carry the same uniform; 1e4 u > 600 for all but 6 % of uniforms
    np.testing.assert_allclose(got, [100.0, 200.0, 300.0], rtol=3e-7)
    assert abs(h.accounts["depot:x/g"][-1, 0]) < 1e-4


def test_who_asks_for_little_gets_it():
    bench = hands(Hand("hand", ["depot:x/g", "sink:1", "sink:2"], [("w1", "depot:x/g", "sink:1"), ("w2", "depot:x/g", "sink:2")]))
    h = bench.run(50, {"first.depot:x/g": 1e6, "wish.w1": 7.0, "wish.w2": 11.0})
    took = 1e6 - h.accounts["depot:x/g"][-1, 0]
    np.testing.assert_allclose(h.accounts["sink:1"][-1, 0] / took, 7 / 18, rtol=1e-6)


def test_a_flow_of_nothing_moves_nothing():
    """Bit for bit: the same books with and without a wish of zero."""
    opens = ["depot:x/g", "depot:y/g", "sink:1"]
    real = [("a", "depot:x/g", "sink:1"), ("c", "depot:x/g", "depot:y/g")]
    numbers = {"first.depot:x/g": 12_345.678, "first.depot:y/g": 3.3, "wish.a": 17.1, "wish.c": 400.0}
    without = hands(Hand("hand", opens, real)).run(100, numbers)
    nothing = hands(Hand("hand", opens, [*real, ("b", "depot:y/g", "depot:x/g")])).run(100, numbers)
    for account, held in without.accounts.items():
        np.testing.assert_array_equal(held, nothing.accounts[account])
    assert not nothing.flows["b"].any()


def test_the_order_of_registration_moves_nothing():
    opens = ["source:1", "depot:x/g", "depot:y/g", "sink:1", "sink:2"]
    wishes = [
        ("in", "source:1", "depot:x/g"),
        ("out1", "depot:x/g", "sink:1"),
        ("out2", "depot:x/g", "sink:2"),
        ("over", "depot:x/g", "depot:y/g"),
        ("back", "depot:y/g", "depot:x/g"),
    ]
    numbers = {f"wish.{w[0]}": 10.0 ** (1 + i) for i, w in enumerate(wishes)} | {"first.depot:x/g": 1e5, "first.depot:y/g": 777.7}
    one = hands(Hand("p", opens, wishes[:3]), Hand("q", (), wishes[3:]))
    other = hands(Hand("q", (), wishes[3:][::-1]), Hand("p", opens[::-1], wishes[:3][::-1]))
    a, b = one.run(200, numbers), other.run(200, numbers)
    for account, held in a.accounts.items():
        np.testing.assert_array_equal(held, b.accounts[account])
