"""Why a call ended: one word of a closed set, with blame."""

from enum import StrEnum


class Blame(StrEnum):
    """Whose doing an unwanted end was; nobody's when the end was wanted."""

    NOBODY = "nobody"
    OURS = "ours"
    CALLER = "caller"
    UPSTREAM = "upstream"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """The one word that a call record, the log and the figures use."""

    COMPLETED = "completed"
    """Talked with an agent, or heard the flow to its end."""
    MESSAGE_LEFT = "message_left"
    """Said the matter and left it with us; no agent took part."""
    HUNG_UP_IN_MENU = "hung_up_in_menu"
    HUNG_UP_SPEAKING = "hung_up_speaking"
    ABANDONED = "abandoned"
    """Hung up while waiting in a lane."""
    CANCELLED = "cancelled"
    """Gave up before we answered (CANCEL)."""
    NO_MEDIA = "no_media"
    """No RTP ever came from the caller."""
    MEDIA_LOST = "media_lost"
    """RTP came, and then stopped for longer than allowed."""
    NO_ACK = "no_ack"
    """Our 200 was never acknowledged (RFC 3261 §13.3.1.4)."""
    NO_REFRESH = "no_refresh"
    """The session timer ran out: the peer is gone without a word (RFC 4028 §10)."""
    AGENT_LOST = "agent_lost"
    """The agent's phone vanished in mid-call, and there was no lane to go back to."""
    NOT_REACHED = "not_reached"
    """A transfer failed after the agent had gone, and there was no lane to go back to."""
    NO_COMMON_CODEC = "no_common_codec"
    BAD_OFFER = "bad_offer"
    UNKNOWN_NUMBER = "unknown_number"
    FORBIDDEN = "forbidden"
    """Came from an address that no trunk lists."""
    DRAINING = "draining"
    FULL = "full"
    """As many calls as configured were up already."""
    TRUNK_FULL = "trunk_full"
    """As many calls as its trunk may have were up already."""
    TRUNK_RATE = "trunk_rate"
    """More calls came within a second than its trunk may bring."""
    BARRED = "barred"
    """Its trunk may not bring calls for this number, or from this caller."""
    FAULT = "fault"
    """A bug or a broken table of ours."""
    WORKER_LOST = "worker_lost"
    """The media worker died."""
    SHUT_DOWN = "shut_down"
    """Still up when the drain limit passed or a second SIGTERM came."""
    INTERRUPTED = "interrupted"
    """The engine died in mid-call; written at the next start."""


_BLAME = {
    Reason.COMPLETED: Blame.NOBODY,
    Reason.MESSAGE_LEFT: Blame.NOBODY,
    Reason.HUNG_UP_IN_MENU: Blame.CALLER,
    Reason.HUNG_UP_SPEAKING: Blame.CALLER,
    Reason.ABANDONED: Blame.CALLER,
    Reason.CANCELLED: Blame.CALLER,
    Reason.NO_MEDIA: Blame.UNKNOWN,
    Reason.MEDIA_LOST: Blame.UNKNOWN,
    Reason.NO_ACK: Blame.UPSTREAM,
    Reason.NO_REFRESH: Blame.UPSTREAM,
    Reason.AGENT_LOST: Blame.OURS,
    Reason.NOT_REACHED: Blame.OURS,
    Reason.NO_COMMON_CODEC: Blame.UPSTREAM,
    Reason.BAD_OFFER: Blame.UPSTREAM,
    Reason.UNKNOWN_NUMBER: Blame.CALLER,
    Reason.FORBIDDEN: Blame.CALLER,
    Reason.DRAINING: Blame.OURS,
    Reason.FULL: Blame.OURS,
    Reason.TRUNK_FULL: Blame.UPSTREAM,
    Reason.TRUNK_RATE: Blame.UPSTREAM,
    Reason.BARRED: Blame.UPSTREAM,
    Reason.FAULT: Blame.OURS,
    Reason.WORKER_LOST: Blame.OURS,
    Reason.SHUT_DOWN: Blame.OURS,
    Reason.INTERRUPTED: Blame.OURS,
}


def blame(reason: Reason) -> Blame:
    """Say whose doing an end for `reason` was."""
    return _BLAME[reason]
