"""What holds on any way through any flow."""

from hypothesis import given, settings
from hypothesis import strategies as some

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from ivr.commands import Command, End, Join, KeyNoted, Leave, Play, StartListening, StopListening
from ivr.dues import PROMPT_LIMIT
from ivr.flow import Enqueue, Flow, HangUp, Hold, Listen, Menu, Node, Say, SetLanguage
from ivr.walk import Walk
from tests.helpers.timetable import timeline
from tests.helpers.walking import Telephone

N, P = NodeId, PromptId
BYE = HangUp(Reason.COMPLETED)


def flow(**nodes: Node) -> Flow:
    """Make a flow that begins with the first node."""
    named = {N(name): node for name, node in nodes.items()}
    return Flow("test", next(iter(named)), named)


EVERYTHING = flow(
    menu=Menu((P("ask"),), {"1": N("listen"), "2": N("hold"), "0": N("lane")}, 3.0, N("say")),
    say=Say((P("well"),), N("to_ja")),
    to_ja=SetLanguage("ja", N("listen")),
    listen=Listen((P("speak"),), N("lane"), N("hold"), on_key={"0": N("lane")}),
    hold=Hold(60.0, N("end"), (P("music"),), {"5": N("menu")}),
    lane=Enqueue(
        LaneId("general"), N("end"), N("end"), N("lane"), N("end"), (P("wait"),), P("music"),
        (P("press"),), {"1": N("listen")},
    ),
    end=HangUp(Reason.MESSAGE_LEFT, (P("bye"),)),
)  # fmt: skip

HAPPENINGS = some.one_of(
    some.sampled_from("0123456789*#").map(lambda key: f"key {key}"),
    some.sampled_from(
        ["speaks", "quiet", "wait 10", "wait ?", "late", "gone", "prompt", "tick", "tick", "prompt"]
    ),
)


def happen(phone: Telephone, what: str, now: float) -> list[Command]:
    if what == "prompt":
        return phone.walk.prompt_finished(now)
    if what == "tick":
        return phone.walk.tick(now)
    return phone.happen(what, now)


@settings(max_examples=150)
@given(some.lists(some.tuples(some.floats(0.0, 40.0), HAPPENINGS), max_size=40))
def test_whatever_happens_listening_and_lanes_are_begun_and_ended_in_turn(
    script: list[tuple[float, str]],
) -> None:
    phone, now = Telephone(EVERYTHING), 0.0
    commands = phone.walk.begin(now)
    for pause, what in script:
        now += pause
        commands += happen(phone, what, now)
    spoken = [c for c in commands if isinstance(c, StartListening | StopListening)]
    assert all(isinstance(c, StartListening) for c in spoken[::2])
    assert all(isinstance(c, StopListening) for c in spoken[1::2])
    joins, leaves = (sum(isinstance(c, kind) for c in commands) for kind in (Join, Leave))
    assert leaves <= joins
    ends = [index for index, c in enumerate(commands) if isinstance(c, End)]
    assert ends in ([], [len(commands) - 1])
    assert phone.walk.over == bool(ends)


def test_prompts_whose_end_nobody_reports_hold_no_caller_for_ever() -> None:
    walk = Walk(EVERYTHING)
    walk.begin(0.0)
    assert walk.next_deadline() == PROMPT_LIMIT
    walk.tick(PROMPT_LIMIT)
    assert walk.next_deadline() == PROMPT_LIMIT + 3.0


def test_a_caller_of_whom_nothing_is_heard_comes_to_the_lane_by_deadlines_alone() -> None:
    silent = flow(menu=Menu((P("ask"),), {"0": N("lane")}, 3.0, N("hold")),
                  hold=Hold(5.0, N("end")), end=BYE)  # fmt: skip
    walk = Walk(silent)
    walk.begin(0.0)
    walk.prompt_finished(4.0)
    assert [(at, c) for at, c in timeline(walk, 60.0) if isinstance(c, End)] == [
        (12.0, End(Reason.COMPLETED))
    ]


def test_a_flow_may_begin_in_another_language_than_the_caller_has_now() -> None:
    walk = Walk(EVERYTHING, "ko")
    assert walk.language == "ko"


def test_menus_without_words_for_wrong_keys_wait_anew_in_silence() -> None:
    menu = flow(menu=Menu((P("ask"),), {"0": N("end")}, 3.0, N("end"), tries=2), end=BYE)
    walk = Walk(menu)
    walk.begin(0.0)
    walk.prompt_finished(1.0)
    assert walk.key_pressed("5", 2.0) == [KeyNoted("5", accepted=False)]
    assert walk.next_deadline() == 5.0
    assert walk.key_pressed("5", 3.0)[-1] == End(Reason.COMPLETED)


def test_with_fewer_words_than_tries_the_last_words_repeat() -> None:
    menu = Menu((P("ask"),), {"0": N("end")}, 3.0, N("end"), tries=5, wrong_prompts=(P("no"),))
    walk = Walk(flow(menu=menu, end=BYE))
    walk.begin(0.0)
    played = [walk.key_pressed("5", float(at))[-1] for at in (1, 2, 3, 4)]
    assert played == [Play((P("no"),))] * 4


def test_a_second_press_of_the_same_key_is_noted_and_changes_nothing() -> None:
    walk = Walk(EVERYTHING)
    walk.begin(0.0)
    walk.key_pressed("1", 1.0)
    assert walk.key_pressed("1", 1.2) == [KeyNoted("1", accepted=False)]
    assert walk.node == "listen"


def test_music_on_hold_goes_on_until_the_limit_or_the_key() -> None:
    hold = flow(hold=Hold(60.0, N("end"), (P("music"),), {"5": N("end")}), end=BYE)
    assert Telephone(hold).call([], 61.0) == [
        "0 at hold", "0 loop music", "60 hush", "60 at end", "60 end completed",
    ]  # fmt: skip
    assert Telephone(hold).call([(5.0, "key 5")], 61.0)[2:] == [
        "5 key 5", "5 hush", "5 at end", "5 end completed",
    ]  # fmt: skip


def test_a_lane_that_never_closes_treats_closed_as_nobody() -> None:
    lane = Enqueue(LaneId("general"), N("full"), N("nobody"), N("late"))
    walk = Walk(flow(lane=lane, full=BYE, nobody=BYE, late=BYE))
    walk.begin(0.0)
    walk.lane_left("closed", 1.0)
    assert walk.node == "nobody"


def test_the_hash_key_before_any_word_says_that_there_is_nothing_to_say() -> None:
    listen = Listen((P("speak"),), N("then"), N("nothing"))
    walk = Walk(flow(listen=listen, then=BYE, nothing=BYE))
    walk.begin(0.0)
    walk.key_pressed("#", 1.0)
    assert walk.node == "nothing"


def test_the_hash_key_counts_as_having_spoken_where_a_quiet_voice_was_not_noticed() -> None:
    listen = Listen((P("speak"),), N("then"), N("nothing"))
    walk = Walk(flow(listen=listen, then=BYE, nothing=BYE))
    walk.begin(0.0)
    walk.prompt_finished(2.0)
    walk.key_pressed("#", 5.0)
    assert walk.node == "then"
