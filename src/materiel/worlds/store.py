"""Runs on disk: one folder a run, one netCDF file a block, written whole or not at all.

`runs/ID/run.json` says what made the run, `scenario.yaml` is the file it was made from, with the tables beside it and
`replaced.json` for numbers that were replaced; `particles.npz` holds worlds that were given, not drawn; `blocks/part-000000.nc`
holds the worlds of a block. A block that exists is a block that is done: a killed run loses at most the blocks in work, and
the next one goes on. The id is a hash of everything that decides the numbers, so the same call finds its own run.
"""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from materiel.worlds.device import card

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class RunError(Exception):
    """A run cannot be made, found or read; the message says why and what to do."""


@dataclass(frozen=True)
class Made:
    """What made a run. Worlds are bit-equal for equal fields; `particles` is the hash of the worlds if they were given."""

    scenario: str
    scenario_hash: str
    seed: int
    worlds: int
    block: int
    precision: str
    step: float
    materiel: str
    engine: str
    jax: str
    jaxlib: str
    processor: str
    particles: str = ""

    @property
    def run(self) -> str:
        """Short id: a hash of all fields."""
        fields = {k: v for k, v in asdict(self).items() if k != "particles" or v}
        digest = sha256(json.dumps(fields, sort_keys=True).encode()).digest()
        return "".join(_LETTERS[b % len(_LETTERS)] for b in digest[:6])


def processor() -> str:
    """The kind of processor, as far as it decides the last bit: architecture and model name, or the kind of a graphics card."""
    if card():
        return card()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        model = platform.processor()
    return f"{platform.machine()} {model}".strip()


def engine() -> str:
    """Hash of the program that turns a scenario into worlds, so that an edited mechanism never finds old blocks."""
    package = Path(__file__).parents[1]
    digest = sha256()
    for file in sorted(f for room in ("scenario", "mechanisms", "worlds") for f in (package / room).glob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Versions that decide the numbers."""
    return {"materiel": version("materiel"), "engine": engine(), "jax": version("jax"), "jaxlib": version("jaxlib")}


def write_whole(path: Path, write: Any) -> None:
    """Write through a temporary file in the same folder, fsync, rename: the file is there whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        with temporary.open("rb+") as f:
            os.fsync(f.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunError(
            f"{path}: could not be written ({error.strerror or error}). Free some room and run again: finished blocks are kept."
        ) from error


class Folder:
    """One run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def blocks(self) -> Path:
        """Where the blocks are."""
        return self.path / "blocks"

    def block(self, number: int) -> Path:
        """File of one block."""
        return self.blocks / f"part-{number:06d}.nc"

    def done(self, count: int) -> list[int]:
        """Numbers below `count` of the blocks that are on disk."""
        return [k for k in range(count) if self.block(k).exists()]

    @property
    def particles(self) -> Path:
        """File of the worlds, where they were given."""
        return self.path / "particles.npz"

    def replaced(self) -> dict[str, str]:
        """Texts that stand in place of numbers of the stored file, by path."""
        try:
            read = json.loads((self.path / "replaced.json").read_text(encoding="utf-8"))
            return {str(path): str(text) for path, text in read.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            raise RunError(f"{self.path / 'replaced.json'} cannot be read ({error}). Run the scenario anew.") from error

    def create(self, made: Made, files: Mapping[str, bytes], extra: dict[str, Any]) -> None:
        """Make the folder, with the scenario's files by name and run.json.

        Of an existing folder only the tables are renewed: they decide no number of a run.
        """
        self.blocks.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            file = self.path / name
            if not file.exists() or (file.suffix == ".csv" and file.read_bytes() != content):
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, lambda p, content=content: p.write_bytes(content))
        if not (self.path / "run.json").exists():
            record = {"run": made.run, **asdict(made), **extra}
            write_whole(self.path / "run.json", lambda p: p.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8"))

    def made(self) -> tuple[Made, dict[str, Any]]:
        """What made the run, and whatever else run.json says."""
        try:
            record = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
            fields = Made.__dataclass_fields__
            made = Made(**{k: record[k] for k in fields if k in record or k != "particles"})
            return made, {k: v for k, v in record.items() if k not in fields}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{self.path / 'run.json'} cannot be read, so this is not a run ({error}); see `materiel runs`") from error


def find(run: str, root: Path) -> Folder:
    """The folder of a run, by path or by id under `root`; an id may be shortened while it stays unique."""
    if (Path(run) / "run.json").exists():
        return Folder(Path(run))
    near = sorted(p for p in root.glob(f"{run}*") if (p / "run.json").exists()) if root.exists() else []
    if len(near) != 1:
        there = ", ".join(p.name for p in near) if near else "none"
        raise RunError(f'there is no single run "{run}" under {root}/ (matching: {there}). See `materiel runs`.')
    return Folder(near[0])


def all_runs(root: Path) -> list[Folder]:
    """All runs under `root`, newest first."""
    found = [p for p in root.glob("*") if (p / "run.json").exists()] if root.exists() else []
    return [Folder(p) for p in sorted(found, key=lambda p: (p / "run.json").stat().st_mtime, reverse=True)]
