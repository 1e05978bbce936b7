"""Which speech models the demonstration runs on, said honestly."""

import os
from pathlib import Path

from server import models

FIXTURE = Path(__file__).parents[1] / "tests" / "fixtures" / "zh_mini" / "model"


def models_for_demo(data: Path) -> tuple[str, str]:
    """Return the folders to look for models in, and a note on the Mandarin one.

    Without a Mandarin model of Vosk's, the tiny fixture of the tests stands in: it
    knows little more than the words that the demonstration speaks.
    """
    named = os.environ.get("HOTLINE_MODELS", "")
    found = models.find(models.places(data))["zh"]
    if found.state == "found":
        return named, f"中文模型 / Mandarin model: {found.path}"
    if models.faults(FIXTURE):
        return named, "没有中文模型，中文转写待补 / no Mandarin model: transcripts stay pending"
    folder = data / "demo-models"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "zh"
    if not link.is_symlink():
        link.symlink_to(FIXTURE, target_is_directory=True)
    note = (
        "中文用测试小模型（词表很小，只为演示） / "
        "Mandarin by the tiny test model (a closed vocabulary, for the demonstration only)"
    )
    return os.pathsep.join(part for part in (named, str(folder)) if part), note
