"""A whole day of calls on virtual time: the real decisions, pretended people and wires."""
