"""How confident a verdict may be: who spoke, and what hindcasts of the measure show."""

import json

import pytest

from materiel.claims.learning import confidence
from materiel.evidence import skill
from materiel.evidence.skill import Shown

MANY = {"north": 2, "south": 2}


@pytest.mark.parametrize(
    ("spoke", "shown", "alone", "level"),
    [
        ({}, Shown(2, 0), True, "low"),  # nobody spoke: a record of forecasts does not replace reports
        ({"north": 5}, None, True, "low"),  # one family
        ({"north": 1, "south": 1}, None, True, "low"),  # two origins
        (MANY, None, True, "moderate"),
        (MANY, Shown(0, 0), True, "moderate"),  # too few to tell
        (MANY, Shown(1, 0), True, "high"),
        (MANY, Shown(1, 0), False, "moderate"),  # no hindcast knows the other course
        (MANY, Shown(0, 1), True, "low"),
        (MANY, Shown(1, 1), True, "moderate"),  # better against one, worse against the other
        ({"north": 1, "south": 1}, Shown(2, 0), True, "low"),
    ],
)
def test_levels(spoke, shown, alone, level):
    said, why = confidence(spoke, shown, alone)
    assert said == level
    assert ("hindcasts" in why) == (bool(spoke) and shown is not None and shown.better != shown.worse)


def series(measure, trend, persistence=None):
    def one(ends):
        return None if ends is None else {"value": sum(ends) / 2, "low": ends[0], "high": ends[1]}

    return {"measure": measure, "skill_trend": one(trend), "skill_persistence": one(persistence)}


def test_what_hindcasts_show(tmp_path):
    (tmp_path / skill.FOLDER).mkdir()

    def save(name, kind="hindcast", title="Some war", rows=()):
        (tmp_path / skill.FOLDER / name).write_text(json.dumps({"scenario": title, "kind": kind, "series": rows}), encoding="utf-8")

    rows = [
        series("front.area", (0.1, 0.4), (-0.2, 0.3)),  # better than a trend, too few to tell against the last value
        series("losses[a]", (-0.5, -0.1), (-0.9, -0.2)),
        series("fire[a] / fire[b]", (0.2, 0.3)),
        series("delivered[x] + delivered[y]", (-0.1, 0.1)),
        {"measure": "boxes", "skill_trend": {"value": 0.3, "low": None, "high": None}, "skill_persistence": None},
    ]
    save("a.json", rows=rows)
    save("b.json", rows=[series("front.area", (0.2, 0.3))])
    save("c.json", kind="retrodiction", rows=[series("front.area", (0.5, 0.6))] * 9)  # knows how it went
    save("d.json", title="Another war", rows=[series("front.area", (-0.5, -0.4))] * 9)
    (tmp_path / skill.FOLDER / "e.json").write_text("{", encoding="utf-8")
    (tmp_path / skill.FOLDER / "f.json").write_text("[]", encoding="utf-8")
    assert skill.of(tmp_path, "Some war") == {
        "front.area": Shown(2, 0), "losses[a]": Shown(0, 2), "fire[a]": Shown(1, 0), "fire[b]": Shown(1, 0),
        "delivered[x]": Shown(0, 0), "delivered[y]": Shown(0, 0), "boxes": Shown(0, 0),
    }  # fmt: skip
    assert skill.of(tmp_path / "nothing", "Some war") == {}
