"""Do denials, or accusations without evidence, decide whether anything was sent? On a weighed run, by leaving each kind out.

P(transfers) is the chance that ten thousand rounds or more have reached the receiver by the end of 2023, on the factual course. Prints
the log-odds with all reports, and how they move without the denials, without the interested assertions that rest on nothing others can
inspect, without both, and without everything that says yes or no. Weights are smoothed; Pareto's k stands beside.

Run: python benchmarks/denials.py RUN     (a run made by `materiel weigh`)
"""

import sys

import numpy as np

from materiel.evidence.factual import course
from materiel.evidence.likelihood import rule
from materiel.evidence.weighed import Heard
from materiel.worlds import open_run

LEAST, BY = 10_000.0, "2023-12-31"


def main(run: str) -> None:
    worlds = open_run(run)
    s = worlds.scenario
    heard = Heard(worlds)
    goods = " + ".join(f"delivered[dprk_russia.{g}]" for g in s.vocabulary.offers["dprk_russia"].mix)
    sent = worlds.at(course(s), goods, s.day(BY) + 1) >= LEAST
    decides = [i for i in heard.items if i.decides]
    denials = {i.id for i in decides if i.form == "no" and rule(i) == "either_way"}
    loud = {i.id for i in decides if i.form == "yes" and rule(i) == "either_way"}
    kinds = {"denials": denials, "interested assertions": loud, "both": denials | loud, "all that say yes or no": {i.id for i in decides}}

    def odds(weights: np.ndarray) -> float:
        p = float(weights[sent].sum())
        return float(np.log(p / (1 - p))) if 0 < p < 1 else float("nan")

    every = np.full(worlds.n, 1 / worlds.n)
    print(f"run {worlds.run}, reports to {worlds.to}: P(transfers) {sent.mean():.3f}, log-odds {odds(every):+.2f} ({worlds.n:,} worlds)")
    for name, ids in kinds.items():
        one = heard.without(ids)
        told = "cannot be told" if one.weights is None else f"log-odds move by {odds(one.weights) - odds(every):+.3f}"
        print(f"  without {name} ({len(ids)}: {', '.join(sorted(ids)) or 'none'}): {told}; k {one.k_hat:.2f}")


if __name__ == "__main__":
    main(sys.argv[1])
