"""One database transaction: facts kept, and what is read from them brought up to date."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from calls.events import Drafted, Fact, Heard, RecordingStarted, RecordingStopped, Transcribed
from calls.wire import to_json
from storage import call_details, recordings, transcripts, work_orders
from storage.tables import CallRow, FactRow, JournalPositionRow


def keep(session: Session, boot: str, facts: Sequence[tuple[int, Fact]]) -> int:
    """Keep numbered facts of one start of the engine; return how many were new.

    `facts` are in rising order of their number in the journal of `boot`. What
    was kept before is passed over, so the same journal can be replayed at will.
    """
    position = _position(session, boot)
    fresh = [(seq, fact) for seq, fact in facts if seq > position.seq]
    if not fresh:
        return 0
    session.execute(insert(FactRow), [_row(boot, seq, fact) for seq, fact in fresh])
    _bring_up_to_date(session, [fact for _, fact in fresh])
    position.seq = fresh[-1][0]
    session.flush()
    return len(fresh)


def pass_over(session: Session, boot: str, seq: int) -> None:
    """Move the position past a fact that cannot be kept."""
    position = _position(session, boot)
    position.seq = max(position.seq, seq)
    session.flush()


def kept_upto(session: Session, boot: str) -> int:
    """Return the number of the last fact of `boot` that is kept; 0 if none is."""
    seq = session.scalar(select(JournalPositionRow.seq).where(JournalPositionRow.boot == boot))
    return seq or 0


def _position(session: Session, boot: str) -> JournalPositionRow:
    """Return the position's row, locked where the database locks rows."""
    row = session.get(JournalPositionRow, boot, with_for_update=True)
    if row is None:
        row = JournalPositionRow(boot=boot, seq=0)
        session.add(row)
        session.flush()
    return row


def _row(boot: str, seq: int, fact: Fact) -> dict[str, object]:
    values = to_json(fact)
    kind = values["fact"]
    return {
        "boot": boot,
        "seq": seq,
        "call": fact.call,
        "at": fact.at,
        "kind": kind,
        "json": values,
    }


def _bring_up_to_date(session: Session, facts: Sequence[Fact]) -> None:
    """Fold and project; facts of a call that never arrived stay facts only."""
    rows = call_details.fold(session, {fact.call for fact in facts})
    heard: list[tuple[CallRow, Heard]] = []
    for fact in facts:
        row = rows.get(fact.call)
        if row is None:
            continue
        match fact:
            case Heard():
                heard.append((row, fact))
            case Transcribed():
                transcripts.keep_heard(session, heard)
                heard.clear()
                transcripts.turn(row, fact)
            case Drafted():
                work_orders.take_draft(session, fact)
            case RecordingStarted() | RecordingStopped():
                recordings.keep(session, fact)
    transcripts.keep_heard(session, heard)
