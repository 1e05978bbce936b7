"""One call from end to end: words through real RTP, live partials, and the draft after hanging up.

    ./hotline bench speech FOLDER --language ko [--seconds 60] [--json FILE]

An engine is started over the shipped site, with an agent's phone (baresip) that answers. A caller
(baresip too) presses the language's key, says a word to the machine, is put through, and then says
the clips of FOLDER (`NAME.wav` with `NAME.txt`) one after another until `--seconds` have been
spoken, and hangs up at the last one's end. Printed are

words      errors of what the engine wrote down against what was said, beside those of the same
           recogniser `alone`: given the same sound through A-law, without network or engine;
partials   for each word that was recognised: from its end until a page had a word in its place,
           as a partial that may still change or as a certain one, and until it had just this word
           (the agent's event stream, `/api/v1/agent/events`); `alone` is what of it is the
           recogniser's own: it is given the call's recording again, in the same pieces, and time
           is what had been given, as if it took none. `ours`: how much later the page had what
           the recogniser alone came to say too, text by text (its dither is off, so it mostly
           says the same again);
draft      from the end of the call until the draft of all its words was made, and until a page
           could fetch it.
"""

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
import wave
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from socket import SOCK_DGRAM, SOCK_STREAM
from typing import Any, cast

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from asr.recogniser import RATE, Heard
from asr.vosk import VoskModel, warm
from asr.wer import character_errors, word_errors
from bench.asr_bench import BLOCK, Clip, clips
from bench.call_bench import free_port
from calls import events
from calls.events import Answered, Drafted, Ended, RecordingStarted, Transcribed
from calls.ids import LANGUAGES, Language
from demo.engine import DemoEngine
from demo.models import models_for_demo
from demo.phone import AgentPhone, dial, runtime
from media import g711
from server.models import find, places
from storage import call_details
from storage.call_details import CallFilter

KEYS: dict[Language, str] = {"zh": "0", "en": "8", "ko": "9", "ja": "*"}
"""To the language's people; in Chinese at once, in the others a machine asks for the matter."""
AGENTS: dict[Language, str] = {"zh": "1002", "en": "1008", "ko": "1009", "ja": "1010"}
BETWEEN = bytes(8000)
"""Half a second of silence after each clip."""
LIMIT = 120.0
"""Seconds that a busy machine may need for the words and the draft."""


@dataclass(slots=True)
class Shown:
    """What an agent's page was sent, and when (Unix seconds)."""

    came: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    def watch(self, engine: DemoEngine) -> None:
        """Read the event stream in a thread of its own until the engine closes it."""
        opener = engine._opener
        assert opener is not None
        page = opener.open(f"http://{engine.http}/api/v1/agent/events", timeout=LIMIT)
        threading.Thread(target=self._follow, args=(page,), daemon=True).start()

    def _follow(self, page: Any) -> None:
        name = ""
        try:
            for line in page:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    name = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    data = json.loads(text.removeprefix("data: "))
                    self.came.append((time.time(), name, data))
        except OSError:
            return  # the engine stopped


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from the ends of words until something showed them."""

    there: list[float]
    """A word in their place."""
    right: list[float]
    """Just these words."""

    @property
    def in_time(self) -> float:
        """The share of words in whose place there was one within a second."""
        return sum(delay <= 1.0 for delay in self.there) / max(1, len(self.there))


@dataclass(frozen=True, slots=True)
class Spoken:
    """The figures. Seconds; error rates a unit of what was said."""

    language: Language
    said: float
    words: int
    cer: float
    wer: float
    cer_alone: float
    page_p50: float
    page_p99: float
    within_a_second: float
    """Share of the words in whose place a page had one."""
    right_p50: float
    right_p99: float
    alone_p50: float
    alone_p99: float
    alone_within_a_second: float
    ours_p50: float
    ours_p99: float
    same_texts: float
    """The share of the recogniser's texts that a page had too."""
    hang_up_to_draft: float
    hang_up_to_page: float
    load: float


def quantile(values: Sequence[float], part: float) -> float:
    """Return a quantile; -1 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else -1.0


def texts_shown(came: Sequence[tuple[float, str, dict[str, Any]]]) -> list[tuple[float, str]]:
    """Return each text of the citizen's that a page was sent, without blanks, and when."""
    found = []
    for at, name, data in came:
        if name == "partials" and (partial := data["partials"].get("citizen")):
            found.append((at, partial["text"]))
        elif name == "lines":
            found += [(at, line["text"]) for line in data["lines"] if line["leg"] == "citizen"]
    return [(at, "".join(text.split())) for at, text in found]


def delays(heard: Sequence[Any], began: float, shown: Sequence[tuple[float, str]]) -> Delays:
    """Return for each certain word how long after its end a page had one there, and just it.

    A page had one there if a text sent since the utterance began is as long as the utterance
    up to and with that word; it had just it if the text also begins so.
    """
    there: list[float] = []
    right: list[float] = []
    since = began
    for utterance in heard:
        text = ""
        for word in utterance.words:
            text += word.text
            longest = [(at, t) for at, t in shown if since < at and len(t) >= len(text)]
            there += [at - began - word.end for at, _ in longest[:1]]
            just = (at for at, each in longest if each.startswith(text))
            right += [at - began - word.end for at in just][:1]
        since = max([since, *(at for at, each in shown if each == text)])
    return Delays(there, right)


def errors_alone(model: VoskModel, spoken: Sequence[Clip], reference: str) -> float:
    """Return the errors a character of the sound in one piece, through A-law, without an engine."""
    recogniser = model.recogniser()
    warm(recogniser)
    recogniser.resume(0.0)
    pcm = b"".join(clip.pcm + BETWEEN for clip in spoken)
    pcm = g711.decode(b"".join(g711.frames(pcm, "PCMA")), "PCMA")
    heard = recogniser.feed(pcm) + recogniser.flush()
    text = " ".join(word.text for each in heard if each.final for word in each.words)
    return character_errors(reference, text).rate


Texts = Sequence[tuple[float, str]]
"""What was said to be heard, without blanks, and when."""


def again(model: VoskModel, wav: Path, begin: float) -> tuple[Delays, Texts]:
    """Recognise a recording from `begin` seconds on, as it was said, as if that took no time."""
    recogniser = model.recogniser()
    warm(recogniser)
    recogniser.resume(begin)
    with wave.open(str(wav), "rb") as file:
        file.setpos(int(begin * RATE))
        frames = array("h", file.readframes(file.getnframes()))
        pcm = frames[:: file.getnchannels()].tobytes()
    came: list[tuple[float, Heard]] = []
    for at in range(0, len(pcm), BLOCK):
        fed = recogniser.feed(pcm[at : at + BLOCK])
        came += [(recogniser.position, each) for each in fed]
    came += [(recogniser.position, each) for each in recogniser.flush()]
    shown = [(at, "".join(each.text.split())) for at, each in came]
    return delays([each for _, each in came if each.final], 0.0, shown), shown


def ours(page: Texts, alone: Texts) -> list[float]:
    """Return how much later than `alone` a page had each text that both had, in their order."""
    found, place = [], 0
    for at, text in page:
        same = next((n for n in range(place, len(alone)) if alone[n][1] == text), None)
        if same is not None:
            found.append(at - alone[same][0])
            place = same + 1
    return found


def begin_of_talk(came: Sequence[tuple[float, str, dict[str, Any]]], talked: float) -> float:
    """Return where in the recording the talk's first sound was, as the first partial says."""
    said = [data["partials"].get("citizen") for _, name, data in came if name == "partials"]
    near = [each["start"] for each in said if each and abs(each["start"] - talked) < 1.0]
    return float(min(near, default=talked))


def exact(model: Path, folder: Path) -> None:
    """Make a folder of links to a model whose features are not dithered."""
    (folder / "conf").mkdir(parents=True)
    for path in (*model.iterdir(), *(model / "conf").iterdir()):
        if path.name not in ("conf", "mfcc.conf"):
            (folder / path.relative_to(model)).symlink_to(path.resolve())
    settings = (model / "conf/mfcc.conf").read_text()
    (folder / "conf/mfcc.conf").write_text(f"{settings.rstrip()}\n--dither=0\n")


def programme(spoken: Sequence[Clip], seconds: float) -> list[Clip]:
    """Return the clips to say, over and over until `seconds` are full."""
    chosen: list[Clip] = []
    while sum(clip.seconds for clip in chosen) < seconds:
        chosen.append(spoken[len(chosen) % len(spoken)])
    return chosen


async def talk(engine: DemoEngine, language: Language, said: Sequence[Clip]) -> None:
    """Call, be put through, say everything, and hang up."""
    agent = AGENTS[language]
    async with runtime() as phones:
        desk = AgentPhone(phones, agent, engine.passwords[agent], engine.sip)
        await desk.sign_in()
        call = await dial(phones, "13900000077", "12345", engine.sip)
        await asyncio.sleep(2.0)
        await call.press(KEYS[language])
        await call.until_quiet()
        if language != "zh":
            await call.say(said[0].pcm)
            await call.press("#")
        for _ in range(600):
            if desk.conversations:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        for clip in said:
            await call.say(clip.pcm + BETWEEN)
        await asyncio.sleep(0.3)  # what the phone was given in advance
        await call.hang_up()
        await desk.sign_out()


def facts_after(engine: DemoEngine) -> tuple[list[Any], float]:
    """Wait until the call's last draft is there; return its facts, and when a page had it."""
    end = time.monotonic() + LIMIT
    database = create_engine(f"sqlite:///{engine.data / 'hotline.sqlite3'}")
    while time.monotonic() < end:
        engine.api("calls")  # as a page asks: facts are in the tables for whoever does
        with Session(database) as session:
            (kept,) = call_details.listed(session, CallFilter(most=1)) or (None,)
            whole = call_details.whole(session, kept.record.call) if kept else None
        facts = list(whole.facts) if whole else []
        done = next((f.at for f in facts if isinstance(f, Transcribed)), None)
        if done and any(isinstance(f, Drafted) and f.at >= done for f in facts):
            engine.api(f"drafts/{facts[0].call}")
            return facts, time.time()
        time.sleep(0.1)  # noqa: TID251 - another process is waited for
    raise SystemExit("没有等到草稿 / no draft came: " + ", ".join(type(f).__name__ for f in facts))


def measure(folder: Path, language: Language, seconds: float, data: Path) -> Spoken:
    """Run the call once; return the figures."""
    spoken = clips(folder, alaw=False)
    said = programme(spoken, seconds)
    there = find(places(None, {"HOTLINE_MODELS": models_for_demo(data)[0]}))[language].path
    if there is None:
        raise SystemExit(f"没有语音模型 / no speech model: {language}")
    exact(there, data / "exact" / language)
    models = os.pathsep.join([str(data / "exact"), os.environ.get("HOTLINE_MODELS", "")])
    sip, http = (f"127.0.0.1:{free_port(kind)}" for kind in (SOCK_DGRAM, SOCK_STREAM))
    engine = DemoEngine(data, sip, http, models)
    engine.start(())
    shown = Shown()
    try:
        engine.sign_in(AGENTS[language])
        shown.watch(engine)
        asyncio.run(talk(engine, language, said))
        facts, on_page = facts_after(engine)
    finally:
        engine.stop()
    whole = said if language == "zh" else [said[0], *said]
    what = Happened(facts, on_page, shown, whole, data / "recordings")
    return judged(what, VoskModel(data / "exact" / language, language))


@dataclass(frozen=True, slots=True)
class Happened:
    """What came of the call."""

    facts: Sequence[Any]
    on_page: float
    shown: Shown
    said: Sequence[Clip]
    recordings: Path
    """The folder that they lie in."""

    def first(self, kind: type[Any], since: float = 0.0) -> float:
        """Return when the first fact of a kind came."""
        return min(float(f.at) for f in self.facts if isinstance(f, kind) and f.at >= since)


def judged(what: Happened, model: VoskModel) -> Spoken:
    """Turn what happened into figures."""
    began, ended = what.first(RecordingStarted), what.first(Ended)
    heard = [f for f in what.facts if isinstance(f, events.Heard) and f.leg == "citizen"]
    text = " ".join(word.text for f in heard for word in f.words)
    reference = " ".join(clip.said for clip in what.said)
    talked = what.first(Answered) - began
    of_talk = [f for f in heard if f.start > talked]
    (started,) = (f for f in what.facts if isinstance(f, RecordingStarted))
    begin = begin_of_talk(what.shown.came, talked)
    texts = [(at, t) for at, t in texts_shown(what.shown.came) if at - began > begin]
    page = delays(of_talk, began, texts)
    by_itself, said = again(model, what.recordings / started.path, begin)
    later = ours([(at - began, t) for at, t in texts], said)
    figures = {
        "said": sum(clip.seconds for clip in what.said),
        "cer": character_errors(reference, text).rate,
        "wer": word_errors(reference, text).rate,
        "cer_alone": errors_alone(model, what.said, reference),
        "page_p50": quantile(page.there, 0.5),
        "page_p99": quantile(page.there, 0.99),
        "within_a_second": page.in_time,
        "right_p50": quantile(page.right, 0.5),
        "right_p99": quantile(page.right, 0.99),
        "alone_p50": quantile(by_itself.there, 0.5),
        "alone_p99": quantile(by_itself.there, 0.99),
        "alone_within_a_second": by_itself.in_time,
        "ours_p50": quantile(later, 0.5),
        "ours_p99": quantile(later, 0.99),
        "same_texts": len(later) / max(1, len(said)),
        "hang_up_to_draft": what.first(Drafted, what.first(Transcribed)) - ended,
        "hang_up_to_page": what.on_page - ended,
        "load": os.getloadavg()[0],
    }
    rounded = {name: round(value, 3) for name, value in figures.items()}
    return Spoken(model.language, words=sum(len(f.words) for f in heard), **rounded)


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=LANGUAGES, default="ko")
    parser.add_argument("--seconds", type=float, default=60.0, help="that the caller speaks")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="speech-bench-") as data:
        found = measure(given.folder, cast(Language, given.language), given.seconds, Path(data))
    print("\n".join(f"  {name:<24} {value}" for name, value in asdict(found).items()))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
