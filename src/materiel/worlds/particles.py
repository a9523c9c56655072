"""Worlds that are given, and not drawn by their number: what reports leave of them is stored so."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from materiel.scenario import Scenario
from materiel.worlds.store import RunError, write_whole

F64 = NDArray[np.float64]

ALTERNATIVE = "alternative/"  # before the name of a structural question, which is drawn like a number
_EDGE = 2.0**-53  # uniforms stay inside 0 and 1


@dataclass(frozen=True)
class Particles:
    """Unknowns by name and the numbers of streams of luck, for each world.

    `z` [n, names] are standard normals; a world draws each of these numbers at the uniform Phi(z), all others by its own
    number as ever, and its luck of each span of days as the world of the number `luck` [n, spans]; the last span reaches to
    the end. `of` is the run that the worlds were weighed from, `to` the day whose reports they were weighed with.
    """

    names: tuple[str, ...]
    z: F64
    luck: NDArray[np.uint32]
    of: str = ""
    to: str = ""

    def __post_init__(self) -> None:
        if self.luck.ndim != 2 or not self.luck.size or self.z.shape != (len(self.luck), len(self.names)):
            raise ValueError(f"{len(self.names)} names and luck of shape {self.luck.shape} do not fit unknowns of shape {self.z.shape}")
        if len(set(self.names)) < len(self.names):
            raise ValueError("a name is there twice")
        if not np.isfinite(self.z).all():
            raise ValueError("an unknown is not finite")

    @property
    def n(self) -> int:
        """Number of worlds."""
        return len(self.luck)

    @cached_property
    def hash(self) -> str:
        """Hash of everything that is stored."""
        digest = sha256("\0".join((*self.names, "", self.of, self.to)).encode())
        digest.update(np.ascontiguousarray(self.z, "<f8").tobytes() + np.ascontiguousarray(self.luck, "<u4").tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def _column(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.names)}

    @cached_property
    def _uniforms(self) -> F64:
        """Uniforms [names, n]."""
        from scipy.special import ndtr

        return np.asarray(np.clip(ndtr(np.ascontiguousarray(self.z.T)), _EDGE, 1 - _EDGE), np.float64)

    def rows(self, worlds: NDArray[np.integer]) -> NDArray[np.integer]:
        """Rows of these worlds; those that fill up a last block repeat the last."""
        return np.asarray(np.minimum(worlds, self.n - 1))

    def uniforms(self, name: str, worlds: NDArray[np.integer]) -> F64 | None:
        """Uniforms of one unknown for the worlds with these indices; None if it is not given."""
        if name not in self._column:
            return None
        return np.asarray(self._uniforms[self._column[name]][self.rows(worlds)], np.float64)

    def check(self, scenario: Scenario) -> None:
        """Raise RunError for a name that nothing in the scenario is drawn by."""
        drawn = {q.draw_name for q in scenario.quantities.values()} | {ALTERNATIVE + a for a in scenario.alternatives}
        foreign = [name for name in self.names if name not in drawn]
        if foreign:
            raise RunError(f'nothing in this scenario is drawn as "{foreign[0]}", so these particles are of another one.')

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""

        def write(to: Path) -> None:
            with to.open("wb") as f:
                np.savez(f, names=np.array(self.names, np.str_), z=self.z, luck=self.luck, of=np.array(self.of), to=np.array(self.to))

        write_whole(path, write)


def load(path: Path) -> Particles:
    """Read a file of particles. Raises RunError."""
    try:
        with np.load(path, allow_pickle=False) as data:
            return Particles(
                tuple(str(n) for n in data["names"]),
                np.asarray(data["z"], np.float64),
                np.asarray(data["luck"], np.uint32),
                str(data["of"]),
                str(data["to"]),
            )
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise RunError(f"{path} cannot be read, so the worlds of this run are lost ({error}); weigh the scenario again.") from error
