"""What the service numbers name: numbers of their own, prompts and plans that exist."""

from calls.ids import PromptId
from config.draft import PLANS, Draft
from config.schema import SiteFile
from ivr.reading import pieces
from ivr.service import PROMPTS

BEEP = PromptId("beep")


def check(draft: Draft) -> None:
    """Blame site.yaml for what its service numbers name that does not exist."""
    if draft.site is None:
        return
    if draft.site.service.number is not None or draft.site.service.test_number is not None:
        _recorded(draft)
    _names(draft, draft.site)


def _names(draft: Draft, site: SiteFile) -> None:
    """Blame what stands for something that is not there, or is taken already."""
    service, document = site.service, draft.documents["site.yaml"]
    recorded = sorted({str(prompt) for _, prompt in draft.prompts.files})
    for name in ("number", "test_number"):
        number = getattr(service, name)
        if number is not None and number in site.numbers:
            zh, en = f"号码 {number} 已经给来电者用了", f"{number} is a number for citizens already"
            document.blame(("service", name), zh, en)
    for code, prompt in service.prompts.items():
        if prompt not in recorded:
            at = ("service", "prompts", code)
            document.blame_missing(at, prompt, recorded, "prompts/")
    for code, plan in service.plans.items():
        if plan not in draft.plans:
            document.blame_missing(("service", "plans", code), plan, draft.plans, PLANS)


def _recorded(draft: Draft) -> None:
    """Blame what the service numbers say and nobody has recorded, all at once."""
    said = [*PROMPTS, BEEP, *pieces("digits", "zh")]
    missing = [prompt for prompt in said if ("zh", prompt) not in draft.prompts.files]
    if not missing:
        return
    listed = "、".join(missing)
    draft.documents["site.yaml"].blame(
        ("service",),
        f"服务号码要用的录音缺少：{listed}（prompts/zh/）；数字可运行 ./hotline prompts numbers zh",
        f"service numbers need recordings in prompts/zh/: {', '.join(missing)}; for figures run "
        "./hotline prompts numbers zh",
        "prompt-unrecorded",
    )
