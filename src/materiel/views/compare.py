"""Two runs side by side: each verdict of both, what moved, and whether the model can tell.

A probability moved where it differs by at least the rounding (five points) and by more than simulation error in both runs
explains. The model can tell it where it also differs by no less than experts differ: the wider of the two ranges across
alternatives. That two runs share their draws would make the error of a difference smaller; this is not counted.
"""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from materiel.views import cards, reports, words
from materiel.views.plain import plain
from materiel.worlds import RunError, all_runs, open_run

if TYPE_CHECKING:
    from pathlib import Path

    from materiel.claims import Verdict, Verdicts
    from materiel.scenario import Scenario
    from materiel.scenario.vocabulary import Claim
    from materiel.worlds import Worlds

SAME = "no difference beyond rounding and simulation error"
WITHIN = f"{reports.NO_DIFFERENCE}: it lies within the range across alternatives"
UNKNOWN = "cannot be compared: too few worlds have its condition"


@dataclass(frozen=True)
class Side:
    """What one run says of a claim, in words; `probability` and its range are numbers, None where there is none."""

    probability: float | None
    low: float | None
    high: float | None
    share: str
    word: str
    basis: str
    effect: str


@dataclass(frozen=True)
class Pair:
    """A claim in both runs. `moved` and `tells` as in the module's text; `says` tells it in words.

    `tests` says how the test itself differs, empty where it is the same; then a move may come from the test alone.
    """

    id: str
    claim: str
    one: Side
    other: Side
    moved: bool
    tells: bool
    says: str
    tests: str


@dataclass(frozen=True)
class Compared:
    """Two runs; `apart` says how what made them differs, `only` lists claims that one of them alone has."""

    runs: tuple[str, str]
    apart: tuple[str, ...]
    pairs: tuple[Pair, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def same_scenario(one: "Worlds", other: "Worlds") -> bool:
    """Whether both runs are of the scenario of one name, in whatever version."""
    return one.scenario.vocabulary.scenario == other.scenario.vocabulary.scenario


def compare(one: "Worlds", other: "Worlds", of_one: "Verdicts", of_other: "Verdicts") -> Compared:
    """The verdicts of two runs, claim by claim, in the order of the first."""
    left, right = ({v.id: v for v in verdicts.claims} for verdicts in (of_one, of_other))
    claims = (one.scenario.vocabulary.claims, other.scenario.vocabulary.claims)
    return Compared(
        runs=(one.run, other.run),
        apart=_apart(one, other, of_one, of_other),
        pairs=tuple(_pair(claims[0][k], claims[1][k], left[k], right[k]) for k in left if k in right),
        only=(tuple(k for k in left if k not in right), tuple(k for k in right if k not in left)),
    )


def _pair(before: "Claim", after: "Claim", one: "Verdict", other: "Verdict") -> Pair:
    p, q = one.probability, other.probability
    moved = tells = False
    if p is None or q is None:
        says = UNKNOWN
    else:
        moved, tells = change(one, other)
        says = f"moved from {_share(one)} to {_share(other)} of 100" if tells else WITHIN if moved else SAME
    changed = [f"{name} {a} becomes {b}" for name, a, b in (("word", one.grade, other.grade), ("basis", one.basis, other.basis)) if a != b]
    texts = [(k, getattr(before, k), getattr(after, k)) for k in type(before).model_fields if k not in ("note", "asserts", "says")]
    return Pair(
        id=one.id,
        claim=plain(other.says),
        one=_side(before, one),
        other=_side(after, other),
        moved=moved,
        tells=tells,
        says="; ".join([says, *changed]),
        tests="; ".join(f"{k} is {_text(a)} in the first, {_text(b)} in the second" for k, a, b in texts if a != b),
    )


def change(one: "Verdict", other: "Verdict") -> tuple[bool, bool]:
    """Whether the probability moved between two verdicts, and whether the model can tell. False for both where one has none."""
    p, q = one.probability, other.probability
    if p is None or q is None:
        return False, False
    error = math.hypot(one.probability_error or 0.0, other.probability_error or 0.0)
    moved = abs(p - q) >= max(reports.STEP, error) - 1e-9
    widths = [r.high - r.low for r in (one.probability_range, other.probability_range) if r]
    return moved, moved and abs(p - q) >= max(widths, default=0.0) - 1e-9


def _share(verdict: "Verdict") -> str:
    return words.of_100(verdict.probability) if verdict.probability is not None else "not known"


def _side(claim: "Claim", verdict: "Verdict") -> Side:
    read, across = cards.reading(claim, verdict, {}), verdict.probability_range
    share = read.too_few or f"{read.share} of 100 ({read.across} across {read.spans})"
    if verdict.basis == "built in":
        share = f"the size passes the test in {read.share} of 100"
    return Side(
        verdict.probability, across.low if across else None, across.high if across else None, share, read.grade, read.basis, read.effect
    )


def _text(value: object) -> str:
    return "not given" if value is None else f'"{plain(value)}"'


def _apart(one: "Worlds", other: "Worlds", of_one: "Verdicts", of_other: "Verdicts") -> tuple[str, ...]:
    """What differs in what made the runs."""
    a, b = one.scenario, other.scenario
    said = []
    if not same_scenario(one, other):
        said.append(f"They are of different scenarios: {plain(a.vocabulary.scenario)}; {plain(b.vocabulary.scenario)}")
    elif a.replaced != b.replaced:
        said.append("One of them has ranges that replace those of the file")
    elif a.hash != b.hash:
        versions = [plain(s.vocabulary.version) for s in (a, b)]
        which = f"versions {versions[0]} and {versions[1]}" if versions[0] != versions[1] else f"version {versions[0]} in both"
        said.append(f"Their scenario files differ ({which}); see: materiel diff {one.folder.path} {other.folder.path}")
    weighed = [cards.which(s, v) or "no report" for s, v in ((a, of_one), (b, of_other))]
    if weighed[0] != weighed[1]:
        said.append(f"The first is weighed with {weighed[0]}, the second with {weighed[1]}")
    for name, x, y in (("worlds", one.n, other.n), ("seed", one.seed, other.seed)):
        said += [f"The first has {name} {x:,}, the second {y:,}"] if x != y else []
    if one.made_with.get("engine") != other.made_with.get("engine"):
        said.append("They were made with different engines")
    return tuple(said)


def runs_of(root: "Path", one: "Scenario", other: "Scenario") -> "tuple[Worlds, Worlds] | None":
    """The newest finished runs under `root` of two scenarios, that no report weighs: of as many worlds and one seed, if there are such.

    None where one of them has none, or where the two are one scenario.
    """
    if one.hash == other.hash:
        return None
    left, right = _finished(root, one), _finished(root, other)
    alike = ((a, b) for a in left for b in right if (a.n, a.seed) == (b.n, b.seed))
    return next(alike, None) or next(((a, b) for a in left for b in right), None)


def _finished(root: "Path", scenario: "Scenario") -> "list[Worlds]":
    found = []
    for folder in all_runs(root):
        try:
            made, extra = folder.made()
            if made.scenario_hash == scenario.hash and "of" not in extra:
                found.append(open_run(folder.path))
        except RunError:
            continue  # unfinished, or its files are not what made it
    return found


def lines(told: Compared) -> list[str]:
    """The comparison for a terminal."""
    one, other = told.runs
    moved = sum(p.tells for p in told.pairs)
    out = [f"Runs {one} and {other}: {len(told.pairs)} claims in both, {moved} moved by more than the model's own doubt"]
    out += [f"  {text}" for text in told.apart]
    for p in told.pairs:
        out.append(f"{p.id}: {p.claim}")
        for run, side in zip(told.runs, (p.one, p.other), strict=True):
            out.append(f"  {run}  {'; '.join(x for x in (side.share, side.word, side.basis, side.effect) if x)}")
        out.append(f"  {p.says}")
        out += [f"  the test differs: {p.tests}"] if p.tests else []
    for run, ids in zip(told.runs, told.only, strict=True):
        out += [f"Only in {run}: {', '.join(ids)}"] if ids else []
    return out


def moved(told: Compared) -> list[str]:
    """The verdicts that moved, and how many did not, for a terminal."""
    far = [p for p in told.pairs if p.tells]
    out = [f"Of runs {' and '.join(told.runs)}, {len(far)} of {len(told.pairs)} verdicts moved by more than the model's own doubt:"]
    return out + [f"  {p.id}: {p.says}{' (its test differs too)' if p.tests else ''}" for p in far]
