"""Claims: verdicts on a run."""

from materiel.claims.verdict import UNWEIGHTED, Among, Answer, Direct, Effect, Shown, Verdict, Verdicts, judge

__all__ = ["UNWEIGHTED", "Among", "Answer", "Direct", "Effect", "Shown", "Verdict", "Verdicts", "judge"]
