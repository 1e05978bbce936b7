"""Hearing words: what a recogniser is, what it said, and how Chinese is written down."""
