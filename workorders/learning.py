"""Learning to rank labels for a text: linear, one label against the rest, then calibrated."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.svm import LinearSVC

from workorders.features import VIEWS, grams
from workorders.learned import Floats, Learned, probabilities

FOLDS = 5
COST = 2.0
"""Of an example on the wrong side, against the size of the weights."""
NEVER = -1.5
"""Score of a label that the texts taught do not have."""
SMOOTHING = 0.5
PLAIN = 0.3
"""Weight of a feature that tells no label from another."""
BINS = 10
Whole = NDArray[np.int64]


class CannotLearn(ValueError):
    """There are too few texts or labels; zh and en say which."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a ranking is on texts that it was not taught."""

    texts: int
    first: float
    """Share whose first label is right."""
    top_three: float
    calibration_error: float
    """Expected: how far probabilities are from shares that come true, on average."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """Texts by features: how often, and which view each feature belongs to."""

    matrix: Any
    vocabulary: dict[str, int]
    views: Whole


def learn(texts: Sequence[str], labels: Sequence[str]) -> tuple[Learned, Figures]:
    """Learn from all texts; the figures and the calibration are of texts held out in turn.

    Raise CannotLearn unless at least two labels have two texts each.
    """
    often = Counter(labels)
    if sum(times > 1 for times in often.values()) < 2:
        raise CannotLearn(
            "至少要有两个类别，每个类别至少两条", "two labels with two texts each are the least"
        )
    known = tuple(sorted(often))
    truth = np.array([known.index(label) for label in labels])
    counts = _counted(texts)
    scores = _held_out_scores(counts, truth, len(known))
    sharpness = _sharpness(scores, truth)
    scale, weights, bias = _fitted(counts, truth, len(known), np.arange(len(texts)))
    model = Learned(known, counts.vocabulary, scale, weights, bias, sharpness)
    return model, figures(probabilities(scores, sharpness), truth)


def figures(chances: NDArray[np.float64], truth: Whole) -> Figures:
    """Measure rows of probabilities against the labels that were right."""
    order = np.argsort(-chances, axis=1, kind="stable")
    right = order[:, 0] == truth
    return Figures(
        len(truth),
        float(right.mean()),
        float((order[:, :3] == truth[:, None]).any(axis=1).mean()),
        calibration_error(chances.max(axis=1), right),
    )


def calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(sure[bins == b].mean()) - float(right[bins == b].mean())) * (bins == b).mean()
        for b in range(BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def _counted(texts: Sequence[str]) -> _Counts:
    """Count features; one that a single text has teaches nothing, unless texts are few."""
    found = [Counter((gram.name, gram.view) for gram in grams(text)) for text in texts]
    spread = Counter(name for counter in found for name, _ in counter)
    least = 2 if len(texts) >= 200 else 1
    vocabulary = {
        name: row for row, name in enumerate(sorted(n for n, t in spread.items() if t >= least))
    }
    views = np.zeros(len(vocabulary), np.int64)
    rows, columns, values = [], [], []
    for number, counter in enumerate(found):
        for (name, view), times in counter.items():
            if (column := vocabulary.get(name)) is not None:
                views[column] = view
                rows.append(number)
                columns.append(column)
                values.append(times)
    shape = (len(texts), len(vocabulary))
    matrix = sparse.csr_matrix((np.array(values, np.float32), (rows, columns)), shape)
    matrix.data = 1 + np.log(matrix.data)
    return _Counts(matrix, vocabulary, views)


def _fitted(
    counts: _Counts, truth: Whole, labels: int, taught: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """Fit on some of the texts: how telling features are, weights, and biases."""
    scale = _telling(counts.matrix[taught], truth[taught], labels)
    machine = LinearSVC(C=COST, random_state=0)
    machine.fit(_scaled(counts, scale)[taught], truth[taught])
    weights = np.zeros((len(scale), labels), np.float32)
    bias = np.full(labels, NEVER, np.float32)
    two = len(machine.classes_) == 2
    planes = np.vstack([-machine.coef_, machine.coef_]) if two else machine.coef_
    beyond = np.append(-machine.intercept_, machine.intercept_) if two else machine.intercept_
    weights[:, machine.classes_] = planes.T
    bias[machine.classes_] = beyond
    return scale, weights, bias


def _telling(matrix: Any, truth: Whole, labels: int) -> Floats:
    """Weigh features: rare ones, and those that one label has more than the rest, tell more."""
    there = (matrix > 0).astype(np.float64)
    ones = sparse.csr_matrix((np.ones(len(truth)), (truth, np.arange(len(truth)))))
    ones.resize((labels, len(truth)))
    mine = np.asarray((ones @ there).todense()) + SMOOTHING
    every = np.asarray(there.sum(axis=0)).ravel()
    others = every + 2 * SMOOTHING - mine
    odds = np.log(mine / mine.sum(axis=1, keepdims=True))
    odds -= np.log(others / others.sum(axis=1, keepdims=True))
    rare = np.log((1 + len(truth)) / (1 + every)) + 1
    scale: Floats = (rare * (PLAIN + np.abs(odds).max(axis=0)) * (every > 0)).astype(np.float32)
    return scale


def _scaled(counts: _Counts, scale: Floats) -> Any:
    """Return the texts' values: each view of its own length, then each text of length 1."""
    matrix = counts.matrix @ sparse.diags(scale)
    squares = matrix.multiply(matrix)
    member = sparse.csr_matrix(
        (np.ones(len(scale)), (np.arange(len(scale)), counts.views)), (len(scale), len(VIEWS))
    )
    norms = np.sqrt(np.asarray((squares @ member).todense()))
    shares = np.array([view.weight for view in VIEWS]) / np.maximum(norms, 1e-6)
    coo = matrix.tocoo()
    coo.data = coo.data * shares[coo.row, counts.views[coo.col]]
    rows = coo.tocsr()
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-6)) @ rows).tocsr()


def _held_out_scores(counts: _Counts, truth: Whole, labels: int) -> NDArray[np.float64]:
    """Score every text by what was learned from the other folds."""
    folds = np.zeros(len(truth), np.int64)
    for label in range(labels):
        members = np.flatnonzero(truth == label)
        folds[members] = (np.arange(len(members)) + label) % FOLDS
    scores = np.zeros((len(truth), labels))
    for fold in range(FOLDS):
        out = np.flatnonzero(folds == fold)
        if len(out) == 0:
            continue
        scale, weights, bias = _fitted(counts, truth, labels, np.flatnonzero(folds != fold))
        scores[out] = _scaled(counts, scale)[out] @ weights + bias
    return scores


def _sharpness(scores: NDArray[np.float64], truth: Whole) -> float:
    """Choose the sharpness under which the right labels are likeliest."""

    def surprise(log: float) -> float:
        chances = probabilities(scores, float(np.exp(log)))
        return -float(np.log(np.maximum(chances[np.arange(len(truth)), truth], 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 4.0), method="bounded").x))
