"""Claims: verdicts on a run."""

from materiel.claims.judging import glance, judge, needs
from materiel.claims.verdict import UNWEIGHTED, Among, Answer, Direct, Effect, Shown, Verdict, Verdicts

__all__ = ["UNWEIGHTED", "Among", "Answer", "Direct", "Effect", "Shown", "Verdict", "Verdicts", "glance", "judge", "needs"]
