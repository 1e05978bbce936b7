"""Experts at home in a talk: asked to press a key, and the next is rung when one does not."""

from abc import abstractmethod
from dataclasses import replace

from calls.talk_events import NotReached
from media.commands import Play, StopPlaying
from server.agent_side import BUSY
from server.citizen_call import CitizenCall
from server.guest_calls import GuestCalls
from server.srtp_rules import new_key
from server.talk import GuestLeg, Outcome

CALLED_OFF = frozenset({"cancelled", "call_over"})
"""Ends of a call to an expert after which no other is rung."""
ASKING = 1
"""Number of the playback that asks for the key; there is none before it."""


class ExpertCalls(GuestCalls):
    """What is different with a leg of a rota, from picking up to the key."""

    @abstractmethod
    def accepted(self, call: CitizenCall, guest: GuestLeg, now: float) -> Outcome:
        """They take the call."""

    @abstractmethod
    def failed(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> Outcome:
        """They do not come."""

    @abstractmethod
    def _drop(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> None:
        """Forget a guest's leg."""

    def refused(self, call: CitizenCall, guest: GuestLeg, status: int, now: float) -> Outcome:
        """Their phone said no, or nothing at all (408); another trunk may do better."""
        if self.goes_on(call, guest, status, now):
            return None
        why = "unreachable" if status == 408 else BUSY.get(status, "phone_fault")
        return self.failed(call, guest, why, now)

    def ask_for_key(self, guest: GuestLeg, now: float) -> None:
        """Somebody, or a machine, picked up: say what it is about until the key comes."""
        assert guest.turn is not None, "asked of experts only"
        rota, guest.asked = guest.turn.rota, True
        guest.ring_until = guest.within(now + rota.accept_within)
        self.outputs.append(Play(guest.media, ASKING, (rota.prompt,), True))
        self.set_timer(guest.call)

    def expert_pressed(self, call: CitizenCall, guest: GuestLeg, key: str, now: float) -> Outcome:
        """Take the key of one who was asked: the right one accepts, any other declines."""
        assert guest.turn is not None, "asked of experts only"
        if key != guest.turn.rota.key:
            return self.failed(call, guest, "rejected", now)
        guest.asked = False
        self.outputs.append(StopPlaying(guest.media))
        return self.accepted(call, guest, now)

    def next_expert(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> bool:
        """Ring the next of the rota; False if nobody is left, or nobody is wanted any more."""
        errand = self.talks[call.id].errand
        over = why in CALLED_OFF or (guest.limit is not None and guest.limit <= now)
        if guest.turn is None or errand is None or errand.guest is not guest or over:
            return False
        turn = guest.turn.next(now, self.trunks.place)
        if turn is None:
            return False
        call.note(NotReached(call.id, now, guest.target, why))
        self._drop(call, guest, why, now)
        errand.guest = self._fresh(guest, now)
        errand.guest.take(turn, now)
        self.call_guest(call, errand.guest, now)
        self.set_timer(call.id)
        return True

    def _fresh(self, guest: GuestLeg, now: float) -> GuestLeg:
        """Return a leg for the same errand that nobody was called on yet."""
        return replace(
            guest,
            media=self.leg_name(guest.call),
            ring_until=now,
            sip=None,
            port=None,
            srtp_key=new_key(),
            version=1,
            layout=None,
            told=b"",
            agreed=None,
            on_hold=False,
            heard=False,
            asked=False,
        )
