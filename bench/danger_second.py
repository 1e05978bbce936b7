"""The second ear for danger (`workorders/danger_meaning.py`) taught: what to make of a meaning."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.danger_net import Shape, teach_all
from workorders.danger_meaning import SecondEar
from workorders.meaning import meanings

SHAPE = Shape(sums=128, rounds=4)
LOUDER = np.float32(5)
"""Meanings are of length 1; numbers about as large as signs are learned sooner."""
AT_ONCE = 256


def taught(texts: Sequence[str], danger: NDArray[np.bool_]) -> SecondEar:
    """Teach a second ear what utterances mean, and which are of danger: a millisecond each."""
    inputs = [meanings(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
    net = teach_all(np.concatenate(inputs) * LOUDER, danger, SHAPE)
    return SecondEar(net.rows * LOUDER, net.sums, net.weights, net.bias)


def packed(ear: SecondEar) -> dict[str, Any]:
    """Return what is kept of it."""
    return {
        "second_rows": ear.rows.astype(np.float16),
        "second_sums": ear.sums,
        "second_weights": ear.weights,
        "second_bias": np.float32(ear.bias),
    }
