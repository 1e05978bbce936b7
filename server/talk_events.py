"""What the phones in a talk do: keys, hold, REFER, hanging up, vanishing."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

from calls.ids import AgentId, CallId, LaneId
from media import commands as media
from server.agent_leg import AgentLeg
from server.agent_side import AgentSide
from server.asked import (
    Cancel,
    How,
    Reach,
    Refused,
    Supervise,
    Target,
    ToAgent,
    ToLane,
    ToPlace,
)
from server.asking import Asking, Wish
from server.citizen_call import CitizenCall
from server.second_line import SecondLine
from server.session_side import SessionSide
from server.talk import GuestLeg, Outcome
from server.talk_side import TalkSide
from sip import events as sip
from sip.referral import Referral
from sip.stack import Stack

log = logging.getLogger("talk_events")

STATUS = {"unknown": 404, "not_now": 480, "forbidden": 403, "no_way": 502}
"""What a phone that referred us is told of a refusal."""


@dataclass(slots=True)
class TalkEvents:
    """Takes what phones do; what the call does next is returned."""

    stack: Stack
    sessions: SessionSide
    agents: AgentSide
    talks: TalkSide
    asking: Asking

    # --- an agent's phone, in a talk ------------------------------------------------------

    def agent_event(self, call: CitizenCall, leg: AgentLeg, event: object, now: float) -> Outcome:
        """Take what the agent's leg did at the stack."""
        match event:
            case sip.LegReoffered() | sip.CallConfirmed():
                self._session(call, leg, event, now)
            case sip.LegReferred(referral=referral):
                return self._referred(call, leg, referral, now)
            case sip.LegKey(key=key):
                return self._agent_key(call, leg, key, now)
            case sip.LegEnded(by_peer=by_peer):
                return self.talks.agent_gone(call, now, by_peer=by_peer, lost=not by_peer)
        return None

    def _session(
        self,
        call: CitizenCall,
        leg: AgentLeg | GuestLeg | SecondLine,
        event: sip.LegReoffered | sip.CallConfirmed,
        now: float,
    ) -> None:
        """Answer a phone that wants the session changed: hold, resume, another address."""
        if isinstance(event, sip.CallConfirmed):
            self.sessions.agent_confirmed(leg, event.sdp)
            return
        agreed = self.sessions.agent_reoffered(call, leg, event.offer, now)
        if agreed is not None and leg.answered and agreed.sends is leg.on_hold:
            self.talks.phone_held(leg, on_hold=not agreed.sends)

    def agent_media(
        self, call: CitizenCall, leg: AgentLeg, event: media.Event, now: float
    ) -> Outcome:
        """Take what the media worker says of the agent's leg."""
        talk = self.talks.talks.get(call.id)
        if talk is None or talk.agent is not leg:
            return None
        match event:
            case media.FirstPacket():
                leg.heard = True
            case media.KeyHeard(key=key):
                return self._agent_key(call, leg, key, now)
            case media.MediaSilent() if not leg.on_hold:
                return self.talks.agent_gone(call, now, by_peer=False, lost=True)
            case media.PlaybackFinished(playback=n) | media.PlaybackFailed(playback=n):
                if n == talk.brief_playback:
                    self.talks.briefed(talk, call, now, cut=False)
        return None

    def _agent_key(self, call: CitizenCall, leg: AgentLeg, key: str, now: float) -> Outcome:
        """Take a key: it cuts an announcement, or belongs to a code."""
        talk = self.talks.talks[call.id]
        if talk.briefing is not None:
            self.talks.briefed(talk, call, now, cut=True)
            return None
        codes = call.house.in_call.keys
        talk.typed, code = typed(talk.typed, key, codes)
        if code is None:
            return None
        answer = self.asking.in_talk(Wish(talk, call, leg.agent), codes[code], now)
        if isinstance(answer, Refused):
            log.info("key code %s of agent %s refused: %s", code, leg.agent, answer.en)
            return None
        return answer

    # --- REFER (RFC 3515) --------------------------------------------------------------------

    def _referred(
        self, call: CitizenCall, leg: AgentLeg, referral: Referral, now: float
    ) -> Outcome:
        """An agent's phone transfers by itself: only to whom the settings know."""
        assert leg.sip is not None, "referred before it was invited"
        if _replaced(referral) is not None:
            return self._hand_over_second(call, leg, referral, now)
        target = self._target(call, referral.to.uri.user)
        if target is None:
            self.stack.refuse_referral(leg.sip, 603, now)
            return None
        self.stack.accept_referral(leg.sip, now)
        wish = Wish(self.talks.talks[call.id], call, leg.agent, leg.sip)
        answer = self.asking.in_talk(wish, Reach(target, How.TRANSFER), now)
        if isinstance(answer, Refused):
            self.stack.tell_referral(leg.sip, STATUS[answer.code], "Refused", now)
            return None
        return answer

    def _hand_over_second(
        self, call: CitizenCall, leg: AgentLeg, referral: Referral, now: float
    ) -> Outcome:
        """The phone leaves the caller to whom its second line called (RFC 5589 §7)."""
        assert leg.sip is not None
        talk = self.talks.talks[call.id]
        errand = talk.errand
        line = None if errand is None else errand.line
        if errand is None or line is None or line.sip_call_id != _replaced(referral):
            self.stack.refuse_referral(leg.sip, 603, now)
            return None
        self.stack.accept_referral(leg.sip, now)
        errand.referral = leg.sip
        if errand.guest.answered:
            self.talks.complete(talk, call, now)
            return None
        errand.how = How.TRANSFER
        self.talks.lines.drop(line, now)
        errand.line = None
        self.talks.shape(talk)
        return None

    # --- a second line of an agent's phone ------------------------------------------------

    def agents_call(self, event: sip.CallOffered) -> CallId | None:
        """Return the talk whose agent's phone this is; None for any other caller.

        It is known by its place and its name: many phones may stand behind one address.
        Who wants to take somebody's place begins no second line.
        """
        if event.replaces is not None:
            return None
        user = event.caller.uri.user
        for call, talk in self.talks.talks.items():
            leg = talk.agent
            if leg is not None and leg.agent == user and leg.destination[:2] == event.source[:2]:
                return call
        return None

    def second_line(self, call: CitizenCall, event: sip.CallOffered, now: float) -> None:
        """The agent's phone calls somebody on a second line: a consultation."""
        talk = self.talks.talks[call.id]
        assert talk.agent is not None
        agent, target = talk.agent.agent, self._target(call, event.dialled)
        line = self.talks.lines.line_of(call.id, agent, event, self.talks.leg_name(call.id))
        if target is None or line is None:
            self.stack.reject(event.leg, 404 if target is None else 488, now)
            return
        wish = Wish(talk, call, agent)
        answer = self.asking.in_talk(wish, Reach(target, How.CONSULT), now)
        if isinstance(answer, Refused):
            self.stack.reject(event.leg, STATUS[answer.code], now)
            return
        assert talk.errand is not None
        talk.errand.line = line
        self.talks.lines.open(call, line, now)

    def line_event(self, call: CitizenCall, line: SecondLine, event: object, now: float) -> Outcome:
        """Take what a second line did at the stack: its end is the end of the consultation."""
        match event:
            case sip.LegReoffered() | sip.CallConfirmed():
                self._session(call, line, event, now)
            case sip.LegReferred(leg=leg):
                self.stack.refuse_referral(leg, 603, now)
            case sip.LegEnded() | sip.CallCancelled():
                talk = self.talks.talks[call.id]
                assert talk.agent is not None
                answer = self.asking.in_talk(Wish(talk, call, line.agent), Cancel(), now)
                return None if isinstance(answer, Refused) else answer
        return None

    def line_media(
        self, call: CitizenCall, line: SecondLine, event: media.Event, now: float
    ) -> Outcome:
        """Take what the media worker says of a second line."""
        lines = self.talks.lines
        if isinstance(event, media.LegClosed | media.LegFailed):
            call.open_legs.discard(line.media)
            lines.by_media.pop(line.media, None)
        talk = self.talks.talks.get(call.id)
        errand = None if talk is None else talk.errand
        if talk is None or errand is None or errand.line is not line:
            return None
        match event:
            case media.LegOpened(port=port):
                line.port = port
                if errand.guest.answered:
                    lines.answer(line, now)
                    self.talks.shape(talk)
            case media.LegFailed():
                return self.line_event(call, line, sip.LegEnded(line.media, False, ""), now)
        return None

    def _target(self, call: CitizenCall, user: str) -> Target | None:
        """Return whom a phone means by what it dialled; None for a stranger."""
        rules = call.house.in_call
        if user in self.asking.roster:
            return ToAgent(AgentId(user))
        if user in call.house.lanes:
            return ToLane(LaneId(user))
        named = (name for name, place in rules.places.items() if user in (name, place.number))
        found = next(named, None)
        return None if found is None else ToPlace(found)

    # --- guests and supervisors -------------------------------------------------------------

    def guest_event(self, call: CitizenCall, guest: GuestLeg, event: object, now: float) -> Outcome:
        """Take what a guest's leg did at the stack."""
        match event:
            case sip.LegRinging(status=180):
                self.talks.rings(guest, now)
            case sip.LegAnswered(answer=answer):
                return self.talks.answered(call, guest, answer, now)
            case sip.LegRefused(status=status):
                return self.talks.refused(call, guest, status, now)
            case sip.LegReoffered() | sip.CallConfirmed():
                self._session(call, guest, event, now)
            case sip.LegReferred(leg=leg):
                self.stack.refuse_referral(leg, 603, now)
            case sip.LegKey(key=key):
                return self._guest_key(call, guest, key, now)
            case sip.LegEnded(by_peer=by_peer):
                return self._guest_gone(call, guest, "hung_up" if by_peer else "lost", now)
        return None

    def _guest_gone(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> Outcome:
        """They are gone: from the talk, or without having pressed the key that takes it."""
        gone = self.talks.failed if guest.asked else self.talks.dismiss
        return gone(call, guest, why, now)

    def guest_media(
        self, call: CitizenCall, guest: GuestLeg, event: media.Event, now: float
    ) -> Outcome:
        """Take what the media worker says of a guest's leg; one that was let go only closes."""
        if isinstance(event, media.LegClosed | media.LegFailed):
            call.open_legs.discard(guest.media)
            self.talks.by_media.pop(guest.media, None)
        talk = self.talks.talks.get(call.id)
        if talk is None or guest not in talk.legs():
            return None
        match event:
            case media.LegOpened(port=port):
                self.talks.opened(call, guest, port, now)
            case media.LegFailed():
                return self.talks.failed(call, guest, "phone_fault", now)
            case media.FirstPacket():
                guest.heard = True
            case media.KeyHeard(key=key):
                return self._guest_key(call, guest, key, now)
            case media.MediaSilent() if guest.heard:
                return self._guest_gone(call, guest, "lost", now)
        return None

    def _guest_key(self, call: CitizenCall, guest: GuestLeg, key: str, now: float) -> Outcome:
        if guest.asked:
            return self.talks.expert_pressed(call, guest, key, now)
        how = call.house.in_call.listening.get(key)
        if how is not None and guest.how is not None and guest.agent is not None:
            self.asking.supervise(call, guest.agent, Supervise(guest.agent, how), now)
        return None


def _replaced(referral: Referral) -> str | None:
    """Return the Call-ID that a Refer-To's Replaces names (RFC 3891 §6.1); None without one."""
    for name, value in referral.to.uri.headers.items():
        if name.lower() == "replaces":
            return unquote(value).partition(";")[0]
    return None


def typed(before: str, key: str, codes: Collection[str]) -> tuple[str, str | None]:
    """Take a key; return what may still become a code, and the code that it completes."""
    for text in (before + key, key):
        if text in codes:
            return "", text
        if any(code.startswith(text) for code in codes):
            return text, None
    return "", None
