"""Question: which first extension moves a verdict of the shipped scenario by more than its simulation error?

Each extension is put in for this script only, and every claim is judged again on the same worlds and luck. Because the
worlds are paired, the error of a difference is that of the discordant worlds, not of two separate runs.

- stocks: two ages (old and young shares with the same mean) instead of one mean age;
- fire: the two large calibres rationed apart, 60 to 40, instead of one pool;
- front: the southern axis as two sectors of half the width, each with lines, luck and massing of its own.

Run: python benchmarks/extensions.py [worlds]
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from materiel.claims.estimand import read, rule
from materiel.mechanisms import rationing, stocks
from materiel.mechanisms.contract import Flow
from materiel.scenario import load
from materiel.worlds import Worlds, simulate

OLD, YOUNG = 38.0, 18.0  # years: the two ages of mechanisms' minimal bins


def two_ages(one_age: Callable) -> Callable:
    """Working share as a mean over an old and a young part; the parts age together."""

    def works_at(age, p, good):
        share = jnp.clip((age - YOUNG) / (OLD - YOUNG), 0.0, 1.0)
        return share * one_age(age + (1.0 - share) * (OLD - YOUNG), p, good) + (1.0 - share) * one_age(age - share * (OLD - YOUNG), p, good)

    return works_at


class Scaled(Mapping):
    """The scenario's numbers with the fire of one use scaled."""

    def __init__(self, p: Mapping, use: str, share: float) -> None:
        self._p, self._use, self._share = p, use, share

    def __getitem__(self, path: str):
        scaled = path in (f"fire.cover.{self._use}.usual", f"fire.cover.{self._use}.most")
        return self._p[path] * self._share if scaled else self._p[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._p)

    def __len__(self) -> int:
        return len(self._p)


def calibres_apart(ask: Callable, stock: Callable) -> tuple[Callable, Callable]:
    """Rationing in which goods that end in _152 and _122 are pools of their own."""
    group: dict[str, str] = {}

    def of_group(self, k, seen):
        return {g: x for g, x in stock(self, k, seen).items() if g.endswith(group.get(k, ""))}

    def apart(self, state, seen, p, luck):
        split = [k for k, (rule_, use) in self._uses.items() if rule_ == "cover" and any(g.endswith("_122") for g in use.goods)]
        whole = {f.name: f for f in ask(self, state, seen, p, luck)}
        for k in split:
            inflow = state[f"{k}.inflow"]
            for calibre, share in (("_152", 0.6), ("_122", 0.4)):
                group[k] = calibre
                part = {**state, f"{k}.inflow": inflow * share}
                held = of_group(self, k, seen)
                total = jnp.maximum(sum(held.values()), 1e-6)
                rounds = self._by_cover(k, part, seen, Scaled(p, k, share)) * seen.step
                for g, x in held.items():
                    name = f"fire/{k}/{g}"
                    whole[name] = Flow(name, whole[name].giver, whole[name].taker, rounds * (x / total))
            group.pop(k)
        return whole.values()

    return apart, of_group


def two_sectors(text: str) -> str:
    """The southern axis twice, each half as wide."""
    start = text.index("    south:\n")
    end = text.index("    east:\n")
    block = text[start:end]
    half = block.replace("width: {value: 17 to 53 km", "width: {value: 8.5 to 26.5 km")
    if half == block:
        raise SystemExit("the width of the southern axis is written otherwise; mend this script")
    return text[:start] + half + half.replace("    south:\n", "    south_2:\n") + text[end:]


def holds(worlds: Worlds) -> dict[str, np.ndarray]:
    """Per claim, whether it holds in each world."""
    found = {}
    for key, claim in worlds.scenario.vocabulary.claims.items():
        found[key] = read(worlds, claim).holds(rule(claim))
    return found


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2048
    scenario = load("vostochny-2023")
    text = Path(scenario.path).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as root:

        def judged(name: str, s: object = scenario) -> dict[str, np.ndarray]:
            return holds(simulate(s, n, 7, root=Path(root) / name))  # type: ignore[arg-type]

        base = judged("base")
        one_age, ask, stock = stocks.works_at, rationing.Rationing.ask, rationing.Rationing._stock
        results = {}
        stocks.works_at = two_ages(one_age)
        results["two ages"] = judged("ages")
        stocks.works_at = one_age
        rationing.Rationing.ask, rationing.Rationing._stock = calibres_apart(ask, stock)
        results["calibres apart"] = judged("calibres")
        rationing.Rationing.ask, rationing.Rationing._stock = ask, stock
        sectors = Path(root) / "sectors.yaml"
        sectors.write_text(two_sectors(text), encoding="utf-8")
        results["two sectors"] = judged("sectors", load(sectors))
    print(f"{n} worlds, paired; difference of the probability in points, +- 90 % of the discordant worlds; * = more than that")
    for key, x in base.items():
        cells = []
        for name, other in results.items():
            d = other[key].astype(float) - x
            error = 1.645 * np.sqrt((np.mean(d**2) - d.mean() ** 2) / n)
            cells.append(
                f"{name} {100 * d.mean():+5.1f} +-{100 * max(error, 0.5 / n):.1f}{' *' if abs(d.mean()) > max(error, 0.5 / n) else '  '}"
            )
        print(f"{key:20s} {100 * x.mean():5.1f}   " + "   ".join(cells))


if __name__ == "__main__":
    main()
