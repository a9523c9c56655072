"""The picture of what drives what: nothing on top of anything else, every arrow there once, no text trusted."""

import random
import re
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

import pytest

from materiel.scenario import load, loads
from materiel.views.feedback import FOOT, HIGH, TOP, both_ways, curve, drives, picture, place, ring
from materiel.views.frame import DARK, LIGHT, Frame
from tests.views.madeup import ARROWS, MECHANISMS, SCRIPT, SMALL, hostile_text

OF = Frame(date(2020, 6, 10), "Two invented sides", "0.1", "unweighted", "madeup", 64)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def small():
    return load(SMALL).vocabulary


@pytest.fixture(scope="module")
def shown(small):
    return drives(small, MECHANISMS, ARROWS, [["fire", "stocks"]], [], OF)


def parts(svg, css_class):
    return [g for g in ElementTree.fromstring(svg).iter(f"{SVG}g") if g.get("class") == css_class]


def title(part):
    return part.find(f"{SVG}title").text


def test_every_mechanism_and_every_arrow_is_there_once(shown):
    assert sorted(title(g) for g in parts(shown.svg, "mechanism")) == [f"{m}: {what}" for m, what in MECHANISMS.items()]
    assert [title(g).splitlines() for g in parts(shown.svg, "arrow")] == [
        ["front → fire: 1 while the side attacks"],
        # two that go there and back are one line with two heads
        ["fire → stocks: accounts: new shells, old shells", "stocks → fire: accounts: new shells, old shells"],
    ]
    lines = [g.find(f"{SVG}path").attrib for g in parts(shown.svg, "arrow")]
    assert ["marker-start" in x for x in lines] == [False, True]
    assert ["stroke-dasharray" in x for x in lines] == [False, True]
    assert [x["marker-end"] for x in lines] == ["url(#drives-measures)", "url(#drives-accounts)"]


def test_what_stands_in_a_loop_is_said_and_bold(shown):
    assert shown.says == "2 of 3 mechanisms stand in a loop: fire, stocks."
    bold = {t.text for g in parts(shown.svg, "mechanism") for t in g.iter(f"{SVG}text") if t.get("font-weight") == "600"}
    assert bold == {"fire", "stocks"}
    assert [row[2] for row in shown.mechanisms.rows] == ["yes", "no", "yes"]


def test_the_table_says_the_same(shown):
    assert shown.arrows.rows == [
        ("front", "fire", "1 while the side attacks"),
        ("fire", "stocks", "accounts: new shells, old shells"),
        ("stocks", "fire", "accounts: new shells, old shells"),
    ]


def test_the_picture_says_what_it_is_without_being_seen(shown):
    root = ElementTree.fromstring(shown.svg)
    assert root.get("role") == "img"
    assert "2 of 3 mechanisms stand in a loop: fire, stocks" in root.get("aria-label")
    texts = [t.text for t in root.iter(f"{SVG}text")]
    assert "shows a measure that the next one looks at" in texts
    assert "holds, brings or takes goods on which the next one depends" in texts
    for text in OF.lines:
        assert text in texts


def test_colours_are_those_of_a_light_and_of_a_dark_page(shown):
    used = set(re.findall(r"var\(--([\w-]+)[,)]", shown.svg))
    assert used
    assert used <= set(LIGHT) & set(DARK)
    assert not re.search(r"(?<!,)#[0-9a-f]{3,6}\b", shown.svg.replace("#drives", ""))  # only to fall back on


def test_names_of_a_scenario_are_never_markup():
    v = loads(hostile_text().encode()).vocabulary
    svg = drives(v, {**MECHANISMS, SCRIPT: SCRIPT}, ARROWS, [[SCRIPT]], [[SCRIPT]], Frame(OF.as_of, SCRIPT, SCRIPT, SCRIPT, SCRIPT, 1)).svg
    assert "<script" not in svg
    assert any(SCRIPT in (t.text or "") for t in ElementTree.fromstring(svg).iter(f"{SVG}title"))


def test_the_same_map_gives_the_same_picture(small, shown):
    assert drives(small, MECHANISMS, ARROWS, [["fire", "stocks"]], [], OF) == shown


def test_nothing_drives_nothing(small):
    bare = drives(small, {}, [], [], [], OF)
    assert bare.says == "No mechanism stands in a loop."
    ElementTree.fromstring(bare.svg)
    alone = drives(small, {"stocks": "Ageing stocks"}, [], [], [], OF)
    assert len(parts(alone.svg, "mechanism")) == 1


def drawn(n, seed):
    """Some mechanisms with names of many lengths and arrows between a fifth of the pairs, half of them both ways."""
    rng = random.Random(seed)
    names = [f"m{i}{'x' * rng.randint(1, 9)}" for i in range(n)]
    arrows = [(a, b, rng.choice(["measures", "accounts"]), ()) for a, b in combinations(names, 2) if rng.random() < 0.2]
    arrows += [(b, a, kind, ()) for a, b, kind, _ in arrows[::2]]
    return names, arrows


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 13, 18, 24])
def test_boxes_and_arrows_keep_clear_of_each_other(n, small):
    names, arrows = drawn(n, n)
    boxes, width, height = place(ring(names, [(a, b) for a, b, *_ in arrows]))
    for a, b in combinations(boxes.values(), 2):
        assert abs(a.x - b.x) > (a.width + b.width) / 2 or abs(a.y - b.y) > HIGH
    for box in boxes.values():
        assert box.x - box.width / 2 > 0
        assert box.x + box.width / 2 < width
    root = ElementTree.fromstring(picture(small, dict.fromkeys(names, ""), arrows, set(), "", OF))
    assert [float(x) for x in root.get("viewBox").split()[2:]] == pytest.approx([width, height], abs=1)
    middle = (width / 2, (TOP + height - FOOT) / 2)
    for a, b, kind in both_ways(arrows):
        p, q, r = curve(boxes[a], boxes[b], kind, middle)
        for t in (i / 50 for i in range(51)):
            at = tuple((1 - t) ** 2 * x + 2 * t * (1 - t) * y + t**2 * z for x, y, z in zip(p, q, r, strict=True))
            assert not [m for m, box in boxes.items() if box.holds(at)], (a, b, kind, t)


def test_two_kinds_between_one_pair_do_not_lie_on_each_other():
    """Whichever end is named first, also for a pair on opposite sides: the middles of the two lines are apart."""
    boxes, width, height = place([f"m{i}" for i in range(12)])
    middle = (width / 2, (TOP + height - FOOT) / 2)
    for a, b in combinations(boxes, 2):
        one, two = curve(boxes[a], boxes[b], "measures", middle), curve(boxes[b], boxes[a], "accounts", middle)
        at = [[0.25 * p + 0.5 * q + 0.25 * r for p, q, r in zip(*c, strict=True)] for c in (one, two)]
        assert abs(at[0][0] - at[1][0]) + abs(at[0][1] - at[1][1]) > 10, (a, b)


def test_neighbours_on_the_ellipse_are_those_who_drive_each_other():
    """A circle of arrows, named in a muddle, becomes a circle again: every arrow goes to the next place."""
    names = [f"m{i}" for i in range(7)]
    pairs = [(names[i], names[(i + 3) % 7]) for i in range(7)]
    order = ring(names, pairs)
    assert sorted(order) == names
    assert {(order.index(a) - order.index(b)) % 7 for a, b in pairs} <= {1, 6}


def test_the_brief_has_it_with_its_table(page):
    part = page.html.partition("What drives what</h2>")[2].partition("<h2>")[0]
    assert "2 of 3 mechanisms stand in a loop: fire, stocks." in part
    assert part.count("<svg") == 1
    assert "<td>accounts: new shells, old shells</td>" in part
    assert "<td>Movement on each axis</td>" in part
