"""Signalling: RFC 3261 and friends as pure values and machines; no socket, no clock."""
