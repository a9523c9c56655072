"""A run as others cite it: a text, BibTeX, CSL-JSON, and the sentence of a verdict as it may be quoted.

The data of all three is the same. CSL-JSON follows the schema of CSL 1.0.2, which allows no field of its own except under
`custom`; BibTeX is one @misc entry with text in UTF-8.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from materiel.views import cards, words
from materiel.views.language import thousands, tr
from materiel.views.plain import plain

if TYPE_CHECKING:
    from materiel.claims import Verdict, Verdicts
    from materiel.worlds import Worlds

SOFTWARE = "materiel"
# Braces are escaped by commands, because BibTeX counts them even behind a backslash.
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "−": r"\textminus{}",
}  # fmt: skip


@dataclass(frozen=True)
class Quote:
    """The sentence of a verdict as it may be quoted, with its range and its basis."""

    claim: str
    text: str


@dataclass(frozen=True)
class Citation:
    """What a citation says. `made` is the day on which the run was begun, None where the run is not on disk."""

    title: str
    authors: tuple[str, ...]
    version: str
    as_of: date
    run: str
    scenario_hash: str
    seed: int
    worlds: int
    materiel: str
    engine: str
    made: date | None
    quote: Quote | None = None

    @property
    def key(self) -> str:
        """Its name in a list of references."""
        return f"{SOFTWARE}_{self.run}"

    @property
    def of_run(self) -> str:
        """What the run is, in one phrase."""
        return tr(
            "run {run}, {n} worlds, seed {seed}, as of {day}",
            run=self.run,
            n=thousands(self.worlds),
            seed=self.seed,
            day=words.day(self.as_of),
        )

    @property
    def made_with(self) -> str:
        """The program, as far as it decides the numbers."""
        return tr("{program} {version} (engine {engine})", program=SOFTWARE, version=self.materiel, engine=self.engine)

    def text(self) -> str:
        """One sentence for a list of references; the quotation before it, if there is one."""
        year = f" ({self.made.year})" if self.made else ""
        cited = tr(
            "{authors}. {title}, scenario version {version}: {run}. Simulated with {program}; scenario sha256 {hash}.",
            authors=f"{', '.join(self.authors)}{year}", title=self.title, version=self.version, run=self.of_run, program=self.made_with,
            hash=self.scenario_hash,
        )  # fmt: skip
        return f"{self.quote.text}\n{cited}" if self.quote else cited

    def bibtex(self) -> str:
        """One @misc entry."""
        fields = {
            "author": " and ".join(f"{{{latex(a)}}}" for a in self.authors),  # names of groups too: none is split
            "title": f"{{{latex(self.title)}}}",
            **({"year": f"{self.made.year}", "month": f"{self.made.month}", "day": f"{self.made.day}"} if self.made else {}),
            "version": latex(self.version),
            "howpublished": latex(f"Simulation, {self.of_run}, made with {self.made_with}"),
            "note": latex(self._note()),
        }
        return f"@misc{{{self.key},\n" + "".join(f"  {k} = {{{v}}},\n" for k, v in fields.items()) + "}"

    def csl(self) -> list[dict[str, Any]]:
        """A list of one item."""
        item: dict[str, Any] = {
            "id": self.key,
            "type": "dataset",
            "title": self.title,
            "author": [{"literal": a} for a in self.authors],
            "version": self.version,
            "number": self.run,
            "genre": "simulation run",
            "source": self.made_with,
            "note": self._note(),
            "custom": {
                "run": self.run,
                "as_of": str(self.as_of),
                "scenario_hash": self.scenario_hash,
                "seed": self.seed,
                "worlds": self.worlds,
                "materiel": self.materiel,
                "engine": self.engine,
            },
        }
        if self.made:
            item["issued"] = {"date-parts": [[self.made.year, self.made.month, self.made.day]]}
        if self.quote:
            item["custom"] |= {"claim": self.quote.claim, "quote": self.quote.text}
        return [item]

    def _note(self) -> str:
        known = f"As of {words.day(self.as_of)}; {self.worlds:,} worlds, seed {self.seed}; scenario sha256 {self.scenario_hash}"
        return f"{known}. {self.quote.text}" if self.quote else known


def latex(text: str) -> str:
    """Text as LaTeX reads it: what is a command there is escaped."""
    return "".join(_LATEX.get(c, c) for c in text)


def cite(worlds: "Worlds", verdicts: "Verdicts | None" = None, claim: str | None = None) -> Citation:
    """How a run is cited; with `claim` (and its `verdicts`) the sentence of its verdict. Raises KeyError for an unknown claim."""
    s, v = worlds.scenario, worlds.scenario.vocabulary
    quote = None
    if claim is not None and verdicts is not None:
        found = {verdict.id: verdict for verdict in verdicts.claims}[claim]
        quote = Quote(claim, quotable(worlds, verdicts, found))
    return Citation(
        title=plain(v.scenario),
        authors=tuple(plain(a) for a in v.authors),
        version=plain(v.version),
        as_of=s.as_of,
        run=worlds.run,
        scenario_hash=s.hash,
        seed=worlds.seed,
        worlds=worlds.n,
        materiel=str(worlds.made_with.get("materiel", "")),
        engine=str(worlds.made_with.get("engine", "")),
        made=_begun(Path(worlds.folder.path)),
        quote=quote,
    )


def _begun(folder: Path) -> date | None:
    """The day on which the scenario was stored with its run."""
    file = folder / "scenario.yaml"
    return date.fromtimestamp(file.stat().st_mtime) if file.exists() else None


def quotable(worlds: "Worlds", verdicts: "Verdicts", verdict: "Verdict") -> str:
    """What may be said of a claim in another text: how many worlds, the range, the size, the basis, and that it is a model."""
    claim = worlds.scenario.vocabulary.claims[verdict.id]
    which = cards.which(worlds.scenario, verdicts)
    read = cards.reading(claim, verdict, {})
    spread = verdict.probability_range or (0.0, 0.0)
    said = f"In simulations with materiel as of {words.day(worlds.scenario.as_of)}"
    said += f" ({f'weighed with {which}' if which else 'with ranges that no report has weighed'}), "
    said += f"“{plain(verdict.says).rstrip('.')}” "
    if verdict.probability is None:
        said += f"cannot be judged, for {read.too_few}"
    elif verdict.basis == "built in":
        said += "is assumed in its direction; only its size is a result"
    else:
        among = f" of those worlds in which “{plain(verdict.among.says).rstrip('.')}” holds" if verdict.among else " simulated worlds"
        said += f"holds in {read.share} of 100{among}"
        across = read.across if words.spreads(*spread) else "the same"
        said += f" ({across} across {read.spans}; in the words of ICD 203: {verdict.grade})"
    if read.effect and verdict.probability is not None:
        said += f"; {'the change is' if claim.compare else 'the size is'} {read.effect}"
    said += f". Basis: {read.basis}, {read.basis_says}. Confidence: {read.confidence}. This is a model, not an observation"
    return re.sub(r"\s+", " ", words.sentence(plain(said)))
