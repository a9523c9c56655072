"""The brief: one HTML file that opens without a network, prints, and can be forwarded.

All text of the scenario passes through the template's escaping. The page forbids every network source; its two
scripts are allowed by their hashes, so nothing else could run even if an escape were missed.
"""

import base64
import getpass
import hashlib
import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from materiel.views import cards, names, reports, rows, seal, words
from materiel.views.cite import cite
from materiel.views.frame import DARK, LIGHT, config
from materiel.views.language import SOURCE, form, found, language, mark, speaking, theirs, thousands, tr, trn
from materiel.views.standing import Standing
from materiel.views.verify import reports_hash

if TYPE_CHECKING:
    from materiel.claims import Verdict, Verdicts
    from materiel.evidence import Weighing
    from materiel.scenario import Scenario
    from materiel.worlds import Worlds

MADE_WITH = (mark("engine"), mark("processor"))  # of what stands in the last table, what is no name
BASES = ("built in", "assumed", "learnt")
FORCES = {
    "is": mark("the article says that it is so: read the probability"),
    "would": mark("the article says that it would follow: read the probability"),
    "would if": mark("given a condition: the condition is imposed, and its own probability stands beside"),
    "could": mark("the article says only that it could be: possible means above 5 of 100, never that it is likely"),
    "expected": mark("expected within a window: a hazard"),
}


@dataclass(frozen=True)
class Brief:
    """A finished page; `record` is what it says of itself to a machine (see `seal`)."""

    html: str
    run: str
    record: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"<Brief of run {self.run}, {len(self.html.encode()) / 1e6:.1f} MB>"

    def _repr_html_(self) -> str:
        """A notebook shows the page in a frame of its own, so that its styles stay inside."""
        from html import escape

        return f'<iframe srcdoc="{escape(self.html)}" width="100%" height="700" style="border:0"></iframe>'

    def save(self, path: str | Path) -> Path:
        """Write the file whole or not at all. Raises OSError where it cannot be written."""
        target = Path(path)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("w", encoding="utf-8") as f:
                f.write(self.html)
                f.flush()
                os.fsync(f.fileno())
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
        return target


def brief(
    worlds: "Worlds",
    verdicts: "Verdicts",
    *,
    later: "Verdicts | None" = None,
    refused: Mapping[str, str] | None = None,
    records: Sequence[Mapping[str, Any]] = (),
    ran_by: str | None = None,
    status: str = "draft",
    reviewed_by: str = "",
    note: str = "",
    language: str = SOURCE,
) -> Brief:
    """The brief of a run, weighed or not.

    `later` are the verdicts of the same worlds weighed with the reports to a later day; they make a second column. `refused` holds
    weighings that were refused, day to reason, and `records` the scores of hindcasts of this scenario, as they are stored.
    `ran_by` names the person who answers for it; without it the name of the account. `status` is one of standing.STATES,
    `reviewed_by` who reviewed the page, and `note` what a reader should know of this one. Raises ValueError where they do not
    fit together, and for a `language` without a catalogue.
    """
    standing = Standing(status, reviewed_by, note)
    with speaking(language):
        return _brief(worlds, verdicts, later, refused or {}, records, ran_by or _account(), standing)


def _brief(
    worlds: "Worlds",
    verdicts: "Verdicts",
    later: "Verdicts | None",
    refused: Mapping[str, str],
    records: Sequence[Mapping[str, Any]],
    ran_by: str,
    standing: Standing,
) -> Brief:
    """The page in the language of the moment."""
    facts = _facts(worlds, verdicts, later, refused, records, ran_by)
    facts |= {"status": standing.status, "standing": standing.says, "note": standing.note}
    record = _record(worlds, facts, standing)
    # A page is named by its own content, so it is written once without its name to learn it.
    record["id"] = seal.short(_page({**facts, "record": record, "brief": ""}))
    html = seal.close(_page({**facts, "record": record, "brief": record["id"]}))
    return Brief(html, worlds.run, seal.read(html))


def _record(worlds: "Worlds", facts: dict[str, Any], standing: Standing) -> dict[str, Any]:
    """What the page says of itself to a machine."""
    s = worlds.scenario
    return {
        "format": seal.FORMAT,
        "id": "",
        "run": worlds.run,
        "scenario": s.vocabulary.scenario,
        "scenario_id": facts["scenario_id"],
        "version": s.vocabulary.version,
        "as_of": str(s.as_of),
        "scenario_hash": s.hash,
        "reports_hash": reports_hash(s),
        "materiel": worlds.made_with.get("materiel"),
        "engine": worlds.made_with.get("engine"),
        "worlds": worlds.n,
        "seed": worlds.seed,
        "status": standing.status,
        "reviewed_by": standing.reviewed_by,
        "note": standing.note,
        "ran_by": facts["ran_by"],
        "date": str(date.today()),
        **({"language": language()} if language() != SOURCE else {}),
        "digest": "",
    }


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return tr("not named")


def _facts(
    worlds: "Worlds",
    verdicts: "Verdicts",
    later: "Verdicts | None",
    refused: Mapping[str, str],
    records: Sequence[Mapping[str, Any]],
    ran_by: str,
) -> dict[str, Any]:
    """Everything that the template prints."""
    from materiel.views import feedback, figures  # they bring the chart library, which no other command needs
    from materiel.views.records import head, table
    from materiel.views.trust import trust

    s, v = worlds.scenario, worlds.scenario.vocabulary
    columns = [verdicts, *([later] if later else [])]
    weighed = [c.weighing for c in columns if c.weighing]
    stands = _stands(s, verdicts)
    of = figures.frame(
        worlds, tr("weighed with {reports}", reports=cards.which(s, verdicts)) if verdicts.weighing else tr("unweighted ranges")
    )
    counts = [Counter(verdict.basis for verdict in c.claims) for c in columns]
    assumptions = [cards.assumption(s, q) for q in s.quantities.values()]
    name, differs = _shipped(worlds)
    went, went_table = figures.went(worlds, of)
    then: dict[str, Verdict] = {verdict.id: verdict for verdict in later.claims} if later else {}
    drawn = [cards.card(s, verdict, then.get(verdict.id)) for verdict in verdicts.claims]
    answered, loose = rows.rows(s, verdicts, drawn)
    wiring = worlds.feedback
    both_sets = any(verdict.by_priors for verdict in verdicts.claims)
    changed = {path for course in s.courses.values() for path in course.set}
    return {
        "title": v.scenario,
        "says": v.says,
        "version": v.version,
        "authors": v.authors,
        "as_of": words.day(s.as_of),
        "period": words.period(s.begins, s.ends),
        "made_on": words.day(date.today()),
        "ran_by": ran_by,
        "run": worlds.run,
        "worlds": worlds.n,
        "shown": worlds.shown,
        "seed": worlds.seed,
        "minister": cards.minister(s, verdicts, later),
        "sentence": stands,
        "weighed": verdicts.weighing is not None,
        "which": cards.which(s, verdicts),
        "columns": [reports.column(cards.which(s, c)) for c in columns] if weighed else [],
        "spans": [next((cards.spans(verdict) for verdict in c.claims if verdict.by_priors), tr("alternatives")) for c in columns],
        "then": _stands(s, later) if later else "",
        "ordinary": weighed[0].of if weighed else worlds.run,
        "lacking": bool(weighed) and not later and not any(day > weighed[0].to for day in refused),
        "refused": [
            (reports.refused(date.fromisoformat(day), s.as_of), rows.as_written(why))
            for day, why in sorted(refused.items())
            if day not in {w.to for w in weighed}
        ],
        "bases": [(basis, [c[basis] for c in counts]) for basis in BASES],
        "cards": drawn,
        "all_dots": cards.dot_path(cards.DOTS),
        "dots": sorted({r.dots for c in drawn for r in (c.now, c.later) if r and r.dots}),
        "rows": answered,
        "both_sets": both_sets,
        "loose": loose,
        "anchors": {c.id: r.anchor for r in answered for c in r.cards},
        "counts": rows.counts(answered),
        "forces": [(force, tr(text)) for force, text in FORCES.items() if any(c.force == force for c in verdicts.claims)],
        "icd_203": words.bands_of_icd_203(),
        "courses": [(name.replace("_", " "), c.says, words.day(s.date(c.day)) if c.day else "") for name, c in s.courses.items()],
        "chart_courses": [c.replace("_", " ") for c in v.chart_courses],
        "fans": figures.fans(worlds, of),
        "went": went,
        "went_table": went_table,
        "past": figures.past(worlds, verdicts, of),
        "trust": trust(s, columns, of),
        "scores": table(v, records),
        "scores_head": head(),
        "scenario_name": name or "FOLDER",
        "scenario_id": name,
        "drives": feedback.drives(v, wiring.mechanisms, wiring.edges, wiring.loops(), wiring.loops("measures"), of),
        "not_modelled": v.not_modelled,
        "alternatives": list(s.alternatives.values()),
        "assumptions": assumptions,
        "assumed": sum(q.assumed for q in s.quantities.values()),
        "ranges": sum(not q.exact for q in s.quantities.values()),
        "changed": len(changed),
        "differs": differs,
        "made_with": {**worlds.made_with, "python": platform.python_version()},
        "seconds": worlds.seconds,
        "citation": cite(worlds).text(),
        "hash": s.hash,
        "commands": [
            f"materiel run {name or 'FOLDER'} --worlds {worlds.n} --seed {worlds.seed}",
            *([f"materiel run {name or 'FOLDER'} --by-rule --worlds {worlds.n} --seed {worlds.seed}"] if both_sets else []),
            *(_command(w, str(s.as_of)) for w in weighed),
            f"materiel brief {worlds.run if verdicts.weighing and verdicts.weighing.without else weighed[0].of if weighed else worlds.run}",
        ],
    }


def _stands(s: "Scenario", verdicts: "Verdicts") -> str:
    """What a column of verdicts stands on, for the head of the claims."""
    w = verdicts.weighing
    if w is None:
        return tr(verdicts.sentence)
    speakers = names.families(s.vocabulary)
    return reports.basis(w.reports, w.origins, date.fromisoformat(w.to), [speakers.get(f, f) for f in w.without])


def _command(w: "Weighing", as_of: str) -> str:
    """The command that weighs so again."""
    to = f" --to {w.to}" if w.to != as_of else ""
    return f"materiel weigh {w.of}{to}{''.join(f' --without {f}' for f in w.without)}"


def _shipped(worlds: "Worlds") -> tuple[str | None, str]:
    """Id of the shipped scenario that this is, and in words how it differs from the one whose title it bears, if it does."""
    from materiel.scenario import load, shipped
    from materiel.scenario.read import find

    title = f"scenario: {worlds.scenario.vocabulary.scenario}"
    name = next((n for n in shipped() if title in find(n).read_text(encoding="utf-8").splitlines()), None)
    if name is None:
        return None, ""
    theirs = load(name)
    if theirs.hash == worlds.scenario.hash:
        return name, ""
    a, b = theirs.quantities, worlds.scenario.quantities
    count = sum(p not in a or p not in b or a[p].text != b[p].text for p in {*a, *b})
    if not count:
        return None, tr("This is not the shipped scenario {name}: its words differ.", name=name)
    return None, trn(
        "This is not the shipped scenario {name}: {n} number differs.", "This is not the shipped scenario {name}: {n} numbers differ.",
        count, name=name, n=count,
    )  # fmt: skip


@cache
def bundle() -> str:
    """The chart library; it takes two seconds to put together, so a second page in one process does not wait for it again."""
    import vl_convert

    text: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    if "</script" in text.lower():
        raise RuntimeError("the chart library holds the end of a script element; it cannot be put into a page")
    return text


def _page(facts: dict[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    jinja = Environment(
        loader=PackageLoader("materiel.views"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    jinja.filters["thousands"] = thousands
    # Texts of the catalogue are ours and may hold markup; what is filled into them is escaped.
    jinja.globals |= {
        "tr": lambda text, **fields: Markup(found(text)).format(**fields) if fields else Markup(found(text)),
        "trn": lambda one, many, n, **fields: Markup(form(one, many, n)).format(**({"n": thousands(n)} | fields)),
        "language": language(),
        "own": Markup(f' lang="{theirs()}"') if theirs() else "",  # of an element that holds the author's text alone
    }
    jinja.filters["said"] = found  # a word that the page is given, such as a basis; it is escaped

    scripts = [bundle(), jinja.get_template("brief.js").render(config=config())]
    status: str = facts["status"]
    style = jinja.get_template("brief.css").render(light=LIGHT, dark=DARK, status=tr(status), brief=facts["brief"], run=facts["run"])
    return jinja.get_template("brief.html.j2").render(
        **facts,
        style=Markup(style),
        scripts=[Markup(s) for s in scripts],
        allowed=Markup(" ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)),
        figure_svg=Markup,
    )
