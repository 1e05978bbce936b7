"""What the ear for danger learned, read once: `danger_weights.gz` beside this file.

It is a table, `name=hundredths` a line, made by `python -m bench.danger_learn --write`. Kept as
data, since twenty thousand numbers are no text to review; `zcat` shows them.
"""

import gzip
from importlib.resources import files

BIAS_NAME = "bias"


def _table() -> dict[str, float]:
    """Return log odds by the name of a sign, the bias among them."""
    packed = files("workorders").joinpath("danger_weights.gz").read_bytes()
    pairs = (line.partition("=") for line in gzip.decompress(packed).decode().splitlines())
    return {name: int(weight) / 100 for name, _, weight in pairs}


WEIGHTS = _table()
BIAS = WEIGHTS.pop(BIAS_NAME)
