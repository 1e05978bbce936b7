"""The knowledge base, and what each database finds it by."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back."""
    op.create_table(
        "knowledge",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Double(), nullable=True),
        sa.Column("valid_until", sa.Double(), nullable=True),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "version", name=op.f("pk_knowledge")),
    )
    op.create_index(op.f("ix_knowledge_newest"), "knowledge", ["newest"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE knowledge_words USING fts5(entry UNINDEXED, title, words)")
        return
    op.execute("CREATE TABLE knowledge_words (entry text PRIMARY KEY, title text, words text)")
    op.execute(
        "CREATE INDEX ix_knowledge_words ON knowledge_words USING gin"
        " ((setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', words)))"
    )
