"""The flow of the service numbers: what those who have a PIN do by telephone.

Nothing of it is recorded, and the figures of a PIN are written down nowhere.
"""

from calls.ids import NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Ask, Collect, Flow, HangUp, Hold, Menu, Node, Say

SERVICE, TRIAL = "service_line", "service_trial"
"""Names of the two flows: everything, and only the draft."""
TAKE = PromptId("service_take")
"""Stands for what was just recorded."""
PROMPTS = tuple(
    PromptId(f"service_{name}")
    for name in (
        *("who", "pin", "wrong", "refused", "failed", "menu", "which", "speak", "choose", "kept"),
        *("plan", "sure", "done", "faulty"),
    )
)
"""What has to be recorded for them, in Chinese, besides the beep and the ten figures."""
NO_CITIZEN = "a number for administrators: there is nobody to be led to"
PIN_LEAST, PIN_MOST = 6, 12
LONGEST_TAKE = 60.0
"""Seconds of a prompt that is recorded by telephone."""
N = NodeId
BYE = N("bye")


def service_flow() -> Flow:
    """Return the flow of the service number."""
    menu = _menu("menu", {"1": "which", "2": "plan_on", "3": "plan_off", "4": "draft"})
    nodes = {**_door("menu"), "menu": menu, **_recording(), **_plans("on"), **_plans("off")}
    return _flow(SERVICE, {**nodes, **_draft("menu")})


def trial_flow() -> Flow:
    """Return the flow of the number that dials the draft."""
    return _flow(TRIAL, {**_door("draft"), **_draft("bye")})


def _flow(name: str, nodes: dict[str, Node]) -> Flow:
    ends: dict[str, Node] = {
        "failed": Say(_said("failed"), N("menu") if "menu" in nodes else BYE),
        "refused": HangUp(Reason.COMPLETED, _said("refused")),
        "bye": HangUp(Reason.COMPLETED),
    }
    whole = {N(at): node for at, node in {**nodes, **ends}.items()}
    return Flow(name, N("who"), whole, record=False)


def _door(then: str) -> dict[str, Node]:
    """Ask who it is, and for the PIN; who keeps guessing is refused."""
    about = {"who": "service_who", "pin": "service_pin"}
    ways = {"ok": N(then), "wrong": N("wrong"), "locked": N("refused")}
    return {
        "who": _typed("who", "service_who", "pin", least=1, most=12),
        "pin": _typed("pin", "service_pin", "check", least=1, most=PIN_MOST, secret=True),
        "check": Ask("service_pin", ways, N("failed"), about, limit=10.0),
        "wrong": Say(_said("wrong"), N("who")),
    }


def _recording() -> dict[str, Node]:
    """Record a prompt, hear it, keep it in the draft."""
    about = {"prompt": "service_prompt"}
    return {
        "which": _typed("which", "service_prompt", "known", least=1, most=6),
        "known": Ask("service_prompt", {"ok": N("speak")}, N("failed"), about),
        "speak": Say((*_said("speak"), PromptId("beep")), N("begin")),
        "begin": Ask("service_record", {"ok": N("take")}, N("failed")),
        "take": Hold(LONGEST_TAKE, N("stop"), on_key={"#": N("stop")}),
        "stop": Ask("service_stop", {"ok": N("hear")}, N("failed"), limit=15.0),
        "hear": Say((TAKE,), N("choose")),
        "choose": _menu("choose", {"1": "hear", "2": "keep", "3": "speak", "*": "menu"}),
        "keep": Ask("service_keep", {"ok": N("kept")}, N("failed"), about, limit=15.0),
        "kept": Say(_said("kept"), N("menu")),
    }


def _plans(turn: str) -> dict[str, Node]:
    """Switch a plan on or off by its code."""
    name = f"plan_{turn}"
    read = PromptId("{service_plan:digits}")
    sure = _menu("sure", {"1": f"{name}/do", "2": "menu"}, (read, *_said("sure")))
    about = {"plan": "service_plan", "turn": f"={turn}"}
    return {
        name: _typed("plan", "service_plan", f"{name}/known", least=1, most=6),
        f"{name}/known": Ask("service_plan_known", {"ok": N(f"{name}/sure")}, N("failed"), about),
        f"{name}/sure": sure,
        f"{name}/do": Ask("service_plan", {"ok": N(f"{name}/done")}, N("failed"), about, limit=15),
        f"{name}/done": Say(_said("done"), N("menu")),
    }


def _draft(after: str) -> dict[str, Node]:
    """Go on as a citizen who dials the draft; back here only if the draft has faults."""
    return {
        "draft": Ask("service_draft", {"faulty": N("faulty")}, N("failed"), limit=60.0),
        "faulty": Say(_said("faulty"), N(after)),
    }


def _typed(
    prompt: str, name: str, then: str, *, least: int, most: int, secret: bool = False
) -> Collect:
    return Collect(
        _said(prompt), name, N(then), BYE, least=least, most=most, timeout=10.0, secret=secret
    )


def _menu(prompt: str, keys: dict[str, str], said: tuple[PromptId, ...] = ()) -> Menu:
    ways = {key: N(to) for key, to in keys.items()}
    return Menu(
        said or _said(prompt), ways, 10.0, BYE, exempt_person_rule=NO_CITIZEN, is_choice=False
    )


def _said(name: str) -> tuple[PromptId, ...]:
    return (PromptId(f"service_{name}"),)
