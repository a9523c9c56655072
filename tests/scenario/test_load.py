"""What a loaded scenario holds: numbers by path, their sources, courses, alternatives, and a hash of what it says."""

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from materiel.scenario import Scenario, ScenarioError, explain, json_schema, load, loads, measures, new, shipped

GOOD = (Path(__file__).parent.parent / "bad" / "good.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tiny() -> Scenario:
    return load("tiny-two-sides")


def refused(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(text.encode())
    return [p.message for p in caught.value.problems]


def test_dates_and_days(tiny: Scenario) -> None:
    assert (tiny.days, tiny.step) == (60, 1.0)
    assert tiny.day("2020-05-11") == tiny.day(datetime.date(2020, 5, 11)) == 10
    assert tiny.date(10) == datetime.date(2020, 5, 11)


def test_every_number_stands_under_its_path(tiny: Scenario) -> None:
    for path in (
        "offers.maker_north.scale",
        "goods.old_shell.ageing.life",
        "stocks.maker.old_shell.held",
        "supplies.friend_south.steps.0.rate",
        "front.axes.valley.width",
        "production.maker_works.makes.old_shell",
        "offers.maker_north.mix.old_shell",
        "front.operations.spring_push.from",
    ):
        assert tiny.quantities[path].path == path
    for q in tiny.quantities.values():
        values = q.value(np.linspace(0.001, 0.999, 101))
        assert values.dtype == np.float64
        assert (np.diff(values) >= 0).all()
        assert np.isfinite(values).all()
        assert q.text.split()[0] in Path(tiny.path).read_text(encoding="utf-8").splitlines()[q.line - 1]


def test_numbers_of_the_vocabulary_are_the_same_objects(tiny: Scenario) -> None:
    assert tiny.vocabulary.offers["maker_north"].scale is tiny.quantities["offers.maker_north.scale"]


def test_a_switch_is_an_index_and_a_date_counts_days(tiny: Scenario) -> None:
    rule = tiny.quantities["front.attack_rule"]
    assert (rule.at(0.5), rule.words) == (0.0, ("by_initiative", "operations_only"))
    assert tiny.alternatives["who_decides"].options[1].set["front.attack_rule"].at(0.5) == 1.0
    assert tiny.quantities["supplies.friend_south.steps.1.from"].at(0.5) == 31


def test_the_steps_of_a_series_share_a_draw(tiny: Scenario) -> None:
    names = {tiny.quantities[f"supplies.friend_south.steps.{i}.rate"].draw_name for i in (0, 1)}
    assert names == {"supplies.friend_south.steps"}


def test_sources_are_inherited_with_what_belongs_to_them(tiny: Scenario) -> None:
    own = tiny.quantities["stocks.maker.old_shell.held"]
    assert (own.source, own.quality, own.known) == ("yearbook", "F6", datetime.date(2020, 4, 1))
    assert tiny.quantities["stocks.maker.old_shell.mean_age"].assumed
    nested = tiny.quantities["goods.old_shell.ageing.life"]
    assert (nested.source, nested.note) == ("yearbook", "no test of these lots is known")
    step = tiny.quantities["supplies.friend_south.steps.1.rate"]
    assert (step.source, step.quality) == ("bulletin", "C3")


def test_courses_and_alternatives(tiny: Scenario) -> None:
    assert tiny.courses["pact"].set == {}
    half = tiny.courses["half_pact"]
    assert (half.day, half.conceived_after) == (9, "the bulletin of 2020-06-08")
    scale = half.set["offers.maker_north.scale"]
    assert scale.draw_name == tiny.quantities["offers.maker_north.scale"].draw_name
    assert (scale.low, scale.source) == (pytest.approx(0.4), "bulletin")
    assert half.set["offers.maker_north.opens"].assumed
    assert sum(o.weight for o in tiny.alternatives["who_decides"].options) == pytest.approx(1)


def test_the_hash_is_of_what_is_said() -> None:
    plain = loads(GOOD.encode()).hash
    assert re.fullmatch(r"[0-9a-f]{64}", plain)
    assert loads(GOOD.replace("lost: 2 %", "lost: 2 %   # a comment").encode()).hash == plain
    assert loads(GOOD.replace("\n", "\r\n").encode()).hash == plain
    assert loads(GOOD.replace("lost: 2 %", "lost: 3 %").encode()).hash != plain


def test_a_number_can_be_replaced_and_loses_its_source() -> None:
    changed = load(Path(__file__).parent.parent / "bad" / "good.yaml", replace={"stocks.north.new_shell.held": "5k rounds"})
    q = changed.quantities["stocks.north.new_shell.held"]
    assert (q.at(0.5), q.assumed) == (5000.0, True)
    assert changed.hash != loads(GOOD.encode()).hash
    with pytest.raises(ScenarioError, match="has no unit"):
        load("tiny-two-sides", replace={"stocks.north.dart.held": "5k"})
    with pytest.raises(ScenarioError, match=r'Did you mean "stocks\.north\.dart\.held"'):
        load("tiny-two-sides", replace={"stocks.north.dart.heldd": "5k rounds"})


def test_a_scenario_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match='Did you mean "tiny-two-sides"'):
        load("tiny-two-side")
    with pytest.raises(ScenarioError, match="there is no scenario"):
        load(tmp_path)


def test_a_file_that_is_no_text_or_too_long(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(b"scenario: caf\xe9\n")
    with pytest.raises(ScenarioError, match=r":1:14: this file is not UTF-8 text"):
        load(tmp_path)
    path.write_bytes(b"# \n" * 400_000)
    with pytest.raises(ScenarioError, match="at most 1,000,000"):
        load(tmp_path)


def test_words_that_other_readers_of_yaml_change_stay_words() -> None:
    said = loads(GOOD.replace("{name: Maker}", "{name: NO}").replace("{name: South,", "{name: 22:30,").encode()).vocabulary
    assert (said.actors["maker"].name, said.actors["south"].name) == ("NO", "22:30")


def test_warnings_are_few_and_say_what_is_assumed(tiny: Scenario) -> None:
    assert tiny.warnings
    assert all(p.severity == "warning" for p in tiny.warnings)
    assert len(tiny.warnings) < 30
    assert 'numbers under "front" have no source; they will be shown as assumed.' in "\n".join(p.message for p in tiny.warnings)


def test_every_number_and_source_is_explained() -> None:
    for name in shipped():
        scenario = load(name)
        said = " ".join(explain(scenario).split())
        for q in scenario.quantities.values():
            assert q.shown in said, q.path
            assert q.note is None or " ".join(q.note.split()) in said, q.path
        for source in scenario.vocabulary.sources:
            assert source in said
        assert all(len(line) <= 110 or " " not in line.strip() for line in explain(scenario).splitlines())


def test_the_schema_knows_every_section_and_how_numbers_are_written() -> None:
    schema = json_schema()
    json.dumps(schema)
    assert {"stocks", "courses", "front"} <= set(schema["properties"])
    route = schema["$defs"]["Route"]
    assert "from" in route["properties"]
    assert route["additionalProperties"] is False
    kinds = {json.dumps(option.get("type")) for option in route["properties"]["transit"]["anyOf"]}
    assert kinds == {'["string", "number"]', '"object"'}


@pytest.mark.parametrize("source", [None, "tiny-two-sides"])
def test_a_new_folder_loads_and_is_never_overwritten(tmp_path: Path, source: str | None) -> None:
    written = new(tmp_path / "mine", source)
    assert [p.name for p in written] == ["scenario.yaml", "scenario.schema.json"]
    assert written[0].read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    assert load(tmp_path / "mine").courses
    with pytest.raises(FileExistsError):
        new(tmp_path / "mine", source)
    with pytest.raises(ScenarioError, match="there is no scenario"):
        new(tmp_path / "other", "no-such-one")


def test_measures_of_a_scenario_can_be_named_in_claims(tiny: Scenario) -> None:
    names = measures(tiny.vocabulary)
    assert {"front.area", "fired[north_guns]", "held[north.old_shell]", "losses[a]"} <= set(names)


def test_a_level_cannot_be_read_on_a_month() -> None:
    assert '"2020-12" is a month; a level is read on one day.' in refused(GOOD.replace("    at: 2020-12-31", "    at: 2020-12"))


def test_reading_a_scenario_imports_nothing_heavy() -> None:
    code = (
        "import sys, materiel.scenario as s\n"
        "first = {m.partition('.')[0] for m in sys.modules}\n"
        "s.load('tiny-two-sides')\n"
        "print(sorted(first & {'jax', 'xarray', 'pandas', 'scipy', 'pint', 'ruamel', 'numpy'}))\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'jax', 'xarray', 'pandas'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n[]\n"
