"""Writing down who did what; some things are not shown unless that was written."""

from structlog import get_logger

from calls.ids import AgentId, CallId
from desk.house import House
from desk.web import Asked
from storage.audit import AuditEntry

LOG = get_logger(__name__)


async def note(house: House, asked: Asked, action: str, call: CallId, text: str = "") -> None:
    """Write down what an agent does with a call; raise if it cannot be written."""
    agent = asked.signed_in.agent
    await house.ports.note(AuditEntry(asked.now, agent, action, call, asked.address, text))


async def note_if_possible(
    house: House,
    asked: Asked,
    agent: AgentId,
    action: str,
    call: CallId | None = None,
    text: str = "",
) -> None:
    """Write it down; where the database is away, the log has it and the work goes on."""
    try:
        await house.ports.note(AuditEntry(asked.now, agent, action, call, asked.address, text))
    except Exception as error:
        LOG.error(
            "audit_not_written", action=action, agent=agent, call=call, error=type(error).__name__
        )


async def note_done(house: House, asked: Asked, action: str, call: CallId) -> None:
    """Write down what an agent looked at, or did that the tables say as well."""
    await note_if_possible(house, asked, asked.signed_in.agent, action, call)
