"""How many worlds are enough: until every claim is as sure as asked for, and whether more would help at all."""

from dataclasses import dataclass

from materiel.claims.verdict import Verdicts

HELPS = 5.0  # times that the range across alternatives must be wider than simulation error, for more worlds not to help


@dataclass(frozen=True)
class Enough:
    """What a number of worlds is worth against an error asked for.

    `worst` is the claim with the largest error and `error` that error, half the 90 % interval of its probability; `needed` the
    worlds at which all claims would be within it; `settled` the claims whose simulation error is below a fifth of their range
    across alternatives, `of` how many have a probability: more worlds do not change what can be said of the settled ones.
    """

    asked: float
    worst: str
    error: float
    needed: int
    settled: int
    of: int

    @property
    def reached(self) -> bool:
        """Whether every claim is as sure as asked for."""
        return self.error <= self.asked

    def says(self) -> str:
        """In a sentence or two, for a terminal."""
        within = f"within {100 * self.error:.2g} points (the widest is {self.worst})"
        told = f"All {self.of} claims are {within}." if self.reached else f"Claims are {within}, and {100 * self.asked:.2g} were asked for."
        if self.settled == self.of:
            return f"{told} More worlds will not help: simulation error is under a fifth of every range across alternatives."
        return f"{told} More worlds will not help {self.settled} of them: their ranges across alternatives are five times as wide and more."


def enough(verdicts: Verdicts, worlds: int, asked: float) -> Enough:
    """What `worlds` worlds give, against an error of probabilities `asked` for."""
    errors = {v.id: v.probability_error for v in verdicts.claims if v.probability_error is not None}
    if not errors:
        return Enough(asked, "none", 0.0, worlds, 0, 0)
    worst = max(errors, key=lambda k: errors[k])
    settled = sum(
        v.probability_range is not None
        and v.probability_error is not None
        and v.probability_range.high - v.probability_range.low > HELPS * v.probability_error
        for v in verdicts.claims
    )
    # an error falls with the root of the number of worlds; of few hits it falls faster, so this is rather too many
    needed = round(worlds * max(1.0, (errors[worst] / asked) ** 2) * 1.02)
    return Enough(asked, worst, errors[worst], needed, settled, len(errors))
