"""A bench for mechanisms: a small scenario, some of its mechanisms, chosen numbers, and the history that follows.

The bench runs the same `Day` as the engine, for n worlds at once. Numbers are the medians of the text unless a test gives
others; a test may give one array entry a world, another value for the opening of the books, or a value a day.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from materiel.mechanisms import Flow, Stocks
from materiel.mechanisms.contract import family
from materiel.mechanisms.ledger import Sum
from materiel.scenario import Scenario, loads
from materiel.worlds.day import Day

QUICK = {"xla_llvm_disable_expensive_passes": True}  # programs here are run once or twice: compiling is most of the time
WORLDS, DAYS = (16, 64, 300, 4096), (300, 1200, 4096, 20_000)  # shapes that are compiled

HEAD = """
scenario: a bench
says: a bench for one mechanism
version: "1"
authors: [nobody]
as_of: 2020-01-01
begins: 2020-01-01
ends: 2021-01-01
courses: {pact: {says: as it is}, no_pact: {says: as it is}}
actors: {north: {name: North, side: a}, south: {name: South, side: b}, maker: {name: Maker}, friend: {name: Friend}}
"""


def scenario(text: str) -> Scenario:
    """A scenario from the sections of a test, below a common head."""
    return loads((HEAD + text).encode())


class History(NamedTuple):
    """What happened: [steps + 1, worlds] float64 arrays by name, row 0 before the first day.

    Accounts and flows (running totals) are the two floats of the ledger added in float64; states are `mechanism/name`.
    """

    days: np.ndarray
    accounts: dict[str, np.ndarray]
    flows: dict[str, np.ndarray]
    measures: dict[str, np.ndarray]
    states: dict[str, np.ndarray]


class Bench:
    """Some mechanisms of one scenario, compiled once for each number of steps, worlds and dtype."""

    def __init__(self, mechanisms: Sequence[Any], numbers: Mapping[str, float]) -> None:
        self.day, self.numbers = Day(mechanisms), dict(numbers)
        self._run = jax.jit(self._scan, static_argnums=(0, 1), compiler_options=QUICK)

    def _scan(
        self, keep: Callable[[str], bool], steps: int, opening: Any, numbers: Any, daily: Any, seed: Any, worlds: Any, step: Any
    ) -> Any:
        def one_world(opening: Any, numbers: Any, daily: Any, world: Any) -> Any:
            def look(carry: Any) -> Any:
                books = carry.books
                everything = {
                    "accounts": books.accounts,
                    "flows": books.totals,
                    "measures": self.day.observe(carry),
                    "states": {f"{m}/{k}": x for m, s in carry.states.items() for k, x in s.items()},
                }
                return {part: {k: x for k, x in d.items() if keep(k)} for part, d in everything.items()}

            def one_day(carry: Any, today: Any) -> Any:
                index, changed = today
                later = self.day.run(carry, {**numbers, **changed}, seed, world, index, step)
                return later, look(later)

            first = self.day.first(opening, seed, world)
            _, rest = jax.lax.scan(one_day, first, (jnp.arange(steps, dtype=jnp.uint32), daily))
            return look(first), rest

        return jax.vmap(one_world, in_axes=(0, 0, 1, 0), out_axes=(0, 1))(opening, numbers, daily, worlds)

    def run(
        self,
        steps: int,
        numbers: Mapping[str, Any] | None = None,
        *,
        step: float = 1.0,
        dtype: Any = np.float32,
        n: int | None = None,
        opening: Mapping[str, Any] | None = None,
        daily: Mapping[str, Any] | None = None,
        same_luck: bool = False,
        seed: int = 7,
        keep: Callable[[str], bool] = bool,
    ) -> History:
        """`numbers` and `opening` by path, a value or one a world; `daily` by path, [steps] or [steps, n]."""
        if dtype == np.float64:
            assert jax.config.jax_enable_x64, "tests in 64 bits run in a process with JAX_ENABLE_X64=1"
        given = {**self.numbers, **(numbers or {})}
        first = {**given, **(opening or {})}
        unknown = sorted((set(first) | set(daily or {})) - set(self.numbers))
        assert not unknown, f"the bench has no number {unknown}"
        n = n or max(np.size(x) for x in first.values())
        # a few shapes for all runs, so that little is compiled: more worlds and days than asked for, cut off again
        worlds, days = next(x for x in WORLDS if x >= n), next(x for x in DAYS if x >= steps)

        def padded(x: Any) -> np.ndarray:
            return np.pad(np.broadcast_to(np.asarray(x, dtype), (n,)), (0, worlds - n), mode="edge")

        today = {path: np.asarray(x, dtype) for path, x in (daily or {}).items()}
        today = {path: np.broadcast_to(x if x.ndim == 2 else x[:, None], (steps, n)) for path, x in today.items()}
        today = {path: np.pad(x, ((0, days - steps), (0, worlds - n)), mode="edge") for path, x in today.items()}
        numbered = np.zeros(worlds, np.uint32) if same_luck else np.arange(worlds, dtype=np.uint32)
        opened, wide = ({path: padded(x) for path, x in part.items()} for part in (first, given))
        start, rest = self._run(keep, days, opened, wide, today, np.uint32(seed), numbered, np.asarray(step, dtype))

        def joined(a: Any, b: Any) -> np.ndarray:
            if isinstance(a, Sum):
                return joined(a.hi, b.hi) + joined(a.lo, b.lo)
            return np.concatenate([np.asarray(a, np.float64)[None, :n], np.asarray(b, np.float64)[:steps, :n]])

        parts = {part: {k: joined(start[part][k], rest[part][k]) for k in d} for part, d in start.items()}
        return History(days=np.arange(steps + 1) * step, **parts)


@cache
def bench(text: str, *mechanisms: Any, given: tuple[str, ...] = ()) -> Bench:
    """Stocks and these mechanisms (classes) of a scenario; `given` measures are numbers `given.NAME`, 0 unless set."""
    s = scenario(text)
    values = {path: q.median for path, q in s.quantities.items()} | {f"given.{m}": 0.0 for m in given}
    shown = [Given(given)] if given else []
    return Bench([Stocks(s.vocabulary), *(m(s.vocabulary) for m in mechanisms), *shown], values)


class Given:
    """Shows measures that a test gives as numbers, in the place of the mechanism that shows them in a whole scenario."""

    name = "given"
    reads: tuple[str, ...] = ()

    def __init__(self, measures: Iterable[str]) -> None:
        self._measures = tuple(measures)
        self.shows = tuple(sorted({family(m) for m in self._measures}))
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p):
        return {}

    def first(self, p, luck):
        return {}, {m: p[f"given.{m}"] for m in self._measures}

    def ask(self, state, seen, p, luck):
        return ()

    def settle(self, state, seen, granted, p, luck):
        return {}, {m: p[f"given.{m}"] for m in self._measures}


class Hand:
    """Flows that a test writes down.

    `opens` names accounts (number `first.ACCOUNT`); `wishes` are (flow, giver, taker): number `wish.FLOW` a day times the
    day's uniform; `stages` are (flow, giver, taker): the share `share.FLOW` of what the giver holds.
    """

    reads: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()

    def __init__(self, name: str, opens: Sequence[str] = (), wishes: Sequence[tuple] = (), stages: Sequence[tuple] = ()) -> None:
        self.name, self._opens, self._wishes, self._stages = name, opens, wishes, stages
        self.totals: dict[str, tuple[str, ...]] = {}

    def numbers(self) -> dict[str, float]:
        """The paths that this hand needs."""
        paths = [f"first.{a}" for a in self._opens] + [f"wish.{w[0]}" for w in self._wishes] + [f"share.{s[0]}" for s in self._stages]
        return dict.fromkeys(paths, 0.0)

    def accounts(self, p):
        return {a: p[f"first.{a}"] for a in self._opens}

    def first(self, p, luck):
        return {}, {}

    def ask(self, state, seen, p, luck):
        part = luck.uniforms("any")[0].astype(seen.step.dtype) * seen.step
        for flow, giver, taker in self._wishes:
            yield Flow(flow, giver, taker, p[f"wish.{flow}"] * part)
        for flow, giver, taker in self._stages:
            yield Flow(flow, giver, taker, seen.held(giver) * p[f"share.{flow}"])

    def settle(self, state, seen, granted, p, luck):
        return {}, {}


def hands(*them: Hand) -> Bench:
    """A bench of hands only."""
    return Bench(them, {k: v for h in them for k, v in h.numbers().items()})


def first_order(coarse: np.ndarray, fine: np.ndarray, exact: np.ndarray, low: float = 1.7, high: float = 2.4) -> None:
    """The error of a first-order step halves when the step does; second-order terms move the ratio off 2."""
    ratio = (np.asarray(coarse) - exact) / (np.asarray(fine) - exact)
    assert np.all((ratio > low) & (ratio < high)), ratio
