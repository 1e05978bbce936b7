"""The desk's own style sheet and script: read once, and named by what is in them."""

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from desk.web import Answer, Asked, Refusal

if TYPE_CHECKING:
    from desk.house import House

KINDS = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "work.css": "text/css; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "work.js": "text/javascript; charset=utf-8",
    "work_draft.js": "text/javascript; charset=utf-8",
    "board.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
CONTENTS = {name: (files("desk") / "static" / name).read_bytes() for name in KINDS}
STAMPS = {name: sha256(content).hexdigest()[:12] for name, content in CONTENTS.items()}


def address(name: str) -> str:
    """Return the address of a file; it changes with the content, so browsers may keep it."""
    return f"/static/{name}?{STAMPS[name]}"


async def static(house: "House", asked: Asked) -> Answer:
    """Send one of the files."""
    name = asked.names["name"]
    if name not in KINDS:
        raise Refusal(404, "没有这个文件", "no such file")
    kept = (("Cache-Control", "public, max-age=31536000, immutable"),)
    return Answer(CONTENTS[name], kind=KINDS[name], headers=kept)
