"""The record of past forecasts: counts with their intervals, skill with its doubt, and never a hindcast by people who know."""

import json

import pytest

from materiel.evidence.scores import Skill
from materiel.views import records
from materiel.worlds import RunError
from tests.views.madeup import RECORDS, SERIES


@pytest.fixture(scope="module")
def tables(heard):
    return records.table(heard.scenario.vocabulary, RECORDS)


def test_a_row_says_what_against_whom_how_far_off_and_how_often_inside(tables):
    assert len(records.HEAD) == 11
    row = tables[0][1][0]
    assert row == (
        "Rounds used: North (north guns)",
        "the next statement of officials of South",
        "month by month",
        "15",
        "0.41 (log; a factor of 1.5)",
        "0.21 (−0.05 to 0.43), too few to tell",
        "0.30 (0.10 to 0.50), better",
        *["13 of 15; 60-98 %"] * 4,
    )


def test_a_change_is_scored_in_its_unit_and_a_missing_end_is_too_few(tables):
    row = tables[0][1][1]
    assert row[4:7] == ("80 km²", "−0.30, too few to tell", "—")
    assert row[-1] == "2 of 15; 2-40 %"


def test_what_is_called_a_hindcast(tables, heard):
    hindcast, retrodiction = (head for head, _ in tables)
    assert hindcast == "Hindcast from 1 June 2020 to 30 June 2020, with ranges made by rule from what was published by the first day"
    assert retrodiction == "Retrodiction from 1 June 2020 to 30 June 2020, with ranges set by people who know how it went"
    claims_more = RECORDS[1] | {"kind": "hindcast"}  # its ranges were set by people all the same
    assert records.table(heard.scenario.vocabulary, [claims_more])[0][0] == retrodiction


def test_what_was_later_or_stopped_is_said(heard):
    head, _ = records.table(heard.scenario.vocabulary, [RECORDS[0] | {"later": 12, "stopped": "stopped at 2020-06-20: no world is left"}])[
        0
    ]
    assert "; 12 numbers, sources, events or courses are later than that day and were taken as assumed; stopped at 2020-06-20" in head
    gaps = RECORDS[0] | {"broken": 2, "absent": ["seen_craters"]}
    head, _ = records.table(heard.scenario.vocabulary, [gaps])[0]
    assert head.endswith(
        "; without the series seen craters, whose tables were not there; 2 worlds in which some value is not finite left out"
    )


def test_events_have_a_log_score_beside_that_of_even_chances(heard):
    what = {"measure": "containers[maker_north]", "scored_against": "a watch", "made": "month by month"}
    event = what | {"n": 3, "log_score": 0.4, "even": 0.6931}
    row = records.table(heard.scenario.vocabulary, [RECORDS[0] | {"events": [event]}])[0][1][-1]
    assert row[4] == "log score 0.4 (even chances 0.69)"
    assert len(row) == len(records.HEAD)


def test_scores_and_skill():
    assert records.score(0.9, "log of 1 + what was added") == "0.9 (log of 1 + what was added; a factor of 2.5)"
    assert records.skill(Skill(None, None, None)) == "nothing to compare with"
    assert records.skill(None) == "—"
    assert records.skill(Skill(-0.3, -0.6, -0.1)) == "−0.30 (−0.60 to −0.10), worse"


def test_names_of_measures(heard):
    v = heard.scenario.vocabulary
    assert records.named(v, "fired[north_guns] / fired[south_guns], series.craters") == (
        "Rounds used: North (north guns) against Rounds used: South (south guns), series.craters"
    )
    assert records.named(v, "no such measure") == "no such measure"


def test_records_of_one_scenario_are_found_in_order(tmp_path):
    for name, data in (("b.json", RECORDS[1]), ("a.json", RECORDS[0]), ("c.json", RECORDS[0] | {"scenario": "Another war"})):
        (tmp_path / name).write_text(json.dumps(data))
    assert records.found(tmp_path, "Two invented sides") == RECORDS
    assert records.found(tmp_path / "nowhere", "Two invented sides") == []


SHORT = {k: v for k, v in SERIES[0].items() if k != "n"}


@pytest.mark.parametrize("text", ["{", "[]", *(json.dumps(RECORDS[0] | {"series": bad}) for bad in ("none", [SHORT]))])
def test_a_record_that_cannot_be_read_is_named(tmp_path, text):
    (tmp_path / "torn.json").write_text(text)
    with pytest.raises(RunError, match=r"torn\.json is no record of a hindcast .*take the file away"):
        records.found(tmp_path, "Two invented sides")
