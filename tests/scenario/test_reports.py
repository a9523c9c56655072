"""The ledger of reports and the series beside a scenario: what is read, what is refused and how, and what ships."""

import random
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from materiel.scenario import ScenarioError, explain, load, loads
from materiel.scenario.reports import COLUMNS, counted, ledger, plain_unit, read
from materiel.scenario.series import points

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "tests" / "bad" / "good_evidence.yaml").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
SHIPPED = ROOT / "src" / "materiel" / "library" / "vostochny-2023"

BASE = {
    "id": "R1", "topic": "arms", "subject": "MAKER>NORTH", "quantity": "boxes_sent", "value_low": "", "value_central": "120",
    "value_high": "", "unit": "containers", "period_start": "2020-05-01", "period_end": "2020-06-30", "published": "2020-07-04",
    "published_earliest": "", "published_latest": "", "withdrawn": "", "speaker": "the watch, by phone", "family": "watch", "origin": "",
    "interest": "none", "method": "imagery", "stance": "estimates", "quality": "B2", "publisher": "The Paper",
    "url": "https://paper.example/1", "archived": "", "replaces": "", "note": 'said "about"',
}  # fmt: skip
FAMILIES = ("north", "south", "watch")


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\n]', text) else text


def rows(*changes: dict[str, str], header: tuple[str, ...] = COLUMNS) -> bytes:
    """A ledger of one row a change to BASE."""
    lines = [",".join(header), *(",".join(cell((BASE | c).get(name, "")) for name in header) for c in changes)]
    return ("\n".join(lines) + "\n").encode()


def problems(raw: bytes) -> list[tuple[int, str, str]]:
    """Line, message and help; each with the column that its caret stands on."""
    made = ledger("reports.csv", raw, FAMILIES)
    return [(p.line, p.message, p.help) for p in made.page.problems]


def place(raw: bytes) -> tuple[int, int]:
    first = ledger("reports.csv", raw, FAMILIES).page.problems[0]
    return first.line, first.column


def column_of(name: str, **change: str) -> int:
    """Where a cell of the one row starts."""
    before = [cell((BASE | change)[c]) for c in COLUMNS[: COLUMNS.index(name)]]
    return len(",".join(before)) + (2 if before else 1)


# ---- what is read ----


def test_a_row_is_read_as_it_stands():
    (r,) = ledger("reports.csv", rows({}), FAMILIES).reports
    assert (r.id, r.line, r.low, r.central, r.high, r.unit) == ("R1", 2, None, 120.0, None, "containers")
    assert (r.first, r.last) == (date(2020, 5, 1), date(2020, 6, 30))
    assert r.published_earliest == r.published_latest == date(2020, 7, 4)
    assert (r.speaker, r.note, r.origin) == ("the watch, by phone", 'said "about"', "R1")
    assert (r.withdrawn, r.archived, r.replaces, r.quality) == (None, None, None, "B2")


def test_months_stand_for_their_first_and_last_day():
    made = ledger("reports.csv", rows({"period_start": "2020-02", "period_end": "2020-02", "published_latest": "2020-07"})).reports
    assert (made[0].first, made[0].last, made[0].published_latest) == (date(2020, 2, 1), date(2020, 2, 29), date(2020, 7, 31))


@pytest.mark.parametrize(
    "change", [lambda b: b.replace(b"\n", b"\r\n"), lambda b: b"\xef\xbb\xbf" + b, lambda b: b.rstrip(b"\n"), lambda b: b + b"\n\n"]
)
def test_line_ends_marks_and_empty_lines_do_not_matter(change):
    whole = rows({}, {"id": "R2", "value_central": "130"})
    assert ledger("reports.csv", change(whole)).reports == ledger("reports.csv", whole).reports
    assert ledger("reports.csv", change(whole)).page.problems == []


def test_a_cell_may_hold_commas_quotes_and_line_breaks_and_later_rows_know_their_line():
    made = ledger("reports.csv", rows({"note": 'a, "b"\nand c'}, {"id": "R2", "value_central": "130"})).reports
    assert made[0].note == 'a, "b" and c'
    assert [r.line for r in made] == [2, 4]


def test_columns_may_stand_in_any_order():
    turned = tuple(reversed(COLUMNS))
    assert ledger("reports.csv", rows({}, header=turned)).reports == ledger("reports.csv", rows({})).reports


def test_pure_numbers_have_no_unit():
    assert [plain_unit(u) for u in ("boolean", "fraction", "ratio", "rounds/day")] == ["", "", "", "rounds/day"]


# ---- what is refused ----

MISTAKES = [
    ("id", {"id": "7 a"}, "cannot be the id", "A001"),
    ("value_central", {"value_central": "a lot"}, '"a lot" is not a number.', "digits only"),
    ("value_central", {"value_central": "1,200"}, '"1,200" is not a number.', "Write 1200"),
    ("value_central", {"value_central": "nan"}, "is not a number", "digits"),
    ("value_central", {"value_central": "inf"}, "is not a number", "digits"),
    ("value_central", {"value_central": "1e300"}, "larger than", "zeros"),
    ("value_central", {"value_central": ""}, "has no value", "value_low for at least"),
    ("value_central", {"value_low": "300"}, "fall from low to high: 300, then 120", "Swap"),
    ("value_high", {"value_low": "300", "value_central": "", "value_high": "200"}, "fall from low to high", "Swap"),
    ("value_central", {"unit": "boolean", "value_central": "2"}, "answers yes or no", "1 for yes"),
    ("unit", {"unit": "contaners"}, 'unknown unit "contaners"', 'Did you mean "containers"?'),
    ("unit", {"unit": "rounds//day"}, "is not a unit", ""),
    ("unit", {"unit": ""}, "has no unit", "boolean"),
    ("period_end", {"period_end": "30.06.2020"}, "is not a date", "2020-06-30"),
    ("period_end", {"period_end": "2020-06-31"}, "is not a day of the calendar", "year-month-day"),
    ("period_end", {"period_end": ""}, "has no period_end", "last day"),
    ("period_end", {"period_end": "2020-12-31"}, "ends on 2020-12-31, after it was published (2020-07-04)", "stance plans"),
    ("period_start", {"period_start": "2020-07-01"}, "starts after it ends", "Swap"),
    ("published", {"published": "soon"}, '"soon" is not a date', "year-month-day"),
    ("published_latest", {"published_latest": "2020-07-01"}, "not between", "Mend one"),
    ("published_earliest", {"published_earliest": "2020-07-09"}, "not between", "Mend one"),
    ("withdrawn", {"withdrawn": "2020-07-01"}, "before it was published", "Mend one date"),
    ("family", {"family": "wacht"}, '"wacht" is not a known family', 'Did you mean "watch"?'),
    ("interest", {"interest": "fro"}, '"fro" is not a known interest', "for, against, none"),
    ("method", {"method": "images"}, '"images" is not a known method', "imagery"),
    ("stance", {"stance": "asserted"}, '"asserted" is not a known stance', 'Did you mean "asserts"?'),
    ("quality", {"quality": "B7"}, "is not an Admiralty code", "B2"),
    ("url", {"url": "javascript:alert(1)"}, "is not the address of a page", "https://"),
    ("archived", {"archived": "in a drawer"}, "is not the address of a page", "https://"),
    ("replaces", {"replaces": "R1"}, "replaces itself", "corrects"),
    ("replaces", {"replaces": "R77"}, '"R77", which is not in this file', ""),
    ("speaker", {"speaker": ""}, "has no speaker", "Fill"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "change", "says", "helps"), MISTAKES, ids=[f"{m[0]}-{i}" for i, m in enumerate(MISTAKES)])
def test_a_mistake_is_named_at_its_cell_with_what_to_type(column, change, says, helps):
    found = problems(rows(change))
    assert len(found) == 1, found
    assert says in found[0][1]
    assert helps in found[0][2]
    assert place(rows(change)) == (2, column_of(column, **change))


def test_a_plan_may_speak_of_later():
    assert problems(rows({"period_end": "2020-12-31", "stance": "plans"})) == []


def test_a_missing_and_an_unknown_column():
    without = tuple(c for c in COLUMNS if c != "unit")
    found = problems(rows({}, header=without))
    assert [m for _, m, _ in found] == ["there is no column unit."]
    found = problems(rows({}, header=tuple("unitt" if c == "unit" else c for c in COLUMNS)))
    assert '"unitt" is not a column of reports.' in [m for _, m, _ in found]
    assert any('Did you mean "unit"?' in h for _, _, h in found)
    found = problems(rows({}, header=(*COLUMNS, "unit")))
    assert 'there are two columns "unit".' in [m for _, m, _ in found]


def test_an_id_is_given_once():
    found = problems(rows({}, {"value_central": "5"}))
    assert found[0][:2] == (3, 'report "R1" was already given at line 2.')


def test_the_same_statement_by_the_same_speaker_is_one_report():
    copy = {"id": "R2", "published": "2020-08-01", "publisher": "Another Paper", "url": "https://other.example", "note": "again"}
    found = problems(rows({}, copy))
    assert found[0][:2] == (3, 'report "R2" says what the same speaker says in "R1" (line 2).')
    assert problems(rows({}, copy | {"speaker": "somebody else"})) == []
    assert problems(rows({}, copy | {"replaces": "R1"})) == []


def test_a_replacement_comes_later_than_what_it_replaces():
    found = problems(rows({}, {"id": "R2", "value_central": "5", "published": "2020-07-01", "replaces": "R1"}))
    assert "was published later" in found[0][1]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (rows({}).replace(b"by phone", b"by\x00phone"), "control character"),
        (rows({}).replace(b"by phone", "by phone é".encode("latin-1")), "not UTF-8"),
        (rows({}).replace(b",", b";"), "not separated by commas"),
        (rows({}).replace(b",", b"\t"), "not separated by commas"),
        (rows({}) + b"R2,one cell too few\n", "this row has 2 cells, the header has 26."),
        (rows({}) + b'R2,"never closed\n', "nothing closes it"),
        (rows({}) + b'R2,a "b" c\n', "a quote stands inside"),
        (rows({"note": "x" * 5000}), "more than 4,000 characters"),
        (b"id\n" + b"R\n" * 20_001, "at most 20,000"),
        (b"x" * 5_000_001, "more than 5,000,000 bytes"),
    ],
    ids=["empty", "blank", "nul", "latin", "semicolons", "tabs", "short", "unclosed", "quote", "long", "rows", "bytes"],
)
def test_what_is_no_table_of_this_form_is_refused(raw, says):
    assert any(says in m for _, m, _ in problems(raw))


def test_every_mistake_comes_at_once_in_order_of_line(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_bytes(rows({"unit": "bxs"}, {"id": "R2", "value_central": "many"}, {"id": "R3", "stance": "sings"}))
    with pytest.raises(ScenarioError) as caught:
        read(path)
    assert [p.line for p in caught.value.problems] == [2, 3, 4]
    assert str(caught.value).count(f"{path}:3:") == 1


def test_mangled_bytes_are_read_or_refused_but_never_crash():
    whole = rows({}, {"id": "R2", "value_central": "130", "note": "a\nb"})
    luck = random.Random(1)
    for _ in range(400):
        raw = bytearray(whole)
        for _ in range(luck.randint(1, 6)):
            i = luck.randrange(len(raw))
            luck.choice([lambda b, i: b.__delitem__(i), lambda b, i: b.__setitem__(i, luck.randrange(256)), lambda b, i: b.insert(i, 34)])(
                raw, i
            )
        made = ledger("reports.csv", bytes(raw), FAMILIES)
        for p in made.page.problems:
            assert p.line >= 1
            assert p.column >= 1
            assert str(p)


# ---- when a report counts ----


def test_only_what_was_surely_public_and_neither_withdrawn_nor_replaced_counts():
    made = ledger(
        "reports.csv",
        rows(
            {"published_latest": "2020-07-10"},
            {"id": "R2", "value_central": "1", "withdrawn": "2020-08-01"},
            {"id": "R3", "value_central": "2", "published": "2020-09-01", "replaces": "R1"},
            {"id": "R4", "value_central": "3", "published": "2020-09-05", "withdrawn": "2020-10-01", "replaces": "R3"},
        ),
    ).reports
    expected = {
        "2020-07-09": "R2", "2020-07-10": "R1 R2", "2020-07-31": "R1 R2", "2020-08-01": "R1", "2020-09-01": "R3",
        "2020-09-05": "R4", "2020-10-01": "R3",
    }  # fmt: skip
    assert {d: " ".join(r.id for r in counted(made, date.fromisoformat(d))) for d in expected} == expected


def test_which_reports_count_follows_the_dates_wherever_they_stand():
    """The dates of publication are shuffled among the rows: what counts moves with them and with nothing else."""
    luck = random.Random(3)
    for _ in range(20):
        days = [date(2020, 7, 1) + timedelta(luck.randrange(200)) for _ in range(12)]
        made = ledger(
            "reports.csv", rows(*({"id": f"R{i}", "value_central": str(i), "published": str(d)} for i, d in enumerate(days)))
        ).reports
        cut = date(2020, 7, 1) + timedelta(luck.randrange(200))
        assert [r.id for r in counted(made, cut)] == [f"R{i}" for i, d in enumerate(days) if d <= cut]


# ---- beside a scenario ----


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "scenario.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "reports.csv").write_bytes(rows({}, {"id": "R9", "subject": "NORTH", "quantity": "stock_change", "unit": "rounds"}))
    (tmp_path / "seen.csv").write_text("month,value\n2020-05,1200\n2020-06,-311.5\n", encoding="utf-8")
    return tmp_path


def errors(folder: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(folder)
    return [f"{Path(p.file).name}:{p.line}: {p.message}" for p in caught.value.problems]


def test_a_folder_gives_its_reports_and_series(folder):
    scenario = load(folder)
    assert [r.id for r in scenario.reports] == ["R1", "R9"]
    assert [(p.line, p.first, p.last, p.value) for p in scenario.series["seen"]] == [
        (2, date(2020, 5, 1), date(2020, 5, 31), 1200.0),
        (3, date(2020, 6, 1), date(2020, 6, 30), -311.5),
    ]
    evidence = scenario.vocabulary.evidence
    assert evidence is not None
    assert evidence.answer(scenario.reports[0]) is evidence.quantities["boxes_sent"]
    assert evidence.answer(scenario.reports[1]) is None  # left out
    assert "Beside it stand 2 reports, published by 2020-07-04; measures answer 1 of them." in " ".join(explain(scenario).split())


def test_reports_are_no_part_of_what_a_world_is(folder):
    with_tables = load(folder)
    bare = loads(GOOD.encode())
    assert with_tables.hash == bare.hash
    assert (bare.reports, bare.series) == ((), {})
    assert [p for p in with_tables.quantities if p.startswith("evidence")] == []
    assert list(with_tables.quantities) == list(bare.quantities)


def test_without_reports_there_are_none(folder):
    (folder / "reports.csv").unlink()
    assert load(folder).reports == ()


def test_a_stored_run_has_no_tables_beside_it_and_loads(folder):
    for name in ("reports.csv", "seen.csv"):
        (folder / name).unlink()
    text = GOOD.replace(", optional: true}", "}")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    assert any('there is no file "seen.csv".' in e for e in errors(folder))
    (folder / "run.json").write_text("{}", encoding="utf-8")
    assert load(folder).series == {}


def absent(folder: Path, name: str) -> tuple[str, str]:
    ((message, help),) = ((p.message, p.help) for p in load(folder).warnings if f'there is no file "{name}"' in p.message)
    return message, help


def test_an_absent_series_that_may_be_absent_is_said_with_both_places_and_what_it_holds(folder, tmp_path_factory, monkeypatch):
    (folder / "seen.csv").unlink()
    message, help = absent(folder, "seen.csv")
    assert message.endswith("beside the scenario or in a folder named by MATERIEL_DATA (which is not set), so this series is left out.")
    assert help == ('It holds month,value: the change of "held[north.new_shell]" in each month, as counted by a watch on the border.')
    assert "what stands for the change of" in absent(folder, "craters.csv")[1]
    data = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("MATERIEL_DATA", str(data))
    assert f"beside the scenario or in {data} (named by MATERIEL_DATA), so" in absent(folder, "seen.csv")[0]


@pytest.fixture
def data(tmp_path_factory, monkeypatch):
    """The folder of MATERIEL_DATA, with a table that the scenario looks for below its own folder, and one that it has itself."""
    made = tmp_path_factory.mktemp("data")
    (made / "seen_craters.csv").write_text("month,value\n2020-05,7\n", encoding="utf-8")
    (made / "seen.csv").write_text("month,value\n2020-05,8\n", encoding="utf-8")
    monkeypatch.setenv("MATERIEL_DATA", str(made))
    return made


def test_an_optional_series_is_read_from_the_folder_for_what_may_not_be_passed_on(folder, data):
    series = load(folder).series
    assert [p.value for p in series["seen_craters"]] == [7.0]
    assert [p.value for p in series["seen"]] == [1200.0, -311.5]  # what stands beside the scenario comes first
    assert "craters" not in series
    (data / "seen_craters.csv").write_text("month,value\n2020-05,much\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(folder)
    assert [(p.file, p.line) for p in caught.value.problems] == [(str(data / "seen_craters.csv"), 2)]


def test_only_an_optional_series_is_looked_for_there(folder, data):
    (folder / "seen.csv").unlink()
    (folder / "scenario.yaml").write_text(GOOD.replace("observers: 1.5, optional: true}", "observers: 1.5}"), encoding="utf-8")
    assert errors(folder) == ['scenario.yaml:114: there is no file "seen.csv".']


def test_a_stored_run_reads_its_own_copies_alone(folder, data):
    (folder / "run.json").write_text("{}", encoding="utf-8")
    assert list(load(folder).series) == ["seen"]


def test_what_counts_another_thing_says_so_by_a_bare_unit(folder):
    evidence = load(folder).vocabulary.evidence
    assert evidence is not None
    ranged = evidence.factor("series.craters")
    assert ranged is not None
    assert (ranged.low, ranged.high) == (pytest.approx(0.2), pytest.approx(0.8))
    assert evidence.factor("series.seen_craters") is None
    assert evidence.factor("quantities.shells_arrived") is evidence.quantities["shells_arrived"].factor
    explained = " ".join(explain(load(folder)).split())
    assert "is answered by fired[north_guns] (change), with the factor of craters; it may be absent" in explained
    linear = GOOD.replace("origin: south_staff, error: 0.3", "form: linear, error: 40 rounds")
    (folder / "scenario.yaml").write_text(linear, encoding="utf-8")
    assert errors(folder) == ['scenario.yaml:115: the error "40 rounds" is not a pure number; the form is linear.']
    (folder / "scenario.yaml").write_text(linear.replace("40 rounds", "40"), encoding="utf-8")
    assert load(folder)
    for unit, error, fine in (("1/day", "4/day", True), ("1/month", "4", False), ("1", "4/day", False)):
        daily = linear.replace("unit: 1, factor", f"as: daily, unit: {unit}, factor").replace("40 rounds", error)
        (folder / "scenario.yaml").write_text(daily, encoding="utf-8")
        assert load(folder) if fine else errors(folder)


def test_reports_without_a_section_weigh_nothing_and_that_is_said(folder):
    start, end = GOOD.index("evidence:\n"), GOOD.index("alternatives:\n")
    (folder / "scenario.yaml").write_text(GOOD[:start] + GOOD[end:], encoding="utf-8")
    scenario = load(folder)
    assert len(scenario.reports) == 2
    assert any("these 2 reports weigh nothing" in p.message for p in scenario.warnings)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"family": "nobody"}, 'reports.csv:2: "nobody" is not a known family.'),
        (
            {"unit": "rounds"},
            'reports.csv:2: report "R1" is in rounds, but "boxes_sent" (line 106 of the scenario) is answered in containers.',
        ),
        (
            {"unit": "boolean", "value_central": "1"},
            'report "R1" is in boolean, but "boxes_sent" (line 106 of the scenario) asks for an amount.',
        ),
        ({"quantity": "anything_sent"}, 'report "R1" is in containers, but "anything_sent" (line 109 of the scenario) asks for yes or no.'),
        (
            {"quantity": "shells_arrived"},
            'report "R1" is in containers, but "shells_arrived" (line 107 of the scenario) is answered in rounds.',
        ),
    ],
)
def test_what_is_answered_must_be_in_the_unit_of_the_answer(folder, change, says):
    (folder / "reports.csv").write_bytes(rows(change, {"id": "R9", "subject": "NORTH", "quantity": "stock_change", "unit": "rounds"}))
    assert any(says in e for e in errors(folder)), errors(folder)


def test_who_is_left_out_must_be_there_and_what_is_asked_should_be_said(folder):
    (folder / "reports.csv").write_bytes(rows({}))
    assert errors(folder) == ['scenario.yaml:112: there is no report "R9" to leave out.']
    (folder / "scenario.yaml").write_text(
        GOOD.replace("    R9: counts what came in and not what was fired\n", "    R1: copied\n"), encoding="utf-8"
    )
    said = [p.message for p in load(folder).warnings]
    assert 'no report is of "rounds_fired" of NORTH.' in said


def test_mistakes_of_both_files_come_together(folder):
    (folder / "reports.csv").write_bytes(rows({"stance": "sings"}))
    (folder / "scenario.yaml").write_text(GOOD.replace("either_way: 1.25", "either_way: much"), encoding="utf-8")
    found = errors(folder)
    assert any(e.startswith("reports.csv:2:") for e in found)
    assert any(e.startswith("scenario.yaml:101:") for e in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("week,value\n", "the columns are week, value."),
        ("month,value\n2020-05-01,1\n", '"2020-05-01" is not a month.'),
        ("date,value\n2020-05,1\n", '"2020-05" is not a date.'),
        ("month,value\n2020-05,much\n", '"much" is not a number.'),
        ("month,value\n2020-05,1\n2020-05,2\n", "2020-05 is there twice."),
        ("month,value\n2020-06,1\n2020-05,2\n", "2020-05 comes after a later one."),
        ("month,value\n2020-13,1\n", "is not a day of the calendar"),
    ],
)
def test_a_series_has_one_value_a_month_or_day_in_order(text, says):
    page, found = points("seen.csv", text.encode())
    assert any(says in p.message for p in page.problems)
    assert len(found) <= 1


def test_a_series_by_days():
    page, found = points("seen.csv", b"date,value\n2020-05-03,1e3\n2020-05-09,2\n")
    assert page.problems == []
    assert [(p.first, p.last, p.value) for p in found] == [(date(2020, 5, 3),) * 2 + (1000.0,), (date(2020, 5, 9),) * 2 + (2.0,)]


# ---- the guide ----


def part(title: str) -> str:
    return GUIDE[GUIDE.index(f"## {title}") :].split("\n## ", 1)[0]


def test_the_guide_names_every_column_and_no_other():
    table = part("Reports and evidence").split("\n\n", 3)[2]
    named = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted({*named}) == sorted(COLUMNS)


def test_the_lines_of_the_guide_on_evidence_stand_in_a_scenario_that_loads():
    lines = [line[4:] for line in part("Reports and evidence").splitlines() if line.startswith("    ")]
    assert len(lines) > 18
    assert [line for line in lines if line not in GOOD.splitlines()] == []


# ---- what ships ----


@pytest.fixture(scope="module")
def vostochny():
    return load("vostochny-2023")


def test_the_shipped_ledger_has_its_denials_beside_its_accusations(vostochny):
    by_id = {r.id: r for r in vostochny.reports}
    assert len(by_id) > 350
    nothing_signed = by_id["D024"]
    assert (nothing_signed.stance, nothing_signed.published_latest, nothing_signed.interest) == ("denies", date(2023, 9, 15), "for")
    known = {r.id for r in counted(vostochny.reports, vostochny.as_of)}
    denied = [r for r in vostochny.reports if r.id in known and r.stance == "denies" and r.published_latest >= date(2023, 7, 1)]
    assert {r.family for r in denied} == {"rus"}
    assert len(denied) >= 3
    assert {r.family for r in vostochny.reports if r.interest == "against"} == {"us", "ukr", "eu_nato"}


def test_no_shipped_report_that_counts_was_published_after_the_day(vostochny):
    assert max(r.published_latest for r in counted(vostochny.reports, vostochny.as_of)) <= vostochny.as_of
    assert any(r.published_earliest <= vostochny.as_of < r.published_latest for r in vostochny.reports)  # not sure is not known


def test_parties_of_both_sides_have_an_interest_alike(vostochny):
    parties = [r for r in vostochny.reports if r.subject in ("DPRK>RUS", "RUS-DPRK") and r.quantity.startswith(("arms_", "agreements_"))]
    assert {r.interest for r in parties if r.stance == "denies"} == {"for"}
    assert {r.interest for r in parties if r.stance == "asserts" and r.central == 1} == {"for"}


def test_the_shipped_series_cover_the_months_from_the_first_whole_one(vostochny):
    for name in ("area_liveuamap", "losses_claimed_ua", "equipment_claimed_ua"):
        found = vostochny.series[name]
        assert (found[0].first, found[-1].last, len(found)) == (date(2022, 12, 1), date(2024, 12, 31), 25)
    months = {p.first.isoformat()[:7]: p.value for p in vostochny.series["area_liveuamap"]}
    # monthly changes printed beside the data they come from: a second pair of eyes on signs and month ends
    assert [round(months[m]) for m in ("2023-06", "2023-08", "2023-11", "2024-07", "2024-12")] == [-200, -125, 393, 553, 440]
    assert 4290 < sum(v for m, v in months.items() if m.startswith("2024")) < 4310
    claimed = sum(p.value for p in vostochny.series["losses_claimed_ua"] if p.first.year == 2024)
    assert claimed == 789_550 - 359_230


def test_two_observers_of_vehicles_share_a_factor_and_one_ministry_an_origin(vostochny):
    series = vostochny.vocabulary.evidence.series
    assert series["equipment_oryx"].same_factor_as == "equipment_claimed_ua"
    assert series["equipment_claimed_ua"].origin == series["losses_claimed_ua"].origin != series["equipment_oryx"].origin
    assert len({series[s].family for s in ("area_liveuamap", "area_deepstate", "equipment_claimed_ua", "equipment_oryx")}) == 4


def test_what_may_not_be_passed_on_does_not_ship_and_that_is_said(vostochny):
    lacking = {"area_deepstate.csv", "equipment_oryx.csv"}
    assert not lacking & {p.name for p in SHIPPED.rglob("*")}
    said = " ".join(p.message for p in vostochny.warnings)
    assert set(re.findall(r'there is no file "(.*?)"', said)) == lacking


def test_every_entry_of_the_shipped_section_answers_a_report(vostochny):
    assert [p.message for p in vostochny.warnings if "no report is of" in p.message] == []
    evidence = vostochny.vocabulary.evidence
    assert sum(evidence.answer(r) is not None for r in vostochny.reports) > 120
