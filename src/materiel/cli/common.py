"""What all verbs share: options, messages, how a scenario and a run are found, and how a failure ends."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
Language = Annotated[str, typer.Option("--lang", help="The language of the page, such as de; texts of the scenario stay as they are.")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder of the runs.", envvar="MATERIEL_RUNS")]
ScenarioName = Annotated[str, typer.Argument(help="A shipped scenario's name, a folder, or a scenario.yaml.")]
RunName = Annotated[str | None, typer.Argument(help="A run's id or folder; the newest finished run if left out.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of all luck and all draws.")]


def say(text: str) -> None:
    typer.echo(text, err=True)


def print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, default=str, allow_nan=False))


def read_scenario(scenario: str, as_json: bool, by_rule: bool = False, replace: Mapping[str, str] | None = None) -> "Scenario":
    """Load a scenario, with its own ranges, those by rule or others in their place, or leave with exit code 3 and every mistake."""
    from materiel.scenario import ScenarioError, load

    try:
        if by_rule:
            from materiel.evidence import rule

            return rule.load(scenario)
        return load(scenario, replace)
    except ScenarioError as error:
        if as_json:
            print_json({"ok": False, "problems": [vars(p) for p in error.problems]})
        say(str(error))
        raise typer.Exit(3) from None


@contextmanager
def failing_well() -> Iterator[None]:
    """Turn a failed run into a message and exit code 1."""
    from materiel.worlds.store import RunError

    try:
        yield
    except RunError as error:
        say(f"error: {error}")
        raise typer.Exit(1) from None


def open_named(run: str | None, root: Path, weighed: bool = True, by_rule: bool = True) -> "Worlds":
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
        return open_named(run, root, weighed)
    raise RunError(f"there is no finished run under {root}/. Make one: materiel run vostochny-2023")


def cores() -> int:
    from materiel.worlds.device import cores as here

    return here()


def bytes_of(text: str) -> int:
    """`2 GiB` or `500 MB` as a number of bytes, or leave with exit code 2."""
    sizes = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if not found or found[2].upper() not in sizes:
        say(f'error: "{text}" is not an amount of memory. Write for instance 2 GiB or 500 MB.')
        raise typer.Exit(2)
    return int(float(found[1]) * sizes[found[2].upper()])


@contextmanager
def progress_bar(worlds: int) -> Iterator[Any]:
    """A progress bar on stderr, on terminals only; elsewhere a line a quarter."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        said = [0]

        def lines(done: int, count: int) -> None:
            if done * 4 // count > said[0]:
                said[0] = done * 4 // count
                say(f"Worlds {min(worlds, round(worlds * done / count)):,}/{worlds:,}")

        yield lines
        return
    with Progress(
        TextColumn("Worlds"), BarColumn(), TextColumn("{task.completed:,.0f}/{task.total:,.0f}"), TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task("worlds", total=worlds)
        yield lambda done, count: bar.update(task, completed=min(worlds, round(worlds * done / count)))
