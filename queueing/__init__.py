"""Waiting, and whose turn it is."""
