"""Structured logs on stderr: one JSON object a line, without phone numbers or speech."""

import logging
import sys
from typing import IO

import structlog
from twisted.logger import STDLibLogObserver, globalLogBeginner

PERSONAL = frozenset({"caller", "text", "words", "draft", "sip_call_id"})
"""Keys that carry personal data; they never reach a log."""


class Unfailing:
    """A stream that loses what it cannot write: a full disk must not end a call.

    What was lost is counted in `lost`, and said when there is room again.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.lost = 0

    def write(self, text: str) -> int:
        """Write, or lose; return how many characters were taken from the caller."""
        try:
            if self.lost:
                note = f'{{"event": "log_lines_lost", "level": "warning", "count": {self.lost}}}\n'
                self._stream.write(note)
                self._stream.flush()
                self.lost = 0
            self._stream.write(text)
        except OSError:
            self.lost += 1
        return len(text)

    def flush(self) -> None:
        """Pass on what the stream holds back, or lose it."""
        try:
            self._stream.flush()
        except OSError:
            self.lost += 1


def _without_personal(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key not in PERSONAL}


def begin(*, level: int = logging.INFO) -> None:
    """Let structlog, the standard library's loggers and Twisted's write to stderr alike."""
    stream = Unfailing(sys.stderr)
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_personal,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),  # type: ignore[arg-type]  # all it needs
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    standard: logging.Handler = logging.StreamHandler(stream)
    standard.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [standard]
    root.setLevel(level)
    for noisy in ("alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    globalLogBeginner.beginLoggingTo([STDLibLogObserver()], redirectStandardIO=False)
