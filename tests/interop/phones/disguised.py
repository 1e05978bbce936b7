"""A sipvicious tool that gives no name of its own: `disguised.py svwar …`.

Scanners are known by their User-Agent; this one has another, so that only the answers
that it gets keep it from finding anything.
"""

import importlib
import sys
from typing import Any

from sipvicious.libs import svhelper


def main(tool: str, words: list[str]) -> None:
    """Run a tool with every request under another name."""
    plain = svhelper.makeRequest

    def disguised(*args: Any, **more: Any) -> Any:
        return plain(*args, **{**more, "useragent": "Phone 1.0"})

    svhelper.makeRequest = disguised
    sys.argv = [tool, *words]
    importlib.import_module(f"sipvicious.{tool}").main()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
