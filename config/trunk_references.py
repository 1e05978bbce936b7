"""What trunks say of each other and of the site."""

from config.document import Document
from config.draft import Draft
from sip.numbers import NumberPattern

ABROAD = ("00441234567890", "+441234567890")
"""A number abroad, as it is dialled in China."""


def check(draft: Draft) -> None:
    """Blame trunks that contradict each other, or the site."""
    document = draft.documents["trunks.yaml"]
    _twice(draft, document)
    site = draft.site
    if site is None:
        return
    listened = {"udp", *(ours.transport for ours in site.sip.also)}
    for name, trunk in draft.trunks.items():
        if trunk.transport is not None and trunk.transport not in listened:
            document.blame(
                ("trunks", name, "transport"),
                f"site.yaml 的 sip.also 里没有监听 {trunk.transport}",
                f"sip.also in site.yaml does not listen on {trunk.transport}",
                "trunk-transport",
            )
        for index, codec in enumerate(trunk.codecs):
            if codec not in site.sip.codecs:
                document.blame(
                    ("trunks", name, "codecs", index),
                    f"site.yaml 的 sip.codecs 里没有 {codec}",
                    f"sip.codecs in site.yaml does not have {codec}",
                    "trunk-codec",
                )


def _twice(draft: Draft, document: Document) -> None:
    """Blame a network that another trunk has too: whose call it is could not be told."""
    seen: dict[object, str] = {}
    for name, trunk in draft.trunks.items():
        for index, network in enumerate(trunk.addresses):
            other = seen.setdefault(network, name)
            if other != name:
                document.blame(
                    ("trunks", name, "addresses", index),
                    f"线路“{other}”也写了 {network}；分不清来电属于哪条线路",
                    f"trunk {other!r} has {network} too: whose call it is cannot be told",
                    "trunk-twice",
                )


def lets_abroad(pattern: NumberPattern) -> bool:
    """Tell whether a pattern lets calls abroad be dialled, as they are dialled in China."""
    return pattern.text.startswith("00") or any(pattern.covers(number) for number in ABROAD)
