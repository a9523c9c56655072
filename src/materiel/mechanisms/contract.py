"""What a mechanism is: the two calls of a day, and what it is given to see.

A mechanism is a small final class built from the scenario's vocabulary. For one day of one world, in scalars:

- `ask(state, seen, p, luck)` yields the flows it wants, each an amount from one account to another;
- the ledger rations all flows of all mechanisms together;
- `settle(state, seen, granted, p, luck)` returns the next state and the measures it shows.

`seen` holds start-of-day accounts and yesterday's measures, and only those families that the mechanism declares in
`reads`; anything else fails while the day is traced, with the name to add. So no mechanism imports another, and the
feedback map is the table of reads and shows.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from jax import Array

from materiel.scenario.vocabulary import Vocabulary

State = dict[str, Array]
Measures = dict[str, Array]


class ContractError(Exception):
    """A mechanism broke the contract; raised while the day is traced, never while it runs."""


class Flow(NamedTuple):
    """One wish: `amount` of a good per step, from account `giver` to account `taker`.

    `counted` flows keep a running total of their own; moves between stages of one pipeline do not need one.
    """

    name: str
    giver: str
    taker: str
    amount: Array
    counted: bool = True


class Numbers(Mapping[str, Array]):
    """The scenario's numbers of one world on one day, by dotted path; a wrong path says which are near."""

    def __init__(self, values: Mapping[str, Array]) -> None:
        self._values = values

    def __getitem__(self, path: str) -> Array:
        try:
            return self._values[path]
        except KeyError:
            near = [k for k in self._values if k.rpartition(".")[0] == path.rpartition(".")[0]]
            raise ContractError(f'the scenario has no number "{path}"; there: {", ".join(near) or "nothing"}') from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def family(measure: str) -> str:
    """`front.advance[south]` -> `front.advance`."""
    return measure.partition("[")[0]


class Seen:
    """What one mechanism sees: start-of-day accounts, yesterday's arrivals and measures, the day and the step.

    `day` is the time since the first day in days, `step` the length of the step in days; both are scalars. `heard` are the depots
    whose arrivals were looked up.
    """

    def __init__(
        self, mechanism: "Mechanism", held: Mapping[str, Array], arrived: Mapping[str, Array], measures: Measures, day: Array, step: Array
    ):
        self._mechanism, self._held, self._arrived, self._measures = mechanism, held, arrived, measures
        self.day, self.step, self.heard = day, step, set[str]()

    def held(self, account: str) -> Array:
        """Amount in an account at the start of the day."""
        if account not in self._held:
            raise ContractError(f'{self._mechanism.name}: there is no account "{account}"; name it in accounts()')
        return self._held[account]

    def arrived(self, account: str) -> Array:
        """Amount per day that came into a depot during the day before."""
        if account not in self._arrived:
            raise ContractError(f'{self._mechanism.name}: arrivals are kept for depots only, not for "{account}"')
        self.heard.add(account)
        return self._arrived[account]

    def __getitem__(self, measure: str) -> Array:
        if family(measure) not in self._mechanism.reads:
            raise ContractError(f'{self._mechanism.name} reads "{measure}" without declaring it: add "{family(measure)}" to its reads')
        if measure not in self._measures:
            raise ContractError(f'{self._mechanism.name} reads "{measure}", which no mechanism of this scenario shows')
        return self._measures[measure]

    def shown(self, measure: str) -> bool:
        """Whether some mechanism of this scenario shows the measure (a fact about structure, known while tracing)."""
        return measure in self._measures


class Luck(Protocol):
    """Luck of one world on one day; the same address gives the same number whatever else is drawn."""

    def uniforms(self, stream: str) -> tuple[Array, Array]:
        """Two independent uniforms in (0, 1) from one stream of the calling mechanism."""
        ...


class Mechanism(Protocol):
    """One way the world moves. See the module's docstring for the two calls."""

    def __init__(self, v: Vocabulary) -> None:
        """Built from the things of a scenario."""
        ...

    @property
    def name(self) -> str:
        """The name under which its luck and its state are kept."""
        ...

    @property
    def reads(self) -> tuple[str, ...]:
        """Families of measures that it sees."""
        ...

    @property
    def shows(self) -> tuple[str, ...]:
        """Families of measures that it sets, or that are running totals of its flows."""
        ...

    @property
    def totals(self) -> dict[str, tuple[str, ...]]:
        """Measures that are sums of the running totals of these flows."""
        ...

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        """Accounts that this mechanism opens, with what they hold on the first day."""
        ...

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        """State and measures before the first day; `luck` is that of the first day, for what is drawn once a world."""
        ...

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        """Flows wanted today."""
        ...

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        """Next state and today's measures, from what was granted."""
        ...
