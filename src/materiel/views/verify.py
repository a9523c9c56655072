"""Whether a brief is current, superseded or altered; and what cannot be known here."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from materiel.views import register, seal
from materiel.views.plain import plain
from materiel.worlds.store import engine

if TYPE_CHECKING:
    from materiel.scenario import Scenario

MOST = 50_000_000  # bytes; a brief has two million


@dataclass(frozen=True)
class Checked:
    """`state` is "current", "superseded" or "altered"; `because` says why, `unknown` what cannot be known here.

    `record` is what the page says of itself, {} where that cannot be read; of an altered page it may be wrong.
    """

    state: str
    because: tuple[str, ...]
    unknown: tuple[str, ...]
    record: dict[str, Any]


class Shipped(NamedTuple):
    """What tells one state of a shipped scenario from another."""

    version: str
    hash: str
    reports: str


def reports_hash(scenario: "Scenario") -> str:
    """SHA-256 of the table of reports beside the scenario's file; empty where there is none."""
    file = Path(scenario.path).parent / "reports.csv"
    return sha256(file.read_bytes()).hexdigest() if scenario.reports and file.exists() else ""


def shipped(name: str) -> Shipped | None:
    """The scenario that ships under this name now; None where none does."""
    from materiel.scenario import load
    from materiel.scenario import shipped as names

    if name not in names():
        return None
    s = load(name)
    return Shipped(s.vocabulary.version, s.hash, reports_hash(s))


def verify(raw: bytes, runs: Path) -> Checked:
    """Check the bytes of a page against its own digest, the scenarios that ship, and the briefs noted under `runs`.

    Raises Unsealed for what is no brief at all.
    """
    try:
        page = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise seal.Unsealed("it is not UTF-8 text") from None
    record = seal.read(page)
    if seal.digest(page) != record["digest"]:
        return Checked("altered", ("the page is not as it was written: its digest does not fit",), (), record)
    told = [_by_scenario(record), _by_register(record, runs), _by_engine(record)]
    because = tuple(text for newer, _ in told for text in newer)
    unknown = tuple(text for _, cannot in told for text in cannot)
    return Checked("superseded" if because else "current", because, unknown, record)


def _by_scenario(record: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Whether the shipped scenario has changed since."""
    name = record.get("scenario_id")
    if not isinstance(name, str):
        return [], ["its scenario is none that ships, so whether that has changed since cannot be known here"]
    now = shipped(name)
    if now is None:
        return [], [f"no scenario {plain(name)} ships with this version of materiel, so whether it has changed cannot be known here"]
    if now.version != record.get("version"):
        return [f"the scenario {name} has version {plain(now.version)} now; the brief is of {plain(record.get('version'))}"], []
    if now.hash != record.get("scenario_hash"):
        return [f"the scenario {name} {plain(now.version)} has other content now under the same version"], []
    if now.reports != record.get("reports_hash"):
        return [f"the reports of {name} {plain(now.version)} are others now"], []
    return [], []


def _by_engine(record: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Whether the program is another one here; that alone makes no brief out of date."""
    made, here = record.get("engine"), engine()
    if not isinstance(made, str) or made == here:
        return [], []
    return [], [f"its run was made with engine {plain(made)}, and here is {here}: whether a new run gives the same numbers"]


def _by_register(record: dict[str, Any], runs: Path) -> tuple[list[str], list[str]]:
    """Whether a later brief of the same run corrects this one."""
    run = str(record.get("run"))
    folder = runs / run
    if not run.isalnum() or not (folder / "run.json").exists():
        return [], [f"run {plain(run)} is not under {runs}/, so whether a later brief corrects this one cannot be known here"]
    briefs = register.noted(folder)
    place = next((k for k, b in enumerate(briefs) if b["digest"] == record["digest"]), None)
    if place is None:
        return [], [f"no brief with this digest was noted when briefs of run {run} were written under {runs}/"]
    later = next((b for b in reversed(briefs[place + 1 :]) if b["status"] == "corrected"), None)
    if later is None:
        return [], []
    return [f"brief {plain(later['id'])} of {plain(later['written'])[:10]} corrects it: {plain(later.get('note', ''))}"], []


def lines(page: Path, checked: Checked) -> list[str]:
    """What was found, for a terminal; the last line says the next step."""
    told = {k: plain(checked.record.get(k)) for k in ("id", "run", "scenario", "version", "as_of", "status", "ran_by", "date")}
    which = f"brief {told['id']}, {told['status']}, of run {told['run']}, by {told['ran_by']} on {told['date']}"
    step = {
        "current": f"materiel cite {told['run']}",
        "superseded": f"ask {told['ran_by']} for a newer brief, or make one: materiel brief",
        "altered": f"ask {told['ran_by']} for the page as it was written, or make it again: materiel brief {told['run']}",
    }[checked.state]
    return [
        f"{page}: {checked.state}",
        *(f"  {text}" for text in checked.because),
        f"  {'it says that it is' if checked.state == 'altered' else 'it is'} {which}",
        f"  of {told['scenario']} {told['version']}, as of {told['as_of']}",
        *(f"  not known: {text}" for text in checked.unknown),
        "  A digest is no signature: it shows that nobody changed the page by accident, not who wrote it.",
        f"Next: {step}",
    ]
