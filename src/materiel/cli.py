"""The command line: verbs to calls. Results go to stdout, progress and warnings to stderr.

Exit codes: 0 good, 1 the run failed, 2 wrong command line, 3 the scenario has errors, 130 interrupted.
"""

import _thread
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from materiel.scenario import Scenario
    from materiel.worlds import Worlds

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="What an arms pact changes in a war, claim by claim."
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder of the runs.", envvar="MATERIEL_RUNS")]
ScenarioName = Annotated[str, typer.Argument(help="A shipped scenario's name, a folder, or a scenario.yaml.")]
Particles = Annotated[int, typer.Option(min=64, help="Worlds in each of four independent batches.")]
UntilError = Annotated[
    float | None,
    typer.Option(
        "--until-error",
        min=0.0005,
        max=0.5,
        help="Go on until the probability of every claim is as sure as this (0.005 = half a point either way, 9 times of 10), or until "
        "there are as many worlds as --worlds allows.",
    ),
]
Memory = Annotated[str, typer.Option(help="How much may be kept of weekly series: they are kept of the first worlds, as many as fit.")]
Cluster = Annotated[str | None, typer.Option(help="Address of a Dask scheduler whose workers make the blocks, tcp://...")]
Mixed = Annotated[bool, typer.Option("--mixed", help="Workers may have processors of different kinds; worlds then differ in the last bit.")]
FIRST = 4096  # worlds that --until-error begins with, and adds at least
INTERRUPTED = "Interrupted. Finished blocks are kept: give the same command again and it goes on."
RunName = Annotated[str | None, typer.Argument(help="A run's id or folder; the newest finished run if left out.")]


def main() -> None:
    """Entry point: no traceback reaches a user, and an interrupted run says how to go on."""
    sys.unraisablehook = _heard_where_nothing_can_be_raised
    try:
        app()
    except KeyboardInterrupt:
        _say(INTERRUPTED)
        raise SystemExit(130) from None
    except SystemExit as leaving:
        if leaving.code == 130:  # typer turns Ctrl-C inside a verb into this, without a word
            _say(INTERRUPTED)
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def _press_ctrl_c() -> None:
    """On the main thread, so that it also wakes from waiting, where the system can do that."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _heard_where_nothing_can_be_raised(lost: "sys.UnraisableHookArgs") -> None:
    """Ctrl-C inside a destructor or a weak reference's callback would be printed and forgotten: press it again."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _press_ctrl_c).start()
    else:
        sys.__unraisablehook__(lost)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _print(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, default=str, allow_nan=False))


def _read(scenario: str, as_json: bool, by_rule: bool = False, replace: Mapping[str, str] | None = None) -> "Scenario":
    """Load a scenario, with its own ranges, those by rule or others in their place, or leave with exit code 3 and every mistake."""
    from materiel.scenario import ScenarioError, load

    try:
        if by_rule:
            from materiel.evidence import rule

            return rule.load(scenario)
        return load(scenario, replace)
    except ScenarioError as error:
        if as_json:
            _print({"ok": False, "problems": [vars(p) for p in error.problems]})
        _say(str(error))
        raise typer.Exit(3) from None


@contextmanager
def _failing_well() -> Iterator[None]:
    """Turn a failed run into a message and exit code 1."""
    from materiel.worlds.store import RunError

    try:
        yield
    except RunError as error:
        _say(f"error: {error}")
        raise typer.Exit(1) from None


def _open(run: str | None, root: Path, weighed: bool = True, by_rule: bool = True) -> "Worlds":
    """A run by name, or the newest finished one; not one that was weighed, or with ranges by rule, unless such a one may be taken.

    Where there are only runs with ranges by rule, the newest of them.
    """
    from materiel.worlds import RunError, all_runs, open_run

    if run is not None:
        return open_run(run, root)
    for folder in all_runs(root):
        try:
            found = open_run(folder.path, root)
        except RunError:
            continue
        if (weighed or found.of is None) and (by_rule or not found.scenario.replaced):
            return found
    if not by_rule:
        return _open(run, root, weighed)
    raise RunError(f"there is no finished run under {root}/. Make one: materiel run vostochny-2023")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Scenarios that are shipped."""
    from materiel.scenario import load, shipped

    rows = [(name, load(name)) for name in shipped()]
    if as_json:
        _print([{"name": n, "title": s.vocabulary.scenario, "says": s.vocabulary.says, "as_of": str(s.as_of)} for n, s in rows])
        return
    for name, s in rows:
        typer.echo(f"{name}  {s.vocabulary.scenario}, as of {s.as_of}\n    {s.vocabulary.says}")
    typer.echo("Next: materiel check NAME | materiel run NAME")


@app.command()
def check(
    scenario: ScenarioName,
    explain: Annotated[bool, typer.Option("--explain", help="Say the scenario in plain sentences.")] = False,
    as_json: Json = False,
) -> None:
    """Read a scenario, and say every mistake with its place and its cure."""
    s = _read(scenario, as_json)
    v = s.vocabulary
    ranges = sum(not q.exact for q in s.quantities.values())
    assumed = sum(q.assumed for q in s.quantities.values())
    if as_json:
        _print(
            {
                "ok": True,
                "scenario": v.scenario,
                "as_of": str(s.as_of),
                "numbers": len(s.quantities),
                "ranges": ranges,
                "assumed": assumed,
                "claims": len(v.claims),
                "courses": list(v.courses),
                "warnings": [vars(w) for w in s.warnings],
                "hash": s.hash,
            }
        )
        return
    for w in s.warnings:
        _say(str(w))
    if explain:
        from materiel.scenario.explain import explain as in_sentences

        typer.echo(in_sentences(s))
        return
    things = ("actors", "stocks", "offers", "courses", "claims")
    typer.echo(f"{s.path}: {', '.join(f'{len(getattr(v, name))} {name}' for name in things)}")
    typer.echo(f"{len(s.quantities)} numbers, {ranges} with a range, {assumed} assumed; as of {s.as_of}, {s.begins} to {s.ends}")
    typer.echo(f"OK, {len(s.warnings)} warning{'s' if len(s.warnings) != 1 else ''}. Next: materiel run {scenario}")


@app.command()
def schema(as_json: Json = False) -> None:
    """The JSON Schema of a scenario file, for editors."""
    from materiel.scenario import json_schema

    _print(json_schema())


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where to write the scenario.")],
    from_: Annotated[str, typer.Option("--from", help="A shipped scenario to begin from.")] = "tiny-two-sides",
    as_json: Json = False,
) -> None:
    """Write a scenario to begin from, with its schema beside it."""
    from materiel.scenario import ScenarioError
    from materiel.scenario.new import new as write_new

    try:
        written = write_new(folder, from_)
    except ScenarioError as error:
        _say(str(error))
        raise typer.Exit(3) from None
    except OSError as error:
        _say(f"error: {folder}: {error.strerror or error}")
        raise typer.Exit(1) from None
    if as_json:
        _print({"written": [str(p) for p in written]})
    else:
        typer.echo(f"Wrote {', '.join(str(p) for p in written)}. Next: materiel check {folder}")


@app.command()
def run(
    scenario: ScenarioName,
    worlds: Annotated[int, typer.Option(min=1, help="How many worlds.")] = 4096,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of all luck and all draws.")] = 7,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0 = one a core.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make every block anew.")] = False,
    by_rule: Annotated[bool, typer.Option("--by-rule", help="Take the ranges made by rule instead of the authors'.")] = False,
    until_error: UntilError = None,
    memory: Memory = "1 GiB",
    cluster: Cluster = None,
    mixed: Mixed = False,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Simulate a scenario and judge its claims."""
    s = _read(scenario, as_json, by_rule)
    from materiel.claims import judge
    from materiel.claims.enough import enough
    from materiel.views import lines
    from materiel.worlds import simulate

    kept, told, n = _bytes(memory), None, worlds if until_error is None else min(worlds, FIRST)
    while True:
        with _failing_well(), _progress(n) as progress:
            result = simulate(
                s, n, seed, root=runs, workers=workers or _cores(), fresh=fresh, memory=kept, cluster=cluster, mixed=mixed,
                progress=progress, say=_say,
            )  # fmt: skip
        with _failing_well():
            verdicts = judge(result)
        if until_error is None:
            break
        told = enough(verdicts, n, until_error)
        _say(f"{n:,} worlds. {told.says()}")
        if told.reached or n >= worlds:
            break
        n = min(worlds, max(told.needed, n + FIRST))
    if as_json:
        _print(lines.as_json(result, verdicts))
        return
    typer.echo("\n".join(lines.result(result, verdicts)))
    if told:
        typer.echo(told.says() if told.reached else f"Stopped at {n:,} worlds, which --worlds allows. {told.says()}")
    typer.echo(f"Kept in {result.folder.path}. Next: materiel weigh {result.run} | materiel brief {result.run}")


@app.command()
def weigh(
    run: RunName = None,
    to: Annotated[str | None, typer.Option(help="Count the reports that were public by this day; the as-of date if left out.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="A family of speakers to leave out; may be given again.")] = None,
    particles: Particles = 1024,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0 = one a core.")] = 0,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Let the reports re-weight the worlds of a run, and judge its claims again."""
    from materiel.claims import judge
    from materiel.evidence import weigh as weigh_worlds
    from materiel.scenario import ScenarioError
    from materiel.views import lines

    with _failing_well():
        worlds = _open(run, runs, weighed=False)
        try:
            with _progress(worlds.n) as progress:
                result = weigh_worlds(
                    worlds, to, without=without or (), particles=particles, workers=workers or _cores(), progress=progress, say=_say
                )
        except ScenarioError as error:
            _say(str(error))
            raise typer.Exit(3) from None
        verdicts = judge(result)
    if as_json:
        _print(lines.as_json(result, verdicts))
        return
    typer.echo("\n".join(lines.result(result, verdicts)))
    typer.echo(f"Kept in {result.folder.path}. Next: materiel brief {worlds.run}")


AsOf = Annotated[str | None, typer.Option("--as-of", help="The day of the first forecast; the scenario's as-of date if left out.")]
Until = Annotated[str | None, typer.Option(help="The day up to which is scored; the scenario's last day if left out.")]
Once = Annotated[bool, typer.Option("--once", help="Forecast on the first day alone, which takes a tenth of the time.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of all luck and all draws.")]


@app.command()
def hindcast(
    scenario: ScenarioName,
    as_of: AsOf = None,
    until: Until = None,
    widen_later: Annotated[
        bool, typer.Option("--widen-later", help="Take numbers that are later than the day as assumed, instead of refusing.")
    ] = False,
    once: Once = False,
    particles: Particles = 1024,
    seed: Seed = 7,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Forecast from what was known on a day, with ranges made by rule, and score what came."""
    _score(scenario, as_of, until, "rule", widen_later, once, particles, seed, runs, as_json)


@app.command()
def retrodict(
    scenario: ScenarioName,
    as_of: AsOf = None,
    until: Until = None,
    once: Once = False,
    particles: Particles = 1024,
    seed: Seed = 7,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """The same with the ranges of the scenario, set by people who know how it went."""
    _score(scenario, as_of, until, "authors", False, once, particles, seed, runs, as_json)


def _score(
    scenario: str,
    as_of: str | None,
    until: str | None,
    priors: str,
    widened: bool,
    once: bool,
    particles: int,
    seed: int,
    runs: Path,
    as_json: bool,
) -> None:
    s = _read(scenario, as_json)
    from materiel.evidence import rule
    from materiel.evidence.hindcast import hindcast as make
    from materiel.scenario import ScenarioError
    from materiel.scenario.dates import read_date
    from materiel.scenario.errors import Wrong
    from materiel.views import lines

    try:
        first, last = read_date(as_of or str(s.as_of)), read_date(until or str(s.ends))
    except Wrong as error:
        _say(f"error: {error.message} {error.help}")
        raise typer.Exit(2) from None
    with _failing_well():
        try:
            if priors == "rule":
                s = rule.load(scenario, first)
            done = make(s, first, last, priors=priors, widened=widened, once=once, particles=particles, seed=seed, say=_say)
        except ScenarioError as error:
            if as_json:
                _print({"ok": False, "problems": [vars(p) for p in error.problems]})
            _say(str(error))
            raise typer.Exit(3) from None
        kept = done.save(runs)
    if as_json:
        _print(done.to_json())
        return
    typer.echo("\n".join(lines.hindcast(done)))
    typer.echo(f"Kept in {kept}. Next: materiel brief, which shows it beside the claims")


def _bytes(text: str) -> int:
    """`2 GiB` or `500 MB` as a number of bytes, or leave with exit code 2."""
    sizes = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if not found or found[2].upper() not in sizes:
        _say(f'error: "{text}" is not an amount of memory. Write for instance 2 GiB or 500 MB.')
        raise typer.Exit(2)
    return int(float(found[1]) * sizes[found[2].upper()])


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _progress(worlds: int) -> Iterator[Any]:
    """A progress bar on stderr, on terminals only; elsewhere a line a quarter."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        said = [0]

        def lines(done: int, count: int) -> None:
            if done * 4 // count > said[0]:
                said[0] = done * 4 // count
                _say(f"Worlds {min(worlds, round(worlds * done / count)):,}/{worlds:,}")

        yield lines
        return
    with Progress(
        TextColumn("Worlds"), BarColumn(), TextColumn("{task.completed:,.0f}/{task.total:,.0f}"), TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task("worlds", total=worlds)
        yield lambda done, count: bar.update(task, completed=min(worlds, round(worlds * done / count)))


@app.command()
def brief(
    run: RunName = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")] = Path("brief.html"),
    by: Annotated[str | None, typer.Option(help="Who answers for it; the name of the account if left out.")] = None,
    status: Annotated[str, typer.Option(help="draft, reviewed, published or corrected.")] = "draft",
    reviewed_by: Annotated[str, typer.Option(help="Who reviewed the page.")] = "",
    note: Annotated[str, typer.Option(help="What a reader should know of this brief; of a corrected one, what was wrong.")] = "",
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Write the one file a person forwards: of the newest run, or of one named, with its weighings and the record of its hindcasts."""
    from materiel.claims import judge
    from materiel.views import brief as make_brief
    from materiel.views import register
    from materiel.views.beside import beside
    from materiel.views.standing import Standing
    from materiel.worlds import RunError

    try:
        Standing(status, reviewed_by, note)
    except ValueError as error:
        _say(f"error: {error}")
        raise typer.Exit(2) from None

    with _failing_well():
        told = beside(_open(run, runs, weighed=run is not None, by_rule=run is not None))
        worlds, later = told.worlds, judge(told.later, told.later_by_rule) if told.later else None
        page = make_brief(
            worlds, judge(worlds, told.worlds_by_rule), later=later, refused=told.refused, records=told.records(), ran_by=by,
            status=status, reviewed_by=reviewed_by, note=note,
        )  # fmt: skip
        try:
            page.save(output)
        except OSError as error:
            _say(f"error: {output}: {error.strerror or error}")
            raise typer.Exit(1) from None
    try:
        register.note(worlds.folder.path, page.record, output)
    except (RunError, OSError) as error:
        _say(f"This brief could not be noted beside its run, so a later correction will not find it ({error}).")
    size = output.stat().st_size
    if as_json:
        _print({"run": worlds.run, "brief": page.record["id"], "status": status, "file": str(output), "bytes": size})
    else:
        typer.echo(f"Wrote {output} ({size / 1e6:.1f} MB, needs no network) from run {worlds.run}, brief {page.record['id']}, {status}.")
        again = f"open it; when someone has read it: materiel brief {worlds.run} --status reviewed --reviewed-by NAME"
        typer.echo(f"Next: {again if status == 'draft' else f'send it; whoever has it can ask: materiel verify {output}'}")


@app.command()
def resume(
    run: Annotated[str | None, typer.Argument(help="A run's id or folder; the newest unfinished run if left out.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0 = one a core.")] = 0,
    cluster: Cluster = None,
    mixed: Mixed = False,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Go on with a run that was stopped: blocks on disk are kept, and the worlds are the same to the last bit."""
    from materiel.claims import judge
    from materiel.evidence.weighed import FILE
    from materiel.views import lines
    from materiel.worlds import RunError, registry
    from materiel.worlds import resume as go_on

    with _failing_well():
        rows = registry.listed(runs)[0]
        named = run or next((r.run for r in rows if not r.finished), None)
        if named is None:
            raise RunError(f"every run under {runs}/ is finished. Next: materiel runs")
        count = next((r.worlds for r in rows if r.run.startswith(named)), 1)
        with _progress(count) as progress:
            result = go_on(named, runs, workers=workers or _cores(), cluster=cluster, mixed=mixed, progress=progress, say=_say)
        if result.of is not None and not (result.folder.path / FILE).exists():
            to = f" --to {result.to}" if result.to != str(result.scenario.as_of) else ""
            raise RunError(
                f"these worlds are complete, and what weighed them is not stored with them. Next: materiel weigh {result.of}{to}"
            )
        verdicts = judge(result)
    if as_json:
        _print(lines.as_json(result, verdicts))
        return
    typer.echo("\n".join(lines.result(result, verdicts)))
    typer.echo(f"Kept in {result.folder.path}. Next: materiel weigh {result.run} | materiel brief {result.run}")


@app.command()
def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Delete damaged blocks and what killed processes left.")] = False,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Check the machine and every run on disk, block by block, and say how to mend what is wrong."""
    from materiel.worlds import doctor as room

    with _failing_well():
        here, found = room.machine(runs), room.examine(runs, repair)
    wrong = [f for f in found if not f.mended]
    if as_json:
        _print({"machine": here, "findings": [vars(f) for f in found]})
    else:
        for name, value in here.items():
            typer.echo(f"{name:28s} {value}")
        for f in found:
            typer.echo(f"{'mended' if f.mended else 'wrong'}  {f.where}: {f.what} {f.cure}")
        typer.echo(f"{len(wrong)} left to mend." if wrong else f"Every run under {runs}/ is whole.")
    if wrong:
        raise typer.Exit(1)


@app.command("app")
def app_(
    scenario: ScenarioName,
    worlds: Annotated[int, typer.Option(min=1, max=65_536, help="How many worlds stand behind the page when nothing moves.")] = 4096,
    seed: Seed = 7,
    host: Annotated[str, typer.Option(help="The address to listen on; anything but this computer needs a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 0,
    runs: Runs = Path("runs"),
) -> None:
    """Open a page in which levers and assumptions are moved, and see what follows."""
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn", "websockets") if find_spec(name) is None]
    if missing:
        _say(f"error: the page needs {', '.join(missing)}. Install: python -m pip install starlette uvicorn websockets, or materiel[app]")
        raise typer.Exit(1)
    s = _read(scenario, False)
    from materiel.app.server import listen
    from materiel.app.whatif import WhatIf

    with _failing_well():
        with _progress(worlds) as progress:
            what = WhatIf(s, worlds, seed, runs, _say, progress)
        only = (
            "only this computer; --host to share" if host in ("127.0.0.1", "localhost", "::1") else "other computers need this address once"
        )
        opened = listen(what, runs, host, port)
    typer.echo(f"Ready: {opened.address}  ({only}). Ctrl-C stops.")
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
        opened.run()
    _say("Stopped.")


@app.command("runs")
def runs_(runs: Runs = Path("runs"), as_json: Json = False) -> None:
    """Runs on disk, newest first."""
    from materiel.worlds import registry

    with _failing_well():
        rows, faults = registry.listed(runs)
    for fault in faults:
        _say(f"left out: {fault}")
    if as_json:
        _print(
            [
                {"run": r.run, "scenario": r.scenario, "as_of": r.as_of, "worlds": r.worlds, "seed": r.seed, "blocks_done": r.done}
                | {"blocks": r.blocks, "weighed": r.weighed or None, "folder": str(runs / r.run)}
                for r in rows
            ]
        )
        return
    for r in rows:
        state = "done" if r.finished else f"{r.done} of {r.blocks} blocks"
        weighed = f", weighed to {r.weighed}" if r.weighed else ""
        typer.echo(f"{r.run}  {r.worlds:>9,} worlds  seed {r.seed}  {state:16s} {r.scenario} (as of {r.as_of}{weighed})")
    if any(not r.finished for r in rows):
        typer.echo("Next: materiel resume RUN")
    else:
        typer.echo("Next: materiel show RUN | materiel brief RUN" if rows else f"No run under {runs}/. Next: materiel run vostochny-2023")


@app.command()
def show(
    run: Annotated[str | None, typer.Argument(help="A run's id or folder, or the newest finished run; with --map, a scenario.")] = None,
    world: Annotated[int | None, typer.Option(min=0, help="One world: its numbers and what came of them.")] = None,
    as_map: Annotated[
        bool, typer.Option("--map", help="What drives what in a scenario; in that of the newest run if none is named.")
    ] = False,
    as_dot: Annotated[bool, typer.Option("--dot", help="The map in the language of Graphviz.")] = False,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """What a run found; or one world of it; or what drives what."""
    if as_map or as_dot:
        if world is not None or (as_dot and as_json):
            _say("error: --map goes with --dot or with --json, and not with --world")
            raise typer.Exit(2)
        _show_map(run, runs, as_dot, as_json)
        return
    from materiel.claims import judge
    from materiel.claims.one_world import one_world
    from materiel.views import lines, words

    with _failing_well():
        worlds = _open(run, runs)
        if world is not None:
            if world >= worlds.shown:
                held = f", and of its {worlds.n:,} worlds only these are kept whole" if worlds.n > worlds.shown else ""
                _say(f"error: run {worlds.run} has the worlds 0 to {worlds.shown - 1}{held}")
                raise typer.Exit(2)
            told = one_world(worlds, world)
            if as_json:
                _print(told)
                return
            typer.echo(f"World {world} of run {worlds.run}")
            for part in ("alternatives", "numbers", "claims"):
                typer.echo(f"{part}:")
                for name, text in told[part].items():
                    typer.echo(f"  {name}: {text}")
            return
        verdicts = judge(worlds)
    if as_json:
        _print(lines.as_json(worlds, verdicts))
        return
    typer.echo(repr(worlds))
    typer.echo(repr(verdicts))
    typer.echo("Against the known past (share of worlds inside what the observer published):")
    for k in verdicts.known_past:
        seen, ours = words.interval(k.low, k.high, k.unit), words.interval(k.p5, k.p95, k.unit)
        typer.echo(f"  {k.id}: {k.observer} {seen}; 9 worlds of 10 {ours}; {100 * k.share_of_worlds:.0f} % of worlds inside")


def _show_map(scenario: str | None, runs: Path, as_dot: bool, as_json: bool) -> None:
    """What drives what, as text or as data."""
    if scenario is not None:
        s = _read(scenario, as_json)
    else:
        with _failing_well():
            s = _open(None, runs).scenario
    from materiel.mechanisms.feedback import feedback

    drives = feedback(s)
    if as_json:
        _print({"scenario": s.vocabulary.scenario, **drives.to_json()})
    else:
        typer.echo(drives.to_dot() if as_dot else drives)


# ---- what lies beside a brief: is it current, how is it cited, what moved between two runs or two scenarios, one figure of it


@app.command()
def verify(
    page: Annotated[Path, typer.Argument(help="The HTML file of a brief.")],
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Say whether a brief is current, superseded or altered. Exit code 0 for a current one, 1 for the others."""
    from materiel.views import seal
    from materiel.views import verify as room

    try:
        if page.stat().st_size > room.MOST:
            raise seal.Unsealed(f"it has more than {room.MOST:,} bytes")
        checked = room.verify(page.read_bytes(), runs)
    except (OSError, seal.Unsealed) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else f"this is no brief that can be checked: {error}"
        if as_json:
            _print({"ok": False, "file": str(page), "error": why})
        _say(f"error: {page}: {why}")
        raise typer.Exit(1) from None
    if as_json:
        _print({"file": str(page), **asdict(checked)})
    else:
        typer.echo("\n".join(room.lines(page, checked)))
    if checked.state != "current":
        raise typer.Exit(1)


def _as_in_a_brief(run: str | None, root: Path) -> "Worlds":
    """The run that is named, or the one that a brief of the newest would be of."""
    from materiel.views.beside import beside

    return _open(run, root) if run is not None else beside(_open(None, root, weighed=False, by_rule=False)).worlds


class CiteFormat(StrEnum):
    """How a citation is written."""

    text = "text"
    bibtex = "bibtex"
    csl = "csl"


@app.command()
def cite(
    run: RunName = None,
    claim: Annotated[str | None, typer.Option(help="A claim of the run, whose verdict is to be quoted.")] = None,
    form: Annotated[CiteFormat, typer.Option("--format", help="How to write it.")] = CiteFormat.text,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """How to cite a run, and with --claim how to quote one of its verdicts."""
    from materiel.claims import judge
    from materiel.views.beside import same_by_rule
    from materiel.views.cite import cite as make

    with _failing_well():
        worlds = _as_in_a_brief(run, runs)
        known = worlds.scenario.vocabulary.claims
        if claim is not None and claim not in known:
            _say(f'error: run {worlds.run} has no claim "{claim}". It has: {", ".join(known) or "none"}')
            raise typer.Exit(2)
        cited = make(worlds, judge(worlds, same_by_rule(worlds)) if claim else None, claim)
    if as_json or form is CiteFormat.csl:
        _print(cited.csl())
        return
    typer.echo(cited.bibtex() if form is CiteFormat.bibtex else cited.text())
    _say(f"Next: materiel cite {cited.run} --format bibtex | csl" if form is CiteFormat.text else f"Next: materiel brief {cited.run}")


@app.command()
def compare(
    one: Annotated[str, typer.Argument(help="A run's id or folder.")],
    other: Annotated[str, typer.Argument(help="Another run's id or folder.")],
    anyway: Annotated[bool, typer.Option("--anyway", help="Compare runs of different scenarios too, by the ids of their claims.")] = False,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Verdicts of two runs side by side: what moved, and whether the model can tell."""
    from materiel.claims import judge
    from materiel.views import compare as room
    from materiel.views.beside import same_by_rule
    from materiel.worlds import RunError, open_run

    with _failing_well():
        first, second = open_run(one, runs), open_run(other, runs)
        if not (anyway or room.same_scenario(first, second)):
            titles = " and ".join(f'"{w.scenario.vocabulary.scenario}"' for w in (first, second))
            raise RunError(f"these runs are of different scenarios, {titles}; a claim of one is none of the other. --anyway compares them.")
        told = room.compare(first, second, judge(first, same_by_rule(first)), judge(second, same_by_rule(second)))
    if as_json:
        _print(told.to_json())
        return
    typer.echo("\n".join(room.lines(told)))
    typer.echo(f"Next: materiel brief {second.run} | materiel diff {first.folder.path} {second.folder.path}")


@app.command()
def diff(
    one: ScenarioName,
    other: ScenarioName,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """What differs between two scenarios, in sentences; and which verdicts moved, where both have been run."""
    from materiel.claims import judge
    from materiel.views import compare as side_by_side
    from materiel.views import diff as room
    from materiel.views.beside import same_by_rule
    from materiel.worlds.store import Folder

    with _failing_well():
        a, b = (_read(name, as_json, replace=Folder(Path(name)).replaced()) for name in (one, other))
        try:
            found = room.diff(a, b)
        except OSError as error:
            _say(f"error: {error.filename or error}: {error.strerror or 'it changed while it was read'}")
            raise typer.Exit(1) from None
        pair = side_by_side.runs_of(runs, a, b)
        told = side_by_side.compare(*pair, *(judge(w, same_by_rule(w)) for w in pair)) if pair else None
    if as_json:
        _print({"differences": [d.to_json() for d in found], "verdicts": told.to_json() if told else None})
        return
    for text in room.lines(found):
        typer.echo(text)
    typer.echo(room.counted(found))
    if told:
        typer.echo("\n".join(side_by_side.moved(told)))
        typer.echo(f"Next: materiel compare {' '.join(told.runs)}")
    elif found:
        typer.echo(f"Next: run both, and ask again which verdicts moved: materiel run {one} | materiel run {other}")
    else:
        typer.echo(f"Next: materiel run {one}")


@app.command()
def chart(
    run: RunName = None,
    name: Annotated[str | None, typer.Argument(help="The figure; all names are listed if left out.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write it as PNG, 300 dots an inch.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write it as SVG.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write its numbers as CSV.")] = None,
    width: Annotated[str | None, typer.Option(help="Width on paper: 85mm, 8.5cm or 3.35in.")] = None,
    grey: Annotated[bool, typer.Option("--grey", help="Without colours: courses differ by their lines.")] = False,
    caption: Annotated[bool, typer.Option("--caption", help="Print a caption and a text for those who cannot see it.")] = False,
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """One figure of a brief for a paper, in the width of its column."""
    from materiel.claims import judge
    from materiel.views import paper as room

    try:
        wide = room.millimetres(width) if width is not None else None
    except ValueError as error:
        _say(f"error: {error}")
        raise typer.Exit(2) from None
    with _failing_well():
        worlds = _as_in_a_brief(run, runs)
        known = room.catalogue(worlds, judge(worlds))
    if name is None or name not in known:
        if name is None and as_json:
            _print({"run": worlds.run, "figures": {k: f.title for k, f in known.items()}})
        elif name is None:
            typer.echo("\n".join(f"{k}  {f.title}" for k, f in known.items()))
            typer.echo(f"Next: materiel chart {worlds.run} {next(iter(known))} --pdf figure.pdf --width 85mm --caption")
        else:
            _say(f'error: run {worlds.run} has no figure "{name}". It has: {", ".join(known)}')
            raise typer.Exit(2)
        return
    if not (pdf or png or svg or csv or caption):
        _say("error: say what to write: --pdf, --png, --svg or --csv FILE, or --caption")
        raise typer.Exit(2)
    with _failing_well():
        made = known[name].draw(wide, grey)
        try:
            written = made.save(pdf=pdf, png=png, svg=svg, csv=csv)
        except OSError as error:
            _say(f"error: {error.filename or name}: {error.strerror or error}")
            raise typer.Exit(1) from None
    if as_json:
        _print({"run": worlds.run, "figure": name, "files": [str(f) for f in written], **made.to_json()})
        return
    if caption:
        typer.echo(f"{made.caption}\nAlt text: {made.alt}")
    if made.small:
        _say(made.small)
    wrote = f"Wrote {', '.join(str(f) for f in written)} ({made.width:.0f} x {made.height:.0f} mm). " if written else ""
    _say(f"{wrote}Next: materiel cite {worlds.run}")


if __name__ == "__main__":
    main()
