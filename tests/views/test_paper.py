"""A figure for a paper is as wide as was asked, readable there, grey where asked, and says in words what it shows."""

import csv
import io
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest

from materiel.claims import judge
from materiel.scenario import loads
from materiel.views.paper import READABLE, catalogue, millimetres
from tests.views.madeup import MadeUpWorlds, hostile_text


@pytest.fixture(scope="module")
def known(worlds, verdicts):
    return catalogue(worlds, verdicts)


@pytest.fixture(scope="module")
def fan(known):
    return next(name for name in known if name.startswith("fired"))


def page_of(pdf):
    """Width and height of a PDF's page in points, read from its objects, packed or not."""
    packed = [zlib.decompress(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S) if part[:1] == b"\x78"]
    box = re.search(rb"/MediaBox\s*\[\s*([\d.\s]+)\]", b"\n".join([pdf, *packed]))
    _, _, width, height = map(float, box[1].split())
    return width, height


def test_every_kind_of_figure_of_a_brief_has_a_name(known, worlds):
    names = list(known)
    assert len(names) == 2 * len(worlds.scenario.vocabulary.charts) + 2 + 1 + 1
    assert names[-2:] == ["known-past", "what-drives-what"]
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)
    assert sum("went" in name for name in names) == 2
    assert [n for n in names if n.startswith("compare-")] == [
        f"compare-{n}" for n in names[0 : 2 * len(worlds.scenario.vocabulary.charts) : 2]
    ]


def test_compared_courses_are_lines_and_a_fan_has_bands(known, fan):
    """Two bands would hide each other, so the comparison fills none; the numbers are the same."""
    filled, lines = (known[name].draw() for name in (fan, f"compare-{fan}"))
    areas = [len(re.findall('fill-opacity="0|<path[^>]* opacity="0[^"]*"', made.svg)) for made in (filled, lines)]
    assert areas[0] > 0
    assert areas[1] == 0
    assert filled.csv == lines.csv
    assert "90 % of the worlds dotted; no pact: median dashed" in lines.caption
    dotted = [p for p in ET.fromstring(lines.svg).iter() if p.get("stroke-dasharray") == "2,3"]
    assert len(dotted) == 4


@pytest.mark.parametrize("width", [60.0, 85.0, 178.0])
def test_the_files_are_as_wide_as_was_asked(known, fan, width, tmp_path):
    made = known[fan].draw(width)
    files = made.save(pdf=tmp_path / "f.pdf", png=tmp_path / "f.png", svg=tmp_path / "f.svg", csv=tmp_path / "f.csv")
    assert sorted(f.name for f in tmp_path.iterdir()) == sorted(f.name for f in files)
    assert page_of((tmp_path / "f.pdf").read_bytes())[0] == pytest.approx(width / 25.4 * 72, abs=1)
    pixels = struct.unpack(">II", (tmp_path / "f.png").read_bytes()[16:24])
    assert pixels[0] == pytest.approx(width / 25.4 * 300, abs=2)
    assert pixels[1] == pytest.approx(made.height / 25.4 * 300, abs=3)
    root = ET.fromstring((tmp_path / "f.svg").read_text(encoding="utf-8"))
    assert root.get("width") == f"{width:.2f}mm"
    assert "var(" not in (tmp_path / "f.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [85.0, 120.0, 178.0])
def test_the_type_of_a_fan_can_be_read_at_every_width_of_a_column(known, width):
    for name, entry in known.items():
        if "went" not in name and name not in ("known-past", "what-drives-what"):
            made = entry.draw(width)
            assert made.type >= READABLE, name
            assert not made.small
            assert made.height < 1.3 * width


def test_type_that_is_too_small_is_told_with_the_width_that_would_do(known):
    made = known["what-drives-what"].draw(60.0)
    asked = int(re.search(r"(\d+)mm", made.small)[1])
    assert asked > 60
    assert not known["what-drives-what"].draw(float(asked)).small


def test_in_grey_nothing_has_a_colour_and_the_courses_still_differ(known, fan):
    for name, entry in known.items():
        svg = entry.draw(85.0, grey=True).svg
        hues = re.findall(r"#([0-9a-fA-F]{6})\b", svg)
        assert hues, name
        assert all(h[:2] == h[2:4] == h[4:] for h in hues), name
        assert not re.search(r"rgba?\(", svg)
    assert re.search(r"#(?!(..)\1\1)[0-9a-f]{6}\b", known[fan].draw(85.0).svg)  # with colours it has some
    lines = [p for p in ET.fromstring(known[fan].draw(85.0, grey=True).svg).iter() if p.get("stroke-width") == "2.4"]
    assert len(lines) == 2
    assert len({p.get("stroke-dasharray") for p in lines}) == 2


def test_no_word_of_a_narrow_fan_leaves_the_picture(known):
    """The picture grows with its words, so the plot would become tiny were they not broken into lines."""
    for name, entry in list(known.items())[:6]:
        svg = entry.draw(60.0).svg
        wide = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
        assert wide < 60 / 25.4 * 96 / 0.8 * 1.25, name


def test_the_caption_says_what_a_picture_alone_does_not(known, fan, worlds):
    for entry in known.values():
        made = entry.draw()
        for said in ("n = 64 simulated worlds", "as of 10 June 2020", "run madeup", "Two invented sides", "not an observation"):
            assert said in made.caption
        assert len(made.alt) > 40
        assert ET.fromstring(made.svg)[0].text == made.alt
    assert "median and in brackets 9 worlds of 10. May 2020: pact" in known[fan].draw().alt
    went = next(e for n, e in known.items() if "went" in n).draw()
    assert "front drives fire; fire drives stocks; stocks drives fire." in known["what-drives-what"].draw().alt
    assert "The largest of" in went.alt
    assert "rounds" in went.alt
    assert len(list(csv.reader(io.StringIO(known[fan].draw().csv)))) > 5


@pytest.mark.parametrize(("text", "mm"), [("85mm", 85), ("8.5 cm", 85), ("3.5in", 88.9), (" 100 mm ", 100)])
def test_widths(text, mm):
    assert millimetres(text) == pytest.approx(mm)


@pytest.mark.parametrize("text", ["85", "wide", "85 pt", "-5mm", "1mm", "90000mm", "1e2mm", "85mm; rm"])
def test_what_is_no_width(text):
    with pytest.raises(ValueError, match="mm"):
        millimetres(text)


def test_names_of_a_hostile_scenario_stay_text(tmp_path):
    worlds = MadeUpWorlds(loads(hostile_text().encode()))
    for name, entry in catalogue(worlds, judge(worlds)).items():
        made = entry.draw(85.0)
        assert "<script" not in made.svg, name
        ET.fromstring(made.svg)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", made.caption + made.alt)


def test_a_file_is_written_whole_or_not_at_all(known, fan, tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        known[fan].draw().save(svg=tmp_path / "nowhere" / "f.svg")
    assert list(tmp_path.iterdir()) == []
