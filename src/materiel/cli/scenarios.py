"""Verbs on scenario files: list, check, schema, new, diff."""

from pathlib import Path
from typing import Annotated

import typer

from materiel.cli.common import Json, Runs, ScenarioName, app, failing_well, print_json, read_scenario, say


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Scenarios that are shipped."""
    from materiel.scenario import load, shipped

    rows = [(name, load(name)) for name in shipped()]
    if as_json:
        print_json([{"name": n, "title": s.vocabulary.scenario, "says": s.vocabulary.says, "as_of": str(s.as_of)} for n, s in rows])
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
    s = read_scenario(scenario, as_json)
    v = s.vocabulary
    ranges = sum(not q.exact for q in s.quantities.values())
    assumed = sum(q.assumed for q in s.quantities.values())
    if as_json:
        print_json(
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
        say(str(w))
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

    print_json(json_schema())


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
        say(str(error))
        raise typer.Exit(3) from None
    except OSError as error:
        say(f"error: {folder}: {error.strerror or error}")
        raise typer.Exit(1) from None
    if as_json:
        print_json({"written": [str(p) for p in written]})
    else:
        typer.echo(f"Wrote {', '.join(str(p) for p in written)}. Next: materiel check {folder}")


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

    with failing_well():
        a, b = (read_scenario(name, as_json, replace=Folder(Path(name)).replaced()) for name in (one, other))
        try:
            found = room.diff(a, b)
        except OSError as error:
            say(f"error: {error.filename or error}: {error.strerror or 'it changed while it was read'}")
            raise typer.Exit(1) from None
        pair = side_by_side.runs_of(runs, a, b)
        told = side_by_side.compare(*pair, *(judge(w, same_by_rule(w)) for w in pair)) if pair else None
    if as_json:
        print_json({"differences": [d.to_json() for d in found], "verdicts": told.to_json() if told else None})
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
