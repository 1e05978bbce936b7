"""What the settings for callers in danger name elsewhere: a lane that drops nobody, a prompt."""

from config.draft import Draft


def check(draft: Draft) -> None:
    """Blame a lane or a prompt that does not exist, and a lane that gives callers up."""
    site, document = draft.site, draft.documents["site.yaml"]
    if site is None:
        return
    given, written = site.emergency, draft.documents["lanes.yaml"].value
    lanes = written.get("lanes") if isinstance(written, dict) else None
    if given.lane is not None and isinstance(lanes, dict) and given.lane not in lanes:
        document.blame_missing(("emergency", "lane"), given.lane, lanes, "lanes.yaml")
    elif given.lane in draft.lanes and not draft.lanes[given.lane].never_drop:
        zh = f"紧急队列 {given.lane} 不能放弃来电者：请在 lanes.yaml 写 never_drop: true"
        en = f"the lane for danger must give nobody up: write never_drop: true at {given.lane}"
        document.blame(("emergency", "lane"), zh, en)
    for language in {language for language, _ in draft.prompts.files}:
        spoken = {str(name) for tongue, name in draft.prompts.files if tongue == language}
        if given.prompt is not None and given.prompt not in spoken:
            at = ("emergency", "prompt")
            document.blame_missing(at, given.prompt, spoken, f"prompts/{language}/")
