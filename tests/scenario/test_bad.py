"""The museum of mistakes: each file of tests/bad is a good one with one of them; its first line says what must be said."""

import re
from pathlib import Path

import pytest

from materiel.scenario import ScenarioError, load

BAD = Path(__file__).parent.parent / "bad"
FILES = sorted(p for p in BAD.glob("*.yaml") if not p.name.startswith("good"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_mistake_is_named_where_it_stands_with_what_to_type(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    expected = re.match(r"# expect: (\d+):(\d+): (.*) \| (.*)$", first)
    assert expected, first
    with pytest.raises(ScenarioError) as caught:
        load(path)
    found = caught.value.problems
    at = [p for p in found if (p.line, p.column) == (int(expected[1]), int(expected[2])) and expected[3] in p.message]
    assert at, str(caught.value)
    assert expected[4] in at[0].help
    assert all(p.severity == "error" for p in found)
    assert len(found) <= 3, "one mistake must not set off a flood"
    assert str(caught.value).count(f"{path}:{expected[1]}:{expected[2]}: ") >= 1


@pytest.mark.parametrize(("name", "title"), [("good", "A small war"), ("good_table", "A small bargain")])
def test_the_good_files_load(name: str, title: str) -> None:
    assert load(BAD / f"{name}.yaml").vocabulary.scenario == title


def test_every_numbered_mistake_that_applies_has_a_file() -> None:
    numbers = {int(p.name[:2]) for p in FILES if p.name[:2].isdigit()}
    assert numbers == set(range(1, 18)) | {19}


def test_all_mistakes_come_at_once_in_order_of_line() -> None:
    text = (BAD / "good.yaml").read_text(encoding="utf-8")
    text = (
        text.replace("carries: [old_shell]", "carries: [old_shel]")
        .replace("lost: 2 %", "lost: 5")
        .replace("    scale: 1\n", "    scal: 1\n", 1)
    )
    from materiel.scenario import loads

    with pytest.raises(ScenarioError) as caught:
        loads(text.encode())
    lines = [p.line for p in caught.value.problems]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_at_most_twenty_are_shown() -> None:
    from materiel.scenario import loads

    text = (BAD / "good.yaml").read_text(encoding="utf-8") + "".join(f"extra_{i}: 1\n" for i in range(30))
    with pytest.raises(ScenarioError) as caught:
        loads(text.encode())
    assert len(caught.value.problems) == 30
    assert str(caught.value).endswith("and 10 more")
