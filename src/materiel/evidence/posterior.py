"""Everything that is weighed for one scenario: what worlds say, who speaks, and how much batches of particles are worth."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from dataclasses import replace
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from materiel.evidence import smc
from materiel.evidence.factual import Factual
from materiel.evidence.likelihood import log_likelihood, speakers
from materiel.evidence.predictions import Item
from materiel.evidence.smc import Cloud
from materiel.scenario import Scenario
from materiel.worlds import RunError
from materiel.worlds.device import cores
from materiel.worlds.unknowns import uniforms

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
T = TypeVar("T")
R = TypeVar("R")

BATCHES = 4  # independent ones, at least
PARTICLES = 1024  # in each
LEAST = 100  # effective worlds that a posterior is printed for
ENOUGH = 400  # effective worlds at which moves end
ROUNDS = 6  # of further moves, where there are not enough
TELLS = 4.5  # standard errors of a rank correlation at which an unknown is held to move what is said
OURS = "evidence/"  # before the names of the unknowns of speakers


class Stopped(Exception):
    """Another batch failed, or somebody pressed Ctrl-C."""


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
        self._mine = threading.local()  # what was asked for last, thread by thread
        self._stop = threading.Event()

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
        if self._stop.is_set():
            raise Stopped
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
        last: tuple[F64, F64, F64] | None = getattr(self._mine, "last", None)
        if last is not None and last[0] is z and last[1] is said:
            return last[2]
        here = np.flatnonzero(np.isfinite(said).any(axis=0))
        out = np.full(said.shape, -np.inf)
        alone = [replace(self.items[k], weight=1.0) for k in here]
        out[:, here] = log_likelihood(alone, said[:, here], *self.parts(z), self.who)
        self._mine.last = (z, said, out)
        return out

    def side_by_side(
        self, function: Callable[[T, np.random.Generator], R], batches: Sequence[T], rng: Sequence[np.random.Generator]
    ) -> list[R]:
        """What a function gives for each batch with its own luck, on as many threads as there are cores; the results do not hang on them.

        Whatever one batch raises, or Ctrl-C, ends all of them. Linear algebra gets one thread a batch: with threads of its own
        as well, two batches take five times as long to fit as one after the other.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, "blas"), ThreadPoolExecutor(min(cores(), len(batches))) as pool:
            futures = [pool.submit(function, b, r) for b, r in zip(batches, rng, strict=True)]
            try:
                for future in as_completed(futures):  # the first that fails is heard at once
                    future.result()
                return [future.result() for future in futures]
            except BaseException:
                self._stop.set()
                for future in futures:
                    future.cancel()
                raise
            finally:
                wait(futures)
                self._stop.clear()

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
        clouds = posterior.side_by_side(lambda c, r: smc.moved(c, target, posterior.says, r), clouds, rng)
        worth = effective(clouds, columns)
    return clouds, worth
