"""The day in pieces, each of which XLA compiles as one function of machine code.

Left alone, XLA calls a function for each of the thousand loops over the worlds that a day consists of, and each finds its arguments
anew. As one function a day takes a third less, but compiling grows with the square of its size: so a day is cut where its flows are
granted, and a large one everywhere (docs/choices.md). The equations are taken in the order in which the day's results need them, one
result after the other, so that what belongs together stands in one piece and little is handed from one to the next.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax
import jax.extend.core as jex
import jax.numpy as jnp
from jax import Array
from jax.experimental.xla_metadata import set_xla_metadata

from materiel.worlds.logarithm import in_vectors

Equations = Sequence[Any]
LARGEST = 10_000  # equations of a day that is cut in two only: compiling grows with the square of its parts
SMALL = 500  # equations of each piece of a larger day
# What keeps reading its operands whatever the compiler knows, as long as none of them is a constant that decides the result.
_READS = {"add", "sub", "mul", "div", "max", "min", "neg", "abs", "sign", "floor", "real", "imag", "complex", "convert_element_type"}
_READS |= {"exp", "expm1", "log", "log1p", "logistic", "tanh", "sqrt", "pow", "integer_pow"}
_CHEAP = {"real", "imag", "neg", "broadcast_in_dim", "convert_element_type"}  # done again sooner than handed on


def in_pieces(day: Callable[..., Any], changing: Sequence[Any], fixed: Sequence[Any], once: str) -> Callable[..., Any]:
    """`day(*changing, *fixed)` as a function of what changes from day to day, for the loop over the days.

    What depends on the fixed arguments alone is computed here, before the first day. What goes through an inner function called `once`
    ends a piece: it is written there and read from then on, never computed again. There is no other cut in a day of few equations, so
    that its last bits do not hang on what else there is. Arguments are arrays of which none is empty. A graphics card is left alone.
    """
    if jax.default_backend() != "cpu":
        return lambda *changed: day(*changed, *fixed)
    closed, shape = jax.make_jaxpr(day, return_shape=True)(*changing, *fixed)
    jaxpr, leaves = closed.jaxpr, jax.tree.leaves(changing)
    inputs = [*jaxpr.constvars, *jaxpr.invars[len(leaves) :]]
    daily, still, outs = _parted(jaxpr, {*jaxpr.invars[: len(leaves)]}, once)
    made = {v for part in daily for e in part for v in e.outvars}
    read = dict.fromkeys([*(v for part in daily for v in _variables(part)), *_no_literals(outs)])
    handed = [v for v in read if v in still and v not in made]
    before = _needed(still, handed, set())
    constants = dict(zip(inputs, (*closed.consts, *jax.tree.leaves(fixed)), strict=True))
    constants |= dict(zip(handed, _function(jaxpr, inputs, handed, before)(*constants.values()), strict=True))
    pieces = _cut(daily)
    last_read = {v: k for k, piece in enumerate(pieces) for v in _variables(piece)} | {v: len(pieces) for v in _no_literals(outs)}

    def one_day(*changed: Any) -> Any:
        known = constants | dict(zip(jaxpr.invars, jax.tree.leaves(changed), strict=False))
        ticket = jnp.uint32(0)
        for k, piece in enumerate(pieces):
            made = [v for e in piece for v in e.outvars]
            own = {*made}
            taken = [v for v in dict.fromkeys(_variables(piece)) if v not in own]
            given = [v for v in made if last_read.get(v, -1) > k]
            ticket, *results = _one_piece(jaxpr, piece, taken, given)(ticket, *(known[v] for v in taken))
            known |= dict(zip(given, results, strict=True))
        return jax.tree.unflatten(jax.tree.structure(shape), [v.val if isinstance(v, jex.Literal) else known[v] for v in outs])

    return one_day


def at_once(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as one piece, where it would be a function for each of its loops, and each takes its time to compile."""
    if jax.default_backend() != "cpu":
        return f

    def one(*arguments: Any) -> Any:
        closed, shape = jax.make_jaxpr(f, return_shape=True)(*arguments)
        jaxpr = closed.jaxpr
        _, *results = _one_piece(jaxpr, jaxpr.eqns, jaxpr.invars, jaxpr.outvars)(jnp.uint32(0), *jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(shape), results)

    return one


def _cut(parts: list[Equations]) -> list[Equations]:
    """No further where that will do: the compiler rounds otherwise where a product and its sum stand in two pieces."""
    if sum(map(len, parts)) <= LARGEST:
        return [part for part in parts if part]
    return [part[k : k + SMALL] for part in parts for k in range(0, len(part), SMALL)]


def _no_literals(atoms: Iterable[Any]) -> list[Any]:
    return [v for v in atoms if not isinstance(v, jex.Literal)]


def _variables(equations: Equations) -> list[Any]:
    """Everything that these equations read."""
    return [v for e in equations for v in _no_literals(e.invars)]


def _function(whole: Any, taken: Sequence[Any], given: Sequence[Any], equations: Equations) -> Callable[..., Any]:
    """Some equations of the whole day as a function from what they take to what they give."""
    about = whole.debug_info.with_unknown_names()
    part = whole.replace(constvars=(), invars=taken, outvars=given, eqns=in_vectors(equations), debug_info=about)
    return jex.jaxpr_as_fun(jex.ClosedJaxpr(part, ()))  # type: ignore[no-any-return]


def _parted(jaxpr: Any, changing: set[Any], once: str) -> tuple[list[Equations], dict[Any, Any], list[Any]]:
    """Equations of a day up to what is written once and those after it; those of no day, by what they make; the results.

    An equation that stood there before is left out: XLA does not see that two pieces do the same.
    """
    written = [e for e in jaxpr.eqns if e.params.get("name") == once]
    same = {o: i for e in written for o, i in zip(e.outvars, e.invars, strict=False)}
    alike, before = dict[Any, Any](), dict[Any, Any]()
    daily: dict[Any, Any] = {}
    still: dict[Any, Any] = {}
    for e in jaxpr.eqns:
        if e.params.get("name") == once:
            continue
        e = e.replace(invars=_behind(same, e.invars))
        twin = before.setdefault(_identity(e, alike), e)
        if twin is not e:
            alike |= zip(e.outvars, twin.outvars, strict=True)
        if twin is not e and e.primitive.name not in _CHEAP:
            same |= zip(e.outvars, twin.outvars, strict=True)
        elif any(v in changing for v in _variables([e])):
            changing |= {*e.outvars}
            daily |= dict.fromkeys(e.outvars, e)
        else:
            still |= dict.fromkeys(e.outvars, e)
            if max(v.aval.size for v in e.outvars) > max((v.aval.size for v in _variables([e])), default=0):
                daily |= dict.fromkeys(e.outvars, e)  # what is larger than what it is made of is not kept, but made where it is wanted
    outs, done = _behind(same, jaxpr.outvars), set[int]()
    granted = _behind(same, (v for e in written for v in e.invars))
    return [_needed(daily, goals, done) for goals in (granted, outs)], still, outs


def _behind(same: Mapping[Any, Any], atoms: Iterable[Any]) -> list[Any]:
    """What is to be read in place of these."""
    return [v if isinstance(v, jex.Literal) else _behind(same, [same[v]])[0] if v in same else v for v in atoms]


def _identity(e: Any, alike: Mapping[Any, Any]) -> Any:
    """Equal for two equations that do the same, where these variables are alike."""
    read = tuple((str(v.aval), repr(v.val)) if isinstance(v, jex.Literal) else alike.get(v, v) for v in e.invars)
    key = (e.primitive, read, tuple(sorted(e.params.items())))
    try:
        hash(key)
    except TypeError:
        return id(e)
    return key


def _needed(made: Mapping[Any, Any], goals: Iterable[Any], done: set[int]) -> Equations:
    """Equations that these variables need and that are not done yet, depth first; adds them to `done`."""
    out = []
    for goal in _no_literals(goals):
        stack = [(made[goal], False)] if goal in made else []
        while stack:
            e, ready = stack.pop()
            if id(e) in done:
                continue
            if ready:
                done.add(id(e))
                out.append(e)
                continue
            stack.append((e, True))
            stack += [(made[v], False) for v in reversed(_no_literals(e.invars)) if v in made]
    return out


def _one_piece(whole: Any, piece: Equations, taken: list[Any], given: list[Any]) -> Callable[..., Any]:
    """A piece as one function, which hands on a ticket, so that XLA knows that one piece comes after the other.

    Then what a piece reads may be written over by a later one; otherwise XLA would copy it first.

    XLA aborts where such a function does not read one of its arguments, and it may find that it need not. So one world of every argument
    that it might drop is a result too, which nobody takes: not of all arguments, for what is read twice cannot be written where it lies.
    """
    inner, sure = _function(whole, taken, given, piece), _surely_read(piece, taken, given)
    doubtful = [k for k, v in enumerate(taken) if v not in sure]

    def numbered(ticket: Array, *x: Array) -> tuple[Any, ...]:
        rest = [jnp.stack([jnp.ravel(x[k])[0].real.astype(jnp.float32) for k in doubtful])] if doubtful else []
        return (ticket + jnp.uint32(1), *inner(*x), *rest)

    def call(*x: Array) -> Any:
        out = set_xla_metadata(jax.jit(numbered)(*x), xla_cpu_small_call="true", inlineable="false")  # type: ignore[no-untyped-call]
        return (jax.lax.optimization_barrier(out) if doubtful else out)[: 1 + len(given)]  # type: ignore[no-untyped-call]

    return call  # without the barrier JAX leaves out what nobody takes


def _surely_read(equations: Equations, taken: Iterable[Any], given: Iterable[Any]) -> set[Any]:
    """Those of the arguments `taken` that no compiler can do without, if the results `given` are wanted: rather too few than too many."""
    varies, read = {*taken}, {*given}
    for e in equations:
        varies |= {*e.outvars} if any(v in varies for v in _variables([e])) else set()
    for e in reversed(equations):
        if not any(v in read for v in e.outvars):
            continue
        name, operands, twice = e.primitive.name, e.invars, len({*map(id, e.invars)}) < len(e.invars)
        if name in ("jit", "pjit") and not twice and all(v in varies for v in _no_literals(operands)):
            inside = e.params["jaxpr"].jaxpr
            wanted = [i for i, o in zip(inside.outvars, e.outvars, strict=True) if o in read and not isinstance(i, jex.Literal)]
            sure = _surely_read(inside.eqns, inside.invars, wanted)
            read |= {o for i, o in zip(inside.invars, operands, strict=True) if i in sure and not isinstance(o, jex.Literal)}
        elif name == "select_n" and not twice and not isinstance(operands[0], jex.Literal) and operands[0] in varies:
            read |= {*_no_literals(operands[1:])}
        elif name in _READS and not twice and all(_harmless(v) if isinstance(v, jex.Literal) else v in varies for v in operands):
            read |= {*_no_literals(operands)}
    return read & {*taken}


def _harmless(literal: Any) -> bool:
    """Whether a constant leaves it open what comes of it and the other operand."""
    return 0 < abs(float(literal.val)) < 1e30
