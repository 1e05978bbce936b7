"""Tasks of bad ratings; those that were given already open one too."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back."""
    tasks = op.create_table(
        "rating_tasks",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.call"], name=op.f("fk_rating_tasks_call_calls")),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_rating_tasks")),
    )
    op.create_index(op.f("ix_rating_tasks_closed_at"), "rating_tasks", ["closed_at"], unique=False)
    facts = sa.table("facts", sa.column("kind", sa.Text()), sa.column("json", sa.Text()))
    calls = sa.table("calls", sa.column("call", sa.Text()))
    known = set(op.get_bind().scalars(sa.select(calls.c.call)))
    told = op.get_bind().scalars(sa.select(facts.c.json).where(facts.c.kind == "Rated"))
    given = {rated["call"]: rated for rated in map(json.loads, told) if rated["bad"]}
    rows = [
        {name: rated[name] for name in ("call", "at", "agent", "mark", "solved")} | {"note": ""}
        for call, rated in given.items()
        if call in known
    ]
    op.bulk_insert(tasks, rows)
