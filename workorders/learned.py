"""A ranking learned from texts with labels: probabilities, and the words that decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workorders.features import VIEWS, Gram, grams

Floats = NDArray[np.float32]
WORDS = 5
"""That are shown for each label."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """One label, how likely it is, and the words of the text that speak for it."""

    label: str
    probability: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned; plain numbers, so that it can be kept without code."""

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    scale: Floats
    """How telling each feature is."""
    weights: Floats
    """Features by labels."""
    bias: Floats
    sharpness: float
    """What scores are multiplied by to become log odds; chosen on texts held out."""

    def rank(self, text: str, shown: int | None = None) -> list[Ranking]:
        """Rank all labels for one text; the first `shown` with the words that decided."""
        found = [gram for gram in grams(text) if gram.name in self.vocabulary]
        rows, values = self._values(found)
        scores = values @ self.weights[rows] + self.bias if found else self.bias
        chances = probabilities(scores[None, :], self.sharpness)[0]
        order = np.argsort(-chances, kind="stable")
        return [
            Ranking(
                self.labels[label],
                round(float(chances[label]), 6),
                self._because(text, found, int(label)) if shown is None or place < shown else (),
            )
            for place, label in enumerate(order)
        ]

    def _values(self, found: Sequence[Gram]) -> tuple[NDArray[np.intp], Floats]:
        """Return the features with their values: each view of length 1, then the whole."""
        counts: dict[tuple[int, int], int] = defaultdict(int)
        for gram in found:
            counts[gram.view, self.vocabulary[gram.name]] += 1
        rows = np.fromiter((row for _, row in counts), np.intp, len(counts))
        views = np.fromiter((view for view, _ in counts), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(times)) * self.scale[rows]
        squares = np.bincount(views, values**2, len(VIEWS))
        shares = np.array([view.weight for view in VIEWS])
        values *= (shares / np.sqrt(np.maximum(squares, 1e-12)))[views]
        return rows, (values / max(float(np.linalg.norm(values)), 1e-12)).astype(np.float32)

    def _because(self, text: str, found: Sequence[Gram], label: int) -> tuple[str, ...]:
        """Choose the stretches that spoke for a label more than for the others."""
        worth = self._worth(found, label)
        chosen: list[tuple[int, int]] = []
        words: dict[str, None] = {}
        for start, end in sorted(worth, key=lambda span: -worth[span]):
            free = all(end <= a or start >= b for a, b in chosen)
            if worth[start, end] <= 0 or len(words) == WORDS:
                break
            if free:
                chosen.append((start, end))
                words["".join(text[start:end].split())] = None
        return tuple(words)

    def _worth(self, found: Sequence[Gram], label: int) -> dict[tuple[int, int], float]:
        """Weigh each written run of two and more by all the features that lie within it."""
        rows = [self.vocabulary[gram.name] for gram in found]
        weights = self.weights[rows]
        speaks = (weights[:, label] - weights.mean(axis=1)) * self.scale[rows]
        told: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for gram, value in zip(found, speaks, strict=True):
            told[gram.start][gram.end] += float(value)
        return {
            (start, end): _within(told, start, end) / (end - start) ** 0.5
            for start, ends in list(told.items())
            for end in ends
            if end - start > 1
        }


def _within(told: Mapping[int, Mapping[int, float]], start: int, end: int) -> float:
    """Add up what begins and ends in a stretch."""
    return sum(
        value
        for at in range(start, end)
        if at in told
        for last, value in told[at].items()
        if last <= end
    )


def probabilities(scores: NDArray[np.floating], sharpness: float) -> NDArray[np.float64]:
    """Turn rows of scores into rows of probabilities."""
    odds = np.asarray(scores, np.float64) * sharpness
    odds -= odds.max(axis=1, keepdims=True)
    chances: NDArray[np.float64] = np.exp(odds)
    chances /= chances.sum(axis=1, keepdims=True)
    return chances
