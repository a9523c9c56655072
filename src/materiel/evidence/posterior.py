"""Everything that is weighed for one scenario: what worlds say, who speaks, and how much batches of particles are worth."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from materiel.evidence import smc
from materiel.evidence.factual import Factual
from materiel.evidence.likelihood import log_likelihood, speakers
from materiel.evidence.predictions import Item
from materiel.evidence.smc import Cloud
from materiel.scenario import Scenario
from materiel.worlds import RunError
from materiel.worlds.unknowns import uniforms

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BATCHES = 4  # independent ones, at least
PARTICLES = 1024  # in each
LEAST = 100  # effective worlds that a posterior is printed for
ENOUGH = 400  # effective worlds at which moves end
ROUNDS = 6  # of further moves, where there are not enough
TELLS = 4.5  # standard errors of a rank correlation at which an unknown is held to move what is said
OURS = "evidence/"  # before the names of the unknowns of speakers


class Posterior:
    """Everything that is weighed for one scenario: what worlds say, who speaks, and the target of the moves.

    `items` may hold more than is weighed on any one day; unknowns of all their speakers are columns from the start.
    """

    def __init__(self, scenario: Scenario, items: Sequence[Item], seed: int) -> None:
        if scenario.vocabulary.evidence is None:
            raise RunError("this scenario has no section evidence, so that no report can weigh it. See docs/language.md.")
        self.scenario, self.items, self.seed = scenario, tuple(items), seed
        self.evidence = scenario.vocabulary.evidence
        self.factual = Factual(scenario, items, seed)
        self.who = speakers(self.evidence, items)
        self.names = (*self.factual.names, *(OURS + name for name in self.who.names))
        self.cheap = np.arange(len(self.names)) >= len(self.factual.names)
        self.until: date | None = None
        self._last: tuple[F64, F64, F64] | None = None

    def start(self, worlds: I64, fitted: NDArray[np.bool_] | None = None) -> Cloud:
        """Ordinary worlds with these numbers, as particles."""
        from scipy.special import ndtri

        own = [ndtri(uniforms(self.seed, OURS + name, worlds)) for name in self.who.names]
        z = np.column_stack([self.factual.prior(worlds), *own])
        luck = self.factual.luck(worlds)
        every = np.ones(len(self.names), np.bool_)
        return Cloud(z, luck, self.says(z, luck), self.cheap, every if fitted is None else fitted, simulations=1)

    def says(self, z: F64, luck: I64) -> F64:
        """What worlds say of all items [n, items] up to `until`; one simulation."""
        return self.factual.says(z[:, ~self.cheap], luck, self.until)

    def parts(self, z: F64) -> tuple[F64, F64, F64]:
        """Biases, common errors and ratios of the speakers."""
        return self.who.split(z[:, self.cheap])

    def likelihood(self, items: Sequence[Item]) -> smc.LogLikelihood:
        """Log-likelihood of some items, which may differ from those known here by the same ids, as a function of particles."""
        where = {i.id: k for k, i in enumerate(self.items)}
        alike = {i.id: replace(i, weight=1.0) == replace(self.items[where[i.id]], weight=1.0) for i in items}
        usual = [i for i in items if alike[i.id] and i.weight > 0]
        others = [i for i in items if not alike[i.id]]
        columns, weights = [where[i.id] for i in usual], np.array([i.weight for i in usual], np.float64)

        def of(z: F64, said: F64) -> F64:
            level = self._each(z, said)[:, columns] @ weights
            if others:
                level = level + log_likelihood(others, said[:, [where[i.id] for i in others]], *self.parts(z), self.who).sum(axis=1)
            return np.asarray(level, np.float64)

        return of

    def _each(self, z: F64, said: F64) -> F64:
        """Log-likelihood of each item by itself [n, items], minus infinity of what no world says here.

        What was asked for last is kept: a target is a sum of likelihoods at the same particles.
        """
        if self._last is not None and self._last[0] is z and self._last[1] is said:
            return self._last[2]
        here = np.flatnonzero(np.isfinite(said).any(axis=0))
        out = np.full(said.shape, -np.inf)
        alone = [replace(self.items[k], weight=1.0) for k in here]
        out[:, here] = log_likelihood(alone, said[:, here], *self.parts(z), self.who)
        self._last = (z, said, out)
        return out

    def telling(self, clouds: Sequence[Cloud]) -> NDArray[np.bool_]:
        """Which unknowns move what is said, by rank correlation over prior particles; those of speakers always."""
        from scipy.stats import rankdata

        z = np.concatenate([c.z[:, ~self.cheap] for c in clouds])
        said = np.concatenate([c.said for c in clouds])
        fine = np.isfinite(said).any(axis=1)  # one broken world must not silence every report
        z, said = z[fine], said[fine]
        said = said[:, np.isfinite(said).all(axis=0)]
        a, b = (rankdata(x, axis=0) for x in (z, said[:, np.ptp(said, axis=0) > 0]))
        a, b = ((x - x.mean(axis=0)) / x.std(axis=0) for x in (a, b))
        seen = np.abs(a.T @ b).max(axis=1, initial=0.0) / len(z)
        return np.concatenate([seen > TELLS / np.sqrt(len(z)), np.ones(self.cheap.sum(), np.bool_)])


def effective(clouds: Sequence[Cloud], columns: Sequence[int]) -> float:
    """How many independent worlds all batches together are worth.

    The variance of the batches' means of what the worlds say (amounts on the log), against what it would be if all particles
    were independent, averaged over the reports in `columns`.
    """
    x = [np.sign(c.said[:, columns]) * np.log1p(np.abs(c.said[:, columns])) for c in clouds]
    between = np.var([b.mean(axis=0) for b in x], axis=0, ddof=1)
    within = np.mean([b.var(axis=0) for b in x], axis=0)
    some = within > 1e-12
    n, size = len(x) * len(x[0]), len(x[0])
    if not some.any():
        return float(n)
    return float(min(n, n / (between[some] / (within[some] / size)).mean()))


def mixed(
    posterior: Posterior, clouds: list[Cloud], items: Sequence[Item], target: smc.LogLikelihood, rng: Sequence[np.random.Generator]
) -> tuple[list[Cloud], float]:
    """Batches after as many further moves as it takes until together they are worth ENOUGH worlds, or ROUNDS; and what they are worth.

    Of few particles a quarter is enough.
    """
    ids = {i.id for i in items}
    columns = [k for k, i in enumerate(posterior.items) if i.id in ids]
    worth, enough = effective(clouds, columns), min(ENOUGH, 0.25 * sum(len(c.z) for c in clouds))
    for _ in range(ROUNDS):
        if worth >= enough:
            break
        clouds = [smc.moved(c, target, posterior.says, r) for c, r in zip(clouds, rng, strict=True)]
        worth = effective(clouds, columns)
    return clouds, worth
