"""What administrators edit, and its reading: every fault by file, line and key, all at once."""
