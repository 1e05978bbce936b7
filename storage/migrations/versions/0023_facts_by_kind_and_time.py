"""Facts by kind and time, calls by caller: what is asked each day must not read everything."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back."""
    op.create_index(op.f("ix_facts_kind_at"), "facts", ["kind", "at"], unique=False)
    op.create_index(op.f("ix_calls_caller"), "calls", ["caller"], unique=False)
