"""Keys that an agent presses towards the other side: as events in the voice, or by INFO."""

import re
from dataclasses import dataclass

from calls.ids import LegId
from calls.talk_events import KeysSent
from media import commands as media
from server.asked import Refused, SendKeys
from server.citizen_call import CitizenCall
from server.talk import Talk
from server.trunk_rules import TrunkRules
from sip.sdp import Agreed
from sip.stack import Stack

KEYS = re.compile(r"[0-9*#]{1,64}")
NO_KEYS = Refused(
    "forbidden", "按键只能是 0–9、* 和 #，最多 64 个", "keys are 0-9, * and #, 64 at most"
)
APART = Refused("not_now", "现在没有和对方通话", "nobody hears you now")
DEAF = Refused("no_way", "对方那一路不接收按键", "the other side takes no keys")


@dataclass(frozen=True, slots=True)
class Other:
    """Whom keys are pressed towards."""

    name: str
    """As a `target`, or `citizen`."""
    media: LegId
    sip: LegId
    rules: TrunkRules
    agreed: Agreed | None


def send_keys(
    call: CitizenCall, talk: Talk, wish: SendKeys, stack: Stack, now: float
) -> Refused | None:
    """Press them; or say why they cannot be. How many is written down, which is not."""
    assert talk.agent is not None, "asked by nobody"
    other = _other(call, talk)
    if not KEYS.fullmatch(wish.keys):
        return NO_KEYS
    if other is None:
        return APART
    if other.rules.dtmf == "info":
        stack.press(other.sip, wish.keys, now)
    elif other.agreed is None or other.agreed.event_payload is None or other.rules.dtmf == "inband":
        return DEAF
    else:
        call.outputs.append(media.SendKeys(other.media, wish.keys))
    call.note(KeysSent(call.id, now, talk.agent.agent, other.name, len(wish.keys)))
    return None


def _other(call: CitizenCall, talk: Talk) -> Other | None:
    """Return the guest whom the agent talks with, else the caller; None if neither hears."""
    errand = talk.errand
    guests = [*talk.guests, *([errand.guest] if errand is not None else [])]
    guest = next((one for one in reversed(guests) if one.answered), None)
    if guest is not None and guest.sip is not None:
        return Other(guest.target, guest.media, guest.sip, guest.trunk, guest.agreed)
    if talk.held or errand is not None:
        return None
    return Other("citizen", call.leg, call.leg, call.trunk, call.agreed)
