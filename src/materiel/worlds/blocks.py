"""Blocks on disk: every variable is sealed when it is written and held against its seal when it is read.

A block is whole, with weekly series, flows and unknowns, or lean: then it keeps only the points that claims ask for, which is
a twelfth of it. Of a large run the first blocks are whole and the others lean (`lean_from`).
"""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from materiel.worlds.store import Folder, RunError, write_whole

if TYPE_CHECKING:
    import xarray as xr

LEAN = ("points", "options")  # what a lean block keeps
SEAL = "seal"


def seal(values: Any) -> str:
    """Digest of the values of one variable, its shape and its kind."""
    array = np.asarray(values)
    if array.dtype.kind in "OSU":
        content = "\0".join(str(x) for x in array.ravel()).encode()
        kind = "text"
    else:
        content, kind = np.ascontiguousarray(array).tobytes(), array.dtype.newbyteorder("=").str
    return blake2b(f"{kind}{array.shape}".encode() + content, digest_size=16).hexdigest()


def write(data: "xr.Dataset", path: Path) -> None:
    """Write a block whole or not at all. Raises RunError."""
    for name in data.variables:
        data[name].attrs[SEAL] = seal(data[name].values)
    write_whole(path, lambda p: data.to_netcdf(p, engine="h5netcdf"))


def read(path: Path, names: Sequence[str] | None = None) -> "xr.Dataset":
    """One block, or some of its variables with all coordinates. Raises RunError where it is not what was written."""
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf") as part:
            data = part.drop_vars([] if names is None else [n for n in part.data_vars if n not in names]).load()
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError) as error:
        raise _broken(path, str(error) or type(error).__name__) from error
    for name, variable in data.variables.items():
        if variable.attrs.get(SEAL) != seal(variable.values):
            raise _broken(path, f"its {name} are not what was written")
    return data


def load(folder: Folder, numbers: Sequence[int], names: Sequence[str] | None = None) -> "xr.Dataset":
    """Some blocks as one dataset, worlds in order. Raises RunError."""
    import xarray as xr

    first = read(folder.block(numbers[0]), names)
    size = first.sizes["world"]
    whole: dict[str, Any] = {}
    for k, number in enumerate(numbers):
        part = first if k == 0 else read(folder.block(number), names)
        for name, variable in part.variables.items():
            if variable.dims and variable.dims[-1] == "world":
                if k == 0:
                    whole[str(name)] = np.empty((*variable.shape[:-1], size * len(numbers)), variable.dtype)
                elif part.sizes["world"] != size or variable.shape[:-1] != whole[str(name)].shape[:-1]:
                    raise _broken(folder.block(number), f"its {name} do not fit those of the first block")
                whole[str(name)][..., k * size : (k + 1) * size] = variable.values
    every: dict[Any, Any] = {n: (v.dims, v.values) for n, v in first.variables.items() if not v.dims or v.dims[-1] != "world"}
    every |= {n: (first.variables[n].dims, x) for n, x in whole.items()}
    at = set(first.coords)
    return xr.Dataset({n: v for n, v in every.items() if n not in at}, coords={n: v for n, v in every.items() if n in at})


def _broken(path: Path, why: str) -> RunError:
    return RunError(f"{path} cannot be read ({why}). Delete it and run again: only this block is made anew.")
