"""The layout keeps amounts, keeps nodes apart, and needs no crossing where none is needed."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from materiel.views.sankey import GAP, Link, layers, layout

CHAIN = [
    Link("Made", "Depots", 60),
    Link("Sent", "Depots", 40),
    Link("Depots", "Fired", 70),
    Link("Depots", "Kept", 30),
    Link("Made", "Lost", 5),
]


def test_layers_follow_the_longest_way():
    assert layers(CHAIN) == {"Made": 0, "Sent": 0, "Depots": 1, "Fired": 2, "Kept": 2, "Lost": 1}
    assert layers(CHAIN, last=["Lost"])["Lost"] == 2


def test_a_first_node_stands_next_to_what_it_feeds():
    assert layers([Link("a", "b", 1), Link("b", "c", 1), Link("late", "c", 1)]) == {"a": 0, "b": 1, "c": 2, "late": 1}


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="circle"):
        layers([Link("a", "b", 1), Link("b", "a", 1)])


def test_nothing_to_draw():
    assert layout([], 100, 100).nodes == {}
    assert layout([Link("a", "b", 0)], 100, 100).bands == []


def test_widths_and_heights_share_one_scale():
    drawn = layout(CHAIN, 600, 300)
    scale = drawn.nodes["Depots"].height / 100
    assert {b.link: pytest.approx(b.link.amount * scale) for b in drawn.bands} == {b.link: b.width for b in drawn.bands}
    assert drawn.nodes["Made"].height == pytest.approx(65 * scale)


def test_a_long_link_passes_between_the_nodes_of_the_layers_it_crosses():
    drawn = layout([Link("a", "b", 10), Link("b", "c", 10), Link("a", "c", 4)], 600, 300)
    long = next(b for b in drawn.bands if b.link == Link("a", "c", 4))
    assert len(long.points) == 4
    b = drawn.nodes["b"]
    y = long.points[1][1]
    assert not b.y - long.width / 2 < y < b.y + b.height + long.width / 2


def test_no_crossing_where_none_is_needed():
    straight = [Link("x", "w", 1), Link("y", "v", 1), Link("z", "u", 1)]
    drawn = layout(straight, 600, 300)
    assert all(b.points[0][1] == pytest.approx(b.points[1][1]) for b in drawn.bands)


def test_neighbours_are_exchanged_where_fewer_rounds_cross():
    drawn = layout([Link("a", "x", 9), Link("a", "y", 1), Link("b", "x", 1), Link("b", "y", 9)], 600, 300)
    n = drawn.nodes
    assert (n["a"].y < n["b"].y) == (n["x"].y < n["y"].y)


def test_paths_are_closed_svg():
    for band in layout(CHAIN, 600, 300).bands:
        assert re.fullmatch(r"M[\d.,]+(C[\d., ]+|L[\d.,]+)+Z", band.path)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5), st.floats(0.01, 1e7)), min_size=1, max_size=15))
def test_everything_stays_inside_and_nothing_overlaps(raw):
    links = list({(a, b): Link(f"n{a}", f"n{a + b}", x) for a, b, x in raw}.values())
    drawn = layout(links, 600, 800)
    for node in drawn.nodes.values():
        assert -1e-6 <= node.y <= node.y + node.height <= drawn.height + 1e-6
        assert 0 <= node.x <= 600
    columns = {}
    for node in drawn.nodes.values():
        columns.setdefault(node.x, []).append((node.y, node.y + node.height))
    for column in columns.values():
        column.sort()
        assert all(b[0] >= a[1] + GAP - 1e-6 for a, b in pairwise(column))
    for node in drawn.nodes.values():
        came = sum(b.width for b in drawn.bands if b.link.taker == node.name)
        went = sum(b.width for b in drawn.bands if b.link.giver == node.name)
        assert max(came, went) == pytest.approx(node.height)
