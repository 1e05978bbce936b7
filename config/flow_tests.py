"""tests/*.yaml: the administrators' own cases, each a pretended call and what must come of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from calls.ids import NodeId, PromptId
from config.document import Document, KeyPath, read_document
from config.faults import Fault
from config.flow_test_schema import Expected, FlowTest, FlowTestHead
from config.pretending import NOTHING, Pretended, flow_of, world_of
from config.settings import Site
from config.wording import unknown, valid
from ivr.trial import Trial, in_order, never, tried

KINDS = {
    "key": "按",
    "wrong_key": "按错",
    "says": "说",
    "node": "→",
    "typed": "输入",
    "understood": "听成按键",
    "decided": "判断",
    "asked": "询问",
    "talked": "通话后坐席挂机",
    "lane": "进入队列",
    "refused": "队列不接",
    "leaves": "离开队列",
    "end": "挂机",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tests came to."""

    run: int
    faults: tuple[Fault, ...]


def read_tests(folder: Path) -> tuple[list[tuple[Document, FlowTestHead, FlowTest]], list[Fault]]:
    """Read every test of a site; return those that are sound, and every fault."""
    found, faults = [], []
    for path in sorted((folder / "tests").glob("*.yaml")):
        document = read_document(folder, f"tests/{path.name}")
        found += [(document, head, test) for head, test in _tests(document)]
        faults += document.faults
    for path in sorted((folder / "tests").glob("*.yml")):
        zh, en = "这个文件不会被读取；请改名为 .yaml", "this file is never read; name it .yaml"
        faults.append(Fault(f"tests/{path.name}", 1, 1, "", zh, en, "file-unread"))
    return found, faults


def run_tests(site: Site) -> Verdict:
    """Run every test of a site; a test that fails is a fault at the line that it fails by."""
    found, faults = read_tests(site.folder)
    for document, head, test in found:
        before = len(document.faults)
        if _known(document, site, head, test):
            _run(document, site, head, test)
        faults += document.faults[before:]
    return Verdict(len(found), tuple(sorted(faults)))


def _tests(document: Document) -> Iterator[tuple[FlowTestHead, FlowTest]]:
    value = document.value
    if not isinstance(value, dict):
        if value is not None:
            document.blame((), "这里应是 number、at 和 tests", "need number, at and tests")
        return
    head = valid(document, (), {k: v for k, v in value.items() if k != "tests"}, FlowTestHead)
    given = value.get("tests")
    if not isinstance(given, dict):
        document.blame(("tests",), "这里应是一条条测试：名称和内容", "need tests by name")
        return
    for name, entry in given.items():
        path = "tests", name
        if not isinstance(entry, dict):
            document.blame(path, "测试要写 do 和 expect", "a test has do and expect")
            continue
        test = valid(document, path, {**entry, "id": name}, FlowTest)
        if head is not None and test is not None:
            yield head, test


def _known(document: Document, site: Site, head: FlowTestHead, test: FlowTest) -> bool:
    """Blame every name in a test that the site does not have."""
    at: KeyPath = ("tests", test.id)
    number = test.number or head.number
    known = {str(prompt) for _, prompt in site.prompts}
    named: list[tuple[KeyPath, str, Iterable[str]]] = [
        ((*at, "lanes", lane), lane, site.lanes) for lane in test.lanes
    ]
    if test.expect.lane is not None:
        named.append(((*at, "expect", "lane"), test.expect.lane, site.lanes))
    for key in ("hears", "hears_no"):
        prompts: tuple[str, ...] = getattr(test.expect, key)
        named += [((*at, "expect", key, i), p, known) for i, p in enumerate(prompts)]
    flow = flow_of(site, number)
    if flow is None:
        where: KeyPath = (*at, "number") if test.number else ("number",)
        document.blame(where, *unknown(number, site.numbers), "name-unknown")
    else:
        passes = enumerate(test.expect.passes)
        named += [((*at, "expect", "passes", i), node, flow.nodes) for i, node in passes]
    wrong = [(path, name, names) for path, name, names in named if name not in names]
    for path, name, names in wrong:
        document.blame(path, *unknown(name, names), "name-unknown")
    return flow is not None and not wrong


def _run(document: Document, site: Site, head: FlowTestHead, test: FlowTest) -> None:
    flow = flow_of(site, test.number or head.number)
    assert flow is not None, "a number without a flow was blamed before"
    caller = test.caller or NOTHING.caller
    pretended = Pretended(caller, test.answers, test.known, test.speaks)
    world = world_of(site, test.at or head.at, dict(test.lanes), pretended)
    trial = tried(flow, world, test.do)
    for key, zh, en in _differences(test.expect, trial):
        way = story(trial)
        path = ("tests", test.id, "expect", *key)
        words = f"测试没有通过：{zh}。经过：{way}"
        document.blame(path, words, f"test failed: {en}", "flow-test-failed")


def _differences(expect: Expected, trial: Trial) -> Iterator[tuple[KeyPath, str, str]]:
    yield from _arrival(expect, trial)
    if expect.language not in (None, trial.language):
        zh = f"语言应是 {expect.language}，实际是 {trial.language}"
        yield ("language",), zh, f"language is {trial.language}, not {expect.language}"
    missed = in_order(expect.passes, trial.nodes)
    if missed is not None:
        place = "passes", expect.passes.index(NodeId(missed))
        yield place, f"没有按顺序走到步骤 {missed}", f"did not pass {missed} in this order"
    unheard = in_order(expect.hears, trial.heard)
    if unheard is not None:
        place = "hears", expect.hears.index(PromptId(unheard))
        yield place, f"没有按顺序听到 {unheard}", f"did not hear {unheard} in this order"
    barred = never(set(expect.hears_no), trial.heard)
    if barred is not None:
        place = "hears_no", expect.hears_no.index(PromptId(barred))
        yield place, f"不该听到 {barred}", f"heard {barred}"


def _arrival(expect: Expected, trial: Trial) -> Iterator[tuple[KeyPath, str, str]]:
    """Compare where the call arrived, and when."""
    reason = None if trial.reason is None else trial.reason.value
    key: str = "lane" if expect.end is None else "end"
    wanted, got = (expect.lane, trial.lane) if expect.end is None else (expect.end, reason)
    if wanted != got:
        zh, en = _whereabouts(trial)
        yield (key,), f"应到 {wanted}，实际{zh}", f"expected {wanted}, but {en}"
    elif expect.within is not None and trial.arrived > expect.within:
        zh = f"应在 {expect.within:g} 秒内，实际用了 {trial.arrived:.1f} 秒"
        en = f"took {trial.arrived:.1f} s, more than {expect.within:g} s"
        yield ("within",), zh, en


def _whereabouts(trial: Trial) -> tuple[str, str]:
    if trial.reason is not None:
        return f"挂机（{trial.reason.value}）", f"the call ended ({trial.reason.value})"
    if trial.lane is not None:
        return f"到了队列 {trial.lane}", f"the caller waits in {trial.lane}"
    return "哪儿也没有到", "the caller got nowhere"


def story(trial: Trial) -> str:
    """Return a call's way in a few words, with seconds."""
    told = []
    for moment in trial.moments:
        if moment.kind in KINDS:
            rule = f"（{moment.why}）" if moment.why else ""
            told.append(f"{moment.at:g}秒 {KINDS[moment.kind]} {moment.what}{rule}")
    return "；".join(told[:40])
