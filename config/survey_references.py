"""What the settings of surveys name elsewhere: a flow with a way to opt out, and hours."""

from config.draft import Draft
from ivr.flow import Ask


def check(draft: Draft) -> None:
    """Blame a flow or hours that do not exist, and a flow that nobody can opt out in."""
    site, document = draft.site, draft.documents["site.yaml"]
    if site is None or site.surveys.flow is None:
        return
    given, written = site.surveys, draft.documents["hours.yaml"].value
    hours = written.get("hours") if isinstance(written, dict) else None
    if given.hours is not None and isinstance(hours, dict) and given.hours not in hours:
        document.blame_missing(("surveys", "hours"), given.hours, hours, "hours.yaml")
    flows = {name[6:-5] for name in draft.documents if name.startswith("flows/")}
    if given.flow not in flows:
        document.blame_missing(("surveys", "flow"), str(given.flow), flows, "flows/")
        return
    whole = draft.wholes.get(str(given.flow))
    nodes = () if whole is None else whole.flow.nodes.values()
    if whole is not None and not any(isinstance(n, Ask) and n.kind == "opt_out" for n in nodes):
        zh = f"流程“{given.flow}”里要有 opt_out 步骤：市民要能说不再接到回访"
        en = f"flow {given.flow!r} needs an opt_out node: citizens must be able to say no more"
        document.blame(("surveys", "flow"), zh, en, "survey-no-opt-out")
