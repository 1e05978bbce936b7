"""All languages at once: words after a real RTP path, and menus' answers; what is missing is said.

    ./hotline bench languages FOLDER [--seconds 30]

FOLDER has a folder for each language (`zh`, `en`, `ko`, `ja`) with clips, `NAME.wav`, `NAME.txt`.
Models are looked for as the service does (HOTLINE_MODELS, packages). Without a Mandarin one the
tiny model of the tests stands in: it knows a hundred words, and its row says so. For each language
with a model `bench speech` calls the engine (bench/speech_bench.py) and `bench.menu_answers` gives
right answers, wrong ones and false accepts at the threshold in use; for each without, the table
says what it lacks. The last line is JSON.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asr.grammar import TRUSTED
from calls.ids import LANGUAGES, Language
from demo.models import FIXTURE
from server.models import OFFICIAL, Found, faults, find, places

ROOT = Path(__file__).resolve().parent.parent
TINY = "测试小模型 tiny test model"


@dataclass(frozen=True, slots=True)
class Listener:
    """A language that can be measured: its clips, its model, and what that is called."""

    language: Language
    folder: Path
    model: Path
    name: str


def listener(language: Language, folder: Path, found: Found) -> Listener | str:
    """Return who listens in a language, or what is missing, in Chinese and English."""
    if not any(wav.with_suffix(".txt").exists() for wav in folder.glob("*.wav")):
        return f"{folder} 里没有带文字的录音 / no clips with texts in {folder}"
    if found.state == "found" and found.path is not None:
        path = found.path
        return Listener(
            language, folder, path, (path.parent if path.name == "model" else path).name
        )
    if language == "zh" and not faults(FIXTURE):
        return Listener(language, folder, FIXTURE, TINY)
    told = "模型坏了 / the model is damaged" if found.state == "corrupt" else "没有模型 / no model"
    return f"{told}: ./hotline models fetch {language} ({OFFICIAL[language]}), HOTLINE_MODELS"


def run(words: list[str]) -> Any:
    """Run a bench; return the JSON of its last line, or why there is none."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return (done.stderr.strip().splitlines() or ["no output"])[-1]


def measured(who: Listener, seconds: float) -> dict[str, Any]:
    """Call the engine in a language, then ask the menus; a step that failed says why."""
    place = [str(who.folder), "--language", who.language]
    spoken = run(["bench.speech_bench", *place, "--seconds", str(seconds)])
    curve = run(["bench.menu_answers", *place, "--model", str(who.model)])
    at = curve
    if isinstance(curve, list):
        at = next(point for point in curve if point["threshold"] == TRUSTED)
    return {"model": who.name, "speech": spoken, "menu": at}


def row(language: Language, found: dict[str, Any]) -> str:
    """Return a language's lines of the table."""
    spoken, menu = found["speech"], found["menu"]
    lines = [f"{language}  {found['model']}"]
    if isinstance(spoken, dict):
        lines.append(
            f"    CER {spoken['cer']:.2f} (alone {spoken['cer_alone']:.2f})"
            f"  WER {spoken['wer']:.2f}  {spoken['said']:.0f} s said"
            f"  draft {spoken['hang_up_to_draft']:.2f} s after hanging up"
        )
    else:
        lines.append(f"    通话没有测成 / the call was not measured: {spoken}")
    if isinstance(menu, dict):
        lines.append(
            f"    menu at {TRUSTED}: right {menu['right']:.2f}  wrong {menu['wrong']:.2f}"
            f"  false accepts {menu['false_accepts']:.2f}"
        )
    else:
        lines.append(f"    菜单没有测成 / the menu was not measured: {menu}")
    return "\n".join(lines)


def main() -> None:
    """Measure every language that can be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0, help="that each caller speaks")
    given = parser.parse_args()
    models, whole = find(places(None)), {}
    for language in LANGUAGES:
        who = listener(language, given.folder / language, models[language])
        if isinstance(who, str):
            whole[language] = {"missing": who}
            print(f"{language}  缺 / missing: {who}", flush=True)
            continue
        whole[language] = measured(who, given.seconds)
        print(row(language, whole[language]), flush=True)
    print(json.dumps(whole, ensure_ascii=False))


if __name__ == "__main__":
    main()
