"""`./hotline demo`: five citizens dial in with phones that we did not write; what came of it."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

import baresip
from ruamel.yaml import YAML

from asr.mandarin import tidy
from asr.wer import character_error_rate, word_error_rate
from demo import report
from demo.callers import CALLERS, CLIPS, Caller, CallerStory
from demo.engine import DemoEngine, NotStarted
from demo.models import models_for_demo
from demo.outcome import Outcome
from demo.phone import AgentPhone, runtime
from demo.sound import channel, heard_of, likeness, read, seconds_of_sound

AGENTS = {"1001": "agent_zh", "1002": "agent_zh", "1009": "agent_ko"}
"""Who is at a desk, and what each says; in the order in which they sign in."""
ALIKE = 0.9
"""Likeness from which a sound counts as heard."""


def main(arguments: argparse.Namespace) -> int:
    """Run the demonstration; 0 only if every call ended as it should."""
    data = arguments.data or Path(tempfile.mkdtemp(prefix="hotline-demo-"))
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    models, note = models_for_demo(data)
    try:
        sip, http = DemoEngine.addresses(arguments.sip, arguments.http)
    except NotStarted as error:
        _say(str(error))
        return 2
    engine = DemoEngine(data, sip, http, models)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the engine never outlives it
    try:
        status = _demonstrate(engine, note, arguments)
    except NotStarted as error:
        _say(f"引擎没有启动 / the engine did not start: {error}")
        status = 2
    finally:
        stopped = engine.stop()
    return max(status, 1 if stopped else 0)


def _demonstrate(engine: DemoEngine, note: str, arguments: argparse.Namespace) -> int:
    _say("启动引擎 / starting the engine …")
    engine.start(extra_phones=("elder",))
    _say(f"SIP {engine.sip} · {engine.page()} · {note}")
    outcomes = asyncio.run(_run(engine))
    if arguments.json:
        print(json.dumps(report.document(outcomes), ensure_ascii=False, indent=1), flush=True)
    else:
        report.show(outcomes, engine.page(), engine.passwords["1001"])
    sys.stdout.flush()  # a log shows it while the engine stays up
    if arguments.keep:
        _keep(engine)
    return 1 if any(outcome.faults for outcome in outcomes) else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _run(engine: DemoEngine) -> list[Outcome]:
    async with runtime() as phones:
        desks = await _sign_in(phones, engine)
        _say("五个来电 / five calls …")
        stories = await asyncio.gather(*(_call(phones, caller, engine) for caller in CALLERS))
        for desk in desks.values():
            await desk.sign_out()
    calls = await asyncio.to_thread(engine.settled_calls, len(CALLERS))
    by_caller = {call["caller"]: call for call in calls}
    outcomes = [
        Outcome(caller, story, by_caller.get(caller.number, {}))
        for caller, story in zip(CALLERS, stories, strict=True)
    ]
    for outcome in outcomes:
        _judge(outcome, desks, engine)
    return outcomes


async def _sign_in(phones: baresip.Runtime, engine: DemoEngine) -> dict[str, AgentPhone]:
    desks = {}
    for agent, clip in AGENTS.items():
        desk = AgentPhone(phones, agent, engine.passwords[agent], engine.sip)
        desk.greeting = read(CLIPS / f"{clip}.wav")
        await desk.sign_in()
        desks[agent] = desk
    return desks


async def _call(phones: baresip.Runtime, caller: Caller, engine: DemoEngine) -> CallerStory:
    await asyncio.sleep(caller.delay)
    _say(f"  {caller.number}  {caller.title[0]} / {caller.title[1]}")
    try:
        password = engine.passwords.get(caller.number, "")
        return await caller.story(phones, caller.number, engine.sip, password)
    except (baresip.BaresipError, TimeoutError) as error:
        _say(f"  {caller.number}  {type(error).__name__}: {error}")
        return CallerStory()


# --- judging ---------------------------------------------------------------------------


def _judge(outcome: Outcome, desks: dict[str, AgentPhone], engine: DemoEngine) -> None:
    """Hold what happened against what ought to have happened."""
    caller, call, faults = outcome.caller, outcome.call, outcome.faults
    if not call:
        faults.append("no record of the call")
        return
    if call["reason"] != caller.reason:
        faults.append(f"ended as {call['reason']}, not {caller.reason}")
    if caller.agent != (call["agent"] is not None):
        faults.append(f"answered by {call['agent'] or 'nobody'}")
    if caller.drafted and call["draft"] is None:
        faults.append("no draft")
    _listen(outcome, desks, engine)
    _read(outcome)


def _listen(outcome: Outcome, desks: dict[str, AgentPhone], engine: DemoEngine) -> None:
    """Compare sounds: greeting, recording, and both ways with the agent."""
    story, call, sound = outcome.story, outcome.call, outcome.sound
    recording = Path(call["recording"])
    greeting = read(engine.greeting)
    sound["caller heard the greeting"] = likeness(greeting[: int(1.2 * 16000)], story.heard)
    said = story.said
    sound["recording has the caller"] = heard_of(said, channel(recording, 0))
    if call["agent"] is not None:
        desk = desks[call["agent"]]
        clip = desk.greeting[: 16000 * 3]
        heard = [bytes(conversation.heard) for conversation in desk.conversations]
        sound["caller heard the agent"] = heard_of(clip, story.heard)
        sound["agent heard the caller"] = max(heard_of(said[-64000:], each) for each in heard)
        sound["recording has the agent"] = heard_of(clip, channel(recording, 1))
    outcome.faults += [f"{what}: {value:.2f}" for what, value in sound.items() if value < ALIKE]
    if seconds_of_sound(story.heard) == 0:
        outcome.faults.append("the caller heard nothing")


def _read(outcome: Outcome) -> None:
    """Compare the citizen's transcript with the words that were spoken."""
    texts, call = clip_texts(), outcome.call
    spoken = " ".join(texts[clip] for clip in outcome.story.spoken)
    if call["language"] == "zh":
        spoken = tidy(spoken).text  # figures as figures, as the transcript has them
    words = " ".join(u["text"] for u in call["transcript"] if u["leg"] == "citizen")
    if not words:
        if call["language"] == "ko":
            outcome.faults.append("no Korean transcript")
        return
    outcome.error_rates = {"characters": character_error_rate(spoken, words)}
    if call["language"] in ("en", "ko"):
        outcome.error_rates["words"] = word_error_rate(spoken, words)


def clip_texts() -> dict[str, str]:
    """Return what each clip says."""
    texts = YAML(typ="safe").load(CLIPS / "texts.yaml")
    return {name: entry["text"] for name, entry in texts.items()}


def _keep(engine: DemoEngine) -> None:
    _say(
        f"引擎继续运行：软电话拨 sip:12345@{engine.sip}，按 Ctrl-C 结束。\n"
        f"The engine stays up: dial sip:12345@{engine.sip} with a softphone; Ctrl-C ends it."
    )
    try:
        assert engine.process is not None
        engine.process.wait()
    except KeyboardInterrupt:
        _say("")
