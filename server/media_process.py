"""What the media worker's process asks of the system before the first packet."""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

NICENESS = -15
"""Where the system allows it: as root, or by `LimitNICE=` in a unit of systemd.

The disks' threads have it too. They share the interpreter with the loop: one that is made to
wait for others' work while it holds the interpreter makes every packet wait with it.
"""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
KEPT = 64 << 20
"""Octets of free memory that are not given back."""
LARGE = 32 << 20
"""Octets from which a piece of memory is the system's own; glibc takes no more than this."""


def sign_in() -> None:
    """Take all the files that we may have, and leave signals to the engine: it ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a leg needs three
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    sys.setswitchinterval(0.0005)  # a thread that encodes a prompt must not hold up a packet


def come_first() -> None:
    """Let this thread, and those that it begins, go before all that can wait."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def keep_memory() -> bool:
    """Give no memory back between two blocks of recordings; False if this C library cannot.

    Else each block's pages come from the kernel anew, all zeroed: a tenth of a recorded call.
    """
    try:
        tell = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(tell(M_TRIM_THRESHOLD, KEPT) and tell(M_MMAP_THRESHOLD, LARGE))
