"""How the world moves: the contract, the ledger, and one file a mechanism. A new mechanism is one file and one line here."""

from materiel.mechanisms.attrition import Attrition
from materiel.mechanisms.barter import Barter
from materiel.mechanisms.coalition import AlliedSupply
from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Mechanism, Seen, State
from materiel.mechanisms.front import FrontLine
from materiel.mechanisms.manpower import Manpower
from materiel.mechanisms.patrons import Patrons
from materiel.mechanisms.production import Production
from materiel.mechanisms.programmes import Programmes
from materiel.mechanisms.rationing import Rationing
from materiel.mechanisms.region import Reaction
from materiel.mechanisms.sanctions import Sanctions
from materiel.mechanisms.stocks import Stocks
from materiel.mechanisms.supplies import Supplies
from materiel.mechanisms.talks import Settlement
from materiel.mechanisms.transfers import Transfers
from materiel.scenario.vocabulary import Vocabulary

__all__ = ["MECHANISMS", "ContractError", "Flow", "Luck", "Measures", "Mechanism", "Seen", "State", "build"]

MECHANISMS: tuple[type[Mechanism], ...] = (
    Stocks,
    Production,
    Transfers,
    Supplies,
    Rationing,
    Attrition,
    Manpower,
    FrontLine,
    Settlement,
    AlliedSupply,
    Barter,
    Sanctions,
    Programmes,
    Patrons,
    Reaction,
)


def build(v: Vocabulary) -> list[Mechanism]:
    """The mechanisms that the things of this scenario call for, in no order that matters."""
    called: dict[type[Mechanism], bool] = {
        Stocks: True,
        Production: bool(v.production),
        Transfers: bool(v.offers),
        Supplies: bool(v.supplies),
        Rationing: bool(v.fire.cover or v.fire.steady or v.fire.drawdown),
        Attrition: v.attrition is not None,
        Manpower: bool(v.manpower),
        FrontLine: v.front is not None,
        Settlement: v.talks is not None,
        AlliedSupply: v.coalition is not None,
        Barter: bool(v.bargains),
        Sanctions: bool(v.sanctions),
        Programmes: bool(v.programmes or v.tests),
        Patrons: bool(v.dependence),
        Reaction: v.region is not None,
    }
    return [mechanism(v) for mechanism in MECHANISMS if called[mechanism]]
