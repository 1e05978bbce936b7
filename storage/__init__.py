"""SQLAlchemy, all of it: rows live and die in here, and frozen values go in and out.

Every function takes an open `Session` and leaves the commit to whoever opened
it, so that one job is one database transaction.
"""
