"""The legs of one port: found by their id, by their dialog, and by when each wants its tick."""

from collections.abc import Iterator

from calls.ids import LegId
from sip.agenda import Agenda
from sip.dialog import DialogId
from sip.leg import Leg
from sip.message import Request


class Legs:
    """All legs of a port; one that is over is forgotten when it is settled."""

    def __init__(self) -> None:
        self._by_id: dict[LegId, Leg] = {}
        self._dialogs: dict[DialogId, Leg] = {}
        self._calling: dict[tuple[str, str], Leg] = {}
        """Legs of ours by Call-ID and our tag, for what comes in an early dialog."""
        self._agenda: Agenda[Leg] = Agenda()

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[LegId]:
        return iter(self._by_id)

    def __getitem__(self, leg: LegId) -> Leg:
        return self._by_id[leg]

    def __contains__(self, leg: LegId) -> bool:
        return leg in self._by_id

    @property
    def idle(self) -> bool:
        """Whether nothing is left in any table."""
        return not (self._by_id or self._dialogs or self._calling or len(self._agenda))

    def get(self, leg: LegId) -> Leg | None:
        """Return a leg; None if it is gone."""
        return self._by_id.get(leg)

    def in_dialog(self, dialog: DialogId) -> Leg | None:
        """Return the leg of an established dialog."""
        return self._dialogs.get(dialog)

    def named(self, request: Request) -> Leg | None:
        """Return the leg whose dialog, early or not, a peer's request names (§12.2.2)."""
        return self.holding(named_in(request))

    def holding(self, dialog: DialogId) -> Leg | None:
        """Return the leg of a dialog, early or not."""
        leg = self._dialogs.get(dialog) or self._calling.get(dialog[:2])
        return leg if leg is not None and leg.has(dialog) else None

    def settle(self, leg: Leg) -> None:
        """Bring the tables up to what a leg has become."""
        if leg.over:
            self._by_id.pop(leg.id, None)
            self._agenda.set(leg, None)
            if leg.dialog is not None:
                self._dialogs.pop(leg.dialog.id, None)
            if leg.early is not None:
                self._calling.pop(leg.early, None)
            return
        self._by_id[leg.id] = leg
        self._agenda.set(leg, leg.next_deadline())
        if leg.dialog is not None:
            self._dialogs[leg.dialog.id] = leg
        if leg.early is not None:
            self._calling[leg.early] = leg

    def take_due(self, now: float) -> Leg | None:
        """Take a leg whose tick is due; None if there is none."""
        return self._agenda.take_due(now)

    def next_deadline(self) -> float | None:
        """Return when the next leg wants its tick; None if never."""
        return self._agenda.next_deadline()


def named_in(request: Request) -> DialogId:
    """Return the id of the dialog that a peer's request names (§12.2.2)."""
    headers = request.headers
    return headers.call_id, headers.to.tag or "", headers.from_.tag or ""
