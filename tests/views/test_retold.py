"""What the rooms below say in English is told again in another language: every form that they have is known here."""

import re
from itertools import product

import pytest

from materiel.claims.estimand import rule
from materiel.claims.judging import _tail
from materiel.claims.learning import confidence
from materiel.evidence.skill import Shown
from materiel.scenario import load, shipped
from materiel.views import retold
from materiel.views.language import speaking

ENGLISH = re.compile(r"\b(the|of|this|and|or|with|speaks?|worlds?|higher|lower|above|below|least|most|more|less|by|quarter)\b")


def in_german(tell, text):
    with speaking("de"):
        return tell(text)


@pytest.mark.parametrize("text", ["", "something else, of 12", "higher than 3"])
def test_what_has_another_form_stays_as_it_was(text):
    for tell in (retold.tail, retold.heard, retold.ruled):
        assert tell(text) == text
        assert in_german(tell, text) == text


def test_every_confidence_is_told():
    scores = [None, Shown(better=2, worse=1), Shown(better=1, worse=2)]
    for spoke, shown, alone in product(({}, {"a": 1}, {"a": 2}, {"a": 2, "b": 3}), scores, (True, False)):
        level, says = confidence(spoke, shown, alone)
        assert level in retold.CONFIDENCE
        assert retold.heard(says) == says
        assert not ENGLISH.search(in_german(retold.heard, says)), says


def test_rules_and_windows_of_the_shipped_scenarios_are_told():
    seen = 0
    for name in shipped():
        s = load(name)
        for claim in s.vocabulary.claims.values():
            bar = rule(claim)
            for says in (claim.holds_if, bar.says("rounds/day", 0.5), bar.says("share", 2.0)):
                told = in_german(retold.ruled, says)
                assert not ENGLISH.search(told), (says, told)
                assert "km2" not in told
            assert not ENGLISH.search(in_german(retold.window, claim)), claim
            seen += 1
    assert seen > 50


def test_a_rule_in_german():
    assert in_german(retold.ruled, "higher by 20 km2 or more") == "höher um 20 km² oder mehr"
    assert in_german(retold.ruled, "below 60k rounds") == "unter 60.000 Schuss"
    assert in_german(retold.ruled, "at least 1.5 times") == "mindestens das 1,5-Fache"
    assert in_german(retold.ruled, "above 12.5 %") == "über 12,5 %"


def test_tails_are_told():
    import numpy as np

    s = load("tiny-two-sides")
    bars = [rule(c) for c in s.vocabulary.claims.values()]
    for bar in bars:
        says = _tail(np.linspace(1, 2000, 40), bar, "rounds")
        assert re.fullmatch(r"1 von 20 Welten: [\d.]+ Schuss oder (mehr|weniger)", in_german(retold.tail, says))
    assert in_german(retold.tail, "1 in 20 worlds: something against nothing") == "1 von 20 Welten: etwas gegen nichts"
