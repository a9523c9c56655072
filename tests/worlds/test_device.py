"""What worlds are simulated on: nothing is asked of JAX where no card can be, and a card gives the same quantiles."""

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from materiel.worlds import device, store


def test_without_a_plugin_jax_is_not_even_imported():
    code = "import sys; from materiel.worlds.device import card; assert card() == ''; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_card_is_part_of_what_made_a_run(monkeypatch):
    assert device.block_size() == device.ON_CORES
    monkeypatch.setattr(store, "card", lambda: "gpu Some card")
    monkeypatch.setattr(device, "card", lambda: "gpu Some card")
    assert store.processor() == "gpu Some card"
    assert device.block_size() == device.ON_A_CARD


RUN = """
import os, sys
from materiel.scenario import load
from materiel.worlds import simulate
if __name__ == "__main__":
    simulate(load("tiny-two-sides"), 2048, 7, root=sys.argv[1])
"""


def run_where(where, root):
    """A run in a process of its own, on the cores or on whatever JAX finds: the tests themselves keep to the cores."""
    from materiel.worlds import all_runs, open_run

    env = {k: v for k, v in os.environ.items() if k != "JAX_PLATFORMS"} | ({"JAX_PLATFORMS": "cpu"} if where == "cores" else {})
    subprocess.run([sys.executable, "-c", RUN, str(root / where)], check=True, env=env)
    return open_run(all_runs(root / where)[0].path)


NO_CARD = "no graphics card that JAX could use: agreement across kinds of devices is not tested here"


@pytest.mark.skipif(not any(find_spec(p) for p in device.PLUGINS), reason=NO_CARD)
def test_a_card_and_the_cores_agree_on_quantiles(tmp_path):
    cores, card = run_where("cores", tmp_path), run_where("card", tmp_path)
    if card.made.processor == cores.made.processor:
        pytest.skip("JAX has a plugin for a graphics card here, but no card")
    a, b = (np.quantile(w._data["points"].values.astype(np.float64), (0.05, 0.25, 0.5, 0.75, 0.95), axis=1) for w in (card, cores))
    width = np.maximum(b[-1] - b[0], 1e-3 * np.abs(b[2]) + 1.0)
    assert np.abs((a - b) / width).max() < 0.02
