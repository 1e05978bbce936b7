"""What `check` says of the model that tells languages, and where a named model is looked for."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from config.reader import read
from server import language_model, models
from tests.helpers import sites


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = sites.copy(tmp_path / "site")
    settings = folder / "site.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("language_model:", "language_model: whisper", 1), "utf-8")
    return folder


def test_where_none_is_named_nothing_is_said(tmp_path: Path) -> None:
    assert language_model.unusable(read(sites.SHIPPED), tmp_path) == []


def test_a_model_that_is_not_there_is_a_warning_at_its_line(site: Path, tmp_path: Path) -> None:
    (fault,) = language_model.unusable(read(site), tmp_path)
    assert (fault.code, fault.severity) == ("language-model-missing", "warning")
    assert (fault.file, fault.key) == ("site.yaml", "recognition.language_model")
    assert "model.bin" in fault.zh and "whisper lacks model.bin, config.json" in fault.en


@pytest.mark.parametrize("installed", [True, False])
def test_a_whole_model_needs_the_library(
    site: Path, tmp_path: Path, installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "whisper"
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json"):
        (folder / name).write_text("{}")
    found: Any = importlib.util.find_spec("json") if installed else None
    monkeypatch.setattr(language_model, "find_spec", lambda _: found)
    told = [fault.en for fault in language_model.unusable(read(site), tmp_path)]
    assert [("ctranslate2 is not installed" in each) for each in told] == [True] * (not installed)


def test_a_named_model_is_looked_for_where_speech_models_are(tmp_path: Path) -> None:
    first, data = tmp_path / "first", tmp_path / "data"
    environment = {"HOTLINE_MODELS": str(first)}
    assert models.named("whisper", data, environment) == data / "models" / "whisper"
    (first / "whisper").mkdir(parents=True)
    assert models.named("whisper", data, environment) == first / "whisper"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert models.named(str(elsewhere), data, environment) == elsewhere
