"""Everything that the language can name has a name that people can read, made of the scenario's own words."""

import re

import pytest

from materiel.scenario import load, measures, shipped
from materiel.views import names


@pytest.mark.parametrize("scenario", shipped())
def test_every_measure_and_every_number_has_a_name(scenario):
    s = load(scenario)
    v = s.vocabulary
    for measure in measures(v):
        named = names.measure(v, measure)
        assert named.title[0].isupper() or named.title[0].isdigit()
        assert "_" not in named.title + named.of
        assert not re.search(r"\bside [ab]\b", named.title)
    for path in s.quantities:
        assert re.fullmatch(r"[^_]+", names.path(v, path)), path


def test_names_come_from_the_scenario():
    v = load("tiny-two-sides").vocabulary
    assert names.measure(v, "held[maker.old_shell]")[:2] == ("Held in depots", "Maker: old shells")
    assert names.measure(v, "held[north.old_shell] + held[north.new_shell]").of == "North: old shells and North: new shells"
    assert names.measure(v, "front.area")[:3] == ("Net area gained by North since the first day", "", "km2")
    assert names.measure(v, "losses[b]").of == "South"
    assert names.measure(v, "delivered[maker_north.old_shell]").of == "Maker to North: old shells"
    assert names.measure(v, "front.advance[valley]").of == "the valley"
    assert names.path(v, "offers.maker_north.mix.old_shell") == "Maker to North, offer: mix, old shells"
    assert names.path(v, "stocks.maker.old_shell.held") == "Maker: old shells, held"
    assert names.path(v, "attrition.sides.b.precision") == "South, losses inflicted: precision"
    assert names.path(v, "fire.cover.north_guns.usual") == "North, fire (north guns): usual"
    assert names.path(v, "front.balance") == "front: balance"


def test_a_measure_of_no_family_is_refused():
    with pytest.raises(KeyError):
        names.measure(load("tiny-two-sides").vocabulary, "hope[north]")
