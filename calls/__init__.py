"""The words that every department shares; imports nothing of ours."""
