"""Figures that callers type, and ways that hours and lanes decide."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason
from ivr.check import flaws, languages
from ivr.flaws import Limits, Surroundings
from ivr.flow import Branch, Collect, Enqueue, Flow, HangUp, Menu, SetLanguage, exits
from ivr.hours import Holiday, Hours, Window, Workday
from ivr.pretend import PretendedLane, State, World
from ivr.script import act_of
from ivr.times import silent_person
from ivr.trial import Trial, tried

N, P, L = NodeId, PromptId, LaneId
CHINA = ZoneInfo("Asia/Shanghai")
OFFICE = Hours(
    CHINA,
    (*((Window(540, 1020),),) * 5, (), ()),
    (Holiday(date(2026, 2, 15), date(2026, 2, 23), "春节"),),
    {date(2026, 2, 14): Workday(date(2026, 2, 14), 4, "春节调休")},
)
ASK = Collect(
    (P("ask"),), "order", N("thanks"), N("person"), N("sorry"), least=4, most=6,
    pattern="[1-9][0-9]+", wrong_prompts=(P("again"),), on_key={"*": N("person")},
)  # fmt: skip
HOURS = Branch(
    {"open": N("person"), "closed": N("sorry"), "春节": N("thanks")}, N("sorry"), hours="office"
)
LANE = Branch(
    {"free": N("person"), "busy": N("sorry"), "nobody": N("thanks")}, N("thanks"),
    lane=L("general"), busy_at=3,
)  # fmt: skip
ENDS = {
    N("thanks"): HangUp(Reason.MESSAGE_LEFT),
    N("sorry"): HangUp(Reason.COMPLETED),
    N("person"): Enqueue(L("general"), N("sorry"), N("sorry"), N("sorry")),
}


def call(
    node: Collect | Branch, *typed: str, at: str = "2026-03-04T10:00", state: State = "open"
) -> Trial:
    prompts = {("zh", P("ask")): 4.0, ("zh", P("again")): 2.0}
    lanes = {L("general"): PretendedLane(state=state)}
    moment = datetime.fromisoformat(at).replace(tzinfo=CHINA)
    world = World(moment, lanes, prompts, {"office": OFFICE})  # type: ignore[arg-type]  # zh
    flow = Flow("x", N("first"), {N("first"): node, **ENDS})
    return tried(flow, world, [act_of(one) for one in typed])


def kept(trial: Trial) -> list[str]:
    return [f"{m.at:g} {m.what}" for m in trial.moments if m.kind == "typed"]


class TestCollect:
    def test_an_end_key_ends_the_typing_at_once(self) -> None:
        trial = call(ASK, "1234#")
        assert kept(trial) == ["1.6 order=1234"]
        assert trial.nodes == ["first", "thanks"]

    def test_so_does_the_last_figure_that_there_may_be(self) -> None:
        assert kept(call(ASK, "123456")) == ["2 order=123456"]

    def test_so_does_a_pause(self) -> None:
        assert kept(call(ASK, "12345")) == ["4.6 order=12345"]

    def test_the_prompt_gives_way_to_the_first_figure(self) -> None:
        assert call(ASK, "…1s", "1", "…2s", "234#").heard == ["ask"]

    def test_who_types_nothing_goes_on_after_the_timeout(self) -> None:
        trial = call(ASK)
        assert (trial.lane, trial.arrived) == ("general", 9.0)

    def test_an_end_key_alone_is_nothing(self) -> None:
        assert call(ASK, "#").lane == "general"

    @pytest.mark.parametrize("typed", ["123#", "0123#"])
    def test_what_does_not_fit_is_asked_for_again(self, typed: str) -> None:
        trial = call(ASK, typed, "…1s", "4321#")
        assert trial.heard == ["ask", "again"]
        assert kept(trial)[0].endswith("order=4321")

    def test_the_last_misfit_leads_elsewhere(self) -> None:
        trial = call(ASK, "1#", "2#", "3#")
        assert trial.nodes == ["first", "sorry"]
        assert kept(trial) == []

    def test_a_star_leads_out_before_any_figure_and_is_no_figure_after(self) -> None:
        assert call(ASK, "*").lane == "general"
        assert kept(call(ASK, "12*34#")) == ["2 order=1234"]


class TestBranch:
    @pytest.mark.parametrize(
        ("at", "node", "rule"),
        [("2026-03-04T10:00", "person", "周三 09:00-17:00"),
         ("2026-03-04T18:00", "sorry", "周三 不在服务时间"),
         ("2026-02-17T10:00", "thanks", "2026-02-17 春节 不在服务时间"),
         ("2026-02-14T10:00", "person", "2026-02-14 春节调休 09:00-17:00")],
    )  # fmt: skip
    def test_the_hours_decide_and_their_rule_is_told(self, at: str, node: str, rule: str) -> None:
        trial = call(HOURS, at=at)
        assert trial.nodes == ["first", node]
        assert [m.why for m in trial.moments if m.kind == "decided"] == [rule]

    @pytest.mark.parametrize(
        ("state", "node"), [("open", "person"), ("full", "sorry"), ("nobody", "thanks")]
    )
    def test_the_lane_decides(self, state: State, node: str) -> None:
        assert call(LANE, state=state).nodes[1] == node

    def test_an_answer_without_a_way_goes_otherwise(self) -> None:
        branch = Branch({"open": N("person")}, N("sorry"), hours="office")
        assert call(branch, at="2026-02-17T10:00").nodes == ["first", "sorry"]


class TestBranchByLanguage:
    BY = Branch({"en": N("thanks"), "ko": N("sorry")}, N("person"), variable="language")

    def flow(self, *chosen: Language) -> Flow:
        ways = dict(zip("12", (N(f"to_{one}") for one in chosen), strict=False))
        menu = Menu((P("ask"),), {"0": N("person"), **ways}, 3.0, N("by"))
        nodes = {N(f"to_{one}"): SetLanguage(one, N("by")) for one in chosen}
        return Flow("x", N("menu"), {N("menu"): menu, **nodes, N("by"): self.BY, **ENDS})

    @pytest.mark.parametrize(
        ("keys", "way"),
        [((), "person"), (("1",), "thanks"), (("2",), "person")],
    )
    def test_the_callers_language_at_that_moment_decides(
        self, keys: tuple[str, ...], way: str
    ) -> None:
        world = World(datetime(2026, 3, 4, tzinfo=CHINA), {L("general"): PretendedLane()})
        trial = tried(self.flow("en", "ja"), world, [act_of(key) for key in keys])
        assert trial.nodes[-1] == way

    def test_who_speaks_a_language_is_proved_to_go_its_way_and_no_other(self) -> None:
        flow = self.flow("en", "ja")
        assert languages(flow)[N("thanks")] == {"en"}
        assert languages(flow)[N("person")] == {"zh", "ja"}
        assert silent_person(flow, {}) == 3.0


def wrong(node: Collect | Branch) -> list[str]:
    around = Surroundings(
        frozenset([L("general")]), frozenset(), {("zh", P("ask")): 4.0, ("zh", P("again")): 2.0},
        hours={"office": frozenset(["春节"])},
    )  # fmt: skip
    flow = Flow("x", N("first"), {N("first"): node, **ENDS})
    return [f"{'.'.join(map(str, f.path))}: {f.en}" for f in flaws(flow, around, Limits())]


def test_sound_nodes_have_no_flaw() -> None:
    assert (wrong(ASK), wrong(HOURS), wrong(LANE)) == ([], [], [])


def test_every_way_out_is_named_by_its_setting() -> None:
    assert [path for path, _ in exits(HOURS)] == [("open",), ("closed",), ("holidays", "春节")]
    assert [path for path, _ in exits(ASK)] == [
        ("then",), ("on_silence",), ("on_wrong",), ("on_key", "*"),
    ]  # fmt: skip


def test_hours_and_holidays_that_do_not_exist_are_flaws() -> None:
    lost = Branch({**HOURS.ways, "端午节": N("sorry")}, N("sorry"), hours="office")
    assert wrong(lost) == [
        "holidays.端午节: hours 'office' keep no holiday '端午节'; they keep: 春节"
    ]
    assert wrong(Branch(HOURS.ways, N("sorry"), hours="offices"))[0].startswith("hours: no hours")


def test_a_lane_that_does_not_exist_is_a_flaw() -> None:
    assert wrong(Branch(LANE.ways, N("thanks"), lane=L("generl")))[0].startswith("lane: no lane")


def test_silence_while_figures_are_asked_for_must_reach_a_person() -> None:
    node = Collect((P("ask"),), "order", N("person"), N("sorry"), on_wrong=N("thanks"))
    assert wrong(node)[0].startswith("on_silence: silence must reach a person")


def test_a_person_behind_a_branch_must_be_behind_all_its_ways() -> None:
    node = Collect((P("ask"),), "order", N("thanks"), N("branch"))
    around = Surroundings(frozenset([L("general")]), frozenset(), {("zh", P("ask")): 4.0},
                          hours={"office": frozenset(["春节"])})  # fmt: skip
    nodes = {N("first"): node, N("branch"): HOURS, **ENDS}
    found = flaws(Flow("x", N("first"), nodes), around, Limits())
    assert [flaw.path for flaw in found] == [("on_silence",)]
