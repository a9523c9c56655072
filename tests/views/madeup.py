"""Worlds that were never simulated: the small invented war with numbers made up here, so that views are tested alone."""

import zlib
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

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
    seconds: float = 1.5
    made_with: dict = field(default_factory=lambda: {"materiel": "0.0.0", "processor": "none"})
    folder: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(path="runs/madeup"))

    def __post_init__(self):
        s = self.scenario
        self.courses, self.chart_courses = tuple(s.courses), s.vocabulary.chart_courses
        self.days = np.array([*range(0, s.days, 7), s.days + 1])
        self.dates = [s.date(d) for d in self.days]

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
