"""Verbs on runs: run, resume, doctor, runs, show, compare."""

from pathlib import Path
from typing import Annotated

import typer

from materiel.cli.common import (
    Json,
    Runs,
    ScenarioName,
    app,
    bytes_of,
    cores,
    failing_well,
    open_named,
    print_json,
    progress_bar,
    read_scenario,
    say,
)

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
    s = read_scenario(scenario, as_json, by_rule)
    from materiel.claims import judge
    from materiel.claims.enough import enough
    from materiel.views import lines
    from materiel.worlds import simulate

    kept, told, n = bytes_of(memory), None, worlds if until_error is None else min(worlds, FIRST)
    while True:
        with failing_well(), progress_bar(n) as progress:
            result = simulate(
                s, n, seed, root=runs, workers=workers or cores(), fresh=fresh, memory=kept, cluster=cluster, mixed=mixed,
                progress=progress, say=say,
            )  # fmt: skip
        with failing_well():
            verdicts = judge(result)
        if until_error is None:
            break
        told = enough(verdicts, n, until_error)
        say(f"{n:,} worlds. {told.says()}")
        if told.reached or n >= worlds:
            break
        n = min(worlds, max(told.needed, n + FIRST))
    if as_json:
        print_json(lines.as_json(result, verdicts))
        return
    typer.echo("\n".join(lines.result(result, verdicts)))
    if told:
        typer.echo(told.says() if told.reached else f"Stopped at {n:,} worlds, which --worlds allows. {told.says()}")
    typer.echo(f"Kept in {result.folder.path}. Next: materiel weigh {result.run} | materiel brief {result.run}")


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

    with failing_well():
        rows = registry.listed(runs)[0]
        named = run or next((r.run for r in rows if not r.finished), None)
        if named is None:
            raise RunError(f"every run under {runs}/ is finished. Next: materiel runs")
        count = next((r.worlds for r in rows if r.run.startswith(named)), 1)
        with progress_bar(count) as progress:
            result = go_on(named, runs, workers=workers or cores(), cluster=cluster, mixed=mixed, progress=progress, say=say)
        if result.of is not None and not (result.folder.path / FILE).exists():
            to = f" --to {result.to}" if result.to != str(result.scenario.as_of) else ""
            raise RunError(
                f"these worlds are complete, and what weighed them is not stored with them. Next: materiel weigh {result.of}{to}"
            )
        verdicts = judge(result)
    if as_json:
        print_json(lines.as_json(result, verdicts))
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

    with failing_well():
        here, found = room.machine(runs), room.examine(runs, repair)
    wrong = [f for f in found if not f.mended]
    if as_json:
        print_json({"machine": here, "findings": [vars(f) for f in found]})
    else:
        for name, value in here.items():
            typer.echo(f"{name:28s} {value}")
        for f in found:
            typer.echo(f"{'mended' if f.mended else 'wrong'}  {f.where}: {f.what} {f.cure}")
        typer.echo(f"{len(wrong)} left to mend." if wrong else f"Every run under {runs}/ is whole.")
    if wrong:
        raise typer.Exit(1)


@app.command("runs")
def runs_(runs: Runs = Path("runs"), as_json: Json = False) -> None:
    """Runs on disk, newest first."""
    from materiel.worlds import registry

    with failing_well():
        rows, faults = registry.listed(runs)
    for fault in faults:
        say(f"left out: {fault}")
    if as_json:
        print_json(
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
            say("error: --map goes with --dot or with --json, and not with --world")
            raise typer.Exit(2)
        _show_map(run, runs, as_dot, as_json)
        return
    from materiel.claims import judge
    from materiel.claims.one_world import one_world
    from materiel.views import lines, words

    with failing_well():
        worlds = open_named(run, runs)
        if world is not None:
            if world >= worlds.shown:
                held = f", and of its {worlds.n:,} worlds only these are kept whole" if worlds.n > worlds.shown else ""
                say(f"error: run {worlds.run} has the worlds 0 to {worlds.shown - 1}{held}")
                raise typer.Exit(2)
            told = one_world(worlds, world)
            if as_json:
                print_json(told)
                return
            typer.echo(f"World {world} of run {worlds.run}")
            for part in ("alternatives", "numbers", "claims"):
                typer.echo(f"{part}:")
                for name, text in told[part].items():
                    typer.echo(f"  {name}: {text}")
            return
        verdicts = judge(worlds)
    if as_json:
        print_json(lines.as_json(worlds, verdicts))
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
        s = read_scenario(scenario, as_json)
    else:
        with failing_well():
            s = open_named(None, runs).scenario
    from materiel.mechanisms.feedback import feedback

    drives = feedback(s)
    if as_json:
        print_json({"scenario": s.vocabulary.scenario, **drives.to_json()})
    else:
        typer.echo(drives.to_dot() if as_dot else drives)


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

    with failing_well():
        first, second = open_run(one, runs), open_run(other, runs)
        if not (anyway or room.same_scenario(first, second)):
            titles = " and ".join(f'"{w.scenario.vocabulary.scenario}"' for w in (first, second))
            raise RunError(f"these runs are of different scenarios, {titles}; a claim of one is none of the other. --anyway compares them.")
        told = room.compare(first, second, judge(first, same_by_rule(first)), judge(second, same_by_rule(second)))
    if as_json:
        print_json(told.to_json())
        return
    typer.echo("\n".join(room.lines(told)))
    typer.echo(f"Next: materiel brief {second.run} | materiel diff {first.folder.path} {second.folder.path}")
