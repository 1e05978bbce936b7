"""A citizen is called by a real engine through a real trunk, hears the questions, and gives a 2."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from calls.events import Answered, Arrived, Ended, Fact, Queued, Rated
from calls.ids import AgentId, CallId, LaneId
from calls.reasons import Reason
from calls.survey_events import SURVEYED, OptedOut, SurveyEnded, SurveyPlanned
from storage import rating_tasks, unit_of_work
from storage.call_details import WholeCall
from tests.helpers import sites
from tests.helpers.serving import Serving, facts_of, until
from tests.helpers.voice_provider import VoiceHost

pytestmark = pytest.mark.slow
FLOW = """\
language: zh
begin: may_we
nodes:
  may_we:
    type: menu
    prompts: [connecting]
    timeout: 3s
    keys: {"0": person, "1": mark, "9": never}
    on_silence: bye
    exempt_person_rule: 回访，不按键多半是留言机
  mark: {type: rate, prompts: [connecting], then: bye}
  never: {type: opt_out, then: bye}
  person: {type: enqueue, lane: general, on_full: bye, on_nobody: bye, on_late: bye}
  bye: {type: hang_up, prompts: [goodbye]}
"""
HOURS = """\
  whole_day:
    zone: Asia/Shanghai
    week: {mon-fri: ["00:00-00:00"], sat-sun: ["00:00-00:00"]}
"""
TRUNK = """\
  to{name}:
    addresses: [{network}]
    hosts: ["127.0.0.1:{port}"]
    keep_alive:
    dial_out: ["{name}"]
"""
BAD, OUT, MACHINE = "13900000001", "13900000002", "13900000003"


@pytest.fixture
def hosts() -> Iterator[dict[str, VoiceHost]]:
    """Return who gives a 2, who opts out, and an answering machine."""
    made = {BAD: VoiceHost(presses="12"), OUT: VoiceHost(presses="9"), MACHINE: VoiceHost(700)}
    yield made
    for host in made.values():
        host.stop()


@pytest.fixture
def site(tmp_path: Path, hosts: dict[str, VoiceHost]) -> Path:
    folder = sites.copy(tmp_path / "site", whole=True)
    trunks = [
        TRUNK.format(name=number, network=f"127.0.0.0/{8 + n}", port=host.port)
        for n, (number, host) in enumerate(hosts.items())
    ]
    (folder / "trunks.yaml").write_text("trunks:\n" + "".join(trunks), "utf-8")
    (folder / "flows" / "survey.yaml").write_text(FLOW, "utf-8")
    for name, old, new in (
        ("hours.yaml", "  extended:\n", HOURS + "  extended:\n"),
        ("site.yaml", "  flow:      ", "  flow: survey\n#"),
        ("site.yaml", "  hours:     ", "  hours: whole_day\n#"),
        ("site.yaml", "  share: 5 ", "  share: 100\n#"),
    ):
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return folder


def talked_yesterday(data: Path, number: str) -> CallId:
    """Write a call of yesterday's into the books, as the engine would have."""
    call, at = CallId(f"c-{number}"), time.time() - 86_400
    facts: list[Fact] = [
        Arrived(call, at, number, "12345", "127.0.0.1:5070", number),
        Queued(call, at + 1, LaneId("general")),
        Answered(call, at + 5, AgentId("1001")),
        Ended(call, at + 60, "caller", Reason.COMPLETED),
    ]
    database = create_engine(f"sqlite:///{data / 'hotline.sqlite3'}")
    with Session(database) as session, session.begin():
        unit_of_work.keep(session, f"boot-{number}", list(enumerate(facts, 1)))
    database.dispose()
    return call


def test_those_who_talked_yesterday_are_asked_and_what_each_did_is_written_down(
    tmp_path: Path, site: Path, hosts: dict[str, VoiceHost]
) -> None:
    engine = Serving(tmp_path / "data", config=site)
    with engine:
        assert engine.terminate() == 0
        about = {number: talked_yesterday(engine.data, number) for number in hosts}
        engine.start()

        def outcomes() -> dict[CallId, str]:
            ends = [facts_of(call, SurveyEnded) for call in engine.calls()]
            return {end.call: end.outcome for found in ends for end in found[:1]}

        until(lambda: len(outcomes()) == 3, 60, "each was called")
        assert outcomes() == {
            about[BAD]: "rated", about[OUT]: "opted_out", about[MACHINE]: "no_person",
        }  # fmt: skip
        calls = {call.call.record.call: call for call in engine.calls()}
        database = create_engine(f"sqlite:///{engine.data / 'hotline.sqlite3'}")
        with Session(database) as session:
            tasks = rating_tasks.tasks(session)
        database.dispose()
    assert {number: len(host.offered) for number, host in hosts.items()} == dict.fromkeys(hosts, 1)
    assert all(any(host.heard) for host in hosts.values()), "the prompt was heard"
    ours = {call.call.record.sip_call_id: call for call in _surveys(calls)}
    (mark,) = facts_of(ours[about[BAD]], Rated)
    assert (mark.mark, mark.bad) == (2, True)
    assert [task.call for task in tasks] == [mark.call], "a bad mark opens a task"
    assert [fact.number for fact in facts_of(ours[about[OUT]], OptedOut)] == [OUT]
    planned = facts_of(calls[about[MACHINE]], SurveyPlanned)
    (end,) = facts_of(calls[about[MACHINE]], SurveyEnded)
    assert len(planned) == 1 and end.again_at is not None, "the machine is tried once more"


def _surveys(calls: dict[CallId, WholeCall]) -> list[WholeCall]:
    return [call for call in calls.values() if call.call.record.dialled == SURVEYED]
