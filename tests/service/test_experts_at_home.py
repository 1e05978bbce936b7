"""Experts at home over real trunks: the first declines, the second presses 1; each is heard."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import baresip
import pytest

from calls.talk_events import NotReached, Reached
from demo.phone import dial
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.media_phones import strength, tone
from tests.helpers.serving import Serving, facts_of
from tests.helpers.voice_provider import VoiceHost

pytestmark = pytest.mark.slow
CALLER, EXPERT = 440, 1000
TRUNK = """\
  {name}:
    addresses: [{network}]
    hosts: ["127.0.0.1:{port}"]
    keep_alive:
    dial_out: ["{number}"]
"""
ROTA = """\
  rotas:
    doctors:
      people: [{name: 赵, number: "13900000010"}, {name: 王, number: "13900000011"},
               {name: 李, number: "13900000012"}]
      prompt: connecting
"""
AT_HOME = """\
  at_home: {type: transfer, target: doctor, limit: 1min, on_busy: general,
            on_no_answer: general, on_failed: general}

  # 综合坐席 a person
"""


@pytest.fixture
def hosts() -> Iterator[dict[str, VoiceHost]]:
    """Return three telephones: busy, taken by one who declines, and by one who accepts."""
    made = {
        "13900000010": VoiceHost(status=486),
        "13900000011": VoiceHost(700, presses="9"),
        "13900000012": VoiceHost(EXPERT, presses="1"),
    }
    yield made
    for host in made.values():
        host.stop()


@pytest.fixture
def site(tmp_path: Path, hosts: dict[str, VoiceHost]) -> Path:
    """Return the shipped site with a rota, which the key # leads to."""
    folder = sites.copy(tmp_path / "site", whole=True)
    trunks = [
        TRUNK.format(name=f"to{n}", network=f"127.0.0.0/{8 + n}", port=host.port, number=number)
        for n, (number, host) in enumerate(hosts.items())
    ]
    (folder / "trunks.yaml").write_text("trunks:\n" + "".join(trunks), "utf-8")
    file = folder / "site.yaml"
    text = file.read_text("utf-8").replace(
        "    duty:", "    doctor: {name: 专家, rota: doctors}\n    duty:", 1
    )
    rota = next(line for line in text.splitlines(True) if line.startswith("  rotas: {}"))
    file.write_text(text.replace(rota, ROTA), "utf-8")
    flow = folder / "flows" / "main.yaml"
    text = flow.read_text("utf-8").replace("  # 综合坐席 a person\n", AT_HOME, 1)
    flow.write_text(text.replace('"9": to_korean', '"9": to_korean\n      "#": at_home'), "utf-8")
    return folder


def test_a_caller_is_led_to_the_first_expert_who_presses_the_key(
    tmp_path: Path, site: Path, hosts: dict[str, VoiceHost]
) -> None:
    expert = hosts["13900000012"]

    async def play(phones: baresip.Runtime) -> None:
        caller = await dial(phones, "13900000001", "12345", engine.engine)
        await asyncio.sleep(0.5)
        await caller.press("#")
        caller.say_and_go_on(tone(CALLER, 60.0, loud=4000))
        for _ in range(200):
            await asyncio.sleep(0.1)
            if strength(bytes(caller.heard[-8000:]), EXPERT) > 1000:
                break
        assert strength(bytes(caller.heard[-8000:]), EXPERT) > 1000
        await asyncio.sleep(1.0)
        assert strength(bytes(expert.heard[-8000:]), CALLER) > 1000
        await caller.hang_up()

    with Serving(tmp_path / "data", config=site) as engine:
        with_phones(play)
        (ended,) = engine.ended(1)
        assert expert.ended.wait(10), "the expert's call is ended, too"
    told = [(fact.target, fact.why) for fact in facts_of(ended, NotReached)]
    assert told == [("doctor/赵", "busy"), ("doctor/王", "rejected")]
    assert [fact.target for fact in facts_of(ended, Reached)] == ["doctor/李"]
    assert strength(bytes(hosts["13900000011"].heard), CALLER) < 1000, "who declined heard nobody"
