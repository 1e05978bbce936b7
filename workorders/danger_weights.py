"""What the ears for danger learned, read when first needed: `danger_weights.npz` beside this.

Made by `python -m bench.danger_learn --write`. `names` are the signs, a line each; `rows` has what
they add to each sum, in whole numbers times `scale`; `sums`, `weights` and `bias` as in `Ear`. With
`second_` before them, the same of the `SecondEar`.
"""

from functools import cache
from importlib.resources import files
from typing import IO, NamedTuple

from workorders.danger_ear import Ear
from workorders.danger_meaning import SecondEar

FILE = "danger_weights.npz"


class Ears(NamedTuple):
    """By sounds, characters and rules; and by meanings."""

    first: Ear
    second: SecondEar


@cache
def learned() -> Ears:
    """Return the ears. The first call takes a tenth of a second."""
    with files("workorders").joinpath(FILE).open("rb") as file:
        return kept(file)


def kept(file: IO[bytes]) -> Ears:
    """Read the ears from what was written."""
    import numpy as np  # noqa: PLC0415  # starting is quicker without it

    with np.load(file, allow_pickle=False) as table:
        names = table["names"].tobytes().decode().split("\n")
        rows = table["rows"].astype(np.float32) * table["scale"]
        sums, weights, bias = table["sums"], table["weights"], float(table["bias"])
        second = SecondEar(
            table["second_rows"].astype(np.float32),
            table["second_sums"],
            table["second_weights"],
            float(table["second_bias"]),
        )
    places = {name: row for row, name in enumerate(names)}
    return Ears(Ear(places, rows, sums, weights, bias), second)
