"""How the world moves: the contract, the ledger, and one file a mechanism. A new mechanism is one file and one line here."""

from materiel.mechanisms.attrition import Attrition
from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Mechanism, Seen, State
from materiel.mechanisms.front import FrontLine
from materiel.mechanisms.manpower import Manpower
from materiel.mechanisms.production import Production
from materiel.mechanisms.rationing import Rationing
from materiel.mechanisms.stocks import Stocks
from materiel.mechanisms.supplies import Supplies
from materiel.mechanisms.transfers import Transfers
from materiel.scenario.vocabulary import Vocabulary

__all__ = ["ContractError", "Flow", "Luck", "Measures", "Mechanism", "Seen", "State", "build"]


def build(v: Vocabulary) -> list[Mechanism]:
    """The mechanisms that the things of this scenario call for, in no order that matters."""
    wanted: list[tuple[object, type]] = [
        (True, Stocks),
        (v.production, Production),
        (v.offers, Transfers),
        (v.supplies, Supplies),
        (_fires(v), Rationing),
        (v.attrition, Attrition),
        (v.manpower, Manpower),
        (v.front, FrontLine),
    ]
    return [mechanism(v) for needed, mechanism in wanted if needed]


def _fires(v: Vocabulary) -> bool:
    """Whether any rule of fire is declared."""
    return bool(v.fire.cover or v.fire.steady or v.fire.drawdown)
