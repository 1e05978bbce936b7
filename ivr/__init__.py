"""The dialogue with a caller: flows as data, one caller's way through them, and their proofs."""
