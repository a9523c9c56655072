"""The compiled program: many worlds, many days, recorded on given days; one program for all courses."""

import os
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from materiel.mechanisms import Mechanism, build
from materiel.scenario import Scenario
from materiel.worlds.day import Carry, Day, written_once
from materiel.worlds.draws import Numbers
from materiel.worlds.kernels import company, compile_quickly, options
from materiel.worlds.luck import SPAN
from materiel.worlds.pieces import at_once, in_pieces
from materiel.worlds.store import processor

compile_quickly()

MOST_STACKED = 700  # parts of a state: taking 600 apart, alone, compiles in 4 s, 1,800 in 26


class Recorded(NamedTuple):
    """What a block brings back: kept measures [record, measure, world], totals of flows [flow, world], finite [world].

    `last` is the state of the worlds after the last record, from which another course may go on, in few arrays (`_stacked`).
    """

    kept: NDArray[np.floating[Any]]
    flows: NDArray[np.floating[Any]]
    finite: NDArray[np.bool_]
    last: list[Array]


class Since(NamedTuple):
    """Worlds after some steps of a course, from which others go on that do not differ from it until then."""

    steps: int
    recorded: Recorded


def use_cache() -> None:
    """Keep compiled programs in MATERIEL_CACHE or the user cache folder; silently without, where it cannot be written."""
    from platformdirs import user_cache_dir

    base = Path(os.environ.get("MATERIEL_CACHE") or user_cache_dir("materiel"))
    # machine code of one kind of processor may not run on another that shares this folder
    folder = base / "jax" / sha256(processor().encode()).hexdigest()[:12]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        return
    if writable:
        settings = {
            "jax_compilation_cache_dir": str(folder),
            "jax_persistent_cache_min_compile_time_secs": 0,
            "jax_persistent_cache_min_entry_size_bytes": -1,
        }
        for name, value in settings.items():
            jax.config.update(name, value)  # type: ignore[no-untyped-call]


class Program:
    """The scenario as a function of its numbers.

    `keep` names the measures that are recorded. All values, dates and luck are arguments: only a change of structure
    (things, or which numbers have ranges) compiles anew.
    """

    def __init__(
        self, scenario: Scenario, keep: Sequence[str], mechanisms: Sequence[Mechanism] | None = None, dtype: Any = np.float32
    ) -> None:
        self.day = Day(build(scenario.vocabulary) if mechanisms is None else mechanisms)
        self.keep = tuple(keep)
        self.dtype = dtype
        self._jitted = jax.jit(self._worlds, static_argnums=(0,), compiler_options=options())
        self._put = _OnDevice()
        self._begun = jax.jit(self._begin, static_argnums=(0,))
        self._jitted_firsts = jax.jit(self._firsts, static_argnums=(0,))

    @property
    def compiled(self) -> int:
        """How many shapes of arguments were compiled."""
        return int(self._jitted._cache_size())  # type: ignore[attr-defined]  # JAX counts, but does not say so in its types

    def _today(self, before: dict[str, Array], after: dict[str, Array], from_day: Array, day: Array) -> dict[str, Array]:
        """Numbers of one world on one day."""
        return {**before, **{path: jnp.where(day >= from_day, v, before[path]) for path, v in after.items()}}

    def _first(self, before: dict[str, Array], after: dict[str, Array], from_day: Array, seed: Array, world: Array) -> Carry:
        return self.day.first(self._today(before, after, from_day, jnp.zeros_like(from_day)), seed, world)

    def _step(
        self,
        carry: Carry,
        world: Array,
        index: Array,
        before: dict[str, Array],
        after: dict[str, Array],
        from_day: Array,
        seed: Array,
        step: Array,
    ) -> Carry:
        today = self._today(before, after, from_day, index.astype(step.dtype) * step)
        return self.day.run(carry, today, seed, world, index, step)

    def _observe(self, carry: Carry) -> Array:
        seen = self.day.observe(carry)
        return jnp.stack([seen[name] for name in self.keep]) if self.keep else jnp.zeros((0,), self.dtype)

    def _begin(self, axes: tuple[Any, Any], before: Any, after: Any, from_day: Array, worlds: Array, seed: Array) -> Carry:
        """All worlds on the evening before the first day."""
        first = jax.vmap(self._first, in_axes=(*_mapped(axes, before, after), None, None, 0))
        carry: Carry = first(before, after, from_day, seed, worlds[:, 0])
        return carry

    def _firsts(self, *arguments: Any) -> list[Array]:
        """The same, stacked."""
        return _stacked(self._begun(*arguments))

    def _worlds(
        self,
        axes: tuple[Any, Any],
        before: Any,
        after: Any,
        from_day: Array,
        worlds: Array,
        seed: Array,
        step: Array,
        records: Array,
        wanted: Array,
        stacked: list[Array],
        done: Array,
    ) -> tuple[list[Array], Array, Array, Array]:
        """`axes` are the sorted paths that differ by world; `records` int32[R], steps after which to record, rising.

        `worlds` uint32[n, spans] are the numbers whose luck each world has on the days of each span; `stacked` is their state
        after `done` steps. Where a record is not `wanted`, bool[R], zeros are recorded.
        """
        like = self._begun.eval_shape(axes, before, after, from_day, worlds, seed)  # type: ignore[no-untyped-call]  # traced before
        carry = _unstacked(stacked, like)
        run = jax.vmap(self._step, in_axes=(0, 0, None, *_mapped(axes, before, after), None, None, None))
        observe = jax.vmap(self._observe, out_axes=-1)
        numbers = (before, after, from_day, seed, step)
        one_day = in_pieces(run, (carry, worlds[:, 0], jnp.uint32(0)), numbers, written_once.__name__)

        def one(index: Array, c: Carry) -> Carry:
            span = jnp.minimum((index.astype(step.dtype) * step / SPAN).astype(jnp.int32), worlds.shape[1] - 1)
            evening: Carry = one_day(c, worlds[:, span], index.astype(jnp.uint32))
            return evening

        def nothing(_: Carry) -> Array:
            return jnp.zeros((len(self.keep), worlds.shape[0]), self.dtype)

        def until(so_far: tuple[Carry, Array], at: tuple[Array, Array]) -> tuple[tuple[Carry, Array], Array]:
            (world, steps), (record, wanted) = so_far, at
            world = jax.lax.fori_loop(steps, record, one, world)
            return (world, jnp.maximum(steps, record)), jax.lax.cond(wanted, observe, nothing, world)

        (last, _), kept = jax.lax.scan(until, (carry, done), (records, wanted))
        totals = last.books.totals
        flows = jnp.stack([totals[name].hi for name in sorted(totals)]) if totals else jnp.zeros((0, worlds.shape[0]), self.dtype)
        # 0 only where all are finite; goes in vectors, as asking each number does not, and the largest would pass over what is no number
        nothing_else = (kept * 0).sum(axis=(0, 1)) == 0
        return _stacked(last), kept, flows, nothing_else & _finite(last, worlds.shape[:1])

    def arguments(
        self,
        numbers: Numbers,
        seed: int,
        worlds: NDArray[np.integer],
        step: float,
        records: Sequence[int],
        done: int | None = None,
        until: int | None = None,
    ) -> tuple[Any, ...]:
        """Arguments of the compiled function, on their dtypes, with company for these worlds; as in `run`, after `done` steps if any."""
        rows, cast = company(len(worlds)), partial(np.asarray, dtype=self.dtype)
        both = (numbers.before, numbers.after)
        before, after = ({k: self._put(v, lambda x: cast(x[rows] if np.ndim(x) else x)) for k, v in part.items()} for part in both)
        axes = tuple(tuple(sorted(k for k, v in part.items() if np.ndim(v))) for part in (before, after))
        return (
            axes,
            before,
            after,
            cast(numbers.from_day),
            worlds[rows].astype(np.uint32).reshape(len(rows), -1),
            np.uint32(seed),
            cast(step),
            np.asarray([r if until is None else min(r, until) for r in records], np.int32),
            np.asarray([(done is None or r > done) and (until is None or r <= until) for r in records]),
        )

    def run(
        self,
        numbers: Numbers,
        seed: int,
        worlds: NDArray[np.integer],
        step: float,
        records: Sequence[int],
        since: Since | None = None,
        until: int | None = None,
    ) -> Recorded:
        """Simulate these worlds on one course; `records` are numbers of completed steps, rising, the last one the end.

        `worlds` are the numbers of their luck, [n], or [n, spans] where it differs from one span of days to the next. With
        `since` the worlds go on from there, and what was recorded until then is taken over; with `until` they stop after so
        many steps, and zeros are recorded later.
        """
        n = len(worlds)
        arguments = self.arguments(numbers, seed, worlds, step, records, since and since.steps, until)
        stacked = self._jitted_firsts(*arguments[:6]) if since is None else since.recorded.last
        last, kept, flows, finite = self._jitted(*arguments, stacked, np.int32(0 if since is None else since.steps))
        kept, finite = np.asarray(kept)[..., :n], np.asarray(finite)[:n]
        if since is not None:
            finite = finite & since.recorded.finite
            early = int(np.searchsorted(records, since.steps, side="right"))
            kept = np.concatenate([since.recorded.kept[:early], kept[early:]])
        return Recorded(kept, np.asarray(flows)[..., :n], finite, last)

    def lower(self, *arguments: Any) -> Any:
        """The lowered program, for benchmarks."""
        return self._jitted.lower(*arguments, self._jitted_firsts(*arguments[:6]), np.int32(0))

    def find_fault(self, numbers: Numbers, seed: int, world: NDArray[np.integer], step: float, steps: int) -> str:
        """Replay one world step by step and name the first day (since the begin) and mechanism with a value that is not finite.

        `world` [spans] are the numbers of its luck.
        """
        row = {
            part: {k: self.dtype(v if not np.ndim(v) else v[0]) for k, v in values.items()}
            for part, values in (("before", numbers.before), ("after", numbers.after))
        }
        from_day, dt = self.dtype(numbers.from_day), self.dtype(step)
        one = jax.jit(self._step)
        carry = jax.jit(self._first)(row["before"], row["after"], from_day, np.uint32(seed), np.uint32(world[0]))
        for index in range(steps):
            fault = _not_finite(carry)
            if fault:
                return f"day {index * step:g}: {fault}"
            luck = np.uint32(world[min(int(index * step / SPAN), len(world) - 1)])
            carry = one(carry, luck, np.uint32(index), row["before"], row["after"], from_day, np.uint32(seed), dt)
        return f"day {steps * step:g}: {_not_finite(carry) or 'a kept measure'}"


def _stacked(carry: Carry) -> list[Array]:
    """A state as one array for each dtype and shape, because each array handed over takes its time; as it is where it is large."""
    leaves = jax.tree.leaves(carry)
    if len(leaves) > MOST_STACKED:
        return [jnp.asarray(x, x.dtype) for x in leaves]  # never of a weak type, or it would have a program of its own
    return [jnp.stack([leaves[k] for k in some]) for some in _alike(leaves)]


def _unstacked(stacked: Sequence[Array], like: Carry) -> Carry:
    """The state that was stacked; `like` has its shapes."""
    leaves, tree = jax.tree.flatten(like)

    def apart(*stacked: Array) -> list[Array]:
        rows = {k: array[row] for array, some in zip(stacked, _alike(leaves), strict=True) for row, k in enumerate(some)}
        return [rows[k] for k in range(len(leaves))]

    carry: Carry = jax.tree.unflatten(tree, stacked if len(leaves) > MOST_STACKED else at_once(apart)(*stacked))
    return carry


def _alike(leaves: Sequence[Any]) -> list[list[int]]:
    """Places of leaves that have one dtype and one shape."""
    out: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for k, x in enumerate(leaves):
        out.setdefault((x.dtype.name, x.shape), []).append(k)
    return list(out.values())


def _mapped(axes: tuple[Any, Any], before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which numbers differ by world, as `vmap` wants to hear it."""
    per_world, per_world_after = (dict.fromkeys(paths, 0) for paths in axes)
    return {path: per_world.get(path) for path in before}, {path: per_world_after.get(path) for path in after}


class _OnDevice:
    """Arrays where they are computed with, by what they were made of and as long as that lives.

    Courses of the same worlds have most numbers in common, and handing over a thousand arrays takes a hundredth of a second.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], Array]] = {}

    def __call__(self, x: Any, make: Callable[[Any], Any]) -> Array:
        known = self._known.get(id(x))
        if known is not None and known[0]() is x:
            return known[1]
        made: Array = jax.device_put(make(x))
        if isinstance(x, np.ndarray):
            x.setflags(write=False)  # who writes into it later would not be heard, so is refused
            key = id(x)
            self._known[key] = (weakref.ref(x, lambda _: self._known.pop(key, None)), made)
        return made


def _finite(carry: Carry, shape: tuple[int, ...]) -> Array:
    """Whether everything of a world is finite, bool[world]; in parts, because one kernel of a thousand inputs takes seconds to compile."""
    leaves = [part for x in jax.tree.leaves(carry) for part in ((x.real, x.imag) if jnp.iscomplexobj(x) else (x,))]
    parts = [jnp.isfinite(jnp.stack(leaves[k : k + 32])).all(axis=0) for k in range(0, len(leaves), 32)]
    return jnp.stack(parts).all(axis=0)


def _not_finite(carry: Carry) -> str:
    """Where a carry of one world holds a value that is not finite; empty if nowhere."""
    for mechanism, state in sorted(carry.states.items()):
        for name, value in sorted(state.items()):
            if not np.isfinite(np.asarray(value)):
                return f"mechanism {mechanism}, state {name}"
    for name, value in sorted(carry.measures.items()):
        if not np.isfinite(np.asarray(value)):
            return f"measure {name}"
    for name, account in sorted(carry.books.accounts.items()):
        if not np.isfinite(np.asarray(account.hi)):
            return f"account {name}"
    return ""
