"""What worlds are simulated on: nothing is asked of JAX where no card can be, and a card gives the same quantiles."""

import subprocess
import sys

import numpy as np
import pytest

from materiel.scenario import load
from materiel.worlds import device, simulate, store


def test_without_a_plugin_jax_is_not_even_imported():
    code = "import sys; from materiel.worlds.device import card; assert card() == ''; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_card_is_part_of_what_made_a_run(monkeypatch):
    assert device.block_size() == device.ON_CORES
    monkeypatch.setattr(store, "card", lambda: "gpu Some card")
    monkeypatch.setattr(device, "card", lambda: "gpu Some card")
    assert store.processor() == "gpu Some card"
    assert device.block_size() == device.ON_A_CARD


ON_CORES = """
import os, sys
os.environ["JAX_PLATFORMS"] = "cpu"
from materiel.scenario import load
from materiel.worlds import simulate
if __name__ == "__main__":
    simulate(load("tiny-two-sides"), 2048, 7, root=sys.argv[1])
"""


@pytest.mark.skipif(not device.card(), reason="no graphics card that JAX could use: agreement across kinds of devices is not tested here")
def test_a_card_and_the_cores_agree_on_quantiles(tmp_path):
    from materiel.worlds import all_runs, open_run

    subprocess.run([sys.executable, "-c", ON_CORES, str(tmp_path / "cores")], check=True)
    cores = open_run(all_runs(tmp_path / "cores")[0].path)
    card = simulate(load("tiny-two-sides"), 2048, 7, root=tmp_path / "card")
    assert card.made.processor != cores.made.processor
    a, b = (np.quantile(w._data["points"].values.astype(np.float64), (0.05, 0.25, 0.5, 0.75, 0.95), axis=1) for w in (card, cores))
    width = np.maximum(b[-1] - b[0], 1e-3 * np.abs(b[2]) + 1.0)
    assert np.abs((a - b) / width).max() < 0.02
