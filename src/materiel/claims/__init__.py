"""Claims: verdicts on a run."""

from materiel.claims.verdict import UNWEIGHTED, Effect, Verdict, Verdicts, judge

__all__ = ["UNWEIGHTED", "Effect", "Verdict", "Verdicts", "judge"]
