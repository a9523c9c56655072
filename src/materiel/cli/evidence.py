"""Verbs that let reports speak: weigh, hindcast, retrodict."""

from pathlib import Path
from typing import Annotated

import typer

from materiel.cli.common import (
    Json,
    RunName,
    Runs,
    ScenarioName,
    Seed,
    app,
    cores,
    failing_well,
    open_named,
    print_json,
    progress_bar,
    read_scenario,
    say,
)

Particles = Annotated[int, typer.Option(min=64, help="Worlds in each of four independent batches.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="The day of the first forecast; the scenario's as-of date if left out.")]
Until = Annotated[str | None, typer.Option(help="The day up to which is scored; the scenario's last day if left out.")]
Once = Annotated[bool, typer.Option("--once", help="Forecast on the first day alone, which takes a tenth of the time.")]


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

    with failing_well():
        worlds = open_named(run, runs, weighed=False)
        try:
            with progress_bar(worlds.n) as progress:
                result = weigh_worlds(
                    worlds, to, without=without or (), particles=particles, workers=workers or cores(), progress=progress, say=say
                )
        except ScenarioError as error:
            say(str(error))
            raise typer.Exit(3) from None
        verdicts = judge(result)
    if as_json:
        print_json(lines.as_json(result, verdicts))
        return
    typer.echo("\n".join(lines.result(result, verdicts)))
    typer.echo(f"Kept in {result.folder.path}. Next: materiel brief {worlds.run}")


@app.command()
def hindcast(
    scenario: ScenarioName,
    as_of: AsOf = None,
    until: Until = None,
    widen_later: Annotated[
        bool, typer.Option("--widen-later", help="Take numbers that are later than the day as assumed, instead of refusing.")
    ] = False,
    once: Once = False,
    particles: Particles = 512,
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
    particles: Particles = 512,
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
    s = read_scenario(scenario, as_json)
    from materiel.evidence import rule
    from materiel.evidence.hindcast import hindcast as make
    from materiel.scenario import ScenarioError
    from materiel.scenario.dates import read_date
    from materiel.scenario.errors import Wrong
    from materiel.views import lines

    try:
        first, last = read_date(as_of or str(s.as_of)), read_date(until or str(s.ends))
    except Wrong as error:
        say(f"error: {error.message} {error.help}")
        raise typer.Exit(2) from None
    with failing_well():
        try:
            if priors == "rule":
                s = rule.load(scenario, first)
            done = make(s, first, last, priors=priors, widened=widened, once=once, particles=particles, seed=seed, say=say)
        except ScenarioError as error:
            if as_json:
                print_json({"ok": False, "problems": [vars(p) for p in error.problems]})
            say(str(error))
            raise typer.Exit(3) from None
        kept = done.save(runs)
    if as_json:
        print_json(done.to_json())
        return
    typer.echo("\n".join(lines.hindcast(done)))
    typer.echo(f"Kept in {kept}. Next: materiel brief, which shows it beside the claims")
