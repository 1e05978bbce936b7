"""`./hotline check`: whether the model that tells languages can be used on this machine."""

from importlib.util import find_spec
from pathlib import Path

from config.document import read_document
from config.faults import Fault
from config.settings import Site
from server import models


def unusable(site: Site, data: Path) -> list[Fault]:
    """Warn if a model is named that is not whole, or that there is no library for."""
    name = site.recognition.language_model
    if name is None:
        return []
    from asr.whisper import lacking  # noqa: PLC0415  numpy: `check` stays quick without

    folder = models.named(name, data)
    if missing := lacking(folder):
        zh, en = f"{folder} 里缺少 {'、'.join(missing)}", f"{folder} lacks {', '.join(missing)}"
    elif find_spec("ctranslate2") is None:
        zh = "没有安装 ctranslate2（见 requirements-language.lock）"
        en = "ctranslate2 is not installed (requirements-language.lock)"
    else:
        return []
    document = read_document(site.folder, "site.yaml")
    zh, en = f"不判断来电者的语言：{zh}", f"languages are not told apart: {en}"
    key = ("recognition", "language_model")
    document.blame(key, zh, en, "language-model-missing", "warning")
    return list(document.faults)
