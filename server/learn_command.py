"""`./hotline learn` and `./hotline rank`: learn labels from texts, and rank them for others."""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from server import model_folder, text_lines

USAGE = 2
SHOWN = 3
"""Labels that are shown with the words that decided."""


def learn(arguments: argparse.Namespace) -> int:
    """Learn from a file into a folder; what was there before is kept and compared."""
    # Imported here: fitting needs SciPy and scikit-learn, which ranking does without.
    from workorders.learning import CannotLearn, Figures  # noqa: PLC0415 - as said
    from workorders.learning import learn as learned_from  # noqa: PLC0415 - as said

    began = time.monotonic()
    try:
        before = model_folder.manifest_of(arguments.model)
        read = text_lines.read(arguments.source, ("text", "label"))
        examples = [(entry["text"], entry["label"]) for entry in read]
        model, figures = learned_from(*zip(*examples, strict=True)) if examples else _nothing()
    except (OSError, text_lines.BadLine, model_folder.BadModel, CannotLearn) as error:
        return _refused(error)
    assert isinstance(figures, Figures)
    about = {
        "learned_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began, 1),
        "data": model_folder.data_hash(examples),
        "texts": figures.texts,
        "held_out": {
            "how": "five folds in turn",
            "first": round(figures.first, 4),
            "top_three": round(figures.top_three, 4),
            "calibration_error": round(figures.calibration_error, 4),
        },
    }
    version = model_folder.keep(arguments.model, model, about)
    print(_told(version, about, before))
    return 0


def rank(arguments: argparse.Namespace) -> int:
    """Print one line a text: all labels ranked, the first with the words that decided."""
    try:
        model = model_folder.load(arguments.model).model
        for entry in text_lines.read(arguments.texts, ("text",)):
            ranked = [
                {"label": r.label, "probability": r.probability, "because": list(r.because)}
                for r in model.rank(entry["text"], SHOWN)
            ]
            print(json.dumps({"ranked": ranked}, ensure_ascii=False))
    except (OSError, text_lines.BadLine, model_folder.BadModel) as error:
        return _refused(error)
    return 0


def _nothing() -> Any:
    raise text_lines.BadLine("文件里没有内容 / there is nothing in the file")


def _told(version: int, about: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    lines = [
        f"第 {version} 版已启用 / version {version} is in use: "
        f"{about['texts']} 条 texts, {about['seconds']} s",
        _figures("留出检验 held out", about["held_out"]),
    ]
    if before is not None:
        same = before.get("data") == about["data"]
        other = "同一数据 same data" if same else "数据不同 other data"
        lines.append(_figures(f"前一版 version {before['version']} ({other})", before["held_out"]))
    return "\n".join(lines)


def _figures(name: str, held_out: Mapping[str, float]) -> str:
    return (
        f"  {name}: 首位 first {held_out['first']:.1%}, "
        f"前三 top three {held_out['top_three']:.1%}, "
        f"校准误差 calibration error {held_out['calibration_error']:.3f}"
    )


def _refused(error: Exception) -> int:
    print(error, file=sys.stderr)
    return USAGE
