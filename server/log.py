"""Structured logs on stderr: one JSON object a line, without phone numbers or speech."""

import logging
import sys

import structlog

PERSONAL = frozenset({"caller", "text", "words", "draft", "sip_call_id"})
"""Keys that carry personal data; they never reach a log."""


def _without_personal(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key not in PERSONAL}


def begin(*, level: int = logging.INFO) -> None:
    """Let structlog and the standard library's loggers write to stderr alike."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_personal,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    standard = logging.StreamHandler(sys.stderr)
    standard.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [standard]
    root.setLevel(level)
    for noisy in ("alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
