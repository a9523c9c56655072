"""The feedback map: small sets of mechanisms whose map is known, graphs whose loops are known, the shipped scenarios."""

import numpy as np
import pytest

from materiel.mechanisms import MECHANISMS, ContractError, Flow, build
from materiel.mechanisms.feedback import Edge, Map, feedback, trace
from materiel.scenario import load

from .toolkit import Hand


class Small(Hand):
    """Opens accounts, shows and looks at measures, sees holdings and arrivals, moves goods: whatever it is told."""

    def __init__(self, name, opens=(), shows=(), looks=(), sees=(), hears=(), moves=(), declares=()):
        super().__init__(name, opens)
        self._shows, self._looks, self._sees, self._hears, self._moves = shows, looks, sees, hears, moves
        self.shows = tuple({m.partition("[")[0] for m in shows})
        self.reads = tuple({m.partition("[")[0] for m in (*looks, *declares)})

    def accounts(self, p):
        return dict.fromkeys(self._opens, 1.0)

    def first(self, p, luck):
        return {}, dict.fromkeys(self._shows, p["x"])

    def ask(self, state, seen, p, luck):
        for m in self._sees:
            seen.held(m)
        for m in self._hears:
            seen.arrived(m)
        for giver, taker in self._moves:
            yield Flow(f"{self.name}/{giver}/{taker}", giver, taker, p["x"])

    def settle(self, state, seen, granted, p, luck):
        for m in self._looks:
            seen[m]
        return {}, dict.fromkeys(self._shows, p["x"])


def edges(*mechanisms):
    return [tuple(e) for e in trace(mechanisms, {"x": 1.0}).edges]


def test_who_looks_at_a_measure_is_driven_by_who_shows_it():
    a, b = Small("a", shows=("heat[x]", "heat[y]", "light")), Small("b", looks=("heat[x]", "heat[y]", "light"))
    assert edges(a, b) == [("a", "b", "measures", ("heat", "light"))]


def test_what_is_declared_but_never_looked_at_is_no_arrow():
    a, b = Small("a", shows=("heat[x]", "light")), Small("b", looks=("light",), declares=("heat", "sound"))
    assert edges(a, b) == [("a", "b", "measures", ("light",))]


def test_looking_at_ones_own_is_no_arrow():
    assert edges(Small("a", opens=("depot:x/g", "sink:a"), shows=("heat",), looks=("heat",), moves=[("depot:x/g", "sink:a")])) == []


@pytest.mark.parametrize("how", [{"sees": ("depot:x/g",)}, {"hears": ("depot:x/g",)}, {"moves": [("depot:x/g", "sink:b")]}])
def test_whom_an_account_informs_or_limits_is_driven_by_its_owner(how):
    """Seen, heard of or taken from by one who alone has to do with it: an arrow there and none back."""
    assert edges(Small("a", opens=("depot:x/g",)), Small("b", opens=("sink:b",), **how)) == [("a", "b", "accounts", ("g",))]


def test_who_brings_drives_the_owner_if_somebody_else_depends_on_it():
    owner, brings = Small("a", opens=("depot:x/g",)), Small("b", opens=("source:b",), moves=[("source:b", "depot:x/g")])
    assert edges(owner, brings) == []  # nobody looks at what was brought
    looks = Small("c", sees=("depot:x/g",))
    assert edges(owner, brings, looks) == [("a", "c", "accounts", ("g",)), ("b", "a", "accounts", ("g",))]


def test_two_who_take_from_one_depot_drive_each_other():
    """Each limits the other: through the owner, so that all three stand in one loop."""
    takers = [Small(n, opens=(f"sink:{n}",), moves=[("depot:x/g", f"sink:{n}")]) for n in "bc"]
    found = trace([Small("a", opens=("depot:x/g",)), *takers], {"x": 1.0})
    assert [e[:2] for e in found.edges] == [("a", "b"), ("a", "c"), ("b", "a"), ("c", "a")]
    assert found.loops() == [["a", "b", "c"]]
    assert found.loops("measures") == []


def test_accounts_are_named_by_what_they_hold():
    owner = Small("a", opens=("depot:x/long/good", "waiting:hurt/x", "transit:train/1"))
    b = Small("b", sees=("depot:x/long/good", "waiting:hurt/x", "transit:train/1"))
    assert edges(owner, b) == [("a", "b", "accounts", ("hurt", "long/good", "train"))]


def test_the_order_of_mechanisms_and_the_size_of_numbers_move_nothing():
    tiny = load("tiny-two-sides")
    them, numbers = build(tiny.vocabulary), {path: q.median for path, q in tiny.quantities.items()}
    found = trace(them[::-1], dict.fromkeys(numbers, 1e9))
    assert found == trace(them, numbers) == feedback(tiny)
    assert list(found.mechanisms) == sorted(found.mechanisms)  # the picture is laid out in this order


def test_a_reading_that_is_not_declared_is_refused_as_in_a_run():
    careless = Small("b", looks=("heat",))
    careless.reads = ()
    with pytest.raises(ContractError, match='b reads "heat" without declaring it'):
        trace([Small("a", shows=("heat",)), careless], {"x": 1.0})


# ---- loops


def some(pairs, n=6, kind="measures"):
    return Map({f"m{i}": "" for i in range(n)}, tuple(Edge(f"m{a}", f"m{b}", kind, ()) for a, b in pairs))


@pytest.mark.parametrize(
    ("pairs", "loops"),
    [
        ([], []),
        ([(0, 1), (1, 2), (0, 2)], []),
        ([(0, 1), (1, 0)], [["m0", "m1"]]),
        ([(0, 1), (1, 2), (2, 0), (2, 3)], [["m0", "m1", "m2"]]),
        ([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)], [["m0", "m1", "m2", "m3", "m4"]]),  # two that share one
        ([(0, 1), (1, 0), (2, 3), (3, 4), (4, 2), (0, 4)], [["m2", "m3", "m4"], ["m0", "m1"]]),  # the largest first
    ],
)
def test_loops_that_are_known(pairs, loops):
    assert some(pairs).loops() == loops
    assert some(pairs).loops("accounts") == []


def test_loops_of_graphs_at_random_are_those_of_the_matrix_of_reach():
    rng = np.random.default_rng(3)
    for _ in range(50):
        one = np.triu(rng.random((7, 7)) < 0.2, 1) | np.tril(rng.random((7, 7)) < 0.2, -1)
        reach = np.linalg.matrix_power(np.eye(7) + one, 7) > 0
        both = reach & reach.T
        known = {tuple(f"m{j}" for j in np.flatnonzero(both[i])) for i in range(7) if both[i].sum() > 1}
        assert {tuple(s) for s in some(np.argwhere(one), 7).loops()} == known


# ---- what is shipped


@pytest.fixture(scope="module", params=["tiny-two-sides", "vostochny-2023"])
def shipped(request):
    return load(request.param)


def test_arrows_by_measures_are_in_the_table_of_reads_and_shows(shipped):
    found = feedback(shipped)
    reads = {m.name: set(m.reads) for m in build(shipped.vocabulary)}
    shows = {m.name: set(m.shows) for m in build(shipped.vocabulary)}
    arrows = [e for e in found.edges if e.kind == "measures"]
    assert arrows
    for e in arrows:
        assert set(e.by) <= shows[e.source] & reads[e.target]
    assert set(found.mechanisms) == set(reads)
    assert all(found.mechanisms.values())


def test_the_war_is_a_loop():
    """Fire kills, losses move the front, the front asks for fire; rounds come out of stocks."""
    found = feedback(load("tiny-two-sides"))
    assert [tuple(e) for e in found.edges if e.kind == "measures" and e.target != "production"] == [
        ("attrition", "front", "measures", ("indirect", "people")),
        ("fire", "attrition", "measures", ("equivalents",)),
        ("front", "attrition", "measures", ("front.attacking",)),
        ("front", "fire", "measures", ("front.attacking",)),
        ("stocks", "fire", "measures", ("works",)),
    ]
    assert found.loops("measures")[0] == ["attrition", "fire", "front"]
    goods = {e[:2] for e in found.edges if e.kind == "accounts"}
    assert {("transfers", "stocks"), ("stocks", "transfers"), ("stocks", "fire"), ("fire", "stocks"), ("attrition", "manpower")} <= goods
    assert ("manpower", "attrition") not in goods  # the fallen are manpower's alone to take


def test_names_of_mechanisms_are_one_word():
    """They stand in the boxes of the picture."""
    assert all(m.name.isalpha() for m in MECHANISMS)


def test_as_text_as_data_and_for_graphviz():
    found = some([(0, 1), (1, 0)], 2)
    found = Map({"m0": 'says "so"', "m1": "späht"}, (*found.edges, Edge("m0", "m1", "accounts", ("old_shell", "dart"))))
    assert str(found) == "\n".join(
        [
            "What drives what by the measures it shows:",
            "  m0 -> m1: ",
            "  m1 -> m0: ",
            "What drives what by what is in accounts:",
            "  m0 -> m1: old_shell, dart",
            "Loops: m0, m1",
            "Loops by measures alone: m0, m1",
        ]
    )
    assert found.to_json()["edges"][2] == {"source": "m0", "target": "m1", "kind": "accounts", "by": ("old_shell", "dart")}
    assert found.to_json()["loops"] == [["m0", "m1"]]
    assert found.to_dot().splitlines() == [
        "digraph feedback {",
        r'  "m0" [tooltip="says \"so\""];',
        '  "m1" [tooltip="späht"];',
        '  "m0" -> "m1" [label=""];',
        '  "m1" -> "m0" [label=""];',
        '  "m0" -> "m1" [label="old_shell, dart", style=dashed];',
        "}",
    ]
    assert str(Map({}, ())).count("nothing") == 2
    assert str(Map({}, ())).endswith("Loops: none\nLoops by measures alone: none")
