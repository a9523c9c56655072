"""Are posteriors of a whole small war right? Simulation-based calibration (Talts et al. 2018) through everything that weighs.

Each replicate draws a true world from the prior, lets its speakers say what it shows (with their biases, common errors and
their own), weighs worlds with these statements, and notes the rank of the truth among fifteen of the worlds left. Ranks
must be uniform. Prints a chi-square for each of some unknowns and for what the worlds say.

Run: .venv/bin/python benchmarks/calibration.py [REPLICATES] [PARTICLES]
"""

import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.stats import chi2

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.evidence.small import row, small

from materiel.evidence import smc
from materiel.evidence.posterior import Posterior
from materiel.evidence.predictions import choose
from materiel.evidence.statements import spoken

KEPT = 15
FIRST_TRUTH = 1_000_000  # far from the worlds that start a replicate


def main(replicates: int, particles: int) -> None:
    months = (("2020-05-01", "2020-05-31"), ("2020-06-01", "2020-06-10"))
    rows = [
        row(f"f{k}{who}", "fire", 5000, last, "2020-06-15", first=first, family=who, origin=who)
        for k, (first, last) in enumerate(months)
        for who in ("press", "north")
    ]
    rows += [row(f"a{k}", "area", 5, last, "2020-06-15", first=first) for k, (first, last) in enumerate(months)]
    rows += [row("b", "boxes", 300, "2020-06-10", "2020-06-15", family="south"), row("r", "rounds", 9000, "2020-06-10", "2020-06-15")]
    scenario = small(Path(tempfile.mkdtemp()), *rows)
    items = choose(scenario, date(2020, 6, 15)).items
    posterior = Posterior(scenario, items, seed=7)
    columns = [
        posterior.names.index(n) for n in ("fire.cover.north_guns.usual", "front.pace", "offers.maker_north.amount", "evidence/bias/press")
    ]
    fitted = posterior.telling([posterior.start(np.arange(4096))])
    ranks, sizes = [], []
    started = time.perf_counter()
    for k in range(replicates):
        rng = np.random.default_rng([11, k])
        truth = posterior.start(np.array([FIRST_TRUTH + k]))
        y = spoken(items, truth.said, posterior.parts(truth.z), posterior.who, rng)[0]
        heard = [replace(i, low=float(v), high=float(v) + (1e-9 if i.linear else 1e-9 * float(v))) for i, v in zip(items, y, strict=True)]
        cloud = posterior.start(np.arange(k * particles, (k + 1) * particles) + 1, fitted)
        cloud = smc.absorb(cloud, lambda z, said: np.zeros(len(z)), posterior.likelihood(heard), posterior.says, rng)
        some = rng.choice(particles, KEPT, replace=False)
        mine, true = np.column_stack([cloud.z[:, columns], cloud.said])[some], np.concatenate([truth.z[0, columns], truth.said[0]])
        ties = rng.random(mine.shape) < 0.5
        ranks.append(((mine < true) | ((mine == true) & ties)).sum(axis=0))
        sizes.append(cloud.simulations)
    names = [posterior.names[c] for c in columns] + [i.id for i in items]
    bins = 8
    print(f"{replicates} replicates of {particles} particles, {np.mean(sizes):.0f} simulations each, {time.perf_counter() - started:.0f} s")
    worst = 1.0
    for name, column in zip(names, np.array(ranks).T, strict=True):
        counts = np.bincount(column * bins // (KEPT + 1), minlength=bins)
        p = float(chi2.sf(((counts - replicates / bins) ** 2 / (replicates / bins)).sum(), bins - 1))
        worst = min(worst, p)
        print(f"  {name:32s} {' '.join(f'{c:4d}' for c in counts)}   p {p:.3f}")
    print(f"smallest p {worst:.4f}; at 1 % for all {len(names)} together: {0.01 / len(names):.5f}")


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*(given or [500, 512]))
