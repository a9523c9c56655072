"""What the worlds say of each claim, one number a world, gathered portion by portion so that millions of worlds fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from materiel.claims.alternatives import Taken, taken
from materiel.claims.estimand import Read, courses, difference_of, judged_apart, read, rule
from materiel.scenario.vocabulary import Claim
from materiel.worlds import Worlds

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
AT_ONCE = 2**28  # bytes of samples that are gathered in one pass over the worlds


@dataclass(frozen=True)
class Sample:
    """One claim in all worlds: those that `kept` have its condition; the rule is put to `seen`.

    `difference` is the effect or the size. `without` is the course that it is compared with, where the rule is put to a level;
    `held` and `held_difference` are the same test with the answer of others held; `beside` the effects against further courses.
    """

    kept: Bools
    seen: Read
    difference: F64
    without: Read | None
    held: Read | None
    held_difference: F64 | None
    beside: dict[str, F64]


def samples(worlds: Worlds, claims: dict[str, Claim]) -> dict[str, Sample]:
    """A sample of each of these claims over all worlds."""
    portions = [{key: _sample(part, claim) for key, claim in claims.items()} for part in worlds.portions()]
    return {key: _joined([p[key] for p in portions]) for key in claims} if len(portions) > 1 else portions[0]


def in_passes(worlds: Worlds, claims: dict[str, Claim]) -> list[dict[str, Claim]]:
    """The claims in groups of which one pass over the worlds gathers all samples."""
    each = 80 * worlds.n  # bytes: ten numbers of a world
    size = max(1, AT_ONCE // each) if worlds.n > worlds.shown else len(claims)
    keys = list(claims)
    return [{k: claims[k] for k in keys[i : i + size]} for i in range(0, len(keys), max(size, 1))]


def every_alternative(worlds: Worlds) -> list[Taken]:
    """What all worlds answered to each alternative."""
    portions = [taken(part, np.ones(part.shown, np.bool_)) for part in worlds.portions()]
    return [t._replace(chosen=np.concatenate([p[k].chosen for p in portions])) for k, t in enumerate(portions[0])]


def condition(worlds: Worlds, claim: Claim) -> Bools:
    """The worlds held here that count for a claim: those in which the claim that it names as `among` holds."""
    if claim.among is None:
        return np.ones(worlds.shown, np.bool_)
    other = worlds.scenario.vocabulary.claims[claim.among]
    return read(worlds, other).holds(rule(other))


def _sample(worlds: Worlds, claim: Claim) -> Sample:
    here, there = courses(worlds, claim)
    apart = there is not None and judged_apart(claim)
    return Sample(
        kept=condition(worlds, claim),
        seen=read(worlds, claim),
        difference=difference_of(worlds, claim, here, there),
        without=read(worlds, claim, (there, None)) if apart and there is not None else None,
        held=read(worlds, claim, claim.direct) if claim.direct else None,
        held_difference=difference_of(worlds, claim, *claim.direct) if claim.direct else None,
        beside={c: difference_of(worlds, claim, here, c) for c in claim.beside},
    )


def _joined(parts: Sequence[Sample]) -> Sample:
    one = parts[0]
    return Sample(
        kept=np.concatenate([p.kept for p in parts]),
        seen=_reads([p.seen for p in parts]),
        difference=np.concatenate([p.difference for p in parts]),
        without=_reads([p.without for p in parts if p.without is not None]) if one.without is not None else None,
        held=_reads([p.held for p in parts if p.held is not None]) if one.held is not None else None,
        held_difference=None if one.held_difference is None else np.concatenate([np.asarray(p.held_difference) for p in parts]),
        beside={c: np.concatenate([p.beside[c] for p in parts]) for c in one.beside},
    )


def _reads(parts: Sequence[Read]) -> Read:
    there = None if parts[0].there is None else np.concatenate([np.asarray(p.there) for p in parts])
    return Read(np.concatenate([p.here for p in parts]), there, parts[0].of)
