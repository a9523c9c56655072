"""What was reported, and how it re-weights the worlds."""

from materiel.evidence.weighed import Weighing, refusals, weighing_of, weighings
from materiel.evidence.weighing import weigh

__all__ = ["Weighing", "refusals", "weigh", "weighing_of", "weighings"]
