"""Cards: alternatives that read alike stand together."""

from types import SimpleNamespace

from materiel.views.cards import _alternatives


def test_only_alternatives_that_read_differently_have_a_line_of_their_own():
    by = {"rule": {"bold": 0.52, "shy": 0.11}, "old_law": {"near": 0.301, "far": 0.299}, "test_rate": {"one": 0.3, "two": 0.31}}
    assert _alternatives(SimpleNamespace(by_alternative=by, by_priors={})) == (
        ("rule", "bold about 50, shy about 10"),
        ("the same under every option of", "old law, test rate"),
    )
    assert _alternatives(SimpleNamespace(by_alternative={}, by_priors={})) == ()


def test_two_sets_of_ranges_stand_first():
    by = SimpleNamespace(by_alternative={"law": {"near": 0.1, "far": 0.9}}, by_priors={"authors": 0.3, "by rule": 0.86})
    assert _alternatives(by)[0] == ("the set of ranges", "authors about 30, by rule about 85")
