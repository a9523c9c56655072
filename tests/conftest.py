"""A hostile suite: no silent change of number type or of shape (set before JAX is first imported), and no tables from outside."""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ["JAX_NUMPY_DTYPE_PROMOTION"] = "strict"
os.environ["JAX_NUMPY_RANK_PROMOTION"] = "raise"
os.environ.pop("MATERIEL_DATA", None)  # what a test reads must not hang on whose machine it is
