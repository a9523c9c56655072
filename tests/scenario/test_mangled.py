"""Whatever happens to a file, it loads or is refused in words; and no indent slips unseen."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from materiel.scenario import Scenario, ScenarioError, explain, loads

GOOD = (Path(__file__).parent.parent / "bad" / "good.yaml").read_text(encoding="utf-8")
LINES = GOOD.split("\n")
ORIGINAL = loads(GOOD.encode())
SAID = explain(ORIGINAL)
_quick = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])


def read(text: str) -> Scenario | None:
    """The scenario, or None after a refusal; anything else is a failure of the test."""
    try:
        return loads(text.encode("utf-8", "surrogatepass"))
    except ScenarioError as e:
        refusal = e
    assert refusal.problems
    assert str(refusal)
    assert all(p.line >= 1 and p.column >= 1 and p.message for p in refusal.problems)
    return None


def token(line: str, seed: int, text: str) -> str:
    """One word of the line replaced."""
    words = line.split(" ")
    filled = [i for i, w in enumerate(words) if w]
    if filled:
        words[random.Random(seed).choice(filled)] = text
    return " ".join(words)


@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["delete", "double", "indent", "token", "swap"]),
    st.integers(0, 99),
    st.text(max_size=12),
)
@_quick
def test_a_mangled_file_loads_or_is_refused(at: int, how: str, seed: int, text: str) -> None:
    lines = LINES.copy()
    if how == "delete":
        del lines[at]
    elif how == "double":
        lines.insert(at, lines[at])
    elif how == "indent":
        lines[at] = " " * (seed % 9) + lines[at].lstrip(" ")
    elif how == "token":
        lines[at] = token(lines[at], seed, text)
    else:
        other = seed % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    scenario = read("\n".join(lines))
    if scenario:
        explain(scenario)


@given(st.binary(max_size=300))
@_quick
def test_any_bytes_are_refused_in_words(raw: bytes) -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(raw)
    assert caught.value.problems


@given(st.text(alphabet=" \n:-[]{}&*!|>'\"#%@`,?ab1\t", max_size=60))
@settings(deadline=None, max_examples=400)
def test_any_punctuation_is_refused_in_words(text: str) -> None:
    assert read(text) is None


def test_a_line_with_another_indent_is_refused_or_reads_differently() -> None:
    for at, line in enumerate(LINES):
        for indent in range(9):
            moved = " " * indent + line.lstrip(" ")
            if moved == line or not line.strip():
                continue
            scenario = read("\n".join([*LINES[:at], moved, *LINES[at + 1 :]]))
            assert scenario is None or scenario.hash == ORIGINAL.hash or explain(scenario) != SAID, f"line {at + 1}: {moved!r}"
