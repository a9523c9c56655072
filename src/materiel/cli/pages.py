"""Verbs that make something to look at or to pass on: brief, verify, cite, chart, app."""

from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from materiel.cli.common import (
    Json,
    Language,
    RunName,
    Runs,
    ScenarioName,
    Seed,
    app,
    failing_well,
    open_named,
    print_json,
    progress_bar,
    read_scenario,
    say,
)

if TYPE_CHECKING:
    from materiel.worlds import Worlds


@app.command()
def brief(
    run: RunName = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")] = Path("brief.html"),
    by: Annotated[str | None, typer.Option(help="Who answers for it; the name of the account if left out.")] = None,
    status: Annotated[str, typer.Option(help="draft, reviewed, published or corrected.")] = "draft",
    reviewed_by: Annotated[str, typer.Option(help="Who reviewed the page.")] = "",
    note: Annotated[str, typer.Option(help="What a reader should know of this brief; of a corrected one, what was wrong.")] = "",
    lang: Language = "en",
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Write the one file a person forwards: of the newest run, or of one named, with its weighings and the record of its hindcasts."""
    from materiel.claims import judge
    from materiel.views import brief as make_brief
    from materiel.views import register
    from materiel.views.beside import beside
    from materiel.views.language import checked
    from materiel.views.standing import Standing
    from materiel.worlds import RunError

    try:
        checked(lang)
        Standing(status, reviewed_by, note)
    except ValueError as error:
        say(f"error: {error}")
        raise typer.Exit(2) from None

    with failing_well():
        told = beside(open_named(run, runs, weighed=run is not None, by_rule=run is not None))
        worlds, later = told.worlds, judge(told.later, told.later_by_rule) if told.later else None
        page = make_brief(
            worlds, judge(worlds, told.worlds_by_rule), later=later, refused=told.refused, records=told.records(), ran_by=by,
            status=status, reviewed_by=reviewed_by, note=note, language=lang,
        )  # fmt: skip
        try:
            page.save(output)
        except OSError as error:
            say(f"error: {output}: {error.strerror or error}")
            raise typer.Exit(1) from None
    try:
        register.note(worlds.folder.path, page.record, output)
    except (RunError, OSError) as error:
        say(f"This brief could not be noted beside its run, so a later correction will not find it ({error}).")
    size = output.stat().st_size
    if as_json:
        print_json({"run": worlds.run, "brief": page.record["id"], "status": status, "file": str(output), "bytes": size})
    else:
        typer.echo(f"Wrote {output} ({size / 1e6:.1f} MB, needs no network) from run {worlds.run}, brief {page.record['id']}, {status}.")
        again = f"open it; when someone has read it: materiel brief {worlds.run} --status reviewed --reviewed-by NAME"
        typer.echo(f"Next: {again if status == 'draft' else f'send it; whoever has it can ask: materiel verify {output}'}")


def _as_in_a_brief(run: str | None, root: Path) -> "Worlds":
    """The run that is named, or the one that a brief of the newest would be of."""
    from materiel.views.beside import beside

    return open_named(run, root) if run is not None else beside(open_named(None, root, weighed=False, by_rule=False)).worlds


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
            print_json({"ok": False, "file": str(page), "error": why})
        say(f"error: {page}: {why}")
        raise typer.Exit(1) from None
    if as_json:
        print_json({"file": str(page), **asdict(checked)})
    else:
        typer.echo("\n".join(room.lines(page, checked)))
    if checked.state != "current":
        raise typer.Exit(1)


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

    with failing_well():
        worlds = _as_in_a_brief(run, runs)
        known = worlds.scenario.vocabulary.claims
        if claim is not None and claim not in known:
            say(f'error: run {worlds.run} has no claim "{claim}". It has: {", ".join(known) or "none"}')
            raise typer.Exit(2)
        cited = make(worlds, judge(worlds, same_by_rule(worlds)) if claim else None, claim)
    if as_json or form is CiteFormat.csl:
        print_json(cited.csl())
        return
    typer.echo(cited.bibtex() if form is CiteFormat.bibtex else cited.text())
    say(f"Next: materiel cite {cited.run} --format bibtex | csl" if form is CiteFormat.text else f"Next: materiel brief {cited.run}")


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
    from materiel.views.beside import Beside

    try:
        wide = room.millimetres(width) if width is not None else None
    except ValueError as error:
        say(f"error: {error}")
        raise typer.Exit(2) from None
    with failing_well():
        worlds = _as_in_a_brief(run, runs)
        known = room.catalogue(worlds, judge(worlds), Beside(worlds, None, {}).records())
    if name is None or name not in known:
        if name is None and as_json:
            print_json({"run": worlds.run, "figures": {k: f.title for k, f in known.items()}})
        elif name is None:
            typer.echo("\n".join(f"{k}  {f.title}" for k, f in known.items()))
            typer.echo(f"Next: materiel chart {worlds.run} {next(iter(known))} --pdf figure.pdf --width 85mm --caption")
        else:
            say(f'error: run {worlds.run} has no figure "{name}". It has: {", ".join(known)}')
            raise typer.Exit(2)
        return
    if not (pdf or png or svg or csv or caption):
        say("error: say what to write: --pdf, --png, --svg or --csv FILE, or --caption")
        raise typer.Exit(2)
    with failing_well():
        made = known[name].draw(wide, grey)
        try:
            written = made.save(pdf=pdf, png=png, svg=svg, csv=csv)
        except OSError as error:
            say(f"error: {error.filename or name}: {error.strerror or error}")
            raise typer.Exit(1) from None
    if as_json:
        print_json({"run": worlds.run, "figure": name, "files": [str(f) for f in written], **made.to_json()})
        return
    if caption:
        typer.echo(f"{made.caption}\nAlt text: {made.alt}")
    if made.small:
        say(made.small)
    wrote = f"Wrote {', '.join(str(f) for f in written)} ({made.width:.0f} x {made.height:.0f} mm). " if written else ""
    say(f"{wrote}Next: materiel cite {worlds.run}")


@app.command("app")
def app_(
    scenario: ScenarioName,
    worlds: Annotated[int, typer.Option(min=1, max=65_536, help="How many worlds stand behind the page when nothing moves.")] = 4096,
    seed: Seed = 7,
    host: Annotated[str, typer.Option(help="The address to listen on; anything but this computer needs a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 0,
    weighed: Annotated[bool, typer.Option("--weighed", help="Show the worlds that the reports of the as-of date leave.")] = False,
    lang: Language = "en",
    runs: Runs = Path("runs"),
) -> None:
    """Open a page in which levers and assumptions are moved, and see what follows."""
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn", "websockets") if find_spec(name) is None]
    if missing:
        say(f"error: the page needs {', '.join(missing)}. Install: python -m pip install starlette uvicorn websockets, or materiel[app]")
        raise typer.Exit(1)
    from materiel.views.language import UnknownLanguage, checked

    try:
        checked(lang)
    except UnknownLanguage as error:
        say(f"error: {error}")
        raise typer.Exit(2) from None
    s = read_scenario(scenario, False)
    from materiel.app.server import listen
    from materiel.app.whatif import WhatIf

    with failing_well():
        with progress_bar(worlds) as progress:
            what = WhatIf(s, worlds, seed, runs, say, progress, weighed)
        only = (
            "only this computer; --host to share" if host in ("127.0.0.1", "localhost", "::1") else "other computers need this address once"
        )
        opened = listen(what, runs, host, port, lang)
    typer.echo(f"Ready: {opened.address}  ({only}). Ctrl-C stops.")
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
        opened.run()
    say("Stopped.")
