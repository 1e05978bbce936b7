"""Voice, without sockets: packets, samples, keys, prompts, recordings.

Everything here is pure. The process that owns the sockets is `server/media_worker.py`.
"""
