"""Numbers of orders; those that are there already get one too."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

from calls.order_number import day_of, order_number

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back."""
    days = op.create_table(
        "order_days",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_order_days")),
    )
    numbers = op.create_table(
        "order_numbers",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_order_numbers")),
        sa.UniqueConstraint("number", name=op.f("uq_order_numbers_number")),
    )
    drafts = sa.table("drafts", sa.column("call", sa.Text()), sa.column("drafted_at", sa.Double()))
    count: Counter[str] = Counter()
    rows = []
    order = drafts.c.drafted_at, drafts.c.call
    for call, at in op.get_bind().execute(sa.select(*drafts.c).order_by(*order)):
        day = day_of(at)
        count[day] += 1
        rows.append({"call": call, "number": order_number(day, count[day]), "at": at})
    op.bulk_insert(numbers, rows)
    op.bulk_insert(days, [{"day": day, "last": last} for day, last in count.items()])
