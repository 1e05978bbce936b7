"""Facts kept, once, with what is read from them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from calls.cdr import detail
from calls.events import (
    Arrived,
    Ended,
    Fact,
    Heard,
    LanguageChosen,
    Transcribed,
    Word,
)
from calls.ids import LANGUAGES, AgentId, CallId, Language
from calls.reasons import Reason
from storage import call_details, unit_of_work, work_orders
from storage.tables import AuditRow, FactRow
from tests.helpers.call_stories import CALL, story


def numbered(facts: list[Fact], first: int = 1) -> list[tuple[int, Fact]]:
    return list(enumerate(facts, first))


def rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(FactRow)) or 0


def test_a_call_reads_back_as_the_fold_of_its_facts(session: Session) -> None:
    unit_of_work.keep(session, "b1", numbered(story()))
    kept = call_details.whole(session, CALL)
    assert kept is not None
    assert kept.call.record == detail(story())
    assert list(kept.facts) == story()
    assert [heard.text for heard in kept.transcript] == ["家里停水了", "请问在哪里"]
    assert kept.transcript[0].words == (Word("停水", 16.0, 16.5, 0.8),)
    assert kept.recordings[0].seconds == 59.0
    assert kept.draft is not None
    assert kept.draft.draft["title"]["value"] == "停水"
    assert kept.call.transcript_state == "done"


def test_replaying_the_same_journal_twice_changes_nothing(session: Session) -> None:
    facts = numbered(story())
    assert unit_of_work.keep(session, "b1", facts) == len(facts)
    before = call_details.whole(session, CALL)
    assert unit_of_work.keep(session, "b1", facts) == 0
    assert unit_of_work.keep(session, "b1", facts[5:]) == 0
    assert rows(session) == len(facts)
    assert call_details.whole(session, CALL) == before


def test_any_cut_into_batches_gives_the_same_call(session: Session) -> None:
    facts = story()
    for cut in range(1, len(facts)):
        call = CallId(f"c-cut-{cut}")
        own = story(call)
        unit_of_work.keep(session, f"b{cut}", numbered(own[:cut]))
        unit_of_work.keep(session, f"b{cut}", numbered(own))
        kept = call_details.whole(session, call)
        assert kept is not None
        assert kept.call.record == detail(own)
        assert len(kept.transcript) == 2
        assert kept.draft is not None
        assert kept.draft.version == 1


def test_two_starts_of_the_engine_count_for_themselves(session: Session) -> None:
    facts = story()
    unit_of_work.keep(session, "b1", numbered(facts[:7]))
    unit_of_work.keep(session, "b2", numbered([Ended(CALL, 2000.0, "nobody", Reason.INTERRUPTED)]))
    assert unit_of_work.kept_upto(session, "b1") == 7
    assert unit_of_work.kept_upto(session, "b2") == 1
    kept = call_details.whole(session, CALL)
    assert kept is not None
    assert kept.call.record.reason is Reason.INTERRUPTED


def test_facts_of_a_call_that_never_arrived_are_kept_as_facts_only(session: Session) -> None:
    heard = story()[7]
    assert unit_of_work.keep(session, "b1", [(1, heard)]) == 1
    assert call_details.whole(session, CALL) is None
    assert call_details.facts_of(session, CALL) == (heard,)


def test_what_a_peer_sent_cannot_break_the_tables(session: Session) -> None:
    nasty = Arrived(CALL, 1.0, "a\0b\ud800", "'; drop table calls; --", "[::1]:1", "\0")
    unit_of_work.keep(session, "b1", [(1, nasty)])
    kept = call_details.whole(session, CALL)
    assert kept is not None
    assert kept.call.record.caller == "a•b?"
    assert kept.call.record.dialled == "'; drop table calls; --"


def test_a_position_can_be_moved_past_a_fact_but_never_back(session: Session) -> None:
    unit_of_work.keep(session, "b1", numbered(story()))
    unit_of_work.pass_over(session, "b1", 3)
    assert unit_of_work.kept_upto(session, "b1") == len(story())
    unit_of_work.pass_over(session, "b1", 99)
    assert unit_of_work.kept_upto(session, "b1") == 99


def test_a_second_transcription_replaces_the_first_leg_by_leg(session: Session) -> None:
    facts = story()
    anew: list[Fact] = [
        Transcribed(CALL, 1070.0, "pending", "the live stream fell behind"),
        Heard(CALL, 1080.0, "citizen", "zh", 15.4, 17.1, "我家里停水了", 0.97),
        Heard(CALL, 1081.0, "citizen", "zh", 15.4, 17.1, "我家里停水了", 0.98),
        Transcribed(CALL, 1082.0, "done", ""),
    ]
    unit_of_work.keep(session, "b1", numbered(facts + anew))
    kept = call_details.whole(session, CALL)
    assert kept is not None
    assert [(heard.leg, heard.text) for heard in kept.transcript] == [
        ("citizen", "我家里停水了"),
        ("agent", "请问在哪里"),
    ]
    assert kept.transcript[0].confidence == 0.98


def test_open_calls_are_those_without_an_end_oldest_first(session: Session) -> None:
    early, late, over = CallId("c-2"), CallId("c-1"), CallId("c-3")
    facts = story(late, 50.0)[:4] + story(early, 20.0)[:9] + story(over, 10.0)
    unit_of_work.keep(session, "b1", numbered(facts))
    assert call_details.open_calls(session) == (early, late)


def test_recordings_without_a_transcript_are_found(session: Session) -> None:
    silent, pending, done, failed = (CallId(f"c-{n}") for n in range(4))
    facts: list[Fact] = []
    for place, (call, state) in enumerate(
        [(silent, None), (pending, "pending"), (done, "done"), (failed, "failed")]
    ):
        facts += [f for f in story(call, 100.0 * place) if not isinstance(f, Transcribed)]
        if state is not None:
            facts.append(Transcribed(call, 100.0 * place + 70, state, ""))
    unit_of_work.keep(session, "b1", numbered(facts))
    waiting = call_details.awaiting_transcript(session, LANGUAGES)
    assert [line.record.call for line in waiting] == [silent, pending]


def test_calls_without_a_model_do_not_hide_those_that_can_be_transcribed(session: Session) -> None:
    mandarin, korean = CallId("c-zh"), CallId("c-ko")
    facts: list[Fact] = []
    spoken: list[tuple[CallId, Language]] = [(mandarin, "zh"), (korean, "ko")]
    for place, (call, language) in enumerate(spoken):
        facts += [
            f for f in story(call, 100.0 * place) if not isinstance(f, Transcribed | LanguageChosen)
        ]
        facts.append(LanguageChosen(call, 100.0 * place + 1, language))
    unit_of_work.keep(session, "b1", numbered(facts))
    oldest = call_details.awaiting_transcript(session, ["ko"], most=1)
    assert [line.record.call for line in oldest] == [korean]
    assert call_details.awaiting_transcript(session, []) == ()


def test_lists_are_filtered_and_paged_without_gaps(session: Session) -> None:
    calls = [CallId(f"c-{n:02d}") for n in range(10)]
    facts: list[Fact] = []
    for n, call in enumerate(calls):
        facts += story(call, 1000.0 + n // 2)  # pairs arrive in the same instant
    unit_of_work.keep(session, "b1", numbered(facts))
    seen: list[CallId] = []
    before = None
    while page := call_details.listed(session, call_details.CallFilter(before=before, most=3)):
        seen += [line.record.call for line in page]
        before = (page[-1].record.arrived, page[-1].record.call)
    assert seen == list(reversed(calls))
    nobody = call_details.CallFilter(agent=AgentId("1002"))
    assert call_details.listed(session, nobody) == ()
    recent = call_details.CallFilter(since=1004.0, reason=Reason.COMPLETED)
    assert len(call_details.listed(session, recent)) == 2
    drafts = work_orders.listed(session, work_orders.DraftFilter(most=3))
    assert [line.draft.call for line in drafts] == [calls[9], calls[8], calls[7]]


def test_ten_thousand_facts_of_one_call_are_kept_in_time_that_grows_evenly(
    session: Session,
) -> None:
    facts: list[Fact] = [story()[0]]
    facts += [
        Heard(CALL, 1000.0 + n, "citizen", "zh", float(n), n + 0.5, f"第{n}句", 0.5)
        for n in range(9_999)
    ]
    pairs = numbered(facts)
    for start in range(0, len(pairs), 200):
        unit_of_work.keep(session, "b1", pairs[start : start + 200])
    assert rows(session) == 10_000
    kept = call_details.whole(session, CALL)
    assert kept is not None
    assert len(kept.transcript) == 9_999


def test_nothing_but_facts_was_written(session: Session) -> None:
    unit_of_work.keep(session, "b1", numbered(story()))
    assert session.scalar(select(func.count()).select_from(AuditRow)) == 0
