"""Worlds that were never simulated: the small invented war with numbers made up here, so that views are tested alone."""

import zlib
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np

from materiel.claims.probability import Range
from materiel.claims.verdict import Effect, Learnt, Verdicts
from materiel.evidence.weighed import Check, Spoke, Weighing
from materiel.scenario import Scenario
from materiel.scenario.read import find

FLOWS = {
    "done/north_works/new_shell": ("making:north_works/new_shell/1", "depot:north/new_shell", 90_000.0),
    "start/north_works/new_shell": ("source:made/north_works/new_shell", "making:north_works/new_shell/0", 95_000.0),
    "offer/maker_north/old_shell": ("depot:maker/old_shell", "waiting:maker_north/old_shell", 120_000.0),
    "ship/maker_north/rail/old_shell": ("waiting:maker_north/old_shell", "transit:maker_north/rail/old_shell/0", 110_000.0),
    "arrive/maker_north/rail/old_shell": ("transit:maker_north/rail/old_shell/3", "depot:north/old_shell", 98_000.0),
    "lose/maker_north/rail/old_shell": ("transit:maker_north/rail/old_shell/3", "sink:lost/rail/old_shell", 2_000.0),
    "fire/north_guns/new_shell": ("depot:north/new_shell", "sink:fired/north_guns", 100_000.0),
    "fire/south_guns/new_shell": ("depot:south/new_shell", "sink:fired/south_guns", 80_000.0),
    "supply/friend_south": ("depot:friend/new_shell", "depot:south/new_shell", 60_000.0),
    "losses/a": ("depot:north/northerners", "waiting:casualties/a", 9_000.0),
}
MECHANISMS = {"fire": "Use of rounds", "front": "Movement on each axis", "stocks": "Ageing stocks"}
ARROWS = (
    ("front", "fire", "measures", ("front.attacking",)),
    ("fire", "stocks", "accounts", ("new_shell", "old_shell")),
    ("stocks", "fire", "accounts", ("new_shell", "old_shell")),
)


@dataclass
class MadeUpWorlds:
    """The attributes of Worlds that views and verdicts read; every number follows from names, none from an engine."""

    scenario: Scenario
    n: int = 64
    seed: int = 7
    run: str = "madeup"
    of: str | None = None
    seconds: float = 1.5
    made_with: dict = field(default_factory=lambda: {"materiel": "0.0.0", "processor": "none"})
    folder: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(path="runs/madeup"))

    def __post_init__(self):
        s, self.shown = self.scenario, self.n
        self.courses, self.chart_courses = tuple(s.courses), s.vocabulary.chart_courses
        self.days = np.array([*range(0, s.days, 7), s.days + 1])
        self.dates = [s.date(d) for d in self.days]

    def portions(self):
        return [self]

    def _rng(self, *names):
        return np.random.default_rng(zlib.crc32("/".join(names).encode()))

    def unknown(self, path):
        return self.scenario.quantities[path].value(self._rng(path).uniform(size=self.n))

    def unknown_paths(self):
        return [p for p, q in self.scenario.quantities.items() if not q.exact]

    def alternative(self, name):
        return self._rng(name).integers(0, len(self.scenario.alternatives[name].options), self.n)

    def at(self, course, measure, day):
        slope = self._rng(measure).lognormal(size=self.n) * (1.0 if course == "pact" else 0.8)
        return 1000.0 * slope * (1 + day)

    def series(self, course, measure):
        return np.stack([self.at(course, measure, int(d)) for d in self.days])

    def flows(self, course):
        return {k: np.linspace(0.5, 1.5, self.n) * x * (1.0 if course == "pact" else 0.9) for k, (_, _, x) in FLOWS.items()}

    @property
    def flow_ends(self):
        return {k: (a, b) for k, (a, b, _) in FLOWS.items()}

    @property
    def feedback(self):
        return SimpleNamespace(mechanisms=MECHANISMS, edges=ARROWS, loops=lambda *kinds: [["fire", "stocks"]] if not kinds else [])


SMALL = "tiny-two-sides"
SCRIPT = "<script>document.title='taken'</script>"
PICTURE = "</script><img src=x onerror=document.title='taken'>"


def hostile_text() -> str:
    """The small war with names, titles and notes that would take over a page that trusted them."""
    text = find(SMALL).read_text(encoding="utf-8")
    for old, new in {
        "scenario: Two invented sides": f'scenario: "{SCRIPT}"',
        "name: North,": f'name: "North {PICTURE}",',
        "name: new shells": f'name: "=new {SCRIPT}"',
        "says: Maker sends what it offers.": f'says: "{PICTURE}"',
        "says: Shells from Maker slow South's push.": f'says: "{SCRIPT}{PICTURE}"',
        "observer: South": f'observer: "{PICTURE}"',
        "title: Invented bulletin": f'title: "{SCRIPT}"',
        "https://example.org/bulletin": "javascript:alert(1)",
        "note: no public count": f'note: "{SCRIPT}"',
        "  - Air power.": f'  - "{SCRIPT}"',
        "name: the valley": f'name: "the valley {PICTURE}"',
        "authors: [the materiel authors]": f'authors: ["{SCRIPT}"]',
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


FAMILIES = {"north": "officials of North", "south": "officials of South", "watch": "a watch on the border", "press": "the press"}
EVIDENCE = f"""
evidence:
  families: {{{", ".join(f"{key}: {{name: {name}}}" for key, name in FAMILIES.items())}}}
  bias: 0.5
  common: 0.3
  error: 0.4
  either_way: 1.25
  against_interest: 2 to 5
  hit: beta(8, 2)
  false_alarm: beta(1, 9)
"""


def heard_text() -> str:
    """The small war with families of speakers."""
    return find(SMALL).read_text(encoding="utf-8") + EVIDENCE


def check(id, family, origin, measure="fired[north_guns]", says="4,000 to 9,000 rounds/day", unit="rounds/day", place=0.42):
    """One report; with no place it says yes or no, with none of both nothing."""
    told = (1000.0, 5000.0, 20000.0) if place is not None else ((0.8,) if says in ("yes", "no") else ())
    return Check(id, 7, family, origin, measure, says, unit, told, tuple(0.5 * x for x in told), place, place)


CHECKS = (
    check("R1", "south", "staff"),
    check("R2", "south", "staff", place=0.97),
    check("R3", "south", "minister", "front.area", "-177 km^2", "km^2", 0.3),
    check("R4", "north", "denials", "containers[maker_north]", "no", "containers", None),
    check("silence/watch/boxes", "watch", "silence/watch", "containers[maker_north]", "nothing", "containers", None),
)
MORE = (*CHECKS, check("R5", "watch", "camera", "containers[maker_north]", "at least 30 containers", "containers", 0.6))


def weighing(to="2020-06-10", checks=CHECKS, without=()):
    """What made-up worlds were weighed with."""
    families = dict.fromkeys(c.family for c in checks)
    spoke = tuple(
        Spoke(f, FAMILIES[f], sum(c.family == f for c in checks), len({c.origin for c in checks if c.family == f})) for f in families
    )
    return Weighing(
        of="ordina", to=to, without=tuple(without), road="moved", reports=len(checks), plans=2, aside=3, spoke=spoke, k_hat=2.7,
        plain_effective=1.4, particles=256, batches=4, effective=123.0, simulations=(9, 9, 9, 9), fitted=5, checks=checks, seconds=3.0,
    )  # fmt: skip


LEARNT = Learnt(
    prior_effect=Effect(80.0, 5.0, 400.0, "km2"), effect=0.3, delivered=0.42, per_round=0.03,
    without={"north": 0.36, "south": 0.5, "watch": None}, origins={"south": 2},
)  # fmt: skip
NOTHING = Learnt(prior_effect=None, effect=None, delivered=None, per_round=None, without={"north": 0.61, "watch": None}, origins={})


def weighed(verdicts: Verdicts, made: Weighing | None = None, probability=0.35, **learnt) -> Verdicts:
    """The verdicts after reports: the first is learnt, from 55 to 35 of 100; the second is as it was."""
    first, second = verdicts.claims
    first = replace(
        first, probability=probability, prior_probability=0.55, probability_range=Range(probability - 0.05, probability + 0.05),
        probability_error=0.02, basis="learnt", basis_says="the reports moved it", grade="unlikely", confidence="moderate",
        confidence_says="2 independent origins of one family speak of this measure", learnt=replace(LEARNT, **learnt),
    )  # fmt: skip
    second = replace(second, prior_probability=second.probability, confidence_says="no report speaks of this measure", learnt=NOTHING)
    return replace(verdicts, sentence="weighed with reports", claims=(first, second), weighing=made or weighing())


def _scores(measure, against, made, crps, unit, trend, persistence, hits):
    coverage = {str(level): {"hits": hits, "n": 15} for level in (50, 80, 90, 95)}
    return {
        "measure": measure, "scored_against": against, "made": made, "n": 15, "crps": crps, "unit": unit, "skill_trend": trend,
        "skill_persistence": persistence, "coverage": coverage,
    }  # fmt: skip


SERIES = [
    _scores(
        "fired[north_guns]", "the next statement of officials of South", "month by month", 0.41, "log",
        {"value": 0.21, "low": -0.05, "high": 0.43}, {"value": 0.3, "low": 0.1, "high": 0.5}, 13,
    ),
    _scores("front.area", "measured by a watch", "on the first day", 80.5, "km^2", {"value": -0.3, "low": None, "high": None}, None, 2),
]  # fmt: skip
DAYS = {"scenario": "Two invented sides", "as_of": "2020-06-01", "until": "2020-06-30"}
RECORDS = [
    DAYS | {"priors": "rule", "kind": "hindcast", "series": SERIES},
    DAYS | {"priors": "authors", "kind": "retrodiction", "series": SERIES},
]
