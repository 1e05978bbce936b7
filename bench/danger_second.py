"""The second ear for danger (`workorders/danger_meaning.py`) taught: what to make of a meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.danger_net import TOGETHER, Floats, Moved, anywhere, paces
from workorders.danger_meaning import SecondEar
from workorders.meaning import NUMBERS, meanings

SUMS, ROUNDS = 128, 4
LOUDER = np.float32(5)
"""Meanings are of length 1; numbers about as large as signs are learned sooner."""
DEAR = np.float32(1e-4)
"""How far weights are drawn towards nothing, by their size."""
AT_ONCE = 256


def taught(texts: Sequence[str], danger: NDArray[np.bool_]) -> SecondEar:
    """Teach a second ear what utterances mean, and which are of danger: a millisecond each."""
    inputs = [meanings(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
    return _teach(np.concatenate(inputs) * LOUDER, danger.astype(np.float32))


@dataclass(slots=True)
class _Teaching:
    """A second ear while it is taught."""

    rows: Moved
    sums: Moved
    weights: Moved
    bias: Moved

    def see(self, inputs: Floats, danger: Floats, pace: np.float32) -> None:
        """Learn from some utterances' meanings."""
        sums = np.maximum(inputs @ self.rows.values + self.sums.values, 0)
        odds = sums @ self.weights.values + self.bias.values
        wrong = ((1 / (1 + np.exp(-odds)) - danger) / len(danger)).astype(np.float32)
        back = np.outer(wrong, self.weights.values) * (sums > 0)
        self.rows.move(inputs.T @ back + DEAR * self.rows.values, pace)
        self.sums.move(back.sum(axis=0), pace)
        self.weights.move(sums.T @ wrong + DEAR * self.weights.values, pace)
        self.bias.move(wrong.sum(keepdims=True), pace)


def _teach(inputs: NDArray[np.float32], danger: Floats) -> SecondEar:
    chance = np.random.default_rng(0)
    teaching = _Teaching(
        Moved(anywhere(chance, (NUMBERS, SUMS))),
        Moved(np.zeros(SUMS, np.float32)),
        Moved(anywhere(chance, (SUMS, 1))[:, 0]),
        Moved(np.zeros(1, np.float32)),
    )
    begins = range(0, len(danger), TOGETHER)
    pace = paces(ROUNDS * len(begins))
    for _ in range(ROUNDS):
        order = chance.permutation(len(danger))
        for begin in begins:
            some = order[begin : begin + TOGETHER]
            teaching.see(inputs[some], danger[some], next(pace))
    return SecondEar(
        teaching.rows.values * LOUDER,
        teaching.sums.values,
        teaching.weights.values,
        float(teaching.bias.values[0]),
    )


def packed(ear: SecondEar) -> dict[str, Any]:
    """Return what is kept of it."""
    return {
        "second_rows": ear.rows.astype(np.float16),
        "second_sums": ear.sums,
        "second_weights": ear.weights,
        "second_bias": np.float32(ear.bias),
    }
