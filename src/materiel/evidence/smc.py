"""Tempered sequential Monte Carlo: particles that reports re-weight, step by step, and that move between the steps.

A particle is a point in the space of unknowns, each a standard normal, and the number of a stream of luck for each span
of days. One stage raises the exponent of the new reports as far as half of the particles stay effective, resamples, and
moves every particle at least twice by a step that would leave a Gaussian fitted to the particles as it is
(preconditioned Crank-Nicolson about their mean and covariance), corrected by Metropolis and Hastings, so that the fit
need not be good for the result to be right. Half of the particles step and half leap, by lot: where the fit is good a
leap forgets everything, though few are taken, and where it is not, steps still move. Moves take turns: one proposes
unknowns and the luck of some spans, the next keeps luck. They go on until what the particles say has lost 0.4 of its
memory of where the stage began, or MOST.

Only the directions in which the particles are measurably narrower than the prior, or off its centre, are fitted, and only
among the unknowns that `fitted` marks; in all others the fit is the prior itself, because a sample covariance of many
dimensions is mostly noise (Marchenko and Pastur 1967).

References: Del Moral, Doucet and Jasra 2006, Sequential Monte Carlo samplers; Neal 1998; Cotter, Roberts, Stuart and
White 2013, MCMC methods for functions; Chopin and Papaspiliopoulos 2020, An introduction to sequential Monte Carlo.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Predict = Callable[[F64, I64], F64]  # unknowns [n, d] and luck [n] -> what each world says of each report [n, r]; one simulation
LogLikelihood = Callable[[F64, F64], F64]  # unknowns [n, d] and predictions [n, r] -> [n]

KEEP = 0.5  # share of the particles that stays effective in one stage, of those that can produce the reports at all
LEAST = 0.01  # share of the particles that must be able to
MOVES = 2  # simulations in a stage, at least
MOST = 8  # simulations in a stage
MEMORY = 0.6  # correlation with the start of a stage at which its moves end
CHEAP = 4  # moves after each of them that touch only what needs no simulation
AIM = (0.3, 0.45)  # share of steps accepted; their size is changed outside of it
LEAPS = 0.5  # share of the moves that are leaps: all but a new draw from the fitted Gaussian
LEAP = 0.999  # size of a leap
LUCK = 2**31  # streams of luck to draw from


@dataclass(frozen=True)
class Cloud:
    """Particles of equal weight: `z` [n, d] standard normal unknowns, `luck` [n, spans], `said` [n, r] predictions.

    `cheap` marks the unknowns on which no prediction depends (biases of speakers), `fitted` those whose Gaussian is fitted.
    `steps` are the sizes of moves with new luck, with luck kept, and of cheap unknowns alone. `simulations` counts passes
    over all particles, `stages` what happened: (exponent reached, share of moves accepted, size of the step, with luck
    kept).
    """

    z: F64
    luck: I64
    said: F64
    cheap: NDArray[np.bool_]
    fitted: NDArray[np.bool_]
    simulations: int = 0
    steps: tuple[float, float, float] = (0.5, 0.5, 0.5)
    stages: tuple[tuple[float, float, float, bool], ...] = field(default=())


class Collapse(Exception):
    """No particle can produce the reports, or the exponent does not rise any more; the message says which."""


def start(n: int, cheap: NDArray[np.bool_], predict: Predict, rng: np.random.Generator, spans: int = 1) -> Cloud:
    """Particles of the prior, antithetic in pairs so that their mean is exactly its own."""
    half = rng.standard_normal(((n + 1) // 2, len(cheap)))
    z = np.concatenate([half, -half])[:n]
    luck = rng.integers(0, LUCK, (n, spans))
    return Cloud(z, luck, predict(z, luck), cheap, np.ones_like(cheap), simulations=1)


def effective(log_weights: F64) -> float:
    """Effective number of particles, 1 / sum of squared weights; 0 where no weight is above nothing."""
    top = log_weights.max()
    if not np.isfinite(top):
        return 0.0
    w = np.exp(log_weights - top)
    return float(w.sum() ** 2 / (w**2).sum())


def next_exponent(log_likelihood: F64, done: float) -> float:
    """The largest exponent up to 1 at which KEEP of the particles that are possible stay effective, by bisection."""
    possible = log_likelihood[np.isfinite(log_likelihood)]

    def enough(to: float) -> bool:
        return effective((to - done) * possible) >= KEEP * len(possible)

    if enough(1.0):
        return 1.0
    low, high = done, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


def systematic(weights: F64, rng: np.random.Generator) -> I64:
    """Indices of a systematic resample of the same size."""
    n = len(weights)
    edges = np.cumsum(weights)
    return np.asarray(np.searchsorted(edges / edges[-1], (np.arange(n) + rng.random()) / n).clip(0, n - 1), np.int64)


@dataclass(frozen=True)
class Fit:
    """A Gaussian that differs from the prior in the columns of `basis` only: there mean `mean` and standard deviations `sd`."""

    basis: F64
    mean: F64
    sd: F64

    def step(self, z: F64, size: F64, rng: np.random.Generator) -> F64:
        """Steps of these sizes [n, 1] that leave this Gaussian as it is: the old point kept by sqrt(1 - size^2), the rest drawn afresh."""
        keep = np.sqrt(1.0 - size * size)
        noise = rng.standard_normal(z.shape)
        inside, fresh = z @ self.basis, noise @ self.basis
        moved = self.mean + keep * (inside - self.mean) + size * self.sd * fresh
        rest = keep * (z - inside @ self.basis.T) + size * (noise - fresh @ self.basis.T)
        return np.asarray(rest + moved @ self.basis.T, np.float64)

    def log_excess(self, z: F64) -> F64:
        """Log of the prior's density over this one's, up to a constant [n]."""
        inside = z @ self.basis
        return np.asarray(0.5 * (((inside - self.mean) / self.sd) ** 2 - inside**2).sum(axis=1), np.float64)


def fit(z: F64) -> Fit:
    """The Gaussian of these particles in the directions that they tell apart from the prior."""
    n, d = z.shape
    mean = z.mean(axis=0)
    spread = (z - mean).T @ (z - mean) / n
    values, vectors = np.linalg.eigh(spread)
    edge = np.sqrt(d / len(np.unique(z[:, 0])))  # copies tell nothing
    narrow = (values < (1 - min(edge, 0.9)) ** 2 * 0.97) | (values > (1 + edge) ** 2 * 1.03)
    basis = vectors[:, narrow]
    rest = mean - basis @ (basis.T @ mean)
    length = float(np.linalg.norm(rest))
    if length > 2.0 * edge:  # off centre along one more direction
        basis = np.column_stack([basis, rest / length])
    inside = (z - mean) @ basis
    return Fit(basis, basis.T @ mean, np.sqrt(np.maximum((inside**2).mean(axis=0), 1e-8)))


def sizes(n: int, step: float, rng: np.random.Generator) -> F64:
    """Size of the move of each particle [n, 1]: a step, or a leap, by lot and so whatever the particle."""
    return np.where(rng.random((n, 1)) < LEAPS, LEAP, step)


def _accept(
    cloud: Cloud, level: F64, proposed: Cloud, new_level: F64, excess: F64, size: F64, rng: np.random.Generator
) -> tuple[Cloud, F64, float]:
    """Metropolis and Hastings, particle by particle, and the share of steps (not of leaps) that was accepted.

    `level` is the log of the target over the prior; NaN is never accepted.
    """
    log_ratio = new_level - level + excess
    yes = np.log(rng.random(len(level))) < np.where(np.isnan(log_ratio), -np.inf, log_ratio)
    kept = replace(
        proposed,
        z=np.where(yes[:, None], proposed.z, cloud.z),
        luck=np.where(yes[:, None], proposed.luck, cloud.luck),
        said=np.where(yes[:, None], proposed.said, cloud.said),
    )
    steps = yes[size[:, 0] < LEAP]
    return kept, np.where(yes, new_level, level), float(steps.mean()) if len(steps) else 0.0


def move(
    cloud: Cloud, level: F64, target: LogLikelihood, predict: Predict, size: float, rng: np.random.Generator, keep_luck: bool
) -> tuple[Cloud, F64, float]:
    """One move of every particle, unknowns and, unless kept, the luck of some spans; one simulation.

    `level` is the target at the particles, `size` that of steps. Each span's luck is new with the chance of the size, one span's
    for sure.
    """
    part = cloud.z[:, cloud.fitted]
    about = fit(part)
    far = sizes(len(part), size, rng)
    z = np.sqrt(1.0 - far * far) * cloud.z + far * rng.standard_normal(cloud.z.shape)  # about the prior
    z[:, cloud.fitted] = about.step(part, far, rng)
    luck = cloud.luck
    if not keep_luck:
        new = rng.random(luck.shape) < far
        new[np.arange(len(new)), rng.integers(0, luck.shape[1], len(new))] = True
        luck = np.where(new, rng.integers(0, LUCK, luck.shape), luck)
    said = predict(z, luck)
    proposed = replace(cloud, z=z, luck=luck, said=said, simulations=cloud.simulations + 1)
    excess = about.log_excess(z[:, cloud.fitted]) - about.log_excess(part)
    return _accept(cloud, level, proposed, target(z, said), excess, far, rng)


def cheap_move(
    cloud: Cloud, level: F64, target: LogLikelihood, about: Fit, size: float, rng: np.random.Generator
) -> tuple[Cloud, F64, float]:
    """One move, about a Gaussian, of the unknowns on which no prediction depends: no simulation."""
    part = cloud.z[:, cloud.cheap]
    far = sizes(len(part), size, rng)
    z = cloud.z.copy()
    z[:, cloud.cheap] = about.step(part, far, rng)
    excess = about.log_excess(z[:, cloud.cheap]) - about.log_excess(part)
    return _accept(cloud, level, replace(cloud, z=z), target(z, cloud.said), excess, far, rng)


def _adapted(size: float, accepted: float) -> float:
    """A step that is accepted about as often as AIM says."""
    if accepted < AIM[0]:
        return max(0.02, size * 0.8)
    return min(0.99, size * 1.25) if accepted > AIM[1] else size


def memory(then: F64, now: F64) -> float:
    """How much of what particles said they still say: the mean over reports of the correlation between then and now."""
    a, b = (np.sign(x) * np.log1p(np.abs(x)) for x in (then, now))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    some = spread > 1e-9 * len(a)
    return float(((a * b).sum(axis=0)[some] / spread[some]).mean()) if some.any() else 0.0


def moved(cloud: Cloud, target: LogLikelihood, predict: Predict, rng: np.random.Generator, exponent: float = 1.0) -> Cloud:
    """Particles after moves that leave `target` as it is, until what they say has lost 0.4 of its memory, or MOST of them."""
    level = target(cloud.z, cloud.said)
    before = cloud.said
    for k in range(MOST):
        if k >= MOVES and k % 2 == 0 and memory(before, cloud.said) < MEMORY:
            break
        keep_luck = k % 2 == 1
        steps = list(cloud.steps)
        cloud, level, accepted = move(cloud, level, target, predict, steps[keep_luck], rng, keep_luck)
        stage = (exponent, accepted, steps[keep_luck], keep_luck)
        steps[keep_luck] = _adapted(steps[keep_luck], accepted)
        if cloud.cheap.any():
            about = fit(cloud.z[:, cloud.cheap])  # once for all of them: fitting takes longer than moving
            for _ in range(CHEAP):
                cloud, level, accepted = cheap_move(cloud, level, target, about, steps[2], rng)
                steps[2] = _adapted(steps[2], accepted)
        cloud = replace(cloud, steps=(steps[0], steps[1], steps[2]), stages=(*cloud.stages, stage))
    return cloud


def absorb(cloud: Cloud, known: LogLikelihood, new: LogLikelihood, predict: Predict, rng: np.random.Generator, most: int = 60) -> Cloud:
    """Particles of the posterior after `new` reports, from particles of the posterior after the `known` ones.

    Raises Collapse where hardly a particle can produce a report, or where `most` stages do not reach the exponent 1.
    """
    done, n = 0.0, len(cloud.z)
    for _ in range(most):
        gained = new(cloud.z, cloud.said)
        possible = np.isfinite(gained)
        if possible.sum() < max(LEAST * n, 2):
            raise Collapse(f"of {n:,} particles {possible.sum():,} can produce these reports at all")
        to = next_exponent(gained, done)
        if to <= done:
            raise Collapse(f"the reports exclude each other: no step beyond the exponent {done:.3g} leaves enough particles")
        weights = np.exp((to - done) * (np.where(possible, gained, -np.inf) - gained[possible].max()))
        chosen = systematic(weights, rng)
        cloud = replace(cloud, z=cloud.z[chosen], luck=cloud.luck[chosen], said=cloud.said[chosen])
        done = to

        def target(z: F64, said: F64, exponent: float = to) -> F64:
            return known(z, said) + exponent * new(z, said)

        cloud = moved(cloud, target, predict, rng, done)
        if done >= 1.0:
            return cloud
    raise Collapse(f"after {most} stages the reports have been absorbed only to the exponent {done:.3g}")
