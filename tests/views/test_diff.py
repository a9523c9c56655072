"""Two scenarios differ where their files do: each difference is told once, with its place, its unit, its source and its reason."""

import difflib
from dataclasses import replace

import pytest

from materiel.scenario import load, loads
from materiel.scenario.read import find, gather
from materiel.scenario.reports import Report
from materiel.views.diff import counted, diff, lines
from tests.views.madeup import SMALL

TEXT = find(SMALL).read_text(encoding="utf-8")


@pytest.fixture
def two(tmp_path):
    """Write the small war with some texts replaced; both scenarios, the second from another folder."""

    def make(*edits):
        text = TEXT
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
        return load(SMALL), load(tmp_path)

    return make


def place(d):
    return int(d.place.rpartition(":")[2])


def test_a_scenario_does_not_differ_from_itself_nor_by_its_layout(two):
    a, b = two(("stocks:\n", "\n# a remark\nstocks:\n"), ("{name: North, side: a}", "{side: a, name: North}"))
    assert a.hash == b.hash
    assert diff(a, b) == diff(a, a) == []
    assert "No difference" in counted([])


EDITS = {
    "number": (
        ("0.4M to 3M rounds, source: yearbook, quality: F6, note: no public count", "1M to 2M rounds, note: a new count"),
        "changed", "number", "stocks.maker.old_shell.held",
        ("0.4M to 3M rounds becomes 1M to 2M rounds", "Before: Invented yearbook, quality F6, set by the materiel authors, “no",
         "After: assumed, set by the materiel authors, “a new count”"),
    ),
    "source": (
        ("0.4M to 3M rounds, source: yearbook, quality: F6", "0.4M to 3M rounds, source: yearbook, quality: B2"),
        "changed", "number", "stocks.maker.old_shell.held", ("stays 0.4M to 3M rounds", "quality F6", "quality B2"),
    ),
    "source of a thing": (
        ("{held: 90k to 120k people, source: bulletin}", "{held: 90k to 120k people, source: yearbook}"),
        "changed", "text", "stocks.north.northerners.source", ("Stock north.northerners, source: “bulletin” becomes “yearbook”.",),
    ),
    "stock added": (
        ("  maker.dart: {", "  maker.new_shell: {held: 1k to 2k rounds}\n  maker.dart: {"),
        "added", "thing", "stocks.maker.new_shell", ("Stock maker.new_shell is added, with 1 number, 1 of them assumed.",),
    ),
    "stock removed": (
        ("  friend.new_shell: {held: 200k to 400k", "  friend.dart: {held: 200k to 400k"),
        "added", "thing", "stocks.friend.dart", ("Stock friend.dart is added",),
    ),
    "field added": (
        ("  north.dart: {held: 5k to 20k rounds}", "  north.dart: {held: 5k to 20k rounds, quality: C3}"),
        "added", "text", "stocks.north.dart.quality", ("Stock north.dart, quality is added: “C3”.",),
    ),
    "claim": (
        ("says: Shells from Maker slow South's push.", "says: Shells slow it."),
        "changed", "text", "claims.", ("“Shells from Maker slow South's push.” becomes “Shells slow it.”",),
    ),
    "list": (("  - Air power.", "  - Sea power."), "removed", "text", "not_modelled", ("Not modelled: “Air power.” is removed.",)),
    "top": (('version: "1"', 'version: "2"'), "changed", "text", "version", ("Version: “1” becomes “2”.",)),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_each_kind_of_difference_in_words(two, edit):
    pair, what, kind, path, said = edit
    try:
        a, b = two(pair)
    except AssertionError:
        pytest.fail(f"the small war no longer says {pair[0]}")
    found = diff(a, b)
    told = next(d for d in found if (d.what, d.kind) == (what, kind) and d.path.startswith(path))
    for text in said:
        assert text in told.says
    assert told.place.startswith(f"{b.path.parent}/scenario.yaml:" if what != "removed" else f"{SMALL}/scenario.yaml:")
    assert len(found) == (2 if path == "not_modelled" or "friend" in pair[0] else 1)


def test_places_are_the_lines_that_an_ordinary_diff_finds_and_in_their_order(two):
    edits = [
        ("version: \"1\"", "version: \"2\""),
        ("100k to 300k rounds", "110k to 300k rounds"),
        ("  north.dart: {held: 5k to 20k rounds}", "  north.dart: {held: 5k to 21k rounds}"),
        ("title: Invented yearbook", "title: Another yearbook"),
        ("  - Air power.", "  - Air power.\n  - Sea power."),
    ]  # fmt: skip
    a, b = two(*edits)
    other = b.path.read_text().splitlines()
    changed = [
        j + 1
        for op, _, _, j1, j2 in difflib.SequenceMatcher(None, TEXT.splitlines(), other, autojunk=False).get_opcodes()
        if op != "equal"
        for j in range(j1, j2)
    ]
    found = diff(a, b)
    assert sorted(place(d) for d in found) == changed
    assert [place(d) for d in found][:4] == changed[:4]


def test_there_and_back_is_the_same_with_before_and_after_exchanged(two):
    a, b = two(EDITS["number"][0], EDITS["stock added"][0], EDITS["claim"][0])
    there, back = diff(a, b), diff(b, a)
    swap = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted((swap[d.what], d.kind, d.path) for d in there) == sorted((d.what, d.kind, d.path) for d in back)
    assert [(d.before, d.after) for d in there if d.before] == [(d.after, d.before) for d in back if d.before]


def test_every_number_that_is_written_otherwise_is_told(tmp_path):
    """Each number in turn, with another text in its own unit, where the file still holds together."""
    from materiel.scenario import ScenarioError

    a, rows, tried = load(SMALL), TEXT.splitlines(), 0
    for q in gather(a.vocabulary):
        row = rows[q.line - 1]
        if q.kind in ("date", "switch") or row.count(q.text) != 1 or not q.text[0].isdigit():
            continue
        new = f"1{q.text}" if q.text[0] != "0" else q.text.replace("0", "1", 1)
        (tmp_path / "scenario.yaml").write_text("\n".join([*rows[: q.line - 1], row.replace(q.text, new), *rows[q.line :]]))
        try:
            b = load(tmp_path)
        except ScenarioError:
            continue
        tried += 1
        (told,) = diff(a, b)
        assert (told.path, told.before.value, told.after.value, place(told)) == (q.path, q.text, new, q.line)
    assert tried > 30


def test_reports_differ_row_by_row(two):
    a, b = two(('version: "1"', 'version: "1"'))
    from datetime import date

    day = date(2020, 6, 1)
    row = Report("R1", 2, "t", "North", "fired", 1.0, 2.0, 3.0, "rounds", None, day, day, day, None, "a speaker", "f", "o", "for",
                 "imagery", "asserts", "B2", "p", "u", None, None, "")  # fmt: skip
    one = replace(a, reports=(row, replace(row, id="R2", line=3)))
    other = replace(b, reports=(replace(row, high=4.0, line=9), replace(row, id="R3", line=10, speaker="x\x1b")))
    told = diff(one, other)
    assert [(d.what, d.path) for d in told] == [("removed", "R2"), ("changed", "R1"), ("added", "R3")]
    assert "high “3.0” becomes “4.0”" in told[1].says
    assert told[1].place.endswith("reports.csv:9")
    assert "a speaker of 2020-06-01, fired of North, asserts 1 to 3 rounds" in told[0].says
    assert "\x1b" not in "\n".join(lines(told))
    assert counted(told) == "3 differences: 3 reports."
    assert loads(TEXT.encode()).reports == ()
