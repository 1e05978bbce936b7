"""Alembic migrations, forward only: each says in its docstring what it brings."""
