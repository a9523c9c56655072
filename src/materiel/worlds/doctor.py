"""What is wrong with the runs on a disk, and with the machine they are made on; and what can be mended without asking anyone.

A damaged block is deleted, for `resume` makes that block anew, bit for bit. A run whose record or scenario cannot be read is
named and left: what it was is not known.
"""

import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from materiel.worlds import blocks, registry
from materiel.worlds.device import cores
from materiel.worlds.store import Folder, RunError, all_runs, processor, versions
from materiel.worlds.worlds import scenario_of


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what, and the cure; `mended` once it is."""

    where: str
    what: str
    cure: str
    mended: bool = False


def examine(root: Path, repair: bool = False) -> list[Finding]:
    """All faults under `root`; with `repair` damaged blocks and what killed processes left are deleted and the index is made anew."""
    out = []
    for path in sorted(root.glob("*/**/*.tmp")) if root.exists() else []:
        if not _alive(path):
            if repair:
                path.unlink(missing_ok=True)
            out.append(Finding(str(path), "was left by a process that was killed.", "Delete it.", repair))
    for folder in all_runs(root):
        out += _run(folder, repair)
    if repair:
        registry.forget(root)
    registry.listed(root)
    return out


def _run(folder: Folder, repair: bool) -> list[Finding]:
    try:
        made, _ = folder.made()
    except RunError as error:
        return [Finding(str(folder.path), f"{error}.", "Delete the folder, or put its run.json back.")]
    out = []
    try:
        scenario_of(folder, made)
    except RunError as error:
        out.append(Finding(str(folder.path), str(error), "Put the file back as it was, or delete the folder and run anew."))
    count = -(-made.worlds // made.block)
    done = folder.done(count)
    broken = 0
    for number in done:
        try:
            blocks.read(folder.block(number))
        except RunError as error:
            broken += 1
            if repair:
                folder.block(number).unlink(missing_ok=True)
            out.append(Finding(str(folder.block(number)), str(error).split(": ", 1)[-1], f"materiel resume {made.run}", repair))
    left = len(done) - broken if repair else len(done)
    if left < count:
        out.append(Finding(str(folder.path), f"is unfinished: {left} of {count} blocks on disk.", f"materiel resume {made.run}"))
    return out


def _alive(path: Path) -> bool:
    """Whether the process that writes this temporary file still runs; its number stands in the name."""
    found = re.search(r"\.(\d+)\.tmp$", path.name)
    if not found:
        return False
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def machine(root: Path) -> dict[str, str]:
    """What runs are made with here."""
    from platformdirs import user_cache_dir

    cache = Path(os.environ.get("MATERIEL_CACHE") or user_cache_dir("materiel"))
    there = next(p for p in (root.absolute(), *root.absolute().parents) if p.exists())
    made = versions()
    return {
        "python": platform.python_version(),
        "materiel": f"{made['materiel']} (engine {made['engine']})",
        "jax": made["jax"],
        "devices": _devices(),
        "processor": processor(),
        "cores": str(cores()),
        "free disk": f"{shutil.disk_usage(there).free / 1e9:.0f} GB",
        "cache of compiled programs": f"{cache} ({'can be written' if _writable(cache) else 'CANNOT be written: every run compiles anew'})",
    }


def _devices() -> str:
    try:
        import jax

        return ", ".join(sorted({str(d.device_kind) for d in jax.devices()}))
    except RuntimeError as error:
        return f"none can be used ({error})"


def _writable(folder: Path) -> bool:
    there = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    return os.access(there, os.W_OK)
