"""Which worlds stand in one brief."""

from datetime import date
from types import SimpleNamespace

import pytest

from materiel.views import beside as room
from materiel.views.beside import beside

AS_OF = "2020-06-10"


class OnDisk:
    """A run and its weighings, as they would be found."""

    def __init__(self, monkeypatch, folder, days, refused=()):
        scenario = SimpleNamespace(as_of=date.fromisoformat(AS_OF), vocabulary=SimpleNamespace(scenario="Two invented sides"), replaced={})

        def worlds(run, to=None, without=()):
            made = SimpleNamespace(of="first", to=to, without=without) if to else None
            return SimpleNamespace(run=run, to=to, scenario=scenario, made=made, folder=SimpleNamespace(path=folder / run))

        self.worlds = worlds
        self.ordinary = worlds("first")
        self.weighed = {day: worlds(f"to-{day}", day) for day in days}
        monkeypatch.setattr(room, "weighing_of", lambda w: w.made)
        monkeypatch.setattr(room, "weighings", lambda w: list(self.weighed.values()) if w is self.ordinary else [])
        monkeypatch.setattr(room, "refusals", lambda w: dict.fromkeys(refused, "why") if w is self.ordinary else {})
        monkeypatch.setattr(room, "all_runs", lambda root: [])
        monkeypatch.setattr(room, "open_run", lambda run, root: self.ordinary if (run, root) == ("first", folder) else None)


def told(of):
    return of.worlds.run, of.later and of.later.run, of.refused


def test_a_run_that_nothing_weighs_stands_alone(monkeypatch, tmp_path):
    disk = OnDisk(monkeypatch, tmp_path, [], ["2020-06-25"])
    assert told(beside(disk.ordinary)) == ("first", None, {"2020-06-25": "why"})


def test_the_as_of_date_comes_first_and_the_newest_day_after_it_second(monkeypatch, tmp_path):
    disk = OnDisk(monkeypatch, tmp_path, ["2020-06-01", AS_OF, "2020-06-20", "2020-06-25"])
    expected = (f"to-{AS_OF}", "to-2020-06-25", {})
    assert told(beside(disk.ordinary)) == expected
    assert told(beside(disk.weighed[AS_OF])) == expected
    assert told(beside(disk.weighed["2020-06-25"])) == expected


def test_what_is_named_keeps_its_place(monkeypatch, tmp_path):
    disk = OnDisk(monkeypatch, tmp_path, ["2020-06-01", AS_OF, "2020-06-20", "2020-06-25"])
    assert told(beside(disk.weighed["2020-06-20"])) == (f"to-{AS_OF}", "to-2020-06-20", {})
    assert told(beside(disk.weighed["2020-06-01"])) == ("to-2020-06-01", "to-2020-06-25", {})


@pytest.mark.parametrize(("days", "worlds", "later"), [([AS_OF], f"to-{AS_OF}", None), (["2020-06-20"], "first", "to-2020-06-20")])
def test_one_column_may_be_missing(monkeypatch, tmp_path, days, worlds, later):
    assert told(beside(OnDisk(monkeypatch, tmp_path, days).ordinary)) == (worlds, later, {})


def test_days_before_the_as_of_date_are_no_column(monkeypatch, tmp_path):
    assert told(beside(OnDisk(monkeypatch, tmp_path, ["2020-06-01"]).ordinary)) == ("first", None, {})


def test_worlds_weighed_without_a_family_stand_alone(monkeypatch, tmp_path):
    disk = OnDisk(monkeypatch, tmp_path, [AS_OF, "2020-06-25"], ["2020-06-29"])
    assert told(beside(disk.worlds("apart", AS_OF, ("press",)))) == ("apart", None, {})


def test_hindcasts_are_looked_for_beside_the_runs(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(room, "found", lambda folder, title: seen.append((folder, title)) or ["one"])
    assert beside(OnDisk(monkeypatch, tmp_path, []).ordinary).records() == ["one"]
    assert seen == [(tmp_path / "hindcasts", "Two invented sides")]


def test_ranges_by_rule_stand_beside_a_run_weighed_to_the_same_day(monkeypatch, tmp_path):
    disk = OnDisk(monkeypatch, tmp_path, [AS_OF, "2020-06-25"])
    rule, by_rule = disk.worlds("rule"), {day: disk.worlds(f"rule-{day}", day) for day in (AS_OF, "2020-06-20")}
    monkeypatch.setattr(room, "_by_rule", lambda w: rule if w is disk.ordinary else None)
    monkeypatch.setattr(room, "weighings", lambda w: [*(by_rule if w is rule else disk.weighed).values()])
    assert room.same_by_rule(disk.ordinary) is rule
    assert room.same_by_rule(disk.weighed[AS_OF]) is by_rule[AS_OF] is beside(disk.ordinary).worlds_by_rule  # as a brief has it
    assert room.same_by_rule(disk.weighed["2020-06-25"]) is None
    assert room.same_by_rule(disk.worlds("apart", AS_OF, ("press",))) is None
    monkeypatch.setattr(room, "_by_rule", lambda w: None)
    assert room.same_by_rule(disk.ordinary) is None
