"""A small network with one layer between, taught signs of which each utterance has few.

A step moves only the weights of signs that are in its utterances, some thousands of a quarter of a
million; now and then every weight is drawn towards nothing, so that a sign that taught little is
let go.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TOGETHER = 256
"""Utterances at a time."""
PACE, LEAST_PACE = 0.001, 0.02
"""How far weights move at first, and by what share of that at least; it sinks steadily between."""
MEAN, SQUARE, NEAR_NOTHING = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
"""How long gradients and their squares are remembered (Adam, Kingma and Ba 2015)."""
DRAWN, NOTHING = np.float32(1e-4), np.float32(0)
"""How far weights are drawn towards nothing by their size, where all are moved in each step."""
DEAR, OFTEN = 0.004, 20
"""How far weights are drawn towards nothing in a step, against PACE; so many steps at once."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many sums there are between, and how often all utterances are gone through."""

    sums: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Network:
    """What was learned, as in `workorders.danger_ear.Ear`."""

    rows: Floats
    """Signs by sums."""
    sums: Floats
    weights: Floats
    bias: float

    def odds(self, matrix: Any) -> Any:
        """Return log odds of danger for utterances by signs."""
        return np.maximum(matrix @ self.rows + self.sums, 0) @ self.weights + self.bias


class _Moved:
    """Numbers, and what is remembered of their gradients."""

    def __init__(self, values: Floats) -> None:
        self.values = values
        self._mean = np.zeros_like(values)
        self._square = np.zeros_like(values)

    def move(self, gradient: Floats, pace: np.float32, at: Any = ...) -> None:
        """Move some of them against their gradient; the rest stay."""
        mean = self._mean[at] * MEAN + gradient * (1 - MEAN)
        square = self._square[at] * SQUARE + gradient**2 * (1 - SQUARE)
        self._mean[at], self._square[at] = mean, square
        self.values[at] -= pace * mean / (np.sqrt(square) + NEAR_NOTHING)


class _Teaching:
    """A network while it is taught."""

    def __init__(self, signs: int, sums: int, chance: np.random.Generator) -> None:
        self._rows = _Moved(_anywhere(chance, (signs, sums)))
        self._sums = _Moved(np.zeros(sums, np.float32))
        self._weights = _Moved(_anywhere(chance, (sums, 1))[:, 0])
        self._bias = _Moved(np.zeros(1, np.float32))

    def see(self, matrix: Any, danger: Floats, pace: np.float32) -> None:
        """Learn from some utterances by signs; only the weights of their signs are moved."""
        signs, columns = np.unique(matrix.indices, return_inverse=True)
        here = type(matrix)((matrix.data, columns, matrix.indptr), (len(danger), len(signs)))
        self._learn(here, signs, danger, pace)

    def see_all(self, inputs: Floats, danger: Floats, pace: np.float32) -> None:
        """Learn from some utterances of which every number is known."""
        self._learn(inputs, ..., danger, pace, DRAWN)

    def _learn(
        self, here: Any, at: Any, danger: Floats, pace: np.float32, drawn: np.float32 = NOTHING
    ) -> None:
        rows, weights = self._rows.values[at], self._weights.values
        sums = np.maximum(here @ rows + self._sums.values, 0)
        odds = sums @ weights + self._bias.values
        wrong = ((1 / (1 + np.exp(-odds)) - danger) / len(danger)).astype(np.float32)
        back = np.outer(wrong, weights) * (sums > 0)
        self._rows.move(here.T @ back + drawn * rows, pace, at)
        self._sums.move(back.sum(axis=0), pace)
        self._weights.move(sums.T @ wrong + drawn * weights, pace)
        self._bias.move(wrong.sum(keepdims=True), pace)

    def let_go(self, by: np.float32) -> None:
        """Draw the weights of all signs towards nothing."""
        rows = self._rows.values
        np.copyto(rows, np.sign(rows) * np.maximum(np.abs(rows) - by, 0))

    def taught(self) -> Network:
        """Return what was learned."""
        bias = float(self._bias.values[0])
        return Network(self._rows.values, self._sums.values, self._weights.values, bias)


def _paces(steps: int) -> Iterator[np.float32]:
    """Yield how far weights move in each step (Adam: slower while little is remembered)."""
    for step in range(1, steps + 1):
        warm = (1 - float(SQUARE) ** step) ** 0.5 / (1 - float(MEAN) ** step)
        yield np.float32(PACE * warm * max(LEAST_PACE, 1 - step / steps))


def _anywhere(chance: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Begin evenly around nothing, as is best for so many joined numbers (Glorot, Bengio 2010)."""
    edge = (6 / sum(shape)) ** 0.5
    return chance.uniform(-edge, edge, shape).astype(np.float32)


def teach(matrix: Any, danger: NDArray[np.bool_], shape: Shape) -> Network:
    """Teach a network utterances by signs (compressed rows); the same every time."""
    chance = np.random.default_rng(0)
    teaching = _Teaching(matrix.shape[1], shape.sums, chance)
    begins = range(0, len(danger), TOGETHER)
    pacing = enumerate(_paces(shape.rounds * len(begins)), 1)
    for _ in range(shape.rounds):
        order = chance.permutation(len(danger))
        shuffled, truth = matrix[order], danger[order].astype(np.float32)
        for begin in begins:
            step, pace = next(pacing)
            some = slice(begin, begin + TOGETHER)
            teaching.see(shuffled[some], truth[some], pace)
            if step % OFTEN == 0:
                teaching.let_go(np.float32(OFTEN * DEAR) * pace)
    return teaching.taught()


def teach_all(inputs: Floats, danger: NDArray[np.bool_], shape: Shape) -> Network:
    """Teach a network utterances by numbers, all of them known; the same every time."""
    chance = np.random.default_rng(0)
    teaching = _Teaching(inputs.shape[1], shape.sums, chance)
    begins = range(0, len(danger), TOGETHER)
    pace = _paces(shape.rounds * len(begins))
    truth = danger.astype(np.float32)
    for _ in range(shape.rounds):
        order = chance.permutation(len(danger))
        for begin in begins:
            some = order[begin : begin + TOGETHER]
            teaching.see_all(inputs[some], truth[some], next(pace))
    return teaching.taught()
