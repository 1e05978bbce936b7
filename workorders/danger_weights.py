"""What the ear for danger learned, read when it is first needed: `danger_weights.npz` beside this.

Made by `python -m bench.danger_learn --write`. `names` are the signs, a line each; `rows` has what
they add to each sum, in whole numbers times `scale`; `sums`, `weights` and `bias` as in `Ear`.
"""

from functools import cache
from importlib.resources import files
from typing import IO

from workorders.danger_ear import Ear

FILE = "danger_weights.npz"


@cache
def learned() -> Ear:
    """Return the ear. The first call takes a tenth of a second."""
    with files("workorders").joinpath(FILE).open("rb") as file:
        return kept(file)


def kept(file: IO[bytes]) -> Ear:
    """Read an ear from what was written."""
    import numpy as np  # noqa: PLC0415  # starting is quicker without it

    with np.load(file, allow_pickle=False) as table:
        names = table["names"].tobytes().decode().split("\n")
        rows = table["rows"].astype(np.float32) * table["scale"]
        sums, weights, bias = table["sums"], table["weights"], float(table["bias"])
    places = {name: row for row, name in enumerate(names)}
    return Ear(places, rows, sums, weights, bias)
