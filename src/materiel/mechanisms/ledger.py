"""The ledger: accounts, and the rule that flows never create or lose anything.

Accounts are named `kind:rest`. `depot:` and `waiting:` hold goods that anybody may ask for and are rationed by share;
`making:` and `transit:` are stages of one mechanism's pipeline; `source:` gives without limit and counts what it gave
as a negative holding; `sink:` only takes.

Each account and each running total is a compensated sum (hi + lo): what rounding cut off today is added tomorrow. A plain
float32 account of 5e7 loses more than half of a drain of 1.5 rounds a day; this one loses less than 0.003 rounds (Kahan 1965,
Further remarks on reducing truncation errors; error bounds in Higham 2002, Accuracy and stability of numerical algorithms, 4.3).
Ten operations of a two-sum would also keep what is cut off an account that takes more than it holds; four lose at most half a unit
in the last place of that day's change, as netting the day's flows does anyway.
"""

from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from materiel.mechanisms.contract import ContractError, Flow

RATIONED = ("depot", "waiting")
PIPELINE = ("making", "transit")
KINDS = (*RATIONED, *PIPELINE, "source", "sink")


class Sum(NamedTuple):
    """A compensated sum: hi is the value, rounded; lo is what roundings cut off so far.

    Both are the parts of one complex number, which is never reckoned with as one: so they lie in one array, and adding is one
    loop over the worlds that may write where it reads. As two arrays the day takes a third longer (docs/choices.md).
    """

    both: Array

    @classmethod
    def of(cls, hi: Array, lo: Array) -> "Sum":
        """From its two parts."""
        return cls(lax.complex(hi, lo))

    @property
    def hi(self) -> Array:
        """The value."""
        return lax.real(self.both)

    @property
    def lo(self) -> Array:
        """What is still to be added."""
        return lax.imag(self.both)

    def plus(self, x: Array) -> "Sum":
        """Add x, and with it what earlier roundings left over."""
        y = x + self.lo
        hi = self.hi + y
        return Sum.of(hi, y - (hi - self.hi))


class Books(NamedTuple):
    """The state of the ledger: accounts, totals of counted flows, and what came into each depot yesterday (per day).

    Arrivals of which no mechanism hears stay 0.
    """

    accounts: dict[str, Sum]
    totals: dict[str, Sum]
    arrived: dict[str, Array]


def kind(account: str) -> str:
    """The part of an account's name before the colon."""
    return account.partition(":")[0]


def held(books: Books) -> dict[str, Array]:
    """What each account holds, rounded to one float."""
    return {name: s.hi for name, s in books.accounts.items()}


def open_books(first: Mapping[str, Array], counted: Sequence[str]) -> Books:
    """Books of the first day. Raises ContractError for an account of no known kind."""
    for name in first:
        if kind(name) not in KINDS:
            raise ContractError(f'account "{name}": its name must begin with one of {", ".join(k + ":" for k in KINDS)}')
    zero = {name: jnp.zeros_like(v) for name, v in first.items()}
    nought = next(iter(zero.values()))
    return Books(
        accounts={n: Sum.of(first[n], zero[n]) for n in sorted(first)},
        totals={n: Sum.of(nought, nought) for n in sorted(counted)},
        arrived={n: nought for n in sorted(first) if kind(n) == "depot"},
    )


def grant(books: Books, asked: Sequence[Flow]) -> dict[str, Array]:
    """Ration all wishes: in sorted order of flow names, each gets min(asked * share, what is left).

    `share` = min(1, held / wanted) for accounts that anybody may ask; a stage of a pipeline has one asker. The order
    of registration moves nothing, nothing becomes negative, and there is no clip. Returns amounts by flow name.
    """
    flows = sorted(asked, key=lambda f: f.name)
    for a, b in pairwise(flows):
        if a.name == b.name:
            raise ContractError(f'two flows are called "{a.name}"')
    left = held(books)
    for f in flows:
        for account in (f.giver, f.taker):
            if account not in left:
                raise ContractError(f'flow "{f.name}": there is no account "{account}"; name it in accounts()')
    wanted: dict[str, Array] = {}
    for f in flows:
        if kind(f.giver) in RATIONED:
            wanted[f.giver] = wanted[f.giver] + f.amount if f.giver in wanted else f.amount
    share = {g: jnp.minimum(1.0, left[g] / jnp.maximum(w, 1e-30)) for g, w in wanted.items()}
    granted: dict[str, Array] = {}
    for f in flows:
        if kind(f.giver) == "source":
            granted[f.name] = f.amount
            continue
        want = f.amount * share[f.giver] if f.giver in share else f.amount
        granted[f.name] = jnp.minimum(want, left[f.giver])
        left[f.giver] = left[f.giver] - granted[f.name]
    return granted


def post(books: Books, asked: Sequence[Flow], granted: Mapping[str, Array], step: Array, heard: Container[str]) -> Books:
    """Move what was granted. Each account is touched once a day, by its net change, summed in sorted order of flows.

    Arrivals are kept of the depots that are `heard` of.
    """
    flows = sorted(asked, key=lambda f: f.name)
    came: dict[str, Array] = {}
    net: dict[str, Array] = {}
    for f in flows:
        amount = granted[f.name]
        came[f.taker] = came[f.taker] + amount if f.taker in came else amount
        net[f.taker] = net[f.taker] + amount if f.taker in net else amount
        net[f.giver] = net[f.giver] - amount if f.giver in net else -amount
    return Books(
        accounts={n: s.plus(net[n]) if n in net else s for n, s in books.accounts.items()},
        totals={n: s.plus(granted[n]) for n, s in books.totals.items()},
        arrived={n: came[n] / step if n in came and n in heard else v for n, v in books.arrived.items()},
    )
