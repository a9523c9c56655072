"""What was reported, and how it re-weights the worlds."""

from materiel.evidence.weighing import Weighing, refusals, weigh, weighing_of, weighings

__all__ = ["Weighing", "refusals", "weigh", "weighing_of", "weighings"]
